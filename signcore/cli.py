"""The command line: `python -m signcore transcribe | clips | evaluate | mistakes | practice | setup | handshapes |
train | benchmark`."""

import argparse
import json
import math
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tqdm import tqdm

from signcore import __version__
from signcore.clip_maker import OwnClip, clips_of, find_files, join_own, label_of, other_files
from signcore.clips import read_clips, write_clips
from signcore.command_line import native_lines_left_out, seed_number, typed_command
from signcore.errors import SignError, TrainingError, VideoError
from signcore.evaluation import evaluate, predict_clips, select_clips
from signcore.files import check_new_file, whole_file
from signcore.hand_model import ensure_hand_model
from signcore.handshape_build import build_handshapes, write_handshapes
from signcore.labels import LABELS
from signcore.mistakes import find_mistakes, mistakes_page
from signcore.practice_accuracy import practice_accuracy
from signcore.practice_results import practice_document, practice_table
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer
from signcore.results import results_document, results_table, write_results
from signcore.settings import load_settings
from signcore.video import Transcript, Video, transcribe
from signcore.word_accuracy import word_accuracy, words_table

_FAILED = 2
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, 2 for an error in what was given, 130 when interrupted.

    Args:
        arguments: the words after `python -m signcore`; None: this process's own.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(words)
    options.command_line = typed_command("signcore", words)
    try:
        if getattr(options, "out", None) is not None:
            check_new_file(options.out)
        options.run(options)
    except SignError as error:
        print(f"signcore: {error}", file=sys.stderr)
        return _FAILED
    except KeyboardInterrupt:
        print("signcore: interrupted", file=sys.stderr)
        return _INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m signcore",
        description="Reads the American Sign Language alphabet. The app itself starts with `make run`.",
    )
    parser.add_argument("--version", action="version", version=f"signcore {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    command = commands.add_parser("transcribe", help="read the letters in a video", description=_transcribe.__doc__)
    command.add_argument("video", type=Path, metavar="VIDEO", help="a video of one person spelling")
    command.add_argument("--json", action="store_true", help="text, events, frames and seconds as JSON")
    _add_model_option(command)
    command.set_defaults(run=_transcribe)

    command = commands.add_parser("clips", help="make clips of your own hand", description=_clips.__doc__)
    command.add_argument(
        "places",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="videos and pictures that are called by what they show, B_1.mp4 or B/photo.jpg, or folders of them",
    )
    command.add_argument("--out", type=Path, required=True, metavar="MY_CLIPS.npz", help="where the clips go")
    command.add_argument("--name", default="my hand", help="whose hand it is (default: my hand)")
    command.add_argument("--licence", default="none stated", help="under which the clips may be passed on")
    command.set_defaults(run=_clips)

    command = commands.add_parser("evaluate", help="measure the recogniser on clips", description=_evaluate.__doc__)
    command.add_argument("clips", type=Path, metavar="CLIPS.npz", help="labelled clips of landmarks")
    command.add_argument("--json", action="store_true", help="the results as JSON")
    command.add_argument("--out", type=Path, metavar="FILE", help="write the results there as JSON too")
    command.add_argument("--include-suspect", action="store_true", help="judge clips with doubtful labels too")
    command.add_argument(
        "--source", action="append", default=[], metavar="NAME", help="only sources that begin so; may be repeated"
    )
    command.add_argument("--words", action="store_true", help="measure the text of spelled words too (minutes)")
    _add_model_option(command)
    command.set_defaults(run=_evaluate)

    command = commands.add_parser("mistakes", help="draw the hands it misreads", description=_mistakes.__doc__)
    command.add_argument("clips", type=Path, metavar="CLIPS.npz", help="labelled clips of landmarks")
    command.add_argument("--out", type=Path, required=True, metavar="PAGE.html", help="where the page goes")
    _add_model_option(command)
    command.set_defaults(run=_mistakes)

    command = commands.add_parser("practice", help="measure practice on clips", description=_practice.__doc__)
    command.add_argument("clips", type=Path, metavar="CLIPS.npz", help="labelled clips of landmarks")
    command.add_argument("--json", action="store_true", help="the figures as JSON")
    command.add_argument("--out", type=Path, metavar="FILE", help="write the figures there as JSON too")
    _add_model_option(command)
    command.set_defaults(run=_practice)

    command = commands.add_parser("setup", help="fetch the hand landmark model", description=_setup.__doc__)
    command.set_defaults(run=_setup)

    command = commands.add_parser("handshapes", help="compute typical hands", description=_handshapes.__doc__)
    command.add_argument("--clips", type=Path, required=True, metavar="CLIPS.npz", help="labelled clips of landmarks")
    command.add_argument("--out", type=Path, required=True, metavar="HANDSHAPES.npz", help="where the hands go")
    command.set_defaults(run=_handshapes)

    command = commands.add_parser("train", help="train a recogniser", description=_train.__doc__)
    command.add_argument("--clips", type=Path, required=True, metavar="CLIPS.npz", help="labelled clips of landmarks")
    command.add_argument("--out", type=Path, required=True, metavar="MODEL.onnx", help="where the model goes")
    command.add_argument("--seed", type=seed_number, default=0, help="of all that is random (default: 0)")
    command.add_argument("--resume", type=Path, metavar="FILE", help="go on from a checkpoint")
    command.add_argument("--add", type=Path, metavar="MY_CLIPS.npz", help="learn your own clips as well")
    command.add_argument(
        "--licence", action="append", metavar="NAME", help="only sources of this licence; may be repeated"
    )
    command.add_argument("--quick", action="store_true", help="a few steps, to try the way through")
    command.set_defaults(run=_train)

    command = commands.add_parser("benchmark", help="measure how fast it is", description=_benchmark.__doc__)
    command.add_argument("video", type=Path, nargs="?", metavar="VIDEO", help="of a hand; default: ../shared/media")
    command.add_argument("--json", action="store_true", help="the results as JSON")
    command.add_argument("--quick", action="store_true", help="less of everything, in under two minutes")
    command.set_defaults(run=_benchmark)
    return parser


def _add_model_option(command: argparse.ArgumentParser) -> None:
    command.add_argument("--model", type=Path, metavar="FILE", help="another recogniser than the setting's")


def _transcribe(options: argparse.Namespace) -> None:
    """Read the letters that a person spells in a video."""
    with Video(options.video) as video, native_lines_left_out():
        bar = tqdm(video, total=video.expected_frames, unit=" frames", leave=False, disable=None)
        with Recognizer(SequencePredictor(options.model)) as recognizer:
            found = transcribe(bar, recognizer)
    if video.incomplete is not None:
        print(f"signcore: {video.incomplete}", file=sys.stderr)
    print(json.dumps(asdict(found) | {"incomplete": video.incomplete}) if options.json else _transcript_table(found))


def _transcript_table(found: Transcript) -> str:
    """A transcript for a person to read: the text, and when each change of it was made and how surely."""
    lines = [f"{found.text or '(no letters)'}", ""]
    lines += [
        f"{event.start_ms / 1000:7.2f} s to {event.end_ms / 1000:6.2f} s  {event.label or '':8}{event.kind:11}"
        f"{100 * event.confidence:4.0f} %  {f'or {event.runner_up}' if event.runner_up else ''}".rstrip()
        for event in found.events
    ]
    lines += ["", f"{found.frames} frames, a hand in {found.hand_frames}, {found.seconds:.1f} s"]
    return "\n".join(lines)


def _clips(options: argparse.Namespace) -> None:
    """Make clips of landmarks out of videos and pictures of single letters, to evaluate or to train with."""
    files = find_files(options.places)
    for path in files:
        label_of(path)  # before minutes are spent on the others
    for path in other_files(options.places):
        print(f"signcore: {path}: neither a video nor a picture that can be read", file=sys.stderr)
    hand_model = ensure_hand_model(load_settings().hand_model)
    made: list[OwnClip] = []
    with native_lines_left_out():
        for path in tqdm(files, unit=" files", leave=False, disable=None):
            try:
                found = clips_of(path, hand_model)
            except VideoError as error:  # the others are none the worse for it
                print(f"signcore: {error}", file=sys.stderr)
                continue
            if not found:
                print(f"signcore: {path}: no hand that shows the letter", file=sys.stderr)
            made += found
    if not made:
        raise SignError("no clips: no hand was found in any of the files")
    write_clips(join_own(made, name=options.name, licence=options.licence), options.out)
    count = Counter(clip.label for clip in made)
    print(
        f"{options.out}: {len(made)} clips, " + " ".join(f"{label} {count[label]}" for label in LABELS if count[label])
    )


def _evaluate(options: argparse.Namespace) -> None:
    """Measure the recogniser on a file of labelled clips."""
    clips = read_clips(options.clips)
    chosen = select_clips(clips, include_suspect=options.include_suspect, sources=options.source)
    if handless := clips.handless[chosen].sum():
        print(
            f"signcore: {options.clips.name}: no hand is to be seen in {handless} of {len(chosen)} clips",
            file=sys.stderr,
        )
    predictor = SequencePredictor(options.model)
    document = results_document(
        evaluate(predictor, clips, chosen),
        predictor,
        options.clips,
        command=options.command_line,
        include_suspect=options.include_suspect,
    )
    words = word_accuracy(predictor, clips, chosen) if options.words else None
    if options.words:
        document["words"] = None if words is None else asdict(words)
    if options.out is not None:
        write_results(document, options.out)
    if options.json:
        print(json.dumps(document))
    else:
        print(results_table(document))
        if options.words:
            print(f"\n{words_table(words)}")


def _mistakes(options: argparse.Namespace) -> None:
    """Draw the hands that are misread, source by source, beside the typical hands of both letters."""
    clips = read_clips(options.clips)
    chosen = select_clips(clips)
    answers = predict_clips(SequencePredictor(options.model), clips, chosen, progress="reading").argmax(axis=1)
    mistakes = find_mistakes(clips, chosen, answers)
    try:
        page = mistakes_page(clips, mistakes, command=options.command_line)
        with whole_file(options.out) as part:
            part.write_text(page, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise SignError(f"{options.out}: the page cannot be written ({error.strerror})") from error
    print(f"{options.out}: the {len(mistakes)} commonest mistakes, of {len(chosen)} clips")


def _practice(options: argparse.Namespace) -> None:
    """Measure what practice accepts, which finger it names and what a personal calibration gains."""
    clips = read_clips(options.clips)
    predictor = SequencePredictor(options.model)
    figures = practice_accuracy(predictor, clips, select_clips(clips))
    document = practice_document(figures, predictor, options.clips, command=options.command_line)
    if options.out is not None:
        write_results(document, options.out)
    print(json.dumps(document) if options.json else practice_table(figures))


def _setup(options: argparse.Namespace) -> None:
    """Fetch MediaPipe's hand landmark model, unless it is there, and say where it is. Check settings and recogniser."""
    del options
    settings = load_settings()
    SequencePredictor(settings.model_path, window=settings.window)
    print(ensure_hand_model(settings.hand_model))


def _handshapes(options: argparse.Namespace) -> None:
    """Compute the typical hand of each letter out of many people's clips, and say whose."""
    built = build_handshapes(read_clips(options.clips))
    write_handshapes(built, options.out)
    for letter, used in built.used.items():
        left_out = built.left_out[letter]
        print(f"{letter}: {len(used)} sources" + (f"; left out: {', '.join(left_out)}" if left_out else ""))


def _train(options: argparse.Namespace) -> None:
    """Train a recogniser and save it as ONNX. Needs PyTorch: pip install -r requirements-train.txt."""
    try:
        from signcore.training.train import train
    except ModuleNotFoundError as error:
        raise TrainingError(f"training needs {error.name}: pip install -r requirements-train.txt") from error
    report = train(
        options.clips,
        options.out,
        seed=options.seed,
        resume=options.resume,
        add=options.add,
        licences=options.licence,
        quick=options.quick,
        command=options.command_line,
    )
    if report.doubted is None:
        print(f"{report.out}: taken further with {report.clips} clips, whose labels were not checked.")
    else:
        print(f"{report.out}: trained on {report.clips} clips; {report.doubted} with doubtful labels were left out.")
    if options.add is not None:
        print(f"{report.own} of your {report.own_given} clips are among them.")
    if not math.isnan(report.held_out_accuracy):  # a model that was taken further is not cross-validated again
        print(
            f"Sources it was not trained on: {100 * report.held_out_accuracy:.1f} % right, "
            f"calibration error {report.held_out_ece:.3f}, "
            f"{100 * report.coverage:.1f} % at or above the threshold of {report.threshold:.2f}."
        )


def _benchmark(options: argparse.Namespace) -> None:
    """Measure the chain, the model, the page and the sessions a server holds. Writes benchmarks/results/, and unless
    `--quick` docs/benchmarks.md.
    """
    try:
        from benchmarks.run import benchmark, summary
    except ModuleNotFoundError as error:
        raise SignError(f"the benchmark needs {error.name}, and runs in the project's folder") from error
    document = benchmark(
        options.video,
        quick=options.quick,
        command=options.command_line,
        say=lambda what: print(f"signcore: {what}", file=sys.stderr),
    )
    print(json.dumps(document) if options.json else summary(document))
