from pathlib import Path

import numpy as np
import pytest

from signcore.clips import read_clips
from signcore.errors import ClipFileError
from signcore.features import palm_size
from signcore.labels import char_to_index
from signcore.training.dataset import build_bank, clean_clip, join_clips
from tests.hands import make_landmarks
from tests.training.conftest import clip_arrays, moving_clip


def test_a_bank_is_in_palm_units_and_sorted(clip_file: Path) -> None:
    bank = build_bank(read_clips(clip_file))
    assert len(bank) == 72
    assert np.isfinite(bank.frames).all()
    np.testing.assert_allclose(palm_size(bank.frames[bank.start]), 1.0, atol=0.05)
    np.testing.assert_allclose(bank.frames[bank.start, 0], 0.0, atol=1e-6)
    assert (np.diff(bank.label) >= 0).all()


def test_labels_weigh_alike_but_for_the_moving_ones(clip_file: Path) -> None:
    bank = build_bank(read_clips(clip_file))
    weights = {letter: bank.weight[bank.label == char_to_index(letter)].sum() for letter in "ABJZ"}
    assert weights["A"] == pytest.approx(weights["B"]) == pytest.approx(1.0)
    assert weights["J"] == pytest.approx(weights["Z"]) == pytest.approx(2.5)


def test_draw_keeps_to_what_is_asked_for(clip_file: Path) -> None:
    bank = build_bank(read_clips(clip_file))
    drawn = bank.draw(500, np.random.default_rng(0), among=bank.label == char_to_index("B"))
    assert set(bank.label[drawn]) == {char_to_index("B")}
    assert len(np.unique(drawn)) == 12


def test_partners_share_label_and_source(clip_file: Path) -> None:
    bank = build_bank(read_clips(clip_file))
    clips = np.arange(len(bank))
    partners = bank.partners(clips, np.random.default_rng(0))
    np.testing.assert_array_equal(bank.label[partners], bank.label)
    np.testing.assert_array_equal(bank.source[partners], bank.source)
    assert (partners != clips).any()


def test_suspects_and_other_licences_stay_out(tmp_path: Path) -> None:
    arrays = clip_arrays()
    arrays["suspect"][arrays["label"] == char_to_index("A")] = True
    np.savez(tmp_path / "clips.npz", **arrays)
    clips = read_clips(tmp_path / "clips.npz")
    assert char_to_index("A") not in build_bank(clips).label
    assert set(build_bank(clips, licences=["MIT"]).source) == {1, 2}
    with pytest.raises(ClipFileError, match=r"two still letters or more under GPL-3\.0"):
        build_bank(clips, licences=["GPL-3.0"])


def test_space_counts_only_where_it_is_signed_as_we_mean_it(tmp_path: Path) -> None:
    arrays = clip_arrays()
    arrays["label"][arrays["label"] == char_to_index("B")] = char_to_index("SPACE")
    np.savez(tmp_path / "clips.npz", **arrays)
    bank = build_bank(read_clips(tmp_path / "clips.npz"))
    assert set(bank.source[bank.label == char_to_index("SPACE")]) == {0}


def test_single_pictures_are_capped(tmp_path: Path) -> None:
    np.savez(tmp_path / "clips.npz", **clip_arrays("AB", clips_each=200))
    bank = build_bank(read_clips(tmp_path / "clips.npz"))
    assert len(bank) == 3 * 2 * 150


def test_without_leaves_out_clips_by_their_place_in_the_file(clip_file: Path) -> None:
    bank = build_bank(read_clips(clip_file))
    assert 0 not in bank.without([0]).origin
    assert len(bank.without([0])) == len(bank) - 1


def test_frames_of_the_recording_before_are_cut_off() -> None:
    clip = np.repeat(make_landmarks()[None], 30, axis=0)
    clip[:2] += 0.5
    cleaned = clean_clip(clip, moving=False)
    assert cleaned is not None
    assert len(cleaned) == 28


def test_gaps_are_closed_and_mostly_empty_clips_refused() -> None:
    clip = np.repeat(make_landmarks()[None], 30, axis=0)
    clip[10:14] = np.nan
    cleaned = clean_clip(clip, moving=False)
    assert cleaned is not None
    assert len(cleaned) == 30
    assert np.isfinite(cleaned).all()
    clip[3:28] = np.nan
    assert clean_clip(clip, moving=False) is None
    assert clean_clip(np.full((5, 21, 3), np.nan, dtype=np.float32), moving=False) is None


def test_a_moving_letter_is_trimmed_to_its_movement_and_refused_without_one() -> None:
    rng = np.random.default_rng(0)
    clip = moving_clip("J", rng)
    held = np.concatenate([np.repeat(clip[:1], 10, axis=0), clip, np.repeat(clip[-1:], 10, axis=0)])
    cleaned = clean_clip(held, moving=True)
    assert cleaned is not None
    assert 25 <= len(cleaned) <= 34
    assert clean_clip(np.repeat(clip[:1], 30, axis=0), moving=True) is None


def test_joined_files_keep_their_clips_and_sources(clip_file: Path) -> None:
    clips = read_clips(clip_file)
    joined = join_clips(clips, clips)
    assert len(joined) == 2 * len(clips)
    np.testing.assert_array_equal(joined.clip(len(clips) + 7), clips.clip(7))
    assert joined.source[len(clips)] == clips.source[0] + len(clips.source_names)


def test_favoured_sources_make_up_their_share_of_every_label_they_have(clip_file: Path) -> None:
    bank = build_bank(read_clips(clip_file)).favouring([1], 0.5)
    for letter in "ABJ":
        own = bank.label == char_to_index(letter)
        assert bank.weight[own & (bank.source == 1)].sum() == pytest.approx(bank.weight[own].sum() / 2, rel=1e-5)
    assert bank.weight[bank.label == char_to_index("J")].sum() == pytest.approx(2.5, rel=1e-5)


def test_own_clips_are_taken_as_they_are(tmp_path: Path) -> None:
    arrays = clip_arrays()
    arrays["label"][arrays["label"] == char_to_index("B")] = char_to_index("SPACE")
    np.savez(tmp_path / "clips.npz", **arrays)
    bank = build_bank(read_clips(tmp_path / "clips.npz"), licences=["GPL-3.0"], own=[2])
    assert set(bank.source) == {2}
    assert char_to_index("SPACE") in bank.label
