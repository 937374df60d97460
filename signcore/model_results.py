"""The results and cross-validation files beside a model, read and checked, for the Model page and the model card."""

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from signcore.errors import SignError
from signcore.metrics import Acceptance, LetterScore, ReliabilityBin
from signcore.word_accuracy import WordResult

OWN_HAND_FILE: Final = "own_hand.json"
RESULTS_FILE: Final = "results.json"
CROSSVAL_FILE: Final = "crossval.json"
# A model's own file gives its temperature with four digits.
_TEMPERATURE_STEP: Final = 1e-4
_Document = TypeVar("_Document", bound=BaseModel)


class OtherModelError(SignError):
    """Results that are of another model than the one they lie beside."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Score(_Frozen):
    """How some clips were read; shares 0..1, None where there was nothing to count."""

    clips: int
    macro: float | None
    macro_still: float | None
    moving: dict[str, float | None]


class Measured(Score):
    """How all clips, or those of one source, were read, class by class, and how far its confidence can be trusted."""

    ece: float
    coverage_at_99: float | None
    threshold_at_99: float | None
    confusion: list[list[int]]
    per_letter: dict[str, LetterScore]


class NamedFile(_Frozen):
    """A file that was measured, or measured with, known by its hash."""

    file: str
    sha256: str


class Results(Measured):
    """What `python -m signcore evaluate --out` wrote: `signcore.results.results_document`."""

    command: str
    date: str
    model: NamedFile
    clip_file: NamedFile
    labels: list[str]
    per_source: dict[str, Measured]
    reliability: list[ReliabilityBin]
    accepted: Acceptance
    mirrored: Score
    fps: dict[int, Score]
    noise: Score
    dropped: Score | None
    words: WordResult | None = None

    @model_validator(mode="after")
    def _square(self) -> Self:
        classes = len(self.labels)
        everything: list[Measured] = [self, *self.per_source.values()]
        for measured in everything:
            if [len(row) for row in measured.confusion] != [classes] * classes:
                raise ValueError(f"expected a confusion matrix of {classes} x {classes}")
        return self


class NoLetter(_Frozen):
    """How hands that sign no letter were read by a net that had seen none of that source's.

    Attributes:
        source: whose hands.
        label: what the source calls them: NOTHING, or a DELETE that is not ours.
        clips: how many.
        nothing: the share that was read as NOTHING, 0..1.
        accepted: the share that was read as a letter at or above the threshold, 0..1.
    """

    source: str
    label: str
    clips: int
    nothing: float
    accepted: float


class CrossValidation(_Frozen):
    """How sources were read by nets that were trained on all the others.

    Attributes:
        macro_of_sources: the mean over the sources of their macro accuracy over the still letters, 0..1.
        macro_undoubted: the same without the doubted clips.
        per_source: that of each source, left out in turn.
        moving: the share of J and of Z that were read right, over all sources.
        no_letter: hands that sign no letter, source by source.
        temperature: the one with the least cross-entropy on these readings.
        ece: the expected calibration error at it.
        threshold: the top probability from which answers are right 99 times in 100, doubted clips aside: with them the
            fit ends near the highest probability that there is, where a clear letter hovers about it.
        coverage: the share of clips, doubted ones aside, above it.
        clips: how many were read.
        doubted: clips that no net learnt from, because other sources' nets read them as another letter. They are read.
        training_data_sha256: of the clip file.
        created: ISO date and time.
        command: what the user typed.
    """

    macro_of_sources: float
    macro_undoubted: float
    per_source: dict[str, float]
    moving: dict[str, float | None]
    no_letter: list[NoLetter]
    temperature: float
    ece: float
    threshold: float
    coverage: float
    clips: int
    doubted: int
    training_data_sha256: str
    created: str
    command: str


class Taught(_Frozen):
    """How one model reads a person's clips that it was not taught: letters, and text where words can be spelled.

    `others` is how it reads the other people's letters.
    """

    macro: float
    cer: float | None
    others: float


class OwnHandGain(_Frozen):
    """One person whom the model had never seen, and what a few clips of each class changed."""

    person: str
    samples: int
    shipped: Taught
    corrected: Taught
    trained: Taught


class OwnHand(_Frozen):
    """What `python -m signcore.training own-hand` wrote: what the model gains by being taught one's own hand."""

    command: str
    date: str
    model: NamedFile
    people: list[OwnHandGain] = Field(min_length=1)


def read_results(model_path: Path, fingerprint: str) -> Results | None:
    """The results of a model, from a `results*.json` beside it; None where there is none.

    Args:
        model_path: the model's file.
        fingerprint: `SequencePredictor.fingerprint`.

    Raises:
        OtherModelError: results.json is of another model, and so are all others; the message says which.
        SignError: results.json is no such document.
    """
    return _read_own(
        model_path.with_name(RESULTS_FILE), Results, lambda found: _measured_with_another(found.model, fingerprint)
    )


def read_own_hand(model_path: Path, fingerprint: str) -> OwnHand | None:
    """What a model gains by being taught one's own hand, from an `own_hand*.json` beside it; None where there is none.

    Args:
        model_path: the model's file.
        fingerprint: `SequencePredictor.fingerprint`.

    Raises:
        OtherModelError: own_hand.json is of another model, and so are all others; the message says which.
        SignError: own_hand.json is no such document.
    """
    return _read_own(
        model_path.with_name(OWN_HAND_FILE), OwnHand, lambda found: _measured_with_another(found.model, fingerprint)
    )


def read_crossval(model_path: Path, metadata: Mapping[str, str]) -> CrossValidation | None:
    """The cross-validation of a model, from a `crossval*.json` beside it; None where there is none.

    It belongs to the model when both were made from the same clips and the model has the temperature that it found.

    Args:
        model_path: the model's file.
        metadata: what it says about itself.

    Raises:
        OtherModelError: crossval.json is of another model, and so are all others.
        SignError: crossval.json is no such document.
    """
    temperature = math.nan
    with suppress(ValueError):
        temperature = float(metadata.get("temperature", "nan"))

    def made_for_another(found: CrossValidation) -> str | None:
        same_clips = metadata.get("training_data_sha256") == found.training_data_sha256
        same = same_clips and abs(temperature - found.temperature) < _TEMPERATURE_STEP
        return None if same else "made for another model"

    return _read_own(model_path.with_name(CROSSVAL_FILE), CrossValidation, made_for_another)


def _read_own(path: Path, kind: type[_Document], why_not: Callable[[_Document], str | None]) -> _Document | None:
    """The document at `path`, or at one whose name begins like it, that nothing speaks against."""
    for each in sorted(path.parent.glob(f"{path.stem}*.json")):
        with suppress(SignError):
            return _checked(each, kind, why_not)
    return _checked(path, kind, why_not) if path.exists() else None


def _checked(path: Path, kind: type[_Document], why_not: Callable[[_Document], str | None]) -> _Document:
    found = _read(path, kind)
    reason = why_not(found)
    if reason is not None:
        raise OtherModelError(f"{path.name}: {reason}")
    return found


def _measured_with_another(model: NamedFile, fingerprint: str) -> str | None:
    return None if model.sha256 == fingerprint else f"measured with another model file ({model.file})"


def _read(path: Path, kind: type[_Document]) -> _Document:
    try:
        return kind.model_validate_json(path.read_bytes())
    except OSError as error:
        raise SignError(f"{path.name}: cannot be read ({error})") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SignError(f"{path.name}: damaged, {place + ': ' if place else ''}{first['msg']}") from error
