"""The quiz: a hand spells a word, and the person types what it was, or signs it."""

import time
from dataclasses import replace

import streamlit as st

from signcore.dashboard.parts import focus_on, stage
from signcore.dashboard.practice_card import answer_html, quiz_html
from signcore.dashboard.practice_state import Practice
from signcore.dashboard.session import Session
from signcore.dashboard.webcam import trouble_with_camera
from signcore.quiz import FASTEST, SLOWEST, Quiz, QuizMoment
from signcore.samples import spell


def show_spelling(moment: QuizMoment, speed: float) -> None:
    """The hand that spells the word, once it is played."""
    with st.container(key="quiz_stage"):
        if moment.played_s is None:
            st.html('<div class="sc-blank sc-quiz">Press Play, and read.</div>')
        else:
            stage("", spell(moment.word, speed), elapsed_s=time.monotonic() - moment.played_s, mirrored=False)


def choose_speed() -> float:
    """How fast the word is spelled, letters a second."""
    return st.slider(
        "Letters a second", SLOWEST, FASTEST, 1.0, 0.25, format="%.2f", key="quiz_speed", persist_state="session"
    )


def show_typing(practice: Practice, quiz: Quiz) -> None:
    """Where the person types the answer, and how right that was."""
    moment = quiz.moment
    typed = st.text_input(
        "What was spelled?",
        key=f"quiz_answer_{moment.number}",
        disabled=moment.began_s is None or moment.answer is not None,
        placeholder="Type what you read",
    )
    quiz.reply(typed)
    practice.save()
    if quiz.moment.answer is not None and moment.answer is None:
        st.rerun()  # the field is closed, so that keys are no letters any more
    show_quiz_actions(quiz)
    st.html(answer_html(quiz.moment.answer))
    if quiz.moment.answer is not None:
        # The field that had it is closed.
        focus_on(".st-key-quiz_next button", turn=quiz.moment.number)


def show_signing(session: Session, practice: Practice, quiz: Quiz, spelled: QuizMoment) -> None:
    """What the person has signed as the answer, and how right it was; runs several times a second.

    Args:
        session: the tab's.
        practice: the tab's.
        quiz: what is asked.
        spelled: what the rest of the page shows; it runs again when another word, or the same again, is spelled, and
            when there is an answer.
    """
    running, trouble = trouble_with_camera(session) if session.running else (False, None)
    practice.save()
    moment = quiz.moment
    snapshot = practice.recognizer.snapshot
    st.html(quiz_html(moment, snapshot, running=running, trouble=trouble or practice.trouble))
    if replace(moment, signed="") != replace(spelled, signed=""):
        st.rerun()


def show_quiz_actions(quiz: Quiz) -> None:
    """What a person can do by hand, each with a key."""
    answered = quiz.moment.answer is not None
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            "Play" if quiz.moment.played_s is None else "Play again",
            icon=":material/play_arrow:",
            type="secondary" if answered else "primary",
            shortcut="p",
            on_click=quiz.play,
        )
        st.button(
            "Next word" if answered else "Skip",
            icon=":material/skip_next:",
            type="primary" if answered else "secondary",
            shortcut="n",
            key="quiz_next",
            on_click=quiz.skip,
        )
