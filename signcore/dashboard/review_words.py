"""What the engine thought, in words. No Streamlit in here."""

from collections.abc import Iterable

from signcore.alignment import Difference, Pair
from signcore.dashboard.charts import label_name
from signcore.labels import NOTHING
from signcore.transcript import Event, EventKind, Reason


def event_sentence(event: Event) -> str:
    """What happened and why, as "Wrote U: held, ahead for 0.13 s, 98 %; next was R"."""
    what = _what(event)
    if event.label is None:
        return what if event.reason is Reason.CLICKED else f"{what}: {event.reason}"
    lead_s = (event.end_ms - event.start_ms) / 1000
    rest = f"{event.reason}, ahead for {lead_s:.2f} s, {event.confidence:.0%}"
    next_best = (
        "" if event.runner_up is None or event.runner_up == NOTHING else f"; next was {label_name(event.runner_up)}"
    )
    return f"{what}: {rest}{next_best}"


def _what(event: Event) -> str:
    name = "" if event.label is None else label_name(event.label)
    match event.kind:
        case EventKind.LETTER:
            return f"Wrote {name}"
        case EventKind.REPLACE:
            return f"Wrote {name} in place of the letter it began as"
        case EventKind.SPACE:
            return "Wrote a space"
        case EventKind.DELETE:
            return "Took a letter back"
        case EventKind.SUGGESTION:
            return "A suggestion was taken"
        case EventKind.UNDO:
            return "The last change was undone"
        case EventKind.CLEAR:
            return "The text was cleared"
        case EventKind.REJECTED:
            return f"Did not write {name}"


def changes_told(pairs: Iterable[Pair]) -> str:
    """Where the second of two texts differs from the first, as "I → A, C gone, S new"."""
    return ", ".join(_change(pair) for pair in pairs if pair.difference is not Difference.NONE)


def clock(t_ms: float) -> str:
    """Minutes, seconds and tenths: 1:02.5."""
    tenths = round(t_ms / 100)
    return f"{tenths // 600}:{tenths // 10 % 60:02}.{tenths % 10}"


def _change(pair: Pair) -> str:
    first, second = ("␣" if char == " " else char for char in (pair.meant, pair.read))
    if first is None:
        return f"{second} new"
    return f"{first} gone" if second is None else f"{first} → {second}"
