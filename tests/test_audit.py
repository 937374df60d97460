"""What tools/audit makes of what pip-audit says and returns."""

import subprocess
from pathlib import Path

import pytest

CLEAN = "No known vulnerabilities found"
WEAK = "Found 1 known vulnerability in 1 package\nName  Version ID        Fix Versions\npillow 1.0     CVE-2026-1 1.1"


def skipped(names: list[str]) -> str:
    rows = (f"{name} Dependency not found on PyPI and could not be audited: {name} (1.0)" for name in names)
    return "\n".join(["Name Skip Reason", "---- -----------", *rows])


def audit(project: Path, folder: Path, said: str, status: int) -> subprocess.CompletedProcess[str]:
    """Runs it with a Python that has a pip-audit of such words."""
    (folder / "said").write_text(said, encoding="utf-8")
    python = folder / "python"
    python.write_text(f'#!/bin/sh\ncat "{folder / "said"}"\nexit {status}\n', encoding="utf-8")
    python.chmod(0o755)
    return subprocess.run([project / "tools" / "audit", python], capture_output=True, text=True)


@pytest.fixture
def pinned(project_dir: Path) -> list[str]:
    lines = (project_dir / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line.split("==")[0] for line in lines if "==" in line]


def test_packages_without_a_known_weakness(project_dir: Path, tmp_path: Path) -> None:
    done = audit(project_dir, tmp_path, CLEAN, 0)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{CLEAN}\n", "")


def test_a_known_weakness_is_a_failure(project_dir: Path, tmp_path: Path, pinned: list[str]) -> None:
    done = audit(project_dir, tmp_path, f"{WEAK}\n{skipped(pinned[1:])}", 1)
    assert done.returncode == 1
    assert "CVE-2026-1" in done.stdout
    assert f"{len(pinned) - 1} of {len(pinned)} packages" in done.stderr


def test_packages_that_were_not_looked_up_are_not_called_sound(
    project_dir: Path, tmp_path: Path, pinned: list[str]
) -> None:
    done = audit(project_dir, tmp_path, f"{CLEAN}\n{skipped(pinned)}", 0)
    assert done.returncode == 0
    assert CLEAN not in done.stdout
    assert "nothing was checked" in done.stderr
    done = audit(project_dir, tmp_path, f"{CLEAN}\n{skipped(pinned[:3])}", 0)
    assert CLEAN in done.stdout
    assert f"3 of {len(pinned)} packages are unknown to the advisory database; they were not checked" in done.stderr


def test_a_database_that_cannot_be_reached_is_no_failure(project_dir: Path, tmp_path: Path) -> None:
    done = audit(project_dir, tmp_path, "ERROR: could not connect to PyPI", 1)
    assert done.returncode == 0
    assert "could not connect" in done.stdout
    assert "nothing was checked" in done.stderr
