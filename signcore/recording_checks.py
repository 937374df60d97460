"""What the parts of a recording must be before anything uses them: the right types alone do not make it one."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from signcore.errors import RecordingError
from signcore.features import FEATURES
from signcore.recording import SIDES, STATUSES, Manifest
from signcore.settings import LONGEST_WINDOW
from signcore.transcript import Event

LONGEST_TEXT: Final = 20_000
_LONGEST_NAME: Final = 200
LONGEST_MS: Final = 86_400_000.0
_EARLIEST: Final = 1970
_LATEST: Final = 2200
_FARTHEST_LANDMARK: Final = 100.0
# Half floats: 29 of them, each off by up to 0.00025.
_SUM_TOLERANCE: Final = 0.02

# Arrays by their names in Recording.
Columns = Mapping[str, NDArray[Any]]


def check_manifest(manifest: Manifest) -> None:
    """Raise RecordingError unless a manifest's values are possible."""
    if manifest.created.tzinfo is None or not _EARLIEST < manifest.created.year < _LATEST:
        raise RecordingError(f"created: expected a time of these years, with its zone; found {manifest.created}")
    strange = [name for name, value in manifest.settings.items() if not math.isfinite(value)]
    if strange:
        raise RecordingError(f"settings: expected finite numbers, found another for {strange[0]}")
    if not 1 <= manifest.window <= LONGEST_WINDOW:
        raise RecordingError(f"window: expected 1 to {LONGEST_WINDOW} frames, found {manifest.window}")
    _check_text(manifest.model, _LONGEST_NAME)
    _check_text(manifest.text_before, LONGEST_TEXT)


def check_columns(columns: Columns, window: int) -> None:
    """Raise RecordingError unless every number of every frame is possible.

    Args:
        columns: at least one frame, in the shapes and types of Recording.
        window: frames of a whole window.
    """
    t_ms, landmarks, probabilities = columns["t_ms"], columns["landmarks"], columns["probabilities"]
    if t_ms[0] != 0 or not (np.diff(t_ms) > 0).all() or not t_ms[-1] <= LONGEST_MS:
        raise RecordingError("t_ms: expected times that begin with 0 and rise, up to a day; found others")
    hand = columns["handedness"] != 0
    for name, values, present in (
        ("landmarks", landmarks.reshape(-1, FEATURES), hand),
        ("score", columns["score"][:, None], hand),
        ("probabilities", probabilities, ~np.isnan(probabilities[:, 0])),
    ):
        if not np.array_equal(~np.isnan(values), np.broadcast_to(present[:, None], values.shape)):
            raise RecordingError(f"{name}: expected all of a frame's numbers or none, found some")
    for name, values, lowest, highest in (
        ("landmarks", landmarks, -_FARTHEST_LANDMARK, _FARTHEST_LANDMARK),
        ("handedness", columns["handedness"], 0, len(SIDES) - 1),
        ("score", columns["score"], 0, 1),
        ("status", columns["status"], 0, len(STATUSES) - 1),
        ("buffered", columns["buffered"], 0, window),
        ("probabilities", probabilities, 0, 1),
        ("fps", columns["fps"], 0, 10_000),
        ("latency_ms", columns["latency_ms"], 0, LONGEST_MS),
    ):
        outside = (values < lowest) | (values > highest)
        if outside.any():
            raise RecordingError(f"{name}: expected {lowest:g} to {highest:g}, found {values[outside].flat[0]:g}")
    for name in ("fps", "latency_ms"):
        if np.isnan(columns[name]).any():
            raise RecordingError(f"{name}: expected a number in every frame, found NaN")
    if (np.abs(probabilities.sum(axis=1) - 1) > _SUM_TOLERANCE).any():
        raise RecordingError("probabilities: expected 29 numbers with the sum 1, found another sum")


def check_events(events: Iterable[Event]) -> None:
    """Raise RecordingError unless the events' times, confidences and texts are possible."""
    for event in events:
        if not all(math.isfinite(t) and abs(t) <= LONGEST_MS for t in (event.start_ms, event.end_ms)):
            raise RecordingError(f"an event: expected times within a day, found {event.start_ms} and {event.end_ms}")
        if not 0 <= event.confidence <= 1:
            raise RecordingError(f"an event's confidence: expected 0 to 1, found {event.confidence}")
        for text, longest in (
            (event.label, _LONGEST_NAME),
            (event.runner_up, _LONGEST_NAME),
            (event.text, LONGEST_TEXT),
        ):
            _check_text(text or "", longest)


def _check_text(text: str, longest: int) -> None:
    if len(text) > longest or not text.isprintable():
        raise RecordingError(f"a text: expected at most {longest} printable characters, found {text[:40]!r}")
