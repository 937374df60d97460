"""The quiz: a hand spells a word, and the person says what it was."""

import time

import streamlit as st

from signcore.dashboard.parts import stage
from signcore.dashboard.practice_card import answer_html
from signcore.dashboard.practice_state import Practice
from signcore.quiz import FASTEST, SLOWEST
from signcore.samples import spell


def show_spelling(practice: Practice, word: str, speed: float) -> None:
    """The hand that spells the word, once it is played."""
    if practice.quiz_played_s is None:
        st.html('<div class="sc-blank sc-quiz">Press Play, and read.</div>')
    else:
        stage("", spell(word, speed), elapsed_s=time.monotonic() - practice.quiz_played_s, mirrored=False)


def choose_speed() -> float:
    """How fast the word is spelled, letters a second."""
    return st.slider(
        "Letters a second", SLOWEST, FASTEST, 1.0, 0.25, format="%.2f", key="quiz_speed", persist_state="session"
    )


def show_answer(practice: Practice) -> None:
    """Where the person answers, and how right that was."""
    typed = st.text_input(
        "What was spelled?",
        key=f"quiz_answer_{practice.quizzes}",
        disabled=practice.quiz_began_s is None or practice.answer is not None,
        placeholder="Type what you read",
    )
    practice.answer_quiz(typed)
    practice.save()
    answered = practice.answer is not None
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            "Play" if practice.quiz_played_s is None else "Play again",
            icon=":material/play_arrow:",
            type="secondary" if answered else "primary",
            shortcut="p",
            on_click=practice.play_quiz,
        )
        st.button(
            "Next word" if answered else "Skip",
            icon=":material/skip_next:",
            type="primary" if answered else "secondary",
            shortcut="n",
            on_click=practice.next_quiz,
        )
    st.html(answer_html(practice.answer))
