"""A small file of made-up clips in the real format: two sources, letters that differ, a J that moves."""

from pathlib import Path

import numpy as np
import pytest

from signcore.clips import SCALE
from signcore.features import FloatArray
from signcore.labels import LABELS
from tests.hands import make_landmarks

SOURCES = ("nmt (made up)", "first+signer", "second+signer")


def letter_hand(letter: str, rng: np.random.Generator) -> FloatArray:
    """An open hand with some fingers folded, by the letter."""
    hand = make_landmarks()
    for finger in range(5):
        if (ord(letter) >> finger) & 1:
            tip = 4 * finger + 2
            hand[tip : tip + 3, 1] = hand[tip - 1, 1] + 0.02 * np.arange(3)
    return hand + rng.normal(0, 0.002, hand.shape).astype(np.float32)


def moving_clip(letter: str, rng: np.random.Generator) -> FloatArray:
    """30 frames of a hand that goes down and to the side."""
    path = np.zeros((30, 1, 3), dtype=np.float32)
    path[:, 0, 1] = 0.2 * np.linspace(0, 1, 30)
    path[15:, 0, 0] = 0.1 * np.linspace(0, 1, 15)
    return letter_hand(letter, rng)[None] + path


def clip_arrays(
    letters: str = "ABDIJZ", clips_each: int = 4, sources: tuple[str, ...] = SOURCES
) -> dict[str, np.ndarray]:
    """The arrays of a clip file; all sources but the first have an MIT licence."""
    rng = np.random.default_rng(3)
    clips, label, source, motion = [], [], [], []
    for index in range(len(sources)):
        for letter in letters:
            for _ in range(clips_each):
                moves = letter in "JZ"
                clips.append(moving_clip(letter, rng) if moves else letter_hand(letter, rng)[None])
                label.append(LABELS.index(letter))
                source.append(index)
                motion.append("real" if moves else "still")
    frames = np.concatenate(clips)
    return {
        "frames": np.round(frames * SCALE).astype(np.int16),
        "scale": np.array(SCALE),
        "offsets": np.concatenate([[0], np.cumsum([len(clip) for clip in clips])]).astype(np.int64),
        "label": np.array(label, dtype=np.int8),
        "labels": np.array(LABELS),
        "source": np.array(source, dtype=np.int16),
        "source_names": np.array(sources),
        "source_licences": np.array(["none stated", *["MIT"] * (len(sources) - 1)]),
        "aspect": np.ones(len(clips), dtype=np.float32),
        "motion": np.array(motion),
        "suspect": np.zeros(len(clips), dtype=bool),
    }


@pytest.fixture(scope="session")
def clip_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six letters, three sources, four clips each."""
    path = tmp_path_factory.mktemp("clips") / "clips.npz"
    np.savez(path, **clip_arrays())
    return path
