"""Typical hands computed from clips made up of known hands."""

from pathlib import Path

import numpy as np
import pytest

from signcore.clips import read_clips
from signcore.errors import ClipFileError
from signcore.features import FloatArray
from signcore.handshape import reference
from signcore.handshape_build import build_handshapes
from signcore.labels import LETTERS, char_to_index
from signcore.pose import MIRROR
from tests.clip_files import clip_arrays, write_clips

PEOPLE = ("ana", "ben", "eva", "odd")
CLIPS_EACH = 5


def recorded(letter: str, person: str, rng: np.random.Generator) -> FloatArray:
    """A clip of a typical hand by somebody: a little different, smaller, elsewhere; Ben is left-handed."""
    shape = reference("B" if (letter, person) == ("A", "odd") else letter)
    clip = shape.landmarks[None] if shape.movement is None else shape.movement
    clip = clip * (MIRROR if person == "ben" else 1) + rng.normal(0, 0.01, (1, 21, 3))
    return (0.15 * clip + (0.5, 0.6, 0.0)).astype(np.float32)


@pytest.fixture(scope="module")
def clip_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(3)
    whose = [(letter, person) for letter in LETTERS for person in PEOPLE for _ in range(CLIPS_EACH)]
    arrays = clip_arrays(
        [recorded(letter, person, rng) for letter, person in whose],
        [letter for letter, _ in whose],
        sources=[person for _, person in whose],
    )
    return write_clips(tmp_path_factory.mktemp("clips") / "clips.npz", arrays)


def test_the_hands_that_went_in_come_out(clip_file: Path) -> None:
    built = build_handshapes(read_clips(clip_file))
    for i, letter in enumerate(LETTERS):
        away = np.linalg.norm(built.arrays["landmarks"][i] - reference(letter).landmarks, axis=-1)
        assert away.mean() < 0.05, letter
    assert built.arrays["movement"].shape == (2, 32, 21, 3)
    assert built.left_out["A"] == ("odd",)
    assert built.used["A"] == ("ana", "ben", "eva")
    assert built.used["J"] == built.used["C"] == PEOPLE


def test_three_sources_are_needed(clip_file: Path) -> None:
    clips = read_clips(clip_file)
    clips.suspect[clips.source > 1] = True
    with pytest.raises(ClipFileError, match="A: expected clips of 3 sources or more, found 2"):
        build_handshapes(clips)


@pytest.mark.parametrize("letter", ["J", "Z"])
def test_a_letter_that_nobody_draws_is_an_error(clip_file: Path, letter: str) -> None:
    clips = read_clips(clip_file)
    clips.motion[clips.label == char_to_index(letter)] = "still"
    with pytest.raises(ClipFileError, match=f"{letter}: expected clips of 3 sources or more, found 0"):
        build_handshapes(clips)
