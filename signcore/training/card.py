"""The model card: Hugging Face's form, every figure read from the files that commands wrote."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Final, TypeVar

from signcore.errors import SignError, TrainingError
from signcore.features import GRID_FPS
from signcore.model_results import (
    CrossValidation,
    NoLetter,
    OtherModelError,
    OwnHand,
    Results,
    read_crossval,
    read_own_hand,
    read_results,
)
from signcore.model_sources import TrainingSource, measured_sources, read_sources, unlicensed_share
from signcore.predictor import SequencePredictor
from signcore.settings import SHIPPED_MODEL
from signcore.training.export import write_whole
from signcore.word_accuracy import WordResult

_METADATA: Final = ("training_data_sha256", "feature_version", "created", "command")
# What stands for the files that a training read; a checkpoint nobody else has.
_FILES: Final = {"--clips": "CLIPS.npz", "--add": "MY_CLIPS.npz", "--resume": ""}
_MIT: Final = "MIT"
_Document = TypeVar("_Document")

_TEMPLATE: Final = """---
license: other
license_name: mixed-sources
language: ase
library_name: onnx
pipeline_tag: other
tags:
  - sign-language
  - fingerspelling
  - hand-landmarks
  - lstm
---

<!-- Written by `python -m signcore.training card`. Change signcore/training/card.py, not this file. -->

# Letters of American fingerspelling from hand landmarks

{file} reads one letter of the American manual alphabet from {window} frames of
hand landmarks, {seconds:.2f} s at {fps} Hz. It recognises fingerspelling. It does not translate American Sign Language,
which has a grammar, a face and two hands.

- **Input** `features` float32 (batch, sequence, 63): what `signcore.features.window_features` makes of MediaPipe hand
  landmarks; all zeros for a frame with no hand. Both axes are free; it was trained on sequences of {window}.
- **Output** `probabilities` float32 (batch, 29): A to Z, SPACE, DELETE, NOTHING, of the last frame. They sum to 1; the
  temperature is inside.
- **Inside** {nets} nets: each an encoder of single frames, a causal LSTM, a head that sees both. The first reads every
  window; where it thinks of a J or a Z, all are averaged if the finger tips move, and both letters suppressed if not.
- {megabytes:.1f} MB, feature version {feature_version}, made {created}, SHA-256 `{sha256}`.
- Below a top probability of {threshold} an answer is better withheld.

SPACE is a flat hand held level, DELETE a bent hand that points down, as in the Kaggle ASL Alphabet. NOTHING is no hand,
a hand that signs no letter, and the way from one letter to the next. P is read with the index finger from level to
straight down, Q from just below level down, so that people who hold them higher than most are read too; M and N are
read both upright and with the fingers pointing down.

## How well it reads

{measured}

{crossval}

## Taught one's own hand

{own_hand}

## Trained on

{trained} clips of {sources} sources. A source is one signer or a few; none names its signers. Where a source states no
licence, all rights are reserved: the weights are shipped, the clips are not. {licence_note}
The code that trained and runs the model is under the MIT licence; what the sources' licences mean for the weights is
not settled, so check before you pass them on.

| source | licence | clips |
|---|---|---|
{source_rows}

{licence_clean}

SHA-256 of the clips, file after file: `{data_sha256}`. Left out: clips that an audit marked as suspect, letters that a
source signs unlike every other, J and Z that do not move, {audit}

## Make it again

```
pip install -r requirements-train.txt
{again}
python -m signcore.training crossval --clips CLIPS.npz{licences} --out models/crossval{mark}.json
python -m signcore evaluate HELD_OUT.npz{chosen} --words --out models/results{mark}.json
python -m signcore.training own-hand HELD_OUT.npz --clips CLIPS.npz{chosen} --out models/own_hand{mark}.json
python -m signcore.training card{chosen}
```

Under an hour on two CPU cores; a GPU is used where there is one. `--resume models/checkpoints/{stem}.pt` goes on after
an interruption. `--add MY_CLIPS.npz` teaches the model that `--out` names your own hand, in minutes.

## What it cannot do, and who is missing

- No source is known to be a native Deaf signer. Hearing learners form letters more carefully, more slowly and less
  fluently than people who sign every day. Do not use it to judge anybody's signing.
- Ages, skin tones, hands with fewer fingers and cameras are not recorded in any source, so nobody can say for whom it
  is worse. It sees landmarks only; MediaPipe's own errors come on top.
- U, V and R differ by a small gap; M, N, S, T, A and E by a thumb that MediaPipe has to guess; K and P, G and Q by
  orientation alone.
- SPACE rests on two signers and DELETE on one. Hands that rest, point or scratch are rare in the data: hands that sign
  no letter were made up from two that do, and some of the real ones may still be read as letters.
- The sources were recorded letter by letter: the ways between letters were made from pairs of them, not seen.
"""


def card_path(model: Path) -> Path:
    """Where a model's card belongs: the shipped model's is what is read first in its folder, others bear their name."""
    return model.with_name("README.md" if model.name == SHIPPED_MODEL.name else f"{model.stem}.md")


def write_card(model: Path, out: Path) -> None:
    """Write the card of a model from its own metadata and the results and cross-validation beside it.

    What lies there but is of another model counts as not there. The model beside it that was trained on sources with an
    MIT licence alone has the same name with `_mit` at its end.

    Raises:
        ModelContractError: not one of our models.
        TrainingError: a model that does not say what it was trained on, or the card cannot be written.
        SignError: a results file that cannot be read.
    """
    predictor = SequencePredictor(model)
    metadata = predictor.metadata
    sources = _sources(predictor)
    unlicensed = unlicensed_share(sources)
    again, shipped = _again(metadata["command"]), model.name == SHIPPED_MODEL.name
    results = _own(lambda: read_results(model, predictor.fingerprint))
    text = _TEMPLATE.format(
        file=model.name,
        stem=model.stem,
        window=predictor.window,
        seconds=predictor.window / GRID_FPS,
        fps=GRID_FPS,
        nets=metadata.get("nets", "several"),
        megabytes=model.stat().st_size / 1e6,
        feature_version=metadata["feature_version"],
        created=metadata["created"][:10],
        sha256=predictor.fingerprint,
        threshold=f"{predictor.threshold:.2f}",
        measured=_measured(results, metadata),
        crossval=_cross_validated(_own(lambda: read_crossval(model, metadata))),
        own_hand=_own_hand(_own(lambda: read_own_hand(model, predictor.fingerprint))),
        trained=f"{sum(source.clips for source in sources):,}",
        sources=len(sources),
        licence_note=f"{unlicensed:.0%} of the clips are of such sources." if unlicensed else "",
        source_rows="\n".join(f"| {each.name} | {each.licence} | {each.clips:,} |" for each in sources),
        licence_clean=_licence_clean(results, model.with_name(f"{model.stem}_mit{model.suffix}")),
        data_sha256=metadata["training_data_sha256"],
        audit=_audit(metadata.get("base_sha256")),
        again=shlex.join(again),
        licences="".join(f" {shlex.join(pair)}" for pair in pairwise(again) if pair[0] == "--licence"),
        chosen="" if shipped else f" --model models/{model.name}",
        mark="" if shipped else f"_{model.stem}",
    )
    write_whole(out, text.encode())


def _sources(predictor: SequencePredictor) -> tuple[TrainingSource, ...]:
    """Every source that the model was trained on, out of metadata that has all the rest."""
    missing = [key for key in _METADATA if key not in predictor.metadata]
    if missing:
        raise TrainingError(
            f"{predictor.model_path.name}: expected metadata {', '.join(_METADATA)}, found no {', no '.join(missing)}"
        )
    try:
        return read_sources(predictor.metadata)
    except SignError as error:
        raise TrainingError(f"{predictor.model_path.name}: {error}") from None


def _audit(base: str | None) -> str:
    """What became of clips with doubtful labels, as the end of a list of what was left out."""
    if base is None:
        return "and clips whose label nets of the other sources doubt."
    return (
        "and, when the model was new, clips\nwhose label nets of the other sources doubt. It was taken further from "
        f"the model with the SHA-256\n`{base}`, with clips whose labels nobody doubted; the SHA-256 above is of those."
    )


def _again(command: str) -> list[str]:
    """The command that trained a model, for people who have neither its checkpoint nor its folders."""
    try:
        words = shlex.split(command)
    except ValueError:  # nothing that this program recorded
        words = command.split()
    again: list[str] = []
    rest = iter(part for word in words for part in (word.split("=", 1) if word.startswith("--") else [word]))
    for word in rest:
        if word in _FILES:
            next(rest, None)
            again += [word, _FILES[word]] if _FILES[word] else []
        else:
            again.append(word)
    return again


def _own(read: Callable[[], _Document | None]) -> _Document | None:
    """What was read, unless it is of another model."""
    with suppress(OtherModelError):
        return read()
    return None


def _measured(results: Results | None, metadata: Mapping[str, str]) -> str:
    if results is None:
        command = "python -m signcore evaluate CLIPS.npz --words --out models/results.json"
        return f"This file has not been measured yet: `{command}`."
    rows = [
        f"| {name} | {source.clips:,} | {_share(source.macro_still)} | {_share(source.moving.get('J'))} | "
        f"{_share(source.moving.get('Z'))} | {source.ece:.3f} |"
        for name, source in results.per_source.items()
    ]
    accepted = results.accepted
    return "\n".join(
        [
            f"On {results.clips:,} clips of {measured_sources(metadata, results.per_source)}, on {results.date}, by",
            f"`{results.command}`. Per letter, with the confusion matrix: in the file that it wrote, and on the app's "
            "Model page.",
            "",
            "| source | clips | still letters, macro | J | Z | calibration error |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
            f"Mirrored: {_share(results.mirrored.macro_still)} of the still letters, as recorded: "
            f"{_share(results.macro_still)}. At {accepted.threshold:.2f} and above it accepts "
            f"{_share(accepted.coverage)} of the clips, and of these {_share(accepted.precision)} are right.",
            f"Calibration error over all clips: {results.ece:.3f}. Coverage at 99 % precision: "
            f"{_share(results.coverage_at_99)} over all of them; the reliability diagram is on the Model page.",
            *_spelled(results.words),
        ]
    )


def _spelled(words: WordResult | None) -> list[str]:
    """Character error rates, a column for each number of letters a second; nothing where they were not measured."""
    if words is None:
        return []
    rows = {
        "this model": words.cer,
        **{f"of {name}": rates for name, rates in words.per_source.items()},
        "rule: 8 of 12 answers equal": words.eight_of_twelve,
        "rule: 60 equal answers": words.sixty_equal,
    }
    return [
        "",
        "Character errors (letters to insert, remove or change, for every letter spelled) of words joined from these",
        "clips, beside two simple rules on the same answers:",
        "",
        "| " + " | ".join(["text", *(f"{speed} a second" for speed in words.cer)]) + " |",
        "|---" * (1 + len(words.cer)) + "|",
        *("| " + " | ".join([name, *(_share(rate) for rate in rates.values())]) + " |" for name, rates in rows.items()),
        "",
        "Still letters of these words that are the first answer once they have been held for 0.3 s: "
        + "; ".join(
            f"{name} " + ", ".join(f"{_share(rate)} at {speed} a second" for speed, rate in rates.items())
            for name, rates in {"all sources": words.prompt, **words.prompt_per_source}.items()
        )
        + ".",
    ]


def _licence_clean(results: Results | None, model: Path) -> str:
    """What is lost by training on sources with an MIT licence alone, as the model does that lies there."""
    clean = None
    if model.is_file():
        predictor = SequencePredictor(model)
        if {source.licence for source in _sources(predictor)} == {_MIT}:
            clean = _own(lambda: read_results(model, predictor.fingerprint))
    if results is None or clean is None or clean.clip_file != results.clip_file:
        return f"It has not been compared with one that is trained on sources with an {_MIT} licence alone."
    unread = " and ".join(f"no {label}" for label, row in clean.per_letter.items() if row.right == 0)
    return (
        f"`{clean.model.file}` was trained on the sources with an {_MIT} licence alone. It reads "
        f"{f'{unread}, and ' if unread else ''}{_share(clean.macro)} of the letters of the same clips "
        f"(`{clean.command}`), against {_share(results.macro)}. `SIGNCORE_MODEL_PATH` chooses it."
    )


def _cross_validated(crossval: CrossValidation | None) -> str:
    if crossval is None:
        return "It has not been cross-validated yet: `python -m signcore.training crossval`."
    rows = [f"| {name} | {_share(share)} |" for name, share in sorted(crossval.per_source.items())]
    return "\n".join(
        [
            f"Cross-validation: each of {len(crossval.per_source)} training sources left out in turn, one net by a "
            "shorter schedule each,",
            f"{crossval.clips:,} clips, by `{crossval.command}`. Mean over the sources: "
            f"{_share(crossval.macro_of_sources)} of the still letters; J {_share(crossval.moving.get('J'))}, "
            f"Z {_share(crossval.moving.get('Z'))}.",
            f"Calibration error {crossval.ece:.3f}. From {crossval.threshold:.2f} on, 99 of 100 answers about "
            f"undoubted clips are right; {_share(crossval.coverage)} of those reach it. No net learnt from the "
            f"{crossval.doubted} clips whose labels are doubted, but they are in the other figures; without them "
            f"the mean is {_share(crossval.macro_undoubted)}.",
            *_no_letter(crossval.no_letter, crossval.threshold),
            "",
            "| source left out | still letters, macro |",
            "|---|---|",
            *rows,
        ]
    )


def _no_letter(rows: Sequence[NoLetter], threshold: float) -> list[str]:
    """Hands that sign no letter, of sources left out."""
    return [
        f"{each.clips} hands of {each.source} that sign no letter ({each.label} there): "
        f"{_share(each.nothing)} are read as NOTHING, {_share(each.accepted)} as a letter at {threshold:.2f} or "
        "above."
        for each in rows
    ]


def _own_hand(results: OwnHand | None) -> str:
    """What a few clips of one's own gain."""
    if results is None:
        return "It has not been measured what that gains: `python -m signcore.training own-hand`."
    rows = [
        "| "
        + " | ".join(
            [
                each.person,
                str(each.samples),
                *(_share(taught.macro) for taught in (each.shipped, each.corrected, each.trained)),
                *(_share(taught.cer) for taught in (each.shipped, each.corrected, each.trained)),
                *(_share(taught.others) for taught in (each.shipped, each.trained)),
            ]
        )
        + " |"
        for each in results.people
    ]
    return "\n".join(
        [
            "Each person of the file above plays the part of a user: a few clips of every class are that user's own,",
            f"the others are read. On {results.date}, by `{results.command}`.",
            "*My hand* is the correction that the Practice page learns from them, *trained on* is `train --add`.",
            "Letters are means over the alphabet, character errors are of words at two letters a second, and the last",
            "two columns are the letters of the other people. Clips of one person are alike, so a hand that is filmed",
            "on another day gains less.",
            "",
            "| person | own clips of each | letters, as shipped | *My hand* | trained on | "
            "character errors, as shipped | *My hand* | trained on | others, as shipped | trained on |",
            "|---|---|---|---|---|---|---|---|---|---|",
            *rows,
        ]
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
