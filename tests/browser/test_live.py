"""The Live page in a real Chromium: fake webcam, WebRTC over loopback, real MediaPipe, the shipped model."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import camera_frame, open_live, play, play_word, start_camera, wait_for_text, written

pytestmark = pytest.mark.browser

Launch = Callable[..., Browser]
Webcam = Callable[..., Path]
Save = Callable[..., None]


def bar_heights(page: Page) -> list[float]:
    return page.locator(".js-plotly-plot .bars .point path").evaluate_all("bars => bars.map(b => b.getBBox().height)")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844), (640, 400)])
def test_a_newcomer_is_told_what_it_is_and_where_to_begin(
    app: str, launch: Launch, save: Save, width: int, height: int
) -> None:
    page = open_live(launch(), app, width=width, height=height)
    text = page.locator(".sc-text")
    expect(text).to_contain_text("American Sign Language")
    assert text.locator(".sc-scroll").evaluate("one => one.scrollHeight <= one.clientHeight")
    expect(page.get_by_text("read on this computer and not kept")).to_be_visible()
    expect(page.get_by_text("How sure it is of each letter")).to_be_visible()
    save(page)
    page.get_by_role("link", name="Begin with Practice").click()
    expect(page.locator(".sc-practice")).to_be_visible(timeout=20_000)


def test_a_word_before_the_camera_is_read(app: str, launch: Launch, webcam: Webcam, save: Save) -> None:
    page = open_live(launch(webcam("word_HELLO")), app)
    assert written(page) == ""
    start_camera(page)
    # The video loops and may begin anywhere; within two rounds of 12.5 s the word has been there as a whole.
    wait_for_text(page, "HELLO", 40)
    save(page)


def test_bars_move_and_the_text_outlives_a_restart_and_a_page_switch(
    app: str, launch: Launch, webcam: Webcam, save: Save
) -> None:
    page = open_live(launch(webcam("B")), app)
    assert len(bar_heights(page)) == 29
    start_camera(page)
    wait_for_text(page, "B", 20)
    heights = bar_heights(page)
    assert len(heights) == 29
    assert max(heights) > 50
    assert heights.index(max(heights)) == 1
    expect(page.locator(".sc-tile")).to_have_text("B")
    save(page)

    camera_frame(page).get_by_role("button", name="Stop").click()
    expect(page.locator(".sc-state")).to_have_text("Ready", timeout=15_000)
    kept = written(page)
    page.get_by_role("link", name="Model").click()
    expect(page.locator(".sc-reading")).to_have_count(0)
    page.get_by_role("link", name="Live").click()
    expect(page.locator(".sc-reading")).to_be_visible()
    assert written(page) == kept

    start_camera(page)
    wait_for_text(page, kept + "B", 25)


def test_a_sample_plays_where_the_camera_is_refused(app: str, launch: Launch, webcam: Webcam, save: Save) -> None:
    page = open_live(launch(webcam("B"), allowed=False), app)
    camera_frame(page).get_by_role("button", name="Start").click()
    expect(page.get_by_role("alert")).to_contain_text("allow it", timeout=20_000)
    save(page, "-refused")
    page.get_by_text("Sample", exact=True).click()
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".sc-state")).to_have_text("Reading", timeout=10_000)
    wait_for_text(page, "HELLO", 20)
    save(page)
    expect(page.get_by_role("button", name="Play")).to_be_visible(timeout=10_000)

    page.get_by_role("button", name="Space").click()
    wait_for_text(page, "HELLO ", 5, whole=True)
    page.get_by_role("button", name="Clear").click()
    wait_for_text(page, "", 5, whole=True)
    page.get_by_role("button", name="Undo").click()
    wait_for_text(page, "HELLO ", 5, whole=True)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save").click()
    assert Path(download.value.path()).read_text() == "HELLO "
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "HELLO "


def test_no_camera_is_told_so(app: str, launch: Launch, save: Save) -> None:
    page = open_live(launch(), app)
    camera_frame(page).get_by_role("button", name="Start").click()
    expect(page.get_by_role("alert")).to_contain_text("No camera was found", timeout=20_000)
    save(page)


@pytest.mark.parametrize("blind", [False, True])
def test_the_cameras_frame_looks_like_the_page_and_shows_all_of_the_choice_of_a_camera(
    app: str, launch: Launch, save: Save, blind: bool
) -> None:
    page = open_live(launch(), app)
    if blind:
        page.get_by_role("button", name="Settings").click()
        page.get_by_text("Send no video back").click()
        page.keyboard.press("Escape")
        expect(page.locator("canvas")).to_be_visible()
    frame = camera_frame(page)
    frame.get_by_role("button", name="Select device").click()
    done = frame.get_by_role("button", name="Done")
    expect(done).to_be_visible()
    page.wait_for_timeout(1000)
    bottom, height, faces = done.evaluate(
        """button => [
            button.getBoundingClientRect().bottom,
            innerHeight,
            [...document.fonts].filter(face => face.status === "loaded").map(face => face.family),
        ]"""
    )
    assert bottom <= height
    assert faces == ["Source Sans"]
    save(page)


def test_while_the_browser_asks_the_page_says_so(app: str, launch: Launch, webcam: Webcam, save: Save) -> None:
    browser = launch(webcam("B"))
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.add_init_script(
        "if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = () => new Promise(() => {});"
    )
    page.goto(app)
    camera_frame(page).get_by_role("button", name="Start").click(timeout=60_000)
    waits = camera_frame(page).locator("[role=progressbar]")
    expect(waits).to_be_visible()
    page.wait_for_timeout(1500)
    said, opacity = waits.evaluate(
        """bar => {
            const { content, opacity } = getComputedStyle(bar.parentElement, "::after");
            return [content, opacity];
        }"""
    )
    assert "If the browser asks, allow it" in said
    assert float(opacity) > 0.5
    save(page)


def test_an_insecure_page_is_told_so(serve: Callable[..., str], hand_model: Path, launch: Launch, save: Save) -> None:
    name = "signcore.example"
    address = serve(STREAMLIT_BROWSER_SERVER_ADDRESS=name, SIGNCORE_HAND_MODEL=str(hand_model))
    browser = launch(extra=[f"--host-resolver-rules=MAP {name} 127.0.0.1"])
    page = open_live(browser, address.replace("127.0.0.1", name))
    expect(page.get_by_role("alert")).to_contain_text("over https", timeout=20_000)
    save(page)
    page.get_by_text("Sample", exact=True).click()
    expect(page.get_by_text("read on the server and not kept")).to_be_visible()
    page.get_by_role("button", name="Play").click()
    wait_for_text(page, "HE", 20)


def test_a_word_of_ones_own(app: str, launch: Launch, save: Save) -> None:
    page = open_live(launch(), app)
    page.get_by_text("Sample", exact=True).click()
    for word in ("R2D2", "hi"):
        page.get_by_role("combobox").click()
        page.get_by_role("combobox").fill(word)
        page.get_by_role("combobox").press("Enter")
        if word == "R2D2":
            expect(page.get_by_role("alert")).to_contain_text("letters A to Z")
            save(page)
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="Play").click()
    wait_for_text(page, "HI", 15)


def test_a_suggestion_is_taken_by_a_click_or_a_key_and_undone(app: str, launch: Launch, save: Save) -> None:
    page = open_live(launch(), app)
    chips = page.locator(".st-key-chips button")
    row = ".st-key-chips, .stDownloadButton, .sc-text"
    places = "found => found.map(one => { const { y, height } = one.getBoundingClientRect(); return [y, height]; })"
    before = page.locator(row).evaluate_all(places)
    play_word(page, "HEL")
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("textbox", name="Your own words").fill("Helga")
    page.get_by_role("textbox", name="Your own words").press("Enter")
    expect(chips.first).to_contain_text("HELGA")
    save(page, "-settings")
    page.keyboard.press("Escape")
    save(page)
    assert page.locator(row).evaluate_all(places) == before

    chips.filter(has_text=re.compile("^HELP")).click()
    wait_for_text(page, "HELP ", 5, whole=True)
    expect(chips).to_have_count(0)
    assert page.locator(row).evaluate_all(places) == before
    page.get_by_role("button", name="Undo").click()
    wait_for_text(page, "HEL", 5, whole=True)
    expect(chips.first).to_contain_text("HELGA")
    page.keyboard.press("1")
    wait_for_text(page, "HELGA ", 5, whole=True)


def test_the_keys_on_the_buttons_are_keys_after_start(app: str, launch: Launch, webcam: Webcam) -> None:
    page = open_live(launch(webcam("B")), app)
    start_camera(page)
    wait_for_text(page, "B", 20)
    assert page.evaluate("document.activeElement.tagName") == "IFRAME"
    word = page.locator(".st-key-chips button").first.locator("p").inner_text()
    page.keyboard.press("1")
    wait_for_text(page, f"{word} ", 10)


def test_a_hand_in_dim_light_is_read(app: str, launch: Launch, webcam: Webcam, save: Save) -> None:
    page = open_live(launch(webcam("B", light=0.2)), app)
    start_camera(page)
    wait_for_text(page, "B", 20)
    save(page)


def test_where_it_is_dark_the_page_says_so(app: str, launch: Launch, webcam: Webcam, save: Save) -> None:
    page = open_live(launch(webcam("U", light=0.03)), app)
    start_camera(page)
    expect(page.locator(".sc-verdict")).to_have_text(
        "It is dark: turn on a light, or uncover the camera.", timeout=20_000
    )
    save(page)
    page.set_viewport_size({"width": 390, "height": 844})
    save(page, "-390")


def test_no_video_back_still_reads(app: str, launch: Launch, webcam: Webcam, save: Save) -> None:
    page = open_live(launch(webcam("L")), app)
    page.get_by_role("button", name="Settings").click()
    page.get_by_text("Send no video back").click()
    page.keyboard.press("Escape")
    expect(page.locator("canvas")).to_be_visible()
    start_camera(page)
    wait_for_text(page, "L", 20)
    expect(camera_frame(page).locator("video")).to_have_count(0)
    save(page)


def test_one_camera_too_many_is_told_so(
    serve: Callable[..., str], hand_model: Path, launch: Launch, webcam: Webcam, save: Save
) -> None:
    address = serve(SIGNCORE_MAX_SESSIONS="1", SIGNCORE_HAND_MODEL=str(hand_model))
    browser = launch(webcam("B"))
    first = open_live(browser, address)
    late = open_live(browser, address)
    start_camera(first)
    camera_frame(late).get_by_role("button", name="Start").click()
    expect(late.locator(".sc-waiting")).to_contain_text("You are next", timeout=20_000)
    expect(late.locator(".sc-waiting")).to_contain_text("your turn in about a minute")
    expect(late.get_by_role("log", name="What is new")).to_have_text("You are next")
    save(late)
    late.get_by_text("Sample", exact=True).click()
    late.get_by_role("button", name="Play").click()
    wait_for_text(late, "HE", 20)
    # A tab that was closed says nothing; after about half a minute without an answer its seat is free again.
    first.close()
    late.get_by_text("Camera", exact=True).click()
    expect(late.locator(".st-key-camera iframe")).to_be_visible(timeout=90_000)
    start_camera(late)
    wait_for_text(late, "B", 20)


def test_a_browser_that_finds_no_way_to_the_server_is_told_so(
    serve: Callable[..., str], hand_model: Path, launch: Launch, webcam: Webcam, save: Save
) -> None:
    address = serve(SIGNCORE_MAX_SESSIONS="1", SIGNCORE_HAND_MODEL=str(hand_model))
    walled = open_live(launch(webcam("B"), extra=["--webrtc-ip-handling-policy=disable_non_proxied_udp"]), address)
    camera_frame(walled).get_by_role("button", name="Start").click()
    expect(walled.locator(".sc-verdict")).to_have_text("Connecting…", timeout=10_000)
    expect(walled.get_by_role("alert")).to_contain_text("name a TURN server", timeout=20_000)
    save(walled)
    # In the end the server gives up, and the seat is another's.
    expect(walled.get_by_role("button", name="Try again")).to_be_visible(timeout=90_000)
    expect(walled.get_by_role("alert")).to_contain_text("name a TURN server")
    save(walled, "-given-up")
    other = open_live(launch(webcam("B")), address)
    start_camera(other)

    walled.get_by_text("Sample", exact=True).click()
    walled.get_by_role("button", name="Play").click()
    wait_for_text(walled, "HELLO", 20)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_everything_fits(app: str, launch: Launch, save: Save, width: int, height: int, scheme: str) -> None:
    page = open_live(launch(), app, width=width, height=height, scheme=scheme)
    for source in ("Camera", "Sample"):
        page.get_by_text(source, exact=True).click()
        page.wait_for_timeout(1500)
        wide, high = page.evaluate(
            """() => {
                const main = document.querySelector("[data-testid=stMain]");
                return [Math.max(main.scrollWidth, document.documentElement.scrollWidth), main.scrollHeight];
            }"""
        )
        assert wide <= width
        if width == 1280:
            assert high <= height
        save(page, f"-{source}")


@pytest.mark.parametrize(("width", "height"), [(390, 844), (640, 400), (844, 390)])
def test_what_is_written_is_on_a_small_screen_with_the_camera(
    app: str, launch: Launch, save: Save, width: int, height: int
) -> None:
    page = open_live(launch(), app, width=width, height=height)
    edges = """names => names.map(name => {
        const { top, bottom } = document.querySelector(name).getBoundingClientRect();
        return [top, bottom];
    })"""
    camera, reading, text, chips, chart = page.evaluate(
        edges, [".st-key-camera iframe", ".sc-reading", ".sc-text", ".st-key-chips", ".st-key-bars"]
    )
    assert max(bottom for _, bottom in (camera, reading, text, chips)) <= height
    assert reading[1] <= text[0] < text[1] <= chips[0] < chips[1] <= chart[0]
    assert page.evaluate("document.querySelector('.st-key-controls').clientHeight") <= 40, "one row"
    save(page)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1080)])
def test_large_all_of_it_is_on_the_screen_and_so_is_practice(
    app: str, launch: Launch, webcam: Webcam, save: Save, width: int, height: int
) -> None:
    page = open_live(launch(webcam("B")), app, width=width, height=height)
    sizes = """() => {
        const main = document.querySelector("[data-testid=stMain]");
        const start = document.querySelector(".st-key-camera iframe").contentDocument.querySelector("button");
        const size = name => parseFloat(getComputedStyle(document.querySelector(name)).fontSize);
        return [
            main.scrollHeight, main.scrollWidth, document.querySelector(".st-key-live").clientWidth,
            size(".sc-tile"), size(".st-key-bars .xtick text"), parseFloat(getComputedStyle(start).fontSize),
            size("html"),
        ];
    }"""
    *_, tile, tick, start, _ = page.evaluate(sizes)
    page.get_by_role("button", name="Settings").click()
    page.get_by_text("Large, for a projector", exact=True).click()
    page.keyboard.press("Escape")
    page.wait_for_timeout(2500)
    high, across, used, large_tile, large_tick, large_start, page_size = page.evaluate(sizes)
    save(page)
    assert high <= height
    assert across <= width
    assert used > 0.9 * width
    assert large_tile > tile
    if width > 1280:
        assert large_tick > 1.3 * tick
        assert large_start > 1.3 * start
    start_camera(page)
    wait_for_text(page, "B", 20)
    assert page.evaluate(sizes)[0] <= height
    heights = "row => [row, row.querySelector('button')].map(one => one.getBoundingClientRect().height)"
    row, chip = page.locator(".st-key-chips").evaluate(heights)
    assert chip <= row
    save(page, "-reading")
    page.get_by_role("link", name="Practice", exact=True).click()
    expect(page.locator(".sc-practice")).to_be_visible(timeout=20_000)
    assert page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") == page_size
    page.get_by_role("button", name="Options").click()
    expect(page.get_by_role("switch", name="Large, for a projector")).to_be_checked()


def test_a_screen_reader_gets_what_is_new_in_one_place_that_stays(app: str, launch: Launch) -> None:
    page = open_live(launch(), app)
    region = page.get_by_role("log", name="What is new")
    expect(region).to_have_count(1)
    expect(region).to_have_attribute("aria-live", "polite")
    node = region.element_handle()
    play_word(page, "HELLO")
    expect(region).to_have_text("HELLO")
    page.get_by_role("button", name="Space").click()
    expect(region).to_have_text("HELLOspace")
    page.get_by_role("button", name="Undo").click()
    expect(region).to_have_text("HELLOspacenow HELLO")
    assert node is not None
    assert node.evaluate("node => node.isConnected")
    assert page.locator(".sc-text [aria-live], .sc-text[aria-live], [role=status]:visible").count() == 0


@pytest.mark.parametrize("width", [1280, 1024])
def test_nothing_moves_when_a_button_says_something(app: str, launch: Launch, save: Save, width: int) -> None:
    page = open_live(launch(), app, width=width)
    buttons = page.locator(".st-key-text_actions > div")
    places = "all => all.map(one => one.getBoundingClientRect()).map(({ x, y, width }) => [x, y, width])"
    before = buttons.evaluate_all(places)
    for name in ("Copy", "Speak"):
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.get_by_role("button", name="No text")).to_be_visible()
        assert buttons.evaluate_all(places) == before
        save(page, f"-{name}")
        expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()
        expect(page.get_by_role("button", name="No text")).to_have_count(0)


def test_a_recording_without_a_camera_says_when_it_begins(app: str, launch: Launch) -> None:
    page = open_live(launch(), app)
    page.get_by_role("button", name="Record").click()
    page.locator(".st-key-record_start button").click()
    expect(page.get_by_text("It begins with the first picture.")).to_be_visible(timeout=20_000)
    stop = page.locator(".st-key-record_stop button")
    expect(stop).not_to_contain_text("0 s")
    stop.click()
    expect(page.get_by_text("Nothing was recorded.")).to_be_visible(timeout=20_000)


def test_the_keyboard_shows_where_it_is_and_goes_nowhere_unseen(app: str, launch: Launch) -> None:
    page = open_live(launch(), app)
    expect(page).to_have_title("Live · signcore")
    expect(page.get_by_role("heading", level=1)).to_have_text("Live")
    frame = page.locator(".st-key-camera iframe")
    expect(frame).to_have_attribute("title", "Camera")
    page.get_by_text("Sample", exact=True).click()
    expect(frame).not_to_be_visible()

    focused = """() => {
        let one = document.activeElement;
        while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
        const { outlineWidth, boxShadow } = getComputedStyle(one);
        return [one.tagName, one.textContent, outlineWidth, boxShadow];
    }"""
    seen = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        tag, text, outline, shadow = page.evaluate(focused)
        assert tag != "IFRAME"
        if tag in ("A", "BUTTON"):
            seen.add(text)
            assert outline == "2px" or shadow != "none", text
    assert any("Speak" in text for text in seen)
    assert any("Practice" in text for text in seen)


def test_high_contrast_shows_what_is_chosen_and_how_far_it_is(app: str, launch: Launch, save: Save) -> None:
    context = launch().new_context(viewport={"width": 1280, "height": 800}, forced_colors="active")
    page = context.new_page()
    page.goto(app)
    expect(page.locator(".js-plotly-plot .bars")).to_be_attached(timeout=60_000)
    style = """([name, pseudo]) => {
        const { backgroundColor, outlineStyle } = getComputedStyle(document.querySelector(name), pseudo);
        return [backgroundColor, outlineStyle];
    }"""
    assert page.evaluate(style, ["button[data-variant=segmented_control][data-selected=true]", None])[1] == "solid"
    assert page.evaluate(style, ["button[data-variant=segmented_control]:not([data-selected=true])", None])[1] == "none"
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_text("Mirror")).to_be_visible()
    on, off = (
        page.evaluate(style, [f".st-key-{key} .stCheckbox label > div:first-of-type", None])[0]
        for key in ("mirrored", "blind")
    )
    assert on != off
    page.keyboard.press("Escape")
    play(page, "HELLO")
    wait_for_text(page, "H", 20)
    expect(page.locator(".sc-tile.sc-sure")).to_be_visible(timeout=20_000)
    accent = page.evaluate(style, [".sc-tile.sc-sure", None])[0]
    canvas = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert accent != canvas
    for name, pseudo in ((".sc-track i", None), (".sc-caret", None), (".sc-state", "::before")):
        assert page.evaluate(style, [name, pseudo])[0] == accent, name
    save(page)


def test_nothing_moves_when_reading_begins(app: str, launch: Launch, save: Save) -> None:
    page = open_live(launch(), app)
    page.get_by_text("Sample", exact=True).click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.wait_for_timeout(1000)

    def places() -> list[float]:
        found: list[float] = page.evaluate(
            """() => [
                ".sc-reading", ".js-plotly-plot", ".sc-text", ".stDownloadButton", ".st-key-stage", ".stSelectbox",
            ].flatMap(name => {
                const { x, y, width, height } = document.querySelector(name).getBoundingClientRect();
                return [x, y, width, height];
            })"""
        )
        return found

    before = places()
    plot = page.locator(".js-plotly-plot").element_handle()
    page.get_by_role("button", name="Play").click()
    for status in (r"Collecting", r"Reading"):
        expect(page.locator(".sc-state")).to_have_text(re.compile(status), timeout=10_000)
        assert places() == pytest.approx(before, abs=1)
    assert plot is not None
    assert plot.evaluate("plot => plot.isConnected"), "the chart was built anew instead of changed in place"
    save(page)


def test_a_recording_can_be_looked_at(
    serve: Callable[..., str], hand_model: Path, tmp_path: Path, launch: Launch, webcam: Webcam, save: Save
) -> None:
    address = serve(SIGNCORE_HAND_MODEL=str(hand_model), SIGNCORE_DATA_DIR=str(tmp_path))
    page = open_live(launch(webcam("B")), address)
    start_camera(page)
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_text("Never a picture")).to_be_visible()
    save(page, "-asked")
    page.locator(".st-key-record_start button").click()
    stop = page.locator(".st-key-record_stop button")
    expect(stop).to_contain_text(re.compile(r"· [2-9] s"), timeout=20_000)
    expect(page.locator(".sc-reading")).to_contain_text(re.compile(r"● Recording [2-9] s"))
    wait_for_text(page, "B", 20)
    save(page, "-runs")
    stop.click()
    expect(page.get_by_text("Kept:")).to_be_visible(timeout=10_000)
    save(page)
    page.get_by_role("link", name="Review").last.click()
    expect(page.locator(".sc-rv-plot .heatmaplayer image").first).to_be_attached(timeout=60_000)
    expect(page.get_by_role("button", name="Kept")).to_be_visible()
    expect(page).to_have_url(f"{address}/review")
    save(page, "-reviewed")
