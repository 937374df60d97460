"""Tabs and addresses: what a browser may do with them, and what stays."""

import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, WebSocketRoute, expect
from streamlit.proto.BackMsg_pb2 import BackMsg

from tests.browser.conftest import play, wait_for_text, written

pytestmark = pytest.mark.browser

Launch = Callable[..., Browser]
Save = Callable[..., None]
PAGES = {
    "": ".sc-reading",
    "practice": ".st-key-practice_options",
    "review": "text=Open the example",
    "model": "[data-testid=stTabs]",
}


@pytest.mark.parametrize("address", PAGES)
def test_the_first_visitor_of_a_server_may_open_any_page(
    serve: Callable[..., str],
    servers: dict[str, subprocess.Popen[bytes]],
    hand_model: Path,
    tmp_path: Path,
    launch: Launch,
    address: str,
) -> None:
    server = serve(SIGNCORE_HAND_MODEL=str(hand_model), SIGNCORE_DATA_DIR=str(tmp_path))
    page = launch().new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{server}/{address}")
    expect(page.locator(PAGES[address])).to_be_visible(timeout=60_000)
    for name in ("Live", "Practice", "Review", "Model"):
        expect(page.get_by_test_id("stTopNav").get_by_role("link", name=name)).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_title(f"{(address or 'live').capitalize()} · signcore")
    assert page.url == f"{server}/{address}"
    page.get_by_role("link", name="Model" if address != "model" else "Live").click()
    expect(page.locator(PAGES["model" if address != "model" else ""])).to_be_visible(timeout=60_000)
    servers[server].terminate()


@pytest.mark.parametrize("address", PAGES)
def test_a_page_asks_nobody_but_its_own_server(
    serve: Callable[..., str],
    servers: dict[str, subprocess.Popen[bytes]],
    hand_model: Path,
    tmp_path: Path,
    launch: Launch,
    address: str,
) -> None:
    server = serve(SIGNCORE_HAND_MODEL=str(hand_model), SIGNCORE_DATA_DIR=str(tmp_path))
    context = launch().new_context(viewport={"width": 1280, "height": 800})
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    # The first visit of a fresh server, and a later one.
    for _ in range(2):
        page = context.new_page()
        page.goto(f"{server}/{address}")
        expect(page.locator(PAGES[address])).to_be_visible(timeout=60_000)
        expect(page.locator("link[rel~=icon]")).to_have_attribute("href", re.compile("^data:image/svg"))
        page.wait_for_timeout(1000)
    assert asked
    assert [url for url in asked if not url.startswith((server, "data:", "blob:"))] == []
    servers[server].terminate()


def test_live_has_its_name_as_an_address_too(app: str, launch: Launch) -> None:
    page = launch().new_page(viewport={"width": 1280, "height": 800})
    page.goto(app)
    expect(page.locator(PAGES[""])).to_be_visible(timeout=60_000)
    page.goto(f"{app}/live")
    expect(page.locator(PAGES[""])).to_be_visible(timeout=60_000)
    expect(page).to_have_url(f"{app}/")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("link", name="Live")).to_have_count(1)


def test_on_a_telephone_the_menu_is_folded_when_its_page_comes(app: str, launch: Launch, save: Save) -> None:
    page = launch().new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    page.goto(app)
    expect(page.locator(PAGES[""])).to_be_visible(timeout=60_000)
    for name in ("Practice", "Review", "Live"):
        page.locator("[data-testid=stExpandSidebarButton]").tap()
        page.locator("[data-testid=stSidebarNavLink]").filter(has_text=name).tap()
        expect(page.locator(PAGES[{"Live": ""}.get(name, name.lower())])).to_be_visible(timeout=20_000)
        expect(page.locator("[data-testid=stSidebar]")).not_to_be_in_viewport()
        save(page, f"-{name}")


@pytest.mark.parametrize("address", ["", "practice"])
@pytest.mark.parametrize("when", ["before the page has come", "when it has come"])
def test_a_link_is_followed_though_the_page_that_is_left_has_the_last_word(
    app: str, launch: Launch, address: str, when: str
) -> None:
    page = launch().new_page(viewport={"width": 1280, "height": 800})
    servers: list[WebSocketRoute] = []
    last_word: list[bytes] = []  # the camera's frame says that it has loaded
    late = when == "when it has come"

    def connect(connection: WebSocketRoute) -> None:
        server = connection.connect_to_server()
        servers.append(server)

        def on_message(message: str | bytes) -> None:
            nonlocal late
            assert isinstance(message, bytes)
            said = BackMsg.FromString(message)
            if not last_word and any("webcam" in one.id for one in said.rerun_script.widget_states.widgets):
                # What the browser has in store will be less by the time this arrives.
                said.rerun_script.ClearField("cached_message_hashes")
                last_word.append(said.SerializeToString())
                return
            server.send(message)
            if last_word and not late:
                late = True
                server.send(last_word[0])

        connection.on_message(on_message)

    page.route_web_socket("**/_stcore/stream", connect)
    page.goto(f"{app}/{address}")
    expect(page.locator(PAGES[address])).to_be_visible(timeout=60_000)
    deadline = time.monotonic() + 20
    while not last_word and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert last_word
    page.get_by_role("link", name="Model").click()
    if when == "when it has come":
        expect(page).to_have_url(f"{app}/model")
        servers[-1].send(last_word[0])
        expect(page).not_to_have_url(f"{app}/model")
    expect(page.locator(PAGES["model"])).to_be_visible(timeout=30_000)
    expect(page).to_have_url(f"{app}/model")


def test_two_tabs_of_one_person_are_two_sessions(app: str, launch: Launch) -> None:
    context = launch().new_context(viewport={"width": 1280, "height": 800})
    first, second = context.new_page(), context.new_page()
    for page in (first, second):
        page.goto(app)
        expect(page.locator(".sc-reading")).to_be_visible(timeout=60_000)
    play(first, "HI")
    play(second, "BY")
    wait_for_text(first, "HI", 20, whole=True)
    wait_for_text(second, "BY", 20, whole=True)
    first.get_by_role("button", name="Clear").click()
    wait_for_text(first, "", 5, whole=True)
    assert written(second) == "BY"


def test_a_connection_that_breaks_off_keeps_the_text(app: str, launch: Launch) -> None:
    page = launch().new_page(viewport={"width": 1280, "height": 800})
    connections: list[WebSocketRoute] = []

    def connect(connection: WebSocketRoute) -> None:
        connection.connect_to_server()
        connections.append(connection)

    page.route_web_socket("**/_stcore/stream", connect)
    page.goto(app)
    expect(page.locator(".sc-reading")).to_be_visible(timeout=60_000)
    play(page, "HI")
    wait_for_text(page, "HI", 20, whole=True)
    expect(page.get_by_role("button", name="Play")).to_be_visible(timeout=10_000)
    assert len(connections) == 1
    connections[0].close(code=1001)
    page.wait_for_timeout(1000)
    page.get_by_role("button", name="Space").click(timeout=20_000)
    wait_for_text(page, "HI ", 20, whole=True)
    assert len(connections) == 2
