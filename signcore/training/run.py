"""What one training or cross-validation run is: its clips, seed, schedules and the checkpoint it keeps."""

import hashlib
from collections.abc import Collection
from pathlib import Path

from signcore.errors import ClipFileError
from signcore.features import FEATURE_VERSION
from signcore.training import loop
from signcore.training.checkpoint import Checkpoint
from signcore.training.model import LetterNet


class Run:
    """The settings of a run, and its checkpoint in `checkpoints/` beside what it writes.

    Attributes:
        seed: of everything random.
        digest: sha256 of the clip files.
        audit, fold, full: schedules of the nets that doubt labels, that read held-out sources, and that are shipped.
        tuning: the schedule of a net that is taken further.
        checkpoint: finished jobs and the one under way; already loaded when `resume` names a file.

    Args:
        base: sha256 of the model that is taken further; None where the nets are new.

    Raises:
        ClipFileError: a clip file that cannot be opened.
        TrainingError: `resume` is not a checkpoint, or one of another model.
    """

    def __init__(
        self,
        clips_path: Path,
        out: Path,
        *,
        seed: int,
        resume: Path | None = None,
        add: Path | None = None,
        base: str | None = None,
        licences: Collection[str] | None = None,
        quick: bool = False,
    ) -> None:
        self.seed = seed
        self.digest = _sha256([clips_path] if add is None else [clips_path, add])
        self.audit = loop.QUICK_FRAMES if quick else loop.FRAMES_ONLY
        self.fold = loop.QUICK if quick else loop.REDUCED
        self.full = loop.QUICK if quick else loop.FULL
        self.tuning = loop.QUICK if quick else loop.TUNING
        self.checkpoint = Checkpoint(
            out.parent / "checkpoints" / f"{out.stem}.pt",
            {
                "training data": self.digest,
                "parameters": str(sum(parameter.numel() for parameter in LetterNet().parameters())),
                "feature version": str(FEATURE_VERSION),
                "schedules": f"{self.audit} {self.fold} {self.full}" if base is None else str(self.tuning),
                "licences": "all" if licences is None else ", ".join(sorted(licences)),
                "seed": str(seed),
                **({} if base is None else {"base model": base}),
            },
        )
        if resume is not None:
            self.checkpoint.load(resume)


def _sha256(paths: Collection[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        try:
            digest.update(path.read_bytes())
        except OSError as error:
            raise ClipFileError(f"{path}: cannot be read ({error.strerror})") from error
    return digest.hexdigest()
