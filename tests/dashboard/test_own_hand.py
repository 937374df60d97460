"""Whose hand a tab knows, with a real store."""

from pathlib import Path

import numpy as np
import pytest

from signcore.calibration import Calibration
from signcore.dashboard.own_hand import OwnHand
from signcore.errors import StoreError
from signcore.settings import Settings
from signcore.store import Store


def test_nobody_is_read_with_somebody_elses_hand(tmp_path: Path) -> None:
    store = Store.open(Settings(data_dir=tmp_path))
    ada = store.add_person("Ada")
    store.keep_calibration(
        ada.id, Calibration(np.zeros((29, 29), np.float32), np.zeros(29, np.float32), ("A", "B"), "model")
    )
    hand = OwnHand("model")
    hand.be(store, "Ada", used=True)
    assert hand.in_use is not None
    for path in tmp_path.glob("*.sqlite*"):
        path.write_bytes(b"no database")
    with pytest.raises(StoreError):
        hand.be(store, "Grace", used=True)
    assert hand.in_use is None
    with pytest.raises(StoreError):
        hand.be(store, "Grace", used=True)
