"""What tests put into a store."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from signcore.calibration import Calibration
from signcore.settings import Settings
from signcore.store import Attempt, Store
from tests.recordings import snapshots, spelled

PROJECT = Path(__file__).resolve().parent.parent.parent
CALIBRATION = Calibration(np.eye(29, dtype=np.float32), np.zeros(29, np.float32), ("A", "B"), "a model")


def record(store: Store, person: int, settings: Settings, word: str = "QUICK", name: str | None = None) -> int:
    writer = store.record(person, settings, "a model")
    for snapshot in snapshots(150, events=spelled(word, 1000.0)):
        writer.add(snapshot)
    return store.keep(writer, name).id


def attempt(asked: str, at: datetime | None = None) -> Attempt:
    return Attempt("letters", asked, "S", asked == "S", 1.25, at or datetime(2026, 11, 23, 12, 0, tzinfo=UTC))
