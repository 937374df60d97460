"""What a person can set on the Live page: the hold time, the voice, their words, the size and the picture."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st

from signcore.dashboard.own_words import ask_own_words
from signcore.dashboard.person import name_is_ones_own, present_name
from signcore.dashboard.review_state import open_store
from signcore.dashboard.session import Session
from signcore.errors import SignError
from signcore.model_results import read_results
from signcore.suggestions import Suggester

SHORTEST_HOLD_S: Final = 0.1
LONGEST_HOLD_S: Final = 1.0


@dataclass(frozen=True)
class LiveChoices:
    """What the page itself needs to know of the settings.

    Attributes:
        spoken: whether each word is to be spoken once it is complete.
        large: whether the page is to be read from the back of a room.
        blind: whether the camera's picture is not to be sent back.
    """

    spoken: bool
    large: bool
    blind: bool


def show_settings(session: Session, *, camera_wanted: bool) -> LiveChoices:
    """Everything that can be set, behind one button.

    Args:
        session: the tab's.
        camera_wanted: whether the camera is chosen, and not a sample.
    """
    with st.popover("Settings", icon=":material/tune:", key="settings"):
        recording = session.recorder.seconds is not None
        hold_s = st.slider(
            "Hold each sign for",
            SHORTEST_HOLD_S,
            LONGEST_HOLD_S,
            session.settings.hold_s,
            step=0.05,
            format="%.2f s",
            key="hold",
            persist_state="session",
            disabled=recording,
            help="Shorter writes faster, longer makes fewer slips."
            + (" A recording keeps its own until it ends." if recording else ""),
        )
        session.set_hold(hold_s)
        spoken = st.toggle("Speak each word", key="speak_words", persist_state="session")
        large = st.toggle("Large, for a projector", key="large", persist_state="session")
        try:
            words = ask_own_words(
                session,
                "Your own words",
                key="own_words",
                help="Names and words that are suggested before all others, and to practise.",
            )
            predictor = session.predictor
            session.suggester = Suggester(_confusions(predictor.model_path, predictor.fingerprint), words)
        except SignError as error:
            st.caption(str(error))
        _ask_own_hand(session)
        session.mirrored = st.toggle("Mirror", value=True, key="mirrored", persist_state="session")
        blind = st.toggle(
            "Send no video back",
            key="blind",
            persist_state="session",
            disabled=session.camera_runs or not camera_wanted,
            help="For a slow link: the hand's outline is drawn here instead of the picture. To be chosen before Start.",
        )
    return LiveChoices(spoken, large, blind)


def _ask_own_hand(session: Session) -> None:
    """Whether what is known of the person's hand is used; nothing where nothing is."""
    name = present_name() if session.settings.keep_recordings else None
    with suppress(SignError):  # the words above have said so
        session.hand.be(open_store(session), name, used=name_is_ones_own())
    session.hand.ask_whether_used("Read my hand as it was learned", where="For practice, too.")
    session.recognizer.calibration = session.hand.in_use


@st.cache_resource(show_spinner=False)
def _confusions(model_path: Path, fingerprint: str) -> dict[tuple[str, str], float]:
    """How often (0..1) the model took the first letter for the second, as its results file says; empty without one."""
    with suppress(SignError):
        results = read_results(model_path, fingerprint)
        if results is not None:
            return {
                (meant, read): count / sum(row)
                for meant, row in zip(results.labels, results.confusion, strict=True)
                for read, count in zip(results.labels, row, strict=True)
                if count and meant != read
            }
    return {}
