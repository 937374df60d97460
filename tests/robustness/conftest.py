"""Short by default; `make soak` sets SOAK_MINUTES, to minutes, and every test here runs in its long form."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from signcore.dashboard.process import settle_process
from signcore.predictor import SequencePredictor
from signcore.settings import Settings, load_settings
from tests.robustness.stream import Server


@pytest.fixture(scope="session")
def long() -> bool:
    """Whether there is time."""
    return bool(os.environ.get("SOAK_MINUTES"))


@pytest.fixture(scope="session")
def minutes() -> float:
    """How long the cameras run that are watched for long."""
    return float(os.environ.get("SOAK_MINUTES", 5 / 60))


@pytest.fixture
def server(request: pytest.FixtureRequest, hand_model: Path, predictor: SequencePredictor) -> Iterator[Server]:
    """streamlit-webrtc's side of camera streams, without a page."""
    request.getfixturevalue("app_test_camera")
    settings: Settings = load_settings().model_copy(update={"hand_model": hand_model})
    before = sys.getswitchinterval()
    settle_process()
    with Server(predictor, settings) as server:
        yield server
    sys.setswitchinterval(before)
