"""Fixtures that tests of every folder share. Nothing here stands in for a part of signcore."""

from pathlib import Path

import pytest
from hypothesis import settings

from signcore.dashboard import session as dashboard_session
from signcore.dashboard.review_state import open_store
from signcore.hand_model import ensure_hand_model
from signcore.predictor import SequencePredictor
from signcore.settings import load_settings

# How long an example takes says more about the machine than about the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

PROJECT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def project_dir() -> Path:
    """The root of the project."""
    return PROJECT


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder beside the project that holds the clips and videos, which are not ours to publish."""
    folder = PROJECT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("needs the folder ../shared with data/ and media/, which is not part of the project")
    return folder


@pytest.fixture(scope="session")
def media_dir(shared_dir: Path) -> Path:
    """Videos of real hands: A.mp4 to Y.mp4 and word_*.mp4."""
    return shared_dir / "media"


@pytest.fixture(scope="session")
def data_dir(shared_dir: Path) -> Path:
    """letters_train.npz and letters_devtest.npz."""
    return shared_dir / "data"


@pytest.fixture(scope="session")
def hand_model() -> Path:
    """MediaPipe's hand model, fetched when it is not cached yet."""
    return ensure_hand_model(load_settings().hand_model)


@pytest.fixture(scope="session")
def predictor() -> SequencePredictor:
    """The shipped recogniser; it keeps no state between calls, so one serves all tests."""
    return SequencePredictor()


@pytest.fixture
def app_test_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets Streamlit's AppTest run a page with a camera: it has no session manager, which streamlit-webrtc asks for."""
    for module in ("streamlit_webrtc.component", "streamlit_webrtc.shutdown"):
        monkeypatch.setattr(f"{module}.get_this_session_info", lambda: None)


@pytest.fixture
def fresh_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages share nothing with the tests before, nor with whoever runs them."""
    monkeypatch.setenv("SIGNCORE_DATA_DIR", str(tmp_path))
    dashboard_session._shared.clear()
    open_store.clear()
