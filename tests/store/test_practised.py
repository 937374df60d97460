"""What is kept of practice: attempts, own words, calibrations."""

import dataclasses
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from signcore.errors import StoreError
from signcore.store import Store
from tests.store.contents import CALIBRATION, attempt


def test_attempts(store: Store) -> None:
    ana, ben = store.add_person("Ana").id, store.add_person("Ben").id
    later = attempt("S", datetime(2026, 11, 23, 20, 0, tzinfo=timezone(timedelta(hours=2))))
    nothing = dataclasses.replace(attempt("J"), read=None)
    for it in (later, nothing):
        store.add_attempt(ana, it)
    assert store.attempts(ana) == (nothing, later)
    assert store.attempts(ben) == ()


def test_own_words(store: Store) -> None:
    ana, ben = store.add_person("Ana").id, store.add_person("Ben").id
    assert store.own_words(ana) == ()
    store.keep_own_words(ana, ["ZOE"])
    store.keep_own_words(ana, ["PIANO", "ANNA"])
    assert store.own_words(ana) == ("PIANO", "ANNA")
    assert store.own_words(ben) == ()
    store.keep_own_words(ana, [])
    assert store.own_words(ana) == ()
    with pytest.raises(StoreError, match="no such person"):
        store.keep_own_words(ben + 1, ["X"])


def test_one_calibration_a_person(store: Store) -> None:
    ana, ben = store.add_person("Ana").id, store.add_person("Ben").id
    assert store.calibration(ana) is None
    store.keep_calibration(ana, CALIBRATION)
    store.keep_calibration(ana, dataclasses.replace(CALIBRATION, letters=("M", "S")))
    kept = store.calibration(ana)
    assert kept is not None
    assert (kept.letters, kept.model) == (("M", "S"), "a model")
    assert np.array_equal(kept.weights, CALIBRATION.weights)
    assert store.calibration(ben) is None
    store.forget_calibration(ana)
    store.forget_calibration(ben)
    assert store.calibration(ana) is None
