"""What is asked and how the hand does, as HTML. No Streamlit in here."""

import json
from html import escape

from signcore.alignment import Difference, Pair
from signcore.feedback import Verdict
from signcore.labels import LETTERS
from signcore.practice import Mode, Moment
from signcore.quiz import Answer, QuizMoment
from signcore.recognizer import Snapshot, Status
from signcore.verification import ACCEPTED_FROM


def card_html(
    moment: Moment,
    mode: Mode,
    snapshot: Snapshot,
    *,
    running: bool,
    sample: bool = False,
    trouble: str | None = None,
    at_s: float = 0.0,
) -> str:
    """The card with the letter that is asked for. Its size never changes, whatever it says.

    The hand's outline goes along as data (`data-hand`), for a stage that draws it in the browser.

    Args:
        moment: of the exercise.
        mode: of the exercise.
        snapshot: what is read.
        running: whether pictures or a sample's hands arrive.
        sample: whether it is a sample, which counts for nobody.
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
        f'<div class="sc-ring" style="--sc-held:{100 * progress:.0f}%">'
        f'<div class="sc-target" data-say>{letter}</div></div>'
        '<div class="sc-asking">'
        f'<div class="sc-prompt">{_prompt(moment)}</div>'
        f'<div class="sc-say" data-say>'
        f"{escape(trouble or _sentence(moment, mode, snapshot, running))}</div>"
        f'<div class="sc-meter" title="How surely this is the letter; it counts from the mark on">'
        f'<i style="width:{100 * probability:.0f}%"></i>'
        f'<b style="left:{100 * ACCEPTED_FROM:.0f}%"><small>counts from here</small></b></div>'
        f'<div class="sc-score">{"Sample" if sample else _score(moment)}</div>'
        "</div></div>"
    )


def quiz_html(moment: QuizMoment, snapshot: Snapshot, *, running: bool, trouble: str | None = None) -> str:
    """The card of a quiz that is answered by signing, of the same size as `card_html`'s.

    Args:
        moment: of the quiz.
        snapshot: what is read.
        running: whether pictures arrive.
        trouble: a sentence about the stream, in place of what to do.
    """
    answer = moment.answer
    if answer is None:
        letter = snapshot.letter if running and snapshot.letter in LETTERS else None
        held, state = snapshot.confidence if letter else 0.0, "open"
        prompt = f'<span class="sc-now">{moment.signed}</span>' if moment.signed else "&nbsp;"
    else:
        letter, held, state = ("✓", 1.0, "done") if answer.right else ("✗", 0.0, "wrong")
        prompt = _letters(answer)
    sentence = escape(trouble or _quiz_sentence(moment, running))
    asked = moment.number + (answer is not None)
    return (
        f'<div class="sc-card sc-practice" data-state="{state if running else "off"}" data-signed="{moment.signed}">'
        f'<div class="sc-ring" style="--sc-held:{100 * held:.0f}%"><div class="sc-target">{letter or "-"}</div></div>'
        '<div class="sc-asking">'
        f'<div class="sc-prompt">{prompt}</div>'
        f'<div class="sc-say" data-say>{sentence}</div>'
        f'<div class="sc-score">{f"{moment.right} of {asked} words read" if asked else "&nbsp;"}</div>'
        "</div></div>"
    )


def answer_html(answer: Answer | None) -> str:
    """What was spelled above what was read, letter by letter; as high without an answer."""
    if answer is None:
        return '<div class="sc-answer"></div>'
    spelled = "".join(_cell(pair.meant, pair) for pair in answer.pairs)
    read = "".join(_cell(pair.read, pair) for pair in answer.pairs)
    return (
        f'<div class="sc-answer"><table class="sc-prompt"><tr><th>Spelled</th>{spelled}</tr>'
        f"<tr><th>You read</th>{read}</tr></table>"
        f"<div data-say>{_verdict(answer)}</div></div>"
    )


def _cell(letter: str | None, pair: Pair) -> str:
    """A letter of the word or of the answer; a dot where the other has one more."""
    return f'<td class="{_mark(pair)}">{escape(letter or "·")}</td>'


def _mark(pair: Pair) -> str:
    return "sc-right" if pair.difference is Difference.NONE else "sc-wrong"


def _letters(answer: Answer) -> str:
    return "".join(
        f'<span class="{_mark(pair)}">{pair.meant}</span>' for pair in answer.pairs if pair.meant is not None
    )


def _verdict(answer: Answer) -> str:
    right = sum(pair.difference is Difference.NONE for pair in answer.pairs)
    return "All right!" if answer.right else f"{right} of {len(answer.word)} letters right."


def _quiz_sentence(moment: QuizMoment, running: bool) -> str:
    if moment.answer is not None:
        read = "".join(pair.read or "" for pair in moment.answer.pairs)
        signed = "" if moment.answer.right or not read else f"You signed {read}: "
        return f"{signed}{_verdict(moment.answer)} The next word comes by itself."
    if not running:
        return "Start the camera: you answer by signing."
    if moment.played_s is None:
        return "Show your hand, and it begins."
    if moment.signed:
        return "Is that all? Hold SPACE. DELETE takes a letter back."
    return "Watch, then spell it. DELETE plays it again, SPACE skips."


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
    return "".join(f'<span class="{_place(moment, i)}">{letter}</span>' for i, letter in enumerate(moment.prompt))


def _place(moment: Moment, index: int) -> str:
    if index == moment.done:
        return "sc-now"
    if index > moment.done:
        return ""
    return "sc-skipped" if index in moment.skipped else "sc-right"


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
