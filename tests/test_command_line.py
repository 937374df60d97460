from pathlib import Path

import pytest

from signcore.command_line import typed_command
from signcore.training.__main__ import main


def test_a_command_is_kept_without_the_folders_of_a_machine(tmp_path: Path) -> None:
    words = ["own-hand", str(tmp_path / "my clips.npz"), "--out", "models/own.json", f"--model={tmp_path / 'm.onnx'}"]
    assert typed_command("signcore.training", words) == (
        "python -m signcore.training own-hand 'my clips.npz' --out models/own.json --model=m.onnx"
    )


@pytest.mark.parametrize("seed", ["-1", str(2**31), "one"])
def test_a_seed_that_is_none_is_refused_in_training_too(seed: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["crossval", "--clips", "a.npz", "--out", "b.json", "--seed", seed])
    assert ended.value.code == 2
    assert "--seed" in capsys.readouterr().err
