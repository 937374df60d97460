"""The Practice page in a real Chromium: fake webcam, WebRTC over loopback, real MediaPipe, the shipped model."""

import re
import statistics
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from signcore.labels import STILL_LETTERS
from signcore.settings import Settings
from signcore.store import Attempt, Store
from tests.browser.conftest import camera_frame

pytestmark = pytest.mark.browser

Launch = Callable[..., Browser]
Webcam = Callable[..., Path]
Save = Callable[..., None]

_LATEST_MS = 150.0
# Keeps how late every answer is: now minus when the exercise was stepped, on the one clock of this machine.
_WATCH = """() => {
    window.delays = [];
    let last = null;
    new MutationObserver(() => {
        const at = document.querySelector(".sc-practice")?.dataset.at;
        if (at && at !== last) { last = at; window.delays.push(Date.now() - Number(at)); }
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""


@pytest.fixture
def practice_app(serve: Callable[..., str], hand_model: Path, tmp_path: Path) -> str:
    """An app with a database of its own."""
    return serve(SIGNCORE_HAND_MODEL=str(hand_model), SIGNCORE_DATA_DIR=str(tmp_path))


def open_practice(
    browser: Browser, address: str, mode: str, *, width: int = 1280, height: int = 800, scheme: str = "light"
) -> Page:
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"{address}/practice")
    expect(page.locator(".sc-practice")).to_be_visible(timeout=100_000)
    if mode != "Learn":
        page.get_by_text(mode, exact=True).click()
        expect(page.get_by_role("radio", name=mode)).to_be_checked(timeout=20_000)
    return page


def start_camera(page: Page) -> None:
    camera_frame(page).get_by_role("button", name="Start").click()
    expect(page.locator(".sc-practice:not([data-state=off])")).to_be_visible(timeout=100_000)


def stored(folder: Path) -> tuple[Attempt, ...]:
    store = Store.open(Settings(data_dir=folder))
    attempts = tuple(one for person in store.people() for one in store.attempts(person.id))
    store.close()
    return attempts


def test_the_word_hello_is_drilled(
    practice_app: str, tmp_path: Path, launch: Launch, webcam: Webcam, save: Save
) -> None:
    page = open_practice(launch(webcam("word_HELLO")), practice_app, "Words")
    page.locator(".st-key-word_list input").click()
    page.get_by_role("option", name="My own words").click()
    expect(page.get_by_role("alert")).to_contain_text("at least one word", timeout=20_000)
    page.get_by_label("Your own words").fill("hello")
    page.get_by_label("Your own words").press("Enter")
    expect(page.locator(".sc-practice .sc-prompt")).to_have_text("HELLO", timeout=20_000)
    start_camera(page)
    # The video loops and may begin anywhere.
    expect(page.locator(".sc-practice .sc-score")).to_contain_text("5 signed", timeout=150_000)
    save(page)
    page.wait_for_timeout(1000)
    assert [one.asked for one in stored(tmp_path)][:5] == list("HELLO")
    page.reload()
    expect(page.locator(".sc-practice")).to_be_visible(timeout=100_000)
    page.get_by_text("Progress", exact=True).click()
    expect(page.get_by_text("Signed from memory")).to_be_visible(timeout=20_000)
    # Letters, seconds and days; and a fourth if anything was mixed up where the video began.
    expect(page.locator(".js-plotly-plot").nth(2)).to_be_visible(timeout=20_000)
    save(page, "-progress")


def test_a_wrong_letter_gets_its_feedback_and_is_remembered(
    practice_app: str, tmp_path: Path, launch: Launch, webcam: Webcam, save: Save
) -> None:
    page = open_practice(launch(webcam("B")), practice_app, "Drill")
    expect(page.locator(".sc-practice")).to_have_attribute("data-asked", "A", timeout=20_000)
    start_camera(page)
    expect(page.locator(".sc-say")).to_contain_text("now it looks like a B", timeout=60_000)
    save(page)
    expect(page.locator(".sc-practice")).to_have_attribute("data-asked", "A")
    page.wait_for_timeout(3000)
    assert [(one.asked, one.read, one.right) for one in stored(tmp_path)] == [("A", "B", False)]
    page.reload()
    expect(page.locator(".sc-practice")).to_be_visible(timeout=100_000)
    page.get_by_text("Progress", exact=True).click()
    expect(page.get_by_text("0 of 1 right")).to_be_visible(timeout=20_000)


def test_the_keys_on_the_buttons_are_keys_after_start(practice_app: str, launch: Launch, webcam: Webcam) -> None:
    page = open_practice(launch(webcam("Y")), practice_app, "Learn")
    start_camera(page)
    card = page.locator(".sc-practice")
    for _ in range(2):
        asked = card.get_attribute("data-asked")
        assert asked
        page.keyboard.press("s")
        expect(card).not_to_have_attribute("data-asked", asked, timeout=10_000)
        assert page.evaluate("document.activeElement.tagName") == "IFRAME"


def test_the_answer_comes_soon_after_the_snapshot(practice_app: str, launch: Launch, webcam: Webcam) -> None:
    page = open_practice(launch(webcam("B")), practice_app, "Drill")
    start_camera(page)
    page.wait_for_timeout(3000)
    page.evaluate(_WATCH)
    page.wait_for_timeout(10_000)
    delays: list[float] = page.evaluate("window.delays")
    assert len(delays) > 30
    assert statistics.median(delays) <= _LATEST_MS


def test_the_quiz_plays_and_takes_an_answer_by_keyboard(practice_app: str, launch: Launch, save: Save) -> None:
    page = open_practice(launch(), practice_app, "Quiz")
    page.get_by_role("button", name="Play").click()
    answer = page.get_by_label("What was spelled?")
    expect(answer).to_be_enabled(timeout=20_000)
    save(page)
    answer.fill("QQQ")
    answer.press("Enter")
    expect(page.get_by_role("row", name="You read Q Q Q")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("button", name="Next word")).to_be_focused()
    save(page, "-answered")


def test_the_quiz_is_answered_by_signing(
    practice_app: str, tmp_path: Path, launch: Launch, webcam: Webcam, save: Save
) -> None:
    page = open_practice(launch(webcam("word_HELLO")), practice_app, "Quiz")
    page.locator(".st-key-word_list input").click()
    page.get_by_role("option", name="My own words").click()
    page.get_by_label("Your own words").fill("hello")
    page.get_by_label("Your own words").press("Enter")
    page.get_by_role("button", name="Options").click()
    page.get_by_text("Hands-free", exact=True).click()
    page.keyboard.press("Escape")
    expect(page.locator(".sc-say")).to_contain_text("you answer by signing", timeout=20_000)
    start_camera(page)
    expect(page.locator(".sc-practice:not([data-signed=''])")).to_be_visible(timeout=60_000)
    save(page)
    # The video loops and may begin anywhere: whether that was right is another question.
    expect(page.locator(".sc-practice[data-state=done], .sc-practice[data-state=wrong]")).to_be_visible(timeout=150_000)
    save(page, "-answered")
    expect(page.locator(".sc-practice[data-state=open]")).to_be_visible(timeout=20_000)
    assert [(one.mode, one.asked) for one in stored(tmp_path)][:5] == [("quiz", letter) for letter in "HELLO"]


def calibrations(folder: Path) -> list[tuple[str, ...]]:
    store = Store.open(Settings(data_dir=folder))
    found = [store.calibration(person.id) for person in store.people()]
    store.close()
    return [one.letters for one in found if one is not None]


def test_a_hand_is_learned_and_forgotten(
    practice_app: str, tmp_path: Path, launch: Launch, webcam: Webcam, save: Save
) -> None:
    page = open_practice(launch(webcam("A", away_s=0.7)), practice_app, "Learn")
    page.get_by_text("My hand", exact=True).click()
    expect(page.get_by_test_id("stBaseButton-secondary").get_by_text("Begin")).to_be_visible(timeout=20_000)
    save(page, "-before")
    page.get_by_role("button", name="Begin").click()
    card, score = page.locator(".sc-practice"), page.locator(".sc-practice .sc-score")
    expect(page.locator(".sc-say")).to_have_text("Start the camera.", timeout=20_000)
    expect(page.get_by_role("img", name="Hand for A")).to_be_visible(timeout=20_000)
    camera_frame(page).get_by_role("button", name="Start").click()
    # It takes what it is shown, be it the letter or not: here an A twice.
    expect(score).to_have_text(re.compile("^1 of"), timeout=100_000)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("button", name="Begin")).to_be_visible(timeout=20_000)
    assert calibrations(tmp_path) == [], "what was stopped is not kept"
    expect(page.get_by_test_id("stBaseButton-primary").get_by_text("Begin")).to_be_visible()

    page.get_by_role("button", name="Begin").click()
    expect(score).to_have_text(re.compile("^1 of"), timeout=100_000)
    page.get_by_text("Learn", exact=True).click()
    expect(page.get_by_role("button", name="Hint")).to_be_visible(timeout=20_000)
    page.get_by_text("My hand", exact=True).click()
    expect(score).to_have_text(re.compile("^[12] of"), timeout=20_000)
    save(page)
    expect(score).to_have_text(re.compile("^2 of"), timeout=100_000)
    camera_frame(page).get_by_role("button", name="Stop").click()
    expect(page.locator(".sc-say")).to_have_text("Start the camera.", timeout=20_000)
    for done in range(2, len(STILL_LETTERS)):
        expect(card).to_have_attribute("data-asked", STILL_LETTERS[done], timeout=20_000)
        page.get_by_role("button", name="Skip").click()
    expect(page.get_by_text("Read my hand with it (2 letters)")).to_be_visible(timeout=20_000)
    # Whether it is on by itself depends on how far the samples agree; here one hand was two letters.
    expect(page.get_by_role("switch", name="Read my hand with it (2 letters)")).to_be_visible()
    save(page, "-learned")
    assert calibrations(tmp_path) == [("A", "B")]

    page.reload()
    expect(page.locator(".sc-practice")).to_be_visible(timeout=100_000)
    page.get_by_text("My hand", exact=True).click()
    expect(page.get_by_text("Read my hand with it (2 letters)")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Forget it").click()
    page.get_by_role("button", name="Forget my hand").click()
    expect(page.get_by_role("button", name="Begin")).to_be_visible(timeout=20_000)
    assert calibrations(tmp_path) == []


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1080)])
def test_large_all_of_it_is_on_the_screen(
    practice_app: str, launch: Launch, save: Save, width: int, height: int
) -> None:
    page = open_practice(launch(), practice_app, "Learn", width=width, height=height)
    sizes = """() => [
        document.querySelector("[data-testid=stMain]").scrollHeight,
        document.querySelector(".sc-practice").clientHeight,
        document.querySelector(".st-key-reference .main-svg").clientHeight,
    ]"""
    expect(page.locator(".st-key-reference .main-svg").first).to_be_attached(timeout=20_000)
    _, card, hand = page.evaluate(sizes)
    page.get_by_role("button", name="Options").click()
    page.get_by_text("Large, for a projector", exact=True).click()
    page.keyboard.press("Escape")
    page.wait_for_timeout(2000)
    all_of_it, large_card, large_hand = page.evaluate(sizes)
    assert all_of_it <= height
    assert large_card > card
    if height > 1000:
        assert large_hand > hand
    save(page)


def test_on_a_telephone_the_typical_hand_is_seen_with_ones_own(practice_app: str, launch: Launch, save: Save) -> None:
    page = open_practice(launch(), practice_app, "Learn", width=390, height=844)
    hand = page.locator(".st-key-reference")
    expect(hand.locator(".main-svg").first).to_be_attached(timeout=20_000)
    hand.scroll_into_view_if_needed()
    page.wait_for_timeout(1000)
    edges = "names => names.map(name => document.querySelector(name).getBoundingClientRect())"
    head, camera, card, hand_shown, buttons = page.evaluate(
        edges,
        [
            ".st-key-practice_head",
            ".st-key-camera iframe",
            ".sc-practice",
            ".st-key-reference",
            ".st-key-practice_actions",
        ],
    )
    assert head["height"] <= 80, "the options stand beside the last modes"
    assert camera["top"] >= 60, "below the page's own bar"
    assert card["bottom"] <= hand_shown["top"] < hand_shown["bottom"] <= min(844, buttons["top"])
    save(page)


def test_a_letter_in_motion_comes_to_rest_and_moves_again_after_a_click(practice_app: str, launch: Launch) -> None:
    page = open_practice(launch(), practice_app, "Learn")
    page.locator(".st-key-letter_group input").click()
    page.get_by_role("option", name="In motion").click()
    hand = page.get_by_role("img", name="Hand for J")
    expect(hand).to_be_visible(timeout=20_000)
    drawn = "plot => JSON.stringify(plot.data[1].x).slice(0, 200)"

    def moves() -> bool:
        seen = set()
        for _ in range(6):
            seen.add(hand.evaluate(drawn))
            page.wait_for_timeout(200)
        return len(seen) > 1

    assert moves()
    page.wait_for_timeout(12_000)
    assert not moves()
    hand.dispatch_event("click")
    assert moves()
    page.emulate_media(reduced_motion="reduce")
    page.get_by_role("button", name="Skip").click()
    hand = page.get_by_role("img", name="Hand for Z")
    expect(hand).to_be_visible(timeout=20_000)
    assert not moves()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_everything_fits_and_nothing_jumps(
    practice_app: str, launch: Launch, save: Save, width: int, height: int, scheme: str
) -> None:
    page = open_practice(launch(), practice_app, "Learn", width=width, height=height, scheme=scheme)
    for mode in ("Learn", "Drill", "Words", "Speed", "Quiz", "Progress", "My hand"):
        page.get_by_text(mode, exact=True).click()
        page.wait_for_timeout(1500)
        wide = page.evaluate(
            "Math.max(document.querySelector('[data-testid=stMain]').scrollWidth, document.documentElement.scrollWidth)"
        )
        assert wide <= width, mode
        save(page, f"-{mode}")
    page.get_by_text("Learn", exact=True).click()
    page.get_by_text("Sample", exact=True).click()
    expect(page.get_by_role("button", name="Play")).to_be_visible(timeout=20_000)
    page.wait_for_timeout(1500)
    places = """() => [".sc-practice", ".sc-ring", ".sc-meter", ".st-key-practice_actions", ".st-key-stage"].flatMap(
        name => {
            const { x, y, width, height } = document.querySelector(name).getBoundingClientRect();
            return [x, y, width, height];
        })"""
    before = page.evaluate(places)
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".sc-practice:not([data-state=off])")).to_be_visible(timeout=20_000)
    page.wait_for_timeout(2500)
    assert page.evaluate(places) == pytest.approx(before, abs=1)
    expect(page.get_by_role("log", name="What is new")).to_contain_text("S", timeout=20_000)
    save(page, "-playing")
    # The longest sentence, as it is and in the large mode.
    for size in ("1", "1.6"):
        place, text, mark = page.evaluate(
            """size => {
                document.documentElement.style.setProperty("--sc-size", size);
                const place = document.querySelector(".sc-say"), text = document.createRange();
                place.textContent =
                    "Put the thumb level with the index finger, a little apart; now it looks like a K.";
                text.selectNodeContents(place);
                const mark = document.querySelector(".sc-meter small");
                return [place, text, mark]
                    .map(it => it.getBoundingClientRect())
                    .map(({ y, height }) => [y, y + height]);
            }""",
            size,
        )
        assert place[0] - 1 <= text[0] < text[1] <= place[1] + 1, size
        assert text[1] <= mark[0] + 1, size
