"""The part of the Practice page in which a person's own hand is learned, used, and forgotten again."""

import json
from collections.abc import Sequence
from html import escape
from typing import Final

import streamlit as st

from signcore.calibrator import CalibrationMoment
from signcore.dashboard.practice_panels import show_hand
from signcore.dashboard.practice_state import Practice
from signcore.dashboard.readout import problem_html
from signcore.dashboard.session import Session
from signcore.handshape import reference
from signcore.labels import STILL_LETTERS
from signcore.settings import SHIPPED_MODEL

FIGURES: Final = SHIPPED_MODEL.with_name("practice.json")
REFRESH_S: Final = 0.1
REFERENCE_S: Final = 0.3


def show_calibration(session: Session, practice: Practice, *, large: bool) -> None:
    """What there is of a calibration, and the way to one; `large`: to be read from the back of a room."""
    if practice.calibrator is not None:
        with st.container():
            st.fragment(_show_gathering, run_every=REFRESH_S if session.running else None)(session, practice)
        with st.container(horizontal=True, gap="xsmall", key="practice_actions"):
            st.button("Skip", icon=":material/skip_next:", shortcut="s", on_click=practice.calibrator.skip)
            st.button("Stop", icon=":material/stop:", on_click=practice.stop_calibrating)
        with st.container():
            st.fragment(_show_letter, run_every=REFERENCE_S if session.running else None)(
                session, practice, large=large
            )
        return
    st.markdown("**Does it misread your letters?** Show it each of them three times, and it learns how you form them.")
    st.caption(f"Two minutes. It is yours alone and changes nothing for others. {_gain()}".strip())
    hand = practice.hand
    if hand.outdated:
        st.html(problem_html("The recogniser has changed since it learned your hand: show it your letters again."))
    if hand.calibration is not None:
        hand.ask_whether_used(
            f"Read my hand with it ({len(hand.calibration.letters)} letters)", where="On the Live page, too."
        )
        practice.use_calibration()
        if hand.calibration.held_out is not None:
            before, after = hand.calibration.held_out
            st.caption(
                f"Of your own samples, each left out once: {before:.0%} read right without it, {after:.0%} with it."
            )
        if not hand.calibration.trusted:
            st.html(problem_html("Your samples do not agree with each other. Show it your letters again."))
    with st.container(horizontal=True, gap="xsmall"):
        again = hand.outdated or hand.calibration is not None
        st.button(
            "Again" if again else "Begin",
            key="calibrate",
            # Before it the camera's Start is to be pressed.
            type="primary" if session.running else "secondary",
            on_click=practice.begin_calibrating,
        )
        if again:
            with st.popover("Forget it", icon=":material/delete:"):
                st.markdown("To have it back, every letter is shown again: two minutes. It cannot be undone.")
                st.button("Forget my hand", type="primary", on_click=practice.forget_calibration)
    if practice.trouble is not None:
        st.caption(practice.trouble)


def _show_gathering(session: Session, practice: Practice) -> None:
    calibrator = practice.calibrator
    if calibrator is None:
        return
    if calibrator.moment.letter is None:
        practice.finish_calibrating()
        st.rerun()
    st.html(moment_html(calibrator.moment, running=session.running))


def _show_letter(session: Session, practice: Practice, *, large: bool) -> None:
    """How the letter that is to be held is formed; runs a few times a second."""
    letter = None if practice.calibrator is None else practice.calibrator.moment.letter
    if letter is not None:
        show_hand(session, practice, letter, from_behind=False, large=large)
        st.html(f'<div class="sc-howto">{reference(letter).sentence}</div>')


def moment_html(moment: CalibrationMoment, *, running: bool) -> str:
    """The letter to hold, how far its sample is, and how many letters are behind; always of one size."""
    sentence = moment.sentence if running else "Start the camera."
    return (
        f'<div class="sc-card sc-practice" data-asked="{moment.letter or ""}">'
        f'<div class="sc-ring" style="--sc-held:{100 * moment.progress:.0f}%">'
        f'<div class="sc-target" data-say>{moment.letter or "✓"}</div></div>'
        '<div class="sc-asking">'
        f'<div class="sc-prompt">{"●" * moment.taken}{"○" * (3 - moment.taken)}</div>'
        f'<div class="sc-say" data-say>{escape(sentence)}</div>'
        f'<div class="sc-meter"><i style="width:{100 * moment.done / len(STILL_LETTERS):.0f}%"></i></div>'
        f'<div class="sc-score">{moment.done} of {len(STILL_LETTERS)} letters</div>'
        "</div></div>"
    )


@st.cache_data(show_spinner=False)
def _gain() -> str:
    """What a calibration has gained for others, out of the file of practice figures; "" without one."""
    try:
        sources = json.loads(FIGURES.read_text(encoding="utf-8"))["sources"].values()
        gains = [(each["uncalibrated"], each["calibrated"]) for each in sources if each["calibrated"] is not None]
        before, after = (_listed([each[i] for each in gains]) for i in (0, 1))
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    signers = "one signer" if len(gains) == 1 else f"{len(gains)} signers"
    told = f"Of {signers} that it had never seen it read {before} of the letters right before, and {after} with it."
    return told if gains else ""


def _listed(shares: Sequence[float]) -> str:
    """Shares of 0..1 as one says them: 97, 89 and 73 %."""
    percents = [f"{100 * share:.0f}" for share in shares]
    return f"{' and '.join(filter(None, [', '.join(percents[:-1]), *percents[-1:]]))} %"
