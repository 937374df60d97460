"""When each letter of a text was signed, from the events that made the text."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from signcore.transcript import Event, EventKind


@dataclass(frozen=True)
class TimedLetter:
    """A character of the text, spaces included.

    Attributes:
        char: one character.
        start_ms: when its sign began to lead.
        end_ms: when it was written.
        confidence: the probability at that moment, 0..1; 1 for a click.
        runner_up: the second most probable class; None for a click.
    """

    char: str
    start_ms: float
    end_ms: float
    confidence: float
    runner_up: str | None


@dataclass(frozen=True)
class TimedWord:
    """A run of letters without a space: from the first letter's start to the last letter's end."""

    text: str
    start_ms: float
    end_ms: float


# None: a character that was there before the first event, so that nobody knows when it was signed.
_Line = tuple[TimedLetter | None, ...]


def letters(events: Iterable[Event], before: str = "") -> tuple[TimedLetter, ...]:
    """The letters that still stand after all events, each with its time.

    Only the text after each event counts, and for an undo which text comes back, so that events of any kind will do.
    What a click puts in the place of signed letters takes their time.

    Args:
        events: in the order in which they happened.
        before: the text before the first event; its letters have no time and are left out.
    """
    return _timed(_replay(events, before)[0])


def cleared(events: Iterable[Event], before: str = "") -> tuple[TimedLetter, ...]:
    """The letters that stood where the text was cleared, and that no undo brought back; otherwise as `letters`."""
    return _timed(letter for line in _replay(events, before)[1] for letter in line)


def words(timed: Iterable[TimedLetter]) -> tuple[TimedWord, ...]:
    """The words that letters make, in order."""
    return tuple(
        TimedWord("".join(letter.char for letter in run), run[0].start_ms, run[-1].end_ms) for run in _runs(timed)
    )


def common_prefix(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginning."""
    # Nearly every event adds to the end of the text; that needs no loop in Python.
    if other.startswith(one):
        return len(one)
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(other))


def _timed(line: Iterable[TimedLetter | None]) -> tuple[TimedLetter, ...]:
    return tuple(letter for letter in line if letter is not None)


def _replay(events: Iterable[Event], before: str) -> tuple[_Line, list[_Line]]:
    """The line after all events, and those that were cleared."""
    text = before
    line: _Line = (None,) * len(before)
    gone: list[_Line] = []
    # Text and line before each change, and how many lines were cleared by then.
    earlier: list[tuple[str, _Line, int]] = []
    for event in events:
        if event.text == text:
            continue
        undone = None
        if event.kind is EventKind.UNDO:
            undone = next((past for past in reversed(earlier) if past[0] == event.text), None)
        if undone is None:
            earlier.append((text, line, len(gone)))
            if event.kind is EventKind.CLEAR:
                gone.append(line)
            line = _rewritten(text, line, event)
        else:
            while earlier.pop() is not undone:
                pass
            _, line, count = undone
            del gone[count:]
        text = event.text
    return line, gone


def _runs(timed: Iterable[TimedLetter]) -> Iterator[list[TimedLetter]]:
    run: list[TimedLetter] = []
    for letter in timed:
        if not letter.char.isspace():
            run.append(letter)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _rewritten(text: str, line: _Line, event: Event) -> _Line:
    """The line after an event: what is the same at both ends keeps its times."""
    head = common_prefix(text, event.text)
    tail = common_prefix(text[head:][::-1], event.text[head:][::-1])
    removed, kept = line[head : len(line) - tail], line[len(line) - tail :]
    added = event.text[head : len(event.text) - tail]
    start_ms, end_ms = _span(line[:head], removed, kept, event)
    step = (end_ms - start_ms) / max(1, len(added))
    new = tuple(
        TimedLetter(char, start_ms + i * step, start_ms + (i + 1) * step, event.confidence, event.runner_up)
        for i, char in enumerate(added)
    )
    return (*line[:head], *new, *kept)


def _span(head: _Line, removed: _Line, kept: _Line, event: Event) -> tuple[float, float]:
    """When the letters that an event put into the text were signed."""
    if event.label is not None:
        return event.start_ms, event.end_ms
    replaced = [letter for letter in removed if letter is not None]
    if replaced:
        return replaced[0].start_ms, replaced[-1].end_ms
    following = next((letter for letter in kept if letter is not None), None)
    if following is None:
        return event.start_ms, event.end_ms
    previous = head[-1] if head else None
    return (previous.end_ms if previous else following.start_ms), following.start_ms
