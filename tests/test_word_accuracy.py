from pathlib import Path

import numpy as np

from signcore.calibration import Calibration
from signcore.clips import read_clips
from signcore.evaluation import select_clips
from signcore.predictor import SequencePredictor
from signcore.word_accuracy import word_accuracy, words_table


def test_words_of_recorded_letters_are_read_better_than_by_simple_rules(
    predictor: SequencePredictor, data_dir: Path
) -> None:
    clips = read_clips(data_dir / "letters_devtest.npz")
    chosen = select_clips(clips, sources=["JOAQUIN"])
    words = ["HELLO", "COFFEE", "BREAD", "MUSIC", "WINTER"]
    result = word_accuracy(predictor, clips, chosen, words=words)
    assert result is not None
    assert result.words == {"1": 3, "2": 3, "3": 3}, "this source has no I: two words are left out"
    assert list(result.cer) == ["1", "2", "3"]
    assert result.cer["1"] <= 0.1
    for speed in ("1", "2"):
        assert result.cer[speed] < min(result.sixty_equal[speed], result.eight_of_twelve[speed])
        assert result.prompt[speed] >= 0.9
    assert list(result.prompt) == ["1", "2"], "at 3 a second no letter is held for so long"
    assert result.false_letters is None
    assert "character errors" in words_table(result)


def test_an_idle_hand_is_counted_by_the_minute(predictor: SequencePredictor, data_dir: Path) -> None:
    clips = read_clips(data_dir / "letters_train.npz")
    idle = np.flatnonzero(clips.label == 28)
    result = word_accuracy(predictor, clips, np.concatenate([idle, np.flatnonzero(clips.label == 0)[:3]]), words=["A"])
    assert result is not None
    assert result.false_letters is not None
    assert 0.0 <= result.false_letters < 5.0


def test_clips_that_spell_no_word_are_told_so(predictor: SequencePredictor, data_dir: Path) -> None:
    clips = read_clips(data_dir / "letters_devtest.npz")
    result = word_accuracy(predictor, clips, np.flatnonzero(clips.label == 1)[:3])
    assert result is None
    assert "do not have all letters" in words_table(result)


def test_a_persons_correction_is_used(predictor: SequencePredictor, data_dir: Path) -> None:
    clips = read_clips(data_dir / "letters_devtest.npz")
    chosen = select_clips(clips, sources=["JOAQUIN"])
    # Whatever is signed, this correction calls it an L.
    always = Calibration(
        np.zeros((29, 29), np.float32), 99 * np.eye(29, dtype=np.float32)[11], ("L",), predictor.fingerprint
    )
    plain = word_accuracy(predictor, clips, chosen, words=["LOVE"], speeds=(2,))
    corrected = word_accuracy(predictor, clips, chosen, words=["LOVE"], speeds=(2,), calibration=always)
    assert plain is not None
    assert corrected is not None
    assert list(plain.cer) == list(corrected.cer) == ["2"]
    assert plain.cer["2"] <= 0.25
    assert corrected.cer["2"] >= 0.75
