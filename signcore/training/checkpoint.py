"""Where training got to, on disk: results of finished jobs and the state of the one under way."""

from io import BytesIO
from pathlib import Path
from typing import Any, Final, cast

import torch

from signcore.errors import TrainingError
from signcore.files import whole_file

_KIND: Final = "signcore training"


class Checkpoint:
    """The state of a training run, saved whole or not at all.

    `identity` says what is trained on what; a file with another identity is refused, because its weights and its random
    numbers belong to another model. `done` maps a job's name to its result, `current` is the job under way.
    """

    def __init__(self, path: Path, identity: dict[str, str]) -> None:
        self.path = path
        self.identity = identity
        self.done: dict[str, Any] = {}
        self.current: dict[str, Any] = {}

    def load(self, source: Path) -> None:
        """Go on from a file.

        Raises:
            TrainingError: no such file, not a checkpoint, or one of another model.
        """
        try:
            stored = cast(dict[str, Any], torch.load(source, map_location="cpu", weights_only=True))
            kind, found = stored["kind"], stored["identity"]
        except FileNotFoundError:
            raise TrainingError(f"{source}: no such checkpoint") from None
        except Exception as error:  # torch.load raises whatever its unpickler stumbles on
            raise TrainingError(f"{source.name}: not a checkpoint of this program ({type(error).__name__})") from error
        if kind != _KIND:
            raise TrainingError(f"{source.name}: expected a checkpoint of {_KIND}, found {kind}")
        for key, expected in self.identity.items():
            if found.get(key) != expected:
                raise TrainingError(
                    f"{source.name}: a checkpoint of another model: expected {key} {expected}, found {found.get(key)}"
                )
        self.done, self.current = stored["done"], stored["current"]

    def save(self) -> None:
        """Write the file; the one before stays until the new one is complete.

        Raises:
            TrainingError: it could not be written.
        """
        state = {"kind": _KIND, "identity": self.identity, "done": self.done, "current": self.current}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # torch.save hides what is wrong with the disk.
            content = BytesIO()
            torch.save(state, content)
            with whole_file(self.path) as part:
                part.write_bytes(content.getbuffer())
        except OSError as error:
            raise TrainingError(f"{self.path}: the checkpoint could not be written ({error.strerror})") from error

    def finish(self, job: str, result: Any) -> None:
        """Note a job's result and save."""
        self.done[job] = result
        self.current = {}
        self.save()
