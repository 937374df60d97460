"""What is asked and how the hand does, as HTML. No Streamlit in here."""

import json
from html import escape

from signcore.alignment import Difference
from signcore.feedback import Verdict
from signcore.practice import Mode, Moment
from signcore.quiz import Answer
from signcore.recognizer import Snapshot, Status
from signcore.verification import ACCEPTED_FROM


def card_html(
    moment: Moment, mode: Mode, snapshot: Snapshot, *, running: bool, trouble: str | None = None, at_s: float = 0.0
) -> str:
    """The card with the letter that is asked for. Its size never changes, whatever it says.

    The hand's outline goes along as data (`data-hand`), for a stage that draws it in the browser.

    Args:
        moment: of the exercise.
        mode: of the exercise.
        snapshot: what is read.
        running: whether pictures or a sample's hands arrive.
        trouble: a sentence about the stream, in place of the feedback.
        at_s: when this was known, seconds since 1970; travels as data, so that a test can measure the delay.
    """
    hand = snapshot.hand.landmarks[:, :2].round(4).tolist() if running and snapshot.hand is not None else None
    state = _state(moment, running and trouble is None)
    letter = "✓" if state == "done" else moment.asked or "-"
    progress = 1.0 if state == "done" else moment.verification.progress if running else 0.0
    probability = moment.feedback.probability if running and moment.asked else 0.0
    return (
        f'<div class="sc-card sc-practice" data-state="{state}" data-asked="{moment.asked or ""}" data-letter=""'
        f' data-at="{1000 * at_s:.0f}" data-hand="{escape(json.dumps(hand))}">'
        f'<div class="sc-ring" style="--sc-held:{100 * progress:.0f}%"><div class="sc-target">{letter}</div></div>'
        '<div class="sc-asking">'
        f'<div class="sc-prompt">{_prompt(moment)}</div>'
        f'<div class="sc-say" role="status" aria-live="polite">'
        f"{escape(trouble or _sentence(moment, mode, snapshot, running))}</div>"
        f'<div class="sc-meter" title="How surely this is the letter; it counts from the mark on">'
        f'<i style="width:{100 * probability:.0f}%"></i><b style="left:{100 * ACCEPTED_FROM:.0f}%"></b></div>'
        f'<div class="sc-score">{_score(moment)}</div>'
        "</div></div>"
    )


def answer_html(answer: Answer | None) -> str:
    """What was spelled, with the letters that were read and those that were not; as high without an answer."""
    if answer is None:
        return '<div class="sc-answer"></div>'
    letters = "".join(
        f'<span class="{"sc-right" if pair.difference is Difference.NONE else "sc-wrong"}">{pair.meant}</span>'
        for pair in answer.pairs
        if pair.meant is not None
    )
    right = sum(pair.difference is Difference.NONE for pair in answer.pairs)
    words = "All right!" if answer.right else f"{right} of {len(answer.word)} letters."
    return f'<div class="sc-answer" role="status"><div class="sc-prompt">{letters}</div><div>{words}</div></div>'


def _state(moment: Moment, reading: bool) -> str:
    if moment.finished:
        return "finished"
    if moment.asked is None:
        return "done"
    if not reading:
        return "off"
    return moment.feedback.verdict.name.lower()


def _prompt(moment: Moment) -> str:
    if len(moment.prompt) == 1:
        return '<span class="sc-now">Sign this letter</span>' if moment.asked else "&nbsp;"
    return "".join(
        f'<span class="{"sc-right" if i < moment.done else "sc-now" if i == moment.done else ""}">{letter}</span>'
        for i, letter in enumerate(moment.prompt)
    )


def _sentence(moment: Moment, mode: Mode, snapshot: Snapshot, running: bool) -> str:
    if moment.finished:
        return f"{moment.letters} letters in a minute. Best row: {moment.best_streak}."
    if moment.asked is None:
        return "Well done!" if len(moment.prompt) > 1 else "Good!"
    if not running:
        return "Start the camera, or play a sample."
    if snapshot.status is Status.COLLECTING:
        return "Hold it…"
    if moment.feedback.verdict is Verdict.NO_HAND and mode is Mode.SPEED and moment.letters == 0:
        return "The clock starts when your hand is in view."
    return moment.feedback.sentence


def _score(moment: Moment) -> str:
    parts = [f"{moment.letters} signed", f"{moment.streak} in a row"]
    if moment.remaining_s is not None:
        parts.append(f"{moment.remaining_s:.0f} s left")
    return " · ".join(parts)
