from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
import pytest

from signcore.buffer import FRAME_MS
from signcore.clips import read_clips
from signcore.errors import SignError
from signcore.features import palm_size
from signcore.labels import LETTERS, MOVING_LETTERS
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer
from signcore.sample_choice import choose_clips, save_samples
from signcore.samples import SAMPLES_FILE, WORDS, load_samples, spell
from tests.clip_files import clip_arrays, write_clips
from tests.hands import make_landmarks


def read(word: str, predictor: SequencePredictor) -> str:
    recognizer = Recognizer(predictor)
    for hand, t_ms in spell(word):
        recognizer.step_hand(hand, t_ms)
    return recognizer.snapshot.text


def test_there_is_one_recording_of_every_letter_that_may_be_given_away() -> None:
    samples = load_samples()
    assert tuple(samples) == LETTERS
    notice = SAMPLES_FILE.with_suffix(".md").read_text(encoding="utf-8")
    for name, sample in samples.items():
        assert sample.name == name
        assert sample.licence == "MIT"
        assert sample.source.replace("+", "/") in notice
        assert sample.frames.shape[1:] == (21, 3)
        assert np.isfinite(sample.frames).all()
    assert SAMPLES_FILE.stat().st_size < 400_000


def test_moving_letters_move_and_the_others_do_not() -> None:
    for name, sample in load_samples().items():
        tips = sample.frames[:, [8, 20], :2] / palm_size(sample.frames).mean()
        movement = np.ptp(tips, axis=0).max()
        assert (movement > 0.8) == (name in MOVING_LETTERS), f"{name} moves by {movement:.2f} palms"


@pytest.mark.parametrize("letter", LETTERS)
def test_every_recorded_letter_is_read(predictor: SequencePredictor, letter: str) -> None:
    assert read(letter, predictor) == letter


@pytest.mark.parametrize("word", WORDS)
def test_every_word_is_read(predictor: SequencePredictor, word: str) -> None:
    assert read(word, predictor) == word


def test_a_word_is_an_even_stream_of_hands_inside_the_picture() -> None:
    frames = spell("Jazz")
    assert np.allclose(np.diff([t_ms for _, t_ms in frames]), FRAME_MS)
    hands = [hand for hand, _ in frames if hand is not None]
    for hand, t_ms in frames:
        assert hand is None or hand.t_ms == t_ms
    points = np.concatenate([hand.landmarks for hand in hands])
    assert (points[:, :2] >= 0.02).all()
    assert (points[:, 0] <= 4 / 3 - 0.02).all()
    assert (points[:, 1] <= 0.98).all()
    assert np.median([palm_size(hand.landmarks) for hand in hands]) == pytest.approx(0.26, abs=0.05)


def test_the_hand_slides_between_equal_letters_and_jumps_nowhere() -> None:
    frames = spell("hello there")
    seen = [(there, len(list(group))) for there, group in groupby(hand is not None for hand, _ in frames)]
    assert [there for there, _ in seen] == [True, False, True, False]
    assert all(count * FRAME_MS >= 350 for there, count in seen if not there)
    for (before, _), (after, _) in pairwise(frames):
        if before is not None and after is not None:
            assert np.abs(after.landmarks[0, :2] - before.landmarks[0, :2]).max() < 0.1


@pytest.mark.parametrize("word", ["", "  ", "Zoë", "R2D2"])
def test_what_cannot_be_spelled_is_refused(word: str) -> None:
    with pytest.raises(SignError, match="Only the letters A to Z"):
        spell(word)


def test_the_typical_clip_is_chosen_and_kept_without_its_first_frame(tmp_path: Path) -> None:
    """Of each letter three clips, the second between the others; of J and Z three movements, the third the widest."""
    names, recorded, sources = [], [], []
    for letter in LETTERS:
        for number in range(3):
            steps = np.linspace(0, 1, 12)[:, None, None] * (1, 0.5, 0) * (number + 1) / 10
            spread = make_landmarks() * (1 + number / 10, 1, 1)
            recorded.append((spread + steps * (letter in MOVING_LETTERS)).astype(np.float32))
            names.append(letter)
            sources.append("creepyvampire+x" if letter == "P" else "traduttore+y")
    clips = read_clips(write_clips(tmp_path / "all.npz", clip_arrays(recorded, names, sources=sources)))
    chosen = choose_clips(clips)
    assert [names[i] for i in chosen] == list(LETTERS)
    for letter, index in zip(LETTERS, chosen, strict=True):
        assert letter in MOVING_LETTERS or index % 3 == 1
    save_samples(clips, chosen, tmp_path / "chosen.npz")
    kept = read_clips(tmp_path / "chosen.npz")
    assert kept.source_names == ("creepyvampire+x", "traduttore+y")
    for number, index in enumerate(chosen):
        assert np.array_equal(kept.clip(number), clips.clip(index)[1:])


def test_a_file_without_the_sources_is_refused(tmp_path: Path) -> None:
    clips = read_clips(write_clips(tmp_path / "c.npz", clip_arrays([make_landmarks()[None]], ["A"])))
    with pytest.raises(SignError, match="expected clips of A from traduttore"):
        choose_clips(clips)
