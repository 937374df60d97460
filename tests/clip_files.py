"""Small files of clips made up for tests."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from signcore.clips import SCALE
from signcore.features import FloatArray
from signcore.labels import LABELS, char_to_index


def clip_arrays(
    clips: Sequence[FloatArray],
    labels: Sequence[str],
    *,
    sources: Sequence[str] | None = None,
    suspect: Sequence[bool] | None = None,
    aspect: float = 4 / 3,
    scale: int = SCALE,
) -> dict[str, Any]:
    """The arrays of a clip file, from clips (n, 21, 3) in units of image height, NaN for a frame with no hand."""
    names = sorted(set(sources or ["someone"]))
    stored = np.concatenate(clips) / (aspect or 1, 1, aspect or 1)
    with np.errstate(invalid="ignore"):
        frames = np.where(np.isnan(stored), -32768, np.round(stored * scale)).astype(np.int16)
    return {
        "frames": frames,
        "scale": np.array(scale),
        "offsets": np.cumsum([0, *map(len, clips)]),
        "label": np.array([char_to_index(label) for label in labels], dtype=np.int8),
        "labels": np.array(LABELS),
        "source": np.array([names.index(name) for name in sources or ["someone"] * len(clips)], dtype=np.int16),
        "source_names": np.array(names),
        "source_licences": np.array(["MIT"] * len(names)),
        "aspect": np.full(len(clips), aspect, dtype=np.float32),
        "motion": np.array(["still" if len(clip) == 1 else "real" for clip in clips]),
        "suspect": np.array(suspect if suspect is not None else [False] * len(clips)),
    }


def write_clips(path: Path, arrays: dict[str, Any]) -> Path:
    """Save arrays as a clip file."""
    np.savez_compressed(path, **arrays)
    return path
