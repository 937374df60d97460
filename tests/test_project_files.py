"""The files around the code: pins, settings and links that are easily broken without a test noticing."""

import json
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit import config

import signcore
from signcore.settings import SHIPPED_MODEL, Settings

EXACT_PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[0-9][A-Za-z0-9.]*)")
REQUIREMENTS = sorted(path.name for path in Path(__file__).parent.parent.glob("requirements*.txt"))
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?P<target>[^)#\s]+)")


def requirement_lines(path: Path) -> list[str]:
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith(("#", "-r ", "-c "))]


def pins(path: Path) -> dict[str, str]:
    found = (EXACT_PIN.fullmatch(line) for line in requirement_lines(path))
    return {re.sub(r"[-_.]+", "-", pin["name"]).lower(): pin["version"] for pin in found if pin}


@pytest.mark.parametrize("name", [*REQUIREMENTS, "constraints.txt"])
def test_every_pin_is_exact_and_public(project_dir: Path, name: str) -> None:
    """A local version, such as torch's `+cpu`, exists on some machines and not on others."""
    lines = requirement_lines(project_dir / name)
    assert [line for line in lines if not EXACT_PIN.fullmatch(line)] == []


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_requirements_agree_with_the_constraints(project_dir: Path, name: str) -> None:
    locked = pins(project_dir / "constraints.txt")
    wanted = {package: version for package, version in pins(project_dir / name).items() if package != "torch"}
    assert {package: locked.get(package) for package in wanted} == wanted


def test_version_is_the_same_everywhere(project_dir: Path) -> None:
    project = tomllib.loads((project_dir / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == signcore.__version__
    assert f"## [{signcore.__version__}]" in (project_dir / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_library_works_as_the_readme_shows(
    project_dir: Path, media_dir: Path, hand_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    del hand_model
    (code,) = PYTHON.findall((project_dir / "README.md").read_text(encoding="utf-8"))
    (tmp_path / "hello.mp4").symlink_to(media_dir / "word_HELLO.mp4")
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {})
    video, camera = capsys.readouterr().out.splitlines()
    assert video == "HELLO"
    assert camera.endswith("HELLO")


def streamlit_options(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from streamlit_options(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def test_streamlit_knows_every_setting_in_its_file(project_dir: Path) -> None:
    """Streamlit only logs a name that it does not know; `runner.postScriptGC` is not even listed by `config show`."""
    written = dict(
        streamlit_options(tomllib.loads((project_dir / ".streamlit/config.toml").read_text(encoding="utf-8")))
    )
    known = config.get_config_options(force_reparse=True)
    assert set(written) <= set(known)
    assert written["runner.postScriptGC"] is False
    assert written["browser.gatherUsageStats"] is False


@pytest.mark.parametrize(("words", "address"), [([], "localhost"), (["HOST=0.0.0.0"], "0.0.0.0")])
def test_only_this_computer_reaches_the_app_unless_told(project_dir: Path, words: list[str], address: str) -> None:
    done = subprocess.run(
        ["make", "--dry-run", "run", *words],
        cwd=project_dir,
        env={**os.environ, "HOST": "a-name-that-a-shell-has-set"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f" run app.py --server.address {address} --server.port " in done.stdout


def test_links_between_the_documents_lead_somewhere(project_dir: Path) -> None:
    documents = [*project_dir.glob("*.md"), *project_dir.glob("docs/**/*.md"), *project_dir.glob("models/*.md")]
    broken = {
        f"{document.relative_to(project_dir)}: {target}"
        for document in documents
        for target in LINK.findall(document.read_text(encoding="utf-8"))
        if "://" not in target and not (document.parent / target).exists()
    }
    assert broken == set()


def test_the_settings_are_listed_with_their_defaults(project_dir: Path) -> None:
    computed = {
        "model_path": f"`{SHIPPED_MODEL.relative_to(project_dir)}`",
        "data_dir": "`~/.local/share/signcore`",
        "max_sessions": "two for each core",
    }
    rows = ["| variable | default | |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        plain = "" if field.default in (None, ()) else f"`{json.dumps(field.default, default=str)}`"
        rows.append(f"| `SIGNCORE_{name.upper()}` | {computed.get(name, plain)} | {field.description} |")
    listed = (project_dir / "docs/hosting.md").read_text(encoding="utf-8").partition("## Settings")[2]
    assert [line for line in listed.splitlines() if line.startswith("|")] == rows
