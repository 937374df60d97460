"""What is being read, as HTML: the letter, the state of the window, the text. No Streamlit in here."""

import json
from html import escape
from typing import Final

from signcore.dashboard.charts import label_name
from signcore.dashboard.seats import Wait
from signcore.recognizer import Snapshot, Status

_STATES: Final = {
    Status.NO_HAND: ("away", "No hand in view"),
    Status.COLLECTING: ("collecting", "Collecting frames…"),
    Status.READING: ("reading", "Reading"),
}
_OFF: Final = ("off", "Ready")


def reading_html(
    snapshot: Snapshot, *, running: bool, trouble: str | None = None, recorded_s: float | None = None
) -> str:
    """The card with the letter. Its size never changes, whatever it says.

    The hand's outline goes along as data (`data-hand`: 21 x, y pairs in units of image height; `data-letter`), for a
    stage that draws it in the browser.

    Args:
        snapshot: what is known.
        running: whether pictures or a sample's hands arrive; if not, what the snapshot says about a hand is over.
        trouble: a sentence about the stream, in place of what is read.
        recorded_s: how much has been recorded, seconds; None while nothing is, and while nothing arrives.
    """
    state, words = _STATES[snapshot.status] if running else _OFF
    # A window of pictures without a hand is whole, too.
    buffered = snapshot.buffered if running and snapshot.status is not Status.NO_HAND else 0
    letter = snapshot.letter if running and trouble is None else None
    filled = 100 * buffered / snapshot.window
    rate = f"{snapshot.fps:.0f} fps · {snapshot.latency_ms:.0f} ms" if running else ""
    if recorded_s is not None:
        rate = f"● Recording {recorded_s:.0f} s"
    hand = snapshot.hand.landmarks[:, :2].round(4).tolist() if running and snapshot.hand is not None else None
    tile = "sc-tile" + ("" if letter is None else " sc-sure" if snapshot.sure else " sc-unsure")
    long = " sc-word" if letter is not None and len(letter) > 1 else ""
    return (
        f'<div class="sc-card sc-reading" data-state="{state}" data-letter="{letter or ""}"'
        f' data-sure="{int(snapshot.sure)}" data-hand="{escape(json.dumps(hand))}">'
        f'<div class="{tile}{long}">{label_name(letter) if letter else "-"}</div>'
        '<div class="sc-facts">'
        f'<div class="sc-line"><span class="sc-state">{words}</span><span class="sc-rate">{rate}</span></div>'
        f'<div class="sc-verdict">{_verdict(snapshot, running, trouble)}</div>'
        f'<div class="sc-line"><span class="sc-track"><i style="width:{filled:.0f}%"></i></span>'
        f'<span class="sc-count">{buffered} / {snapshot.window} frames</span></div>'
        "</div></div>"
    )


def text_html(text: str) -> str:
    """The card with what has been written, the newest end always in view."""
    if text:
        written = f'<div class="sc-written">{escape(text)}<span class="sc-caret"></span></div>'
    else:
        written = (
            '<div class="sc-empty">Spell with one hand in the American Sign Language alphabet: '
            "each letter is written here.</div>"
        )
    return (
        '<div class="sc-card sc-text" role="group" aria-label="Transcribed text">'
        f'<div class="sc-scroll">{written}</div></div>'
    )


def _verdict(snapshot: Snapshot, running: bool, trouble: str | None) -> str:
    if trouble is not None:
        return f'<span class="sc-hint" data-say>{escape(trouble)}</span>'
    if not running:
        return '<span class="sc-hint">Start the camera, or play a sample.</span>'
    if snapshot.status is Status.NO_HAND:
        return '<span class="sc-hint">Show one hand to the camera.</span>'
    if snapshot.letter is None or snapshot.runner_up is None:
        return "&nbsp;"
    if snapshot.sure:
        return f"<b>{snapshot.confidence:.0%}</b> sure"
    return f"<b>unsure:</b> {label_name(snapshot.letter)} or {label_name(snapshot.runner_up)}?"


def problem_html(sentence: str) -> str:
    """A sentence about what does not work and what to do."""
    return f'<div class="sc-card sc-problem" role="alert">{escape(sentence)}</div>'


def waiting_html(refusal: str, wait: Wait) -> str:
    """Who is before somebody without a seat and when there may be one, in the camera's place."""
    before = "One person is" if wait.ahead == 1 else f"{wait.ahead} people are"
    return (
        '<div class="sc-blank sc-waiting">'
        f"<b data-say>{'You are next' if wait.ahead == 0 else f'{before} ahead of you'}</b>"
        f"<p>{escape(refusal)} Going by how long cameras run here, it is your turn in <b>{_about(wait.seconds)}</b>. "
        "This page looks by itself and lets you start then.</p>"
        "<p>Meanwhile, play a sample: it needs no camera.</p></div>"
    )


def _about(seconds: float) -> str:
    """A rough time, as one says it."""
    minutes = round(seconds / 60)
    if minutes <= 1:
        return "about a minute"
    return f"about {minutes} minutes" if minutes < 90 else f"about {round(minutes / 60)} hours"


def note_html(*, corrected: bool, own_machine: bool) -> str:
    """What a newcomer wonders about in the first second.

    Args:
        corrected: whether the person's own hand is known.
        own_machine: whether the app is used on the computer that runs it.
    """
    own = " Letters are read as your hand forms them: see Settings." if corrected else ""
    place = "this computer" if own_machine else "the server"
    return (
        '<div class="sc-note">Hold each sign for a moment; the first letter takes about a second. '
        f"Pictures are read on {place} and not kept.{own}</div>"
    )
