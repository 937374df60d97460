"""What the code may know of its other parts, checked on the code itself."""

import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import signcore
from signcore import errors

MOST_LINES = 400


def test_imports_point_one_way(project_dir: Path) -> None:
    """The contracts stand in pyproject.toml."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=project_dir, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("rooms_left_out", "never_loaded"),
    [
        pytest.param(
            ("__main__", "training", "dashboard"),
            {"streamlit", "streamlit_webrtc", "plotly", "torch", "onnx"},
            id="core",
        ),
        pytest.param(("__main__", "training"), {"torch", "onnx"}, id="app"),
    ],
)
def test_loading_a_room_does_not_load_what_it_must_not_know(
    rooms_left_out: tuple[str, ...], never_loaded: set[str]
) -> None:
    """Other than the contracts, this sees what third parties bring in too."""
    modules = [name for _, name, _ in pkgutil.walk_packages(signcore.__path__, "signcore.")]
    modules = [name for name in modules if name.split(".")[1] not in (*rooms_left_out, "__main__")]
    program = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program, *modules], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "signcore.recognizer" in done.stdout.split()
    assert never_loaded.isdisjoint(done.stdout.split())


def test_error_tree_is_the_one_that_others_rely_on() -> None:
    tree = {name for name, _ in inspect.getmembers(errors, inspect.isclass)}
    assert tree == {
        "SignError",
        "FrameError",
        "LandmarkError",
        "HandModelError",
        "ModelContractError",
        "VideoError",
        "ClipFileError",
        "SettingsError",
        "TrainingError",
        "RecordingError",
        "NothingRecordedError",
        "CalibrationError",
        "StoreError",
        "NoSuchPersonError",
        "PracticeError",
    }
    for name in tree:
        assert issubclass(getattr(errors, name), errors.SignError)
        assert f"* {name}" in (errors.__doc__ or ""), f"the tree in the docstring of signcore.errors lacks {name}"


def test_no_module_grows_past_its_noun(project_dir: Path) -> None:
    sources = [project_dir / "app.py", *project_dir.glob("pages/*.py"), *project_dir.glob("signcore/**/*.py")]
    lengths = {
        str(path.relative_to(project_dir)): len(path.read_text(encoding="utf-8").splitlines()) for path in sources
    }
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}
