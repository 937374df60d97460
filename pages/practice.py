"""Practice: letters are asked for; the camera on the left, what to do and how it goes on the right."""

from typing import Final

import streamlit as st

from signcore.dashboard.calibration_panel import show_calibration
from signcore.dashboard.parts import (
    NO_CAMERA,
    PICTURE_AND_BUTTONS,
    announcer,
    page_style,
    practice_style,
    shared_names_note,
)
from signcore.dashboard.person import person_name
from signcore.dashboard.practice_panels import choose, show_actions, show_exercise, show_reference, show_sample
from signcore.dashboard.practice_state import Practice, current_practice
from signcore.dashboard.problems import camera_sentence
from signcore.dashboard.progress_panel import MODE_KEY, show_progress
from signcore.dashboard.quiz_panel import choose_speed, show_quiz_actions, show_signing, show_spelling, show_typing
from signcore.dashboard.readout import problem_html
from signcore.dashboard.review_state import open_store
from signcore.dashboard.session import Session, ensure_session
from signcore.dashboard.webcam import show_camera, show_refusal, wants_camera
from signcore.errors import SignError
from signcore.practice import Mode

# An answer is on the page within 150 ms of the snapshot; docs/practice.md says how that is measured.
REFRESH_S: Final = 0.1
REFERENCE_S: Final = 0.3
PROGRESS: Final = "Progress"
MY_HAND: Final = "My hand"
MODES: Final = {mode.value.capitalize(): mode for mode in Mode}


def show_head(session: Session, practice: Practice) -> tuple[Mode | None, bool, bool, bool]:
    """Which exercise, by whom, and how.

    Returns:
        The mode, None for the progress and the calibration; whether it is the latter; whether signs are commands;
        whether it is to be read from the back of a room.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="practice_head"):
        mode = st.segmented_control(
            "Mode",
            [*MODES, PROGRESS, MY_HAND],
            default="Learn",
            key=MODE_KEY,
            required=True,
            persist_state="session",
            label_visibility="collapsed",
            wrap=True,
        )
        with st.popover("Options", icon=":material/tune:", key="practice_options"):
            try:
                practice.store = open_store(session)
                if session.settings.keep_recordings:
                    practice.be(person_name(practice.store), anew=mode == PROGRESS)
                    shared_names_note()
                else:
                    practice.be(None)
                    st.caption("This server keeps nothing: progress lasts as long as this tab.")
            except SignError as error:
                practice.trouble = str(error)
            session.mirrored = st.toggle("Mirror", value=True, key="mirrored", persist_state="session")
            large = st.toggle("Large, for a projector", key="large", persist_state="session")
            hands_free = st.toggle(
                "Hands-free",
                key="hands_free",
                persist_state="session",
                help="Hold the sign SPACE for a second to skip or to begin again, DELETE for a hint. "
                "The quiz is answered by signing.",
            )
    practice_style(large=large)
    practice.calibrates = mode == MY_HAND
    practice.use_calibration()
    return MODES.get(mode), mode == MY_HAND, hands_free, large


session = ensure_session()
practice = current_practice(session)
session.read_with(practice.recognizer, practice.step)
if not session.may_open_camera:
    session.refusal = session.seats.refusal
mode, calibrates, hands_free, large = show_head(session, practice)
beside = mode is not None or calibrates
left, right = st.columns([0.48, 0.52], gap="medium") if beside else (st.container(), st.container())
exercise = quiz = trouble = pair = None
with right:
    try:
        if mode is not None:
            choice, words = choose(session, practice, mode)
            if mode is Mode.QUIZ:
                quiz = practice.ask_quiz(words)
                quiz.hands_free = hands_free
            else:
                exercise = practice.ask(mode, choice, words)
                pair = choice if mode is Mode.DRILL else None
                exercise.hands_free = hands_free
    except SignError as error:
        trouble = str(error)
with left:
    # Hands-free, the quiz is answered into the camera.
    watched = mode is Mode.QUIZ and not hands_free
    wanted = calibrates or (mode is Mode.QUIZ and hands_free)
    if mode is not None and mode is not Mode.QUIZ:
        wanted = wants_camera("practice_source")
    page_style(camera_height=PICTURE_AND_BUTTONS if wanted else NO_CAMERA)
    with st.container():
        if watched and quiz is not None:
            show_spelling(quiz.moment, choose_speed())
        elif exercise is not None and not wanted:
            show_sample(session, exercise)
        elif wanted and session.refusal is not None:
            show_refusal(session)
    with st.container(key="camera"):
        if session.camera is not None:
            session.camera.mirrored = session.mirrored
        if session.refusal is None:
            show_camera(session, wanted=wanted, sends_back=True)
    if wanted and session.problem is not None:
        st.html(problem_html(camera_sentence(session.problem)))
with right:
    if trouble is not None:
        st.html(problem_html(trouble))
    elif exercise is not None:
        with st.container():
            st.fragment(show_exercise, run_every=REFRESH_S if session.running else None)(session, practice, exercise)
        from_behind = show_actions(exercise, pair)
        with st.container():
            st.fragment(show_reference, run_every=REFERENCE_S if session.running else None)(
                session, practice, exercise, pair, from_behind=from_behind, large=large
            )
    elif quiz is not None and watched:
        show_typing(practice, quiz)
    elif quiz is not None:
        spelled = quiz.moment
        show_spelling(spelled, choose_speed())
        with st.container():
            st.fragment(show_signing, run_every=REFRESH_S if session.running else None)(
                session, practice, quiz, spelled
            )
        show_quiz_actions(quiz)
    elif calibrates:
        show_calibration(session, practice, large=large)
    else:
        show_progress(practice)
announcer()
