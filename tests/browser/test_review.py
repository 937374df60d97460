"""The Review page in a real Chromium: a video uploaded, read, looked at frame by frame."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from signcore.recording_file import recording_to_bytes
from signcore.settings import Settings
from signcore.store import Store
from signcore.transcript import EventKind, Reason
from tests.browser.conftest import open_live
from tests.recordings import make_event, make_recording, spelled

pytestmark = pytest.mark.browser

Launch = Callable[..., Browser]
Save = Callable[..., None]
LONGEST_MS = 90_000


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app's data folder."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the app puts its temporary files."""
    return tmp_path_factory.mktemp("scratch")


@pytest.fixture(scope="module")
def address(serve: Callable[..., str], hand_model: Path, data: Path, scratch: Path) -> str:
    return serve(SIGNCORE_HAND_MODEL=str(hand_model), SIGNCORE_DATA_DIR=str(data), TMPDIR=str(scratch))


def open_page(browser: Browser, address: str, *, width: int = 1280, height: int = 800, scheme: str = "light") -> Page:
    page = open_live(browser, address, width=width, height=height, scheme=scheme)
    page.goto(f"{address}/review")
    expect(page.get_by_role("button", name="Open the example")).to_be_visible(timeout=LONGEST_MS)
    return page


def open_example(page: Page) -> None:
    page.get_by_role("button", name="Open the example").click()
    expect(page.locator(".sc-rv-plot .heatmaplayer image").first).to_be_attached(timeout=LONGEST_MS)


def upload(page: Page, path: Path) -> None:
    page.locator("input[type=file]").first.set_input_files(path)


def letters(page: Page) -> Locator:
    return page.locator(".sc-rv-letters button")


def moment(page: Page) -> float:
    return float(page.locator(".sc-review").get_attribute("data-ms") or "nan")


def frame(page: Page) -> int:
    return int(page.locator(".sc-review").get_attribute("data-frame") or "-1")


def ink(page: Page, canvas: str = ".sc-rv-hand") -> int:
    """How much of a canvas is drawn on."""
    drawn: int = page.locator(canvas).evaluate(
        """canvas => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
            .reduce((sum, value, i) => sum + (i % 4 === 3 && value > 0 ? 1 : 0), 0)"""
    )
    return drawn


def test_a_word_on_video_is_read_and_each_letter_leads_to_its_moment(
    address: str, launch: Launch, media_dir: Path, scratch: Path, save: Save
) -> None:
    page = open_page(launch(), address)
    upload(page, media_dir / "word_QUICK.mp4")
    expect(page.get_by_text(re.compile(r"\d+ of 375 frames"))).to_be_visible(timeout=LONGEST_MS)
    expect(page.locator(".sc-rv-plot .heatmaplayer image").first).to_be_attached(timeout=LONGEST_MS)
    assert "".join(letters(page).all_inner_texts()).strip("␣") == "QUICK"
    assert [path.name for path in scratch.iterdir() if path.name.startswith("signcore-")] == []

    letters(page).nth(1).click()
    # In this video the second letter is shown from 2.2 s to 4.0 s, after 0.4 s without a hand.
    assert 2200 < moment(page) < 4000
    expect(page.locator(".sc-rv-event")).to_contain_text("Wrote U")
    expect(page.locator(".sc-rv-now")).to_contain_text(re.compile(r"Reads U \d\d%"))
    expect(page.locator(".sc-rv-here")).to_have_text("U")
    expect(page.locator("[data-rank=first] span")).to_have_text("U")
    assert ink(page) > 500
    save(page)


def test_steps_and_events_by_key_and_the_cursor_follows(address: str, launch: Launch) -> None:
    page = open_page(launch(), address)
    open_example(page)
    letters(page).nth(1).click()
    start = frame(page)
    cursor = page.locator(".sc-rv-plot > i")
    before = cursor.bounding_box()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert frame(page) == start + 1
    page.keyboard.press(".")
    expect(page.locator(".sc-rv-event")).to_contain_text("Wrote I")
    after = cursor.bounding_box()
    assert before is not None
    assert after is not None
    assert after["x"] > before["x"] + 20
    page.keyboard.press(",")
    expect(page.locator(".sc-rv-event")).to_contain_text("Wrote U")
    # Keys that are typed into a field stay there.
    page.get_by_placeholder("A note at").fill("")
    page.get_by_placeholder("A note at").press(".")
    assert frame(page) == start


def test_a_name_is_shown_letter_for_letter(address: str, launch: Launch, data: Path) -> None:
    store = Store.open(Settings(data_dir=data))
    person = store.add_person("_x_ :dog:")
    store.upload(person.id, "_a_ :cat: 1)", recording_to_bytes(make_recording(events=spelled("HI"))))
    store.close()
    page = open_page(launch(), address)
    page.get_by_role("combobox", name="Who is it?").fill("_x_ :dog:")
    page.get_by_role("combobox", name="Who is it?").press("Enter")
    page.get_by_role("button", name="Open the recording").click()
    expect(page.get_by_role("heading", name="_a_ :cat: 1)", exact=True)).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Kept").click()
    expect(page.get_by_text("For _x_ :dog:, on this server.", exact=True)).to_be_visible()


def test_letters_that_were_cleared_can_be_seen_and_looked_at(
    address: str, launch: Launch, tmp_path: Path, save: Save
) -> None:
    path = tmp_path / "cleared.parquet"
    clear = make_event("", 4500.0, kind=EventKind.CLEAR, label=None, reason=Reason.CLICKED)
    path.write_bytes(recording_to_bytes(make_recording(300, (*spelled("QUICK"), clear))))
    page = open_page(launch(), address)
    page.locator("input[type=file]").nth(1).set_input_files(path)
    expect(letters(page)).to_have_count(5, timeout=LONGEST_MS)
    expect(page.get_by_text("Nothing was written.")).to_have_count(0)
    third = page.get_by_role("button", name="I, cleared later")
    assert "line-through" in third.evaluate("letter => getComputedStyle(letter).textDecoration")
    third.click()
    assert moment(page) == 2500
    save(page)


def test_it_opens_at_the_first_letter(address: str, launch: Launch) -> None:
    page = open_page(launch(), address)
    open_example(page)
    expect(page.locator(".sc-rv-event")).to_contain_text("Wrote Q")
    expect(page.locator(".sc-rv-here")).to_have_text("Q")
    assert ink(page) > 500


def test_what_can_be_pressed_has_a_name_and_shows_the_focus(address: str, launch: Launch) -> None:
    page = open_page(launch(), address)
    open_example(page)
    transport = page.locator(".sc-rv-transport")
    for name in ("Event before", "Frame back", "Frame on", "Event after", "Show more time", "Show all"):
        expect(transport.get_by_role("button", name=name, exact=True)).to_be_visible()
    expect(page.get_by_role("group", name="The text")).to_contain_text("QUICK")
    slider = page.get_by_role("slider", name="Moment")
    expect(slider).to_have_attribute("aria-valuetext", "0:01.2")
    for first in (page.locator("[data-do=back]"), letters(page).first):
        first.focus()
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outline").endswith("solid 2px")
    play = transport.get_by_role("button", name="Play", exact=True)
    play.click()
    transport.get_by_role("button", name="Pause", exact=True).click()
    expect(play).to_be_visible()


def test_the_timeline_can_be_read_and_the_cursor_hides_no_letter(address: str, launch: Launch) -> None:
    page = open_page(launch(), address)
    open_example(page)
    letters(page).nth(2).click()
    cursor = page.locator(".sc-rv-plot > i").bounding_box()
    written = page.locator(".sc-rv-plot .textpoint", has_text="I").bounding_box()
    axis = page.locator(".sc-rv-plot .xtick").last.bounding_box()
    assert cursor is not None
    assert written is not None
    assert axis is not None
    assert cursor["y"] >= written["y"] + written["height"]
    assert axis["y"] + axis["height"] <= 800
    rows = page.locator(".sc-rv-plot .y2tick text")
    names = rows.all_text_contents()
    assert set("QUICK") < set(names)
    assert len(names) <= 12
    assert rows.first.evaluate("text => parseFloat(getComputedStyle(text).fontSize)") == 11


def test_the_space_bar_plays_after_a_click_and_presses_what_the_keyboard_is_on(address: str, launch: Launch) -> None:
    page = open_page(launch(), address)
    open_example(page)
    sign = page.locator(".sc-rv-play")
    for clicked in (letters(page).nth(1), page.locator("[data-do=back]"), page.locator("[data-do=closer]")):
        clicked.click()
        page.keyboard.press(" ")
        expect(sign).to_have_text("pause")
        page.keyboard.press(" ")
        expect(sign).to_have_text("play_arrow")
    page.locator("[data-do=back]").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    expect(page.locator("[data-do=play]")).to_be_focused()
    page.keyboard.press(" ")
    expect(sign).to_have_text("pause")
    page.locator("[data-do=play]").click()
    page.keyboard.press("Tab")
    expect(page.locator("[data-do=on]")).to_be_focused()
    before = frame(page)
    page.keyboard.press(" ")
    expect(sign).to_have_text("play_arrow")
    assert frame(page) == before + 1


def test_it_plays_at_the_chosen_speed(address: str, launch: Launch) -> None:
    page = open_page(launch(), address)
    open_example(page)
    page.get_by_label("Speed").select_option("0.25")
    page.locator(".sc-rv-clock").click()
    start = moment(page)
    began = time.monotonic()
    page.keyboard.press(" ")
    page.wait_for_timeout(2000)
    page.keyboard.press(" ")
    passed_ms = 1000 * (time.monotonic() - began)
    slow = moment(page)
    assert 0.15 * passed_ms < slow - start < 0.35 * passed_ms
    page.wait_for_timeout(300)
    assert moment(page) == slow
    page.get_by_label("Speed").select_option("2")
    page.keyboard.press("Escape")
    page.locator("[data-do=play]").click()
    expect(page.locator(".sc-rv-play")).to_have_text("play_arrow", timeout=10_000)
    assert moment(page) > 6500


def test_a_click_on_the_timeline_goes_there_and_a_closer_look_shows_less_time(
    address: str, launch: Launch, save: Save
) -> None:
    page = open_page(launch(), address, height=1000)
    open_example(page)
    plot = page.locator(".sc-rv-plot .nsewdrag").first.bounding_box()
    heat = page.locator(".sc-rv-plot .heatmaplayer image").first.bounding_box()
    assert plot is not None
    assert heat is not None
    page.mouse.click(plot["x"] + plot["width"] / 2, heat["y"] + heat["height"] / 2)
    page.wait_for_timeout(200)
    half = moment(page)
    whole = float(page.locator(".sc-rv-slider").get_attribute("max") or "nan")
    assert half == pytest.approx(whole / 2, rel=0.03)
    ticks = page.locator(".sc-rv-plot .xtick").all_text_contents()
    page.locator("[data-do=closer]").click()
    page.wait_for_timeout(500)
    assert page.locator(".sc-rv-plot .xtick").all_text_contents() != ticks
    assert moment(page) == half
    save(page)
    # On the row of letters a click near one goes to it.
    page.locator("[data-do=whole]").click()
    page.wait_for_timeout(500)
    place = page.locator(".sc-rv-plot .textpoint", has_text="C").bounding_box()
    assert place is not None
    page.mouse.click(place["x"] + place["width"] / 2 + 3, place["y"] + place["height"] / 2)
    expect(page.locator(".sc-rv-event")).to_contain_text("Wrote C")


def test_notes_and_the_meant_word(address: str, launch: Launch, save: Save) -> None:
    page = open_page(launch(), address, height=1200)
    open_example(page)
    letters(page).nth(3).click()
    page.get_by_placeholder("A note at").fill("<b>relax</b> the thumb")
    page.get_by_label("Whose note").select_option("Teacher")
    page.get_by_role("button", name="Add note").click()
    row = page.locator(".sc-rv-notes li", has_text="<b>relax</b> the thumb")
    expect(row).to_contain_text("teacher")
    expect(page.locator(".sc-rv-event")).to_contain_text("Wrote C")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
        page.get_by_role("button", name="Table (.csv)").click()
    assert "<b>relax</b> the thumb" in Path(download.value.path()).read_text(encoding="utf-8")
    page.keyboard.press("Escape")

    page.get_by_placeholder("What was meant?").fill("quacks")
    page.keyboard.press("Enter")
    kinds = page.locator(".sc-rv-meant button")
    expect(kinds).to_have_count(6)
    assert kinds.evaluate_all("pairs => pairs.map(pair => pair.dataset.kind)") == [
        *["read right"] * 2,
        "read as another letter",
        *["read right"] * 2,
        "meant, not read",
    ]
    kinds.nth(2).click()
    expect(page.locator(".sc-rv-event")).to_contain_text("Wrote I")
    expect(page.locator(".sc-rv-reference figcaption")).to_have_text("A, as it is meant")
    expect(page.locator(".sc-rv-how")).to_contain_text("A: Make a fist")
    assert ink(page, ".sc-rv-reference canvas") > 500
    save(page)
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="Close and lose the notes")).to_be_visible()
    save(page, "-close")
    page.keyboard.press("Escape")
    row.get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="Open the example")).to_be_visible(timeout=LONGEST_MS)


def test_reading_back_shows_nothing_but_the_hand(address: str, launch: Launch, save: Save) -> None:
    page = open_page(launch(), address)
    open_example(page)
    letters(page).nth(3).click()
    page.get_by_text("Read it back").click()
    expect(letters(page).first).to_be_hidden()
    assert moment(page) == 0, "it begins anew, with the first hand"
    for part in (".sc-rv-bars", ".sc-rv-plot", ".sc-rv-thought", ".sc-rv-notes"):
        expect(page.locator(part)).to_be_hidden()
    assert "QUICK" not in page.locator("[data-testid=stMain]").inner_text()
    page.keyboard.press("ArrowRight")
    assert ink(page) > 500
    before = page.locator(".sc-rv-hand").bounding_box()
    page.get_by_placeholder("Play it").fill("quik")
    page.keyboard.press("Enter")
    expect(page.get_by_text("4 of 5 letters")).to_be_visible()
    assert page.locator(".sc-rv-hand").bounding_box() == before
    save(page)


def test_cancelling_a_video_leads_back(address: str, launch: Launch, media_dir: Path, scratch: Path) -> None:
    page = open_page(launch(), address)
    upload(page, media_dir / "word_QUICK.mp4")
    expect(page.get_by_text(re.compile(r"[1-9]\d* of 375 frames"))).to_be_visible(timeout=LONGEST_MS)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Open the example")).to_be_visible(timeout=15_000)
    assert [path.name for path in scratch.iterdir() if path.name.startswith("signcore-")] == []


def test_a_bad_upload_is_one_sentence(address: str, launch: Launch, tmp_path: Path, save: Save) -> None:
    page = open_page(launch(), address)
    bad = tmp_path / "<img src=x onerror=alert(1)>.mp4"
    bad.write_text("no video")
    upload(page, bad)
    alert = page.get_by_role("alert")
    expect(alert).to_have_text("<img src=x onerror=alert(1)>.mp4: not a video that can be read", timeout=LONGEST_MS)
    expect(page.locator("img[src=x]")).to_have_count(0)
    expect(page.get_by_role("button", name="Open the example")).to_be_visible()
    save(page)


def test_half_an_hour_opens_and_steps(address: str, launch: Launch, data: Path, save: Save) -> None:
    text = ("QUICK " * 600)[:3500]
    store = Store.open(Settings(data_dir=data))
    person = store.add_person("Half an hour")
    recording = make_recording(54_000, events=spelled(text, 1500.0, 510.0))
    store.upload(person.id, "Half an hour", recording_to_bytes(recording))
    store.close()
    page = open_page(launch(), address)
    page.get_by_role("combobox", name="Who is it?").fill("Half an hour")
    page.get_by_role("combobox", name="Who is it?").press("Enter")
    # Measured in the page: how often a test looks is no part of it.
    opened_s: float = page.get_by_role("button", name="Open the recording").evaluate(
        """button => new Promise(resolve => {
            const began = performance.now();
            const look = () => {
                const drawn = document.querySelector(".sc-rv-plot .heatmaplayer image");
                if (drawn) resolve((performance.now() - began) / 1000);
                else setTimeout(look, 10);
            };
            button.click();
            look();
        })"""
    )
    page.locator("[data-do=after]").click()
    steps_ms: list[float] = page.evaluate(
        """async () => {
            const times = [];
            for (let i = 0; i < 100; i++) {
                const began = performance.now();
                document.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
                times.push(performance.now() - began);
                await new Promise(requestAnimationFrame);
            }
            return times.sort((a, b) => a - b);
        }"""
    )
    print(f"opened in {opened_s:.2f} s; a step takes {steps_ms[50]:.1f} ms, the slowest {steps_ms[-1]:.1f} ms")
    save(page)
    # Three times what a quiet machine needs: tests share theirs.
    assert opened_s < 9

    noted_s: float = page.evaluate(
        """() => new Promise(resolve => {
            const form = document.querySelector(".sc-rv-form");
            form.elements.text.value = "relax the thumb";
            const began = performance.now();
            const look = () => {
                const noted = document.querySelector(".sc-rv-notes").textContent.includes("relax the thumb");
                if (noted) resolve((performance.now() - began) / 1000);
                else setTimeout(look, 10);
            };
            form.requestSubmit();
            look();
        })"""
    )
    print(f"a note is there after {noted_s:.2f} s")
    assert noted_s < 0.5
    row = page.locator(".sc-rv-notes li", has_text="relax the thumb")
    expect(row.get_by_role("button", name="Remove")).to_be_visible(timeout=20_000)
    assert steps_ms[50] < 30


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (768, 1024), (390, 844)])
def test_everything_fits(address: str, launch: Launch, save: Save, width: int, height: int, scheme: str) -> None:
    page = open_page(launch(), address, width=width, height=height, scheme=scheme)
    page.wait_for_timeout(500)
    save(page, "-choices")
    open_example(page)
    letters(page).nth(1).click()
    page.wait_for_timeout(500)
    wide = page.evaluate(
        "Math.max(document.querySelector('[data-testid=stMain]').scrollWidth, document.documentElement.scrollWidth)"
    )
    assert wide <= width
    head = page.locator(".st-key-review_head").get_by_role("button")
    row = [head.filter(has_text=name).bounding_box() for name in ("Read again", "Export", "Keep", "Close")]
    assert len({box["y"] for box in row if box is not None}) == 1
    ends = page.locator(".sc-rv-bars .wide span").evaluate_all(
        """spans => spans.map(span => {
            const range = document.createRange();
            range.selectNodeContents(span);
            const { left, right } = range.getBoundingClientRect();
            const column = span.parentElement.getBoundingClientRect();
            return Math.max(column.left - left, right - column.right);
        })"""
    )
    assert max(ends) <= 1, "the long names stand apart"
    save(page)
