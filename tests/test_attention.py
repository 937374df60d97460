from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from signcore.attention import Attention
from signcore.buffer import FRAME_MS
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer
from signcore.samples import spell
from signcore.transcript import EventKind
from signcore.video import Video
from tests.hands import make_hand


def looks(attention: Attention, times: list[float], x: list[float] | None) -> list[float]:
    """The moments at which it looked at a hand at `x`, or at none."""
    looked = []
    for index, t_ms in enumerate(times):
        if attention.due(t_ms):
            looked.append(t_ms)
            attention.saw(None if x is None else make_hand(t_ms, x[index]), t_ms)
    return looked


@pytest.mark.parametrize("fps", [5, 10, 15, 24, 30, 60])
def test_a_hand_that_appears_is_seen_within_120_ms(fps: int) -> None:
    times = [1000.0 * frame / fps for frame in range(10 * fps)]
    looked = looks(Attention(), times, None)
    assert looked[:3] == times[:3]
    for before, after in pairwise(looked):
        # It appears in the picture right after the one that was looked at.
        assert after - (before + 1000.0 / fps) <= 120.0
    if fps == 30:
        assert len([t_ms for t_ms in looked if t_ms >= 5000.0]) == pytest.approx(5 * fps / 4, abs=1)


def test_a_short_gap_is_watched_in_every_picture() -> None:
    attention = Attention()
    attention.saw(make_hand(), 0.0)
    times = [FRAME_MS * frame for frame in range(1, 18)]
    assert looks(attention, times, None) == times


def test_a_held_hand_is_looked_at_half_as_often_until_it_moves() -> None:
    attention = Attention()
    times = [FRAME_MS * frame for frame in range(120)]
    held = looks(attention, times[:90], [0.5] * 90)
    assert [t_ms for t_ms in held if t_ms < 1000.0] == times[:30]
    assert len([t_ms for t_ms in held if t_ms >= 1000.0]) == 30
    moving = looks(attention, times[90:], [0.5 + 0.05 * step for step in range(30)])
    # The first picture of the movement may be missed, none after it.
    assert len(moving) >= 29


def test_an_empty_chair_is_looked_at_twice_a_second_until_something_moves() -> None:
    attention = Attention()
    rng = np.random.default_rng(0)
    chair = rng.integers(40, 200, (480, 640)).astype(np.float32)
    seen = []
    for number in range(300):
        picture = chair + rng.normal(0, 6, chair.shape)
        if number >= 240:
            picture[200:280, 4 * (number - 240) :][:, :60] += 25  # something comes in, slowly
        t_ms = FRAME_MS * number
        if attention.due(t_ms, picture.clip(0, 255).astype(np.uint8)):
            seen.append(number)
            attention.saw(None, t_ms)
    gaps = [after - before for before, after in pairwise(seen)]
    at_rest = [gap for gap, after in zip(gaps, seen[1:], strict=True) if 60 <= after < 240]
    at_work = [gap for gap, after in zip(gaps, seen[1:], strict=True) if after > 250]
    assert set(at_rest) == {15}
    assert set(at_work) == {4}


def test_what_a_look_misses_has_a_second_more() -> None:
    attention = Attention()
    dark, bright = np.full((48, 64), 50, np.uint8), np.full((48, 64), 90, np.uint8)
    seen = []
    for number in range(150):
        if attention.due(FRAME_MS * number, dark if number < 90 else bright):
            seen.append(number)
            attention.saw(None, FRAME_MS * number)
    assert len([number for number in seen if 90 <= number < 120]) >= 7


@pytest.mark.parametrize("word", ["HELLO", "JAZZ", "PUZZLE", "QUICK", "ABOVE"])
def test_samples_are_read_the_same(predictor: SequencePredictor, word: str) -> None:
    texts = []
    for sparing in (False, True):
        recognizer, attention = Recognizer(predictor), Attention()
        for hand, t_ms in spell(word):
            if not sparing or attention.due(t_ms):
                recognizer.step_hand(hand, t_ms)
                attention.saw(hand, t_ms)
            elif not attention.on_a_hand:
                recognizer.step_hand(None, t_ms)
        texts.append(recognizer.snapshot.text)
    assert texts[0] == texts[1]


@pytest.mark.parametrize("word", ["HELLO", "FIVE", "QUICK"])
def test_videos_are_read_the_same_and_at_most_120_ms_later(
    predictor: SequencePredictor, media_dir: Path, word: str
) -> None:
    with Video(media_dir / f"word_{word}.mp4") as video:
        once = [frame.image for frame in video]
    images = [*once, *[once[0]] * 90, *once]
    read = []
    for sparing in (False, True):
        recognizer, attention = Recognizer(predictor), Attention()
        looked = 0
        for number, image in enumerate(images):
            t_ms = FRAME_MS * number
            if not sparing or attention.due(t_ms, cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)):
                looked += 1
                attention.saw(recognizer.step(image, t_ms).hand, t_ms)
            elif not attention.on_a_hand:
                recognizer.step_hand(None, t_ms)
        recognizer.close()
        changes = [event for event in recognizer.snapshot.events if event.kind is not EventKind.REJECTED]
        read.append((recognizer.snapshot.text, [event.end_ms for event in changes], looked))
    (text, times, all_frames), (spared_text, spared_times, spared_frames) = read
    assert spared_text == text == f"{word} {word} "[: len(text)]
    assert all(0.0 <= later - t_ms <= 120.0 for t_ms, later in zip(times, spared_times, strict=True))
    assert spared_frames < 0.8 * all_frames
