"""The parts of the Practice page: what to practise, how it goes, what to do, how the letter is formed."""

import time
from typing import Final

import streamlit as st

from signcore.dashboard.handshape_figure import hand_figure
from signcore.dashboard.own_words import ask_own_words
from signcore.dashboard.parts import live_chart, stage
from signcore.dashboard.practice_card import card_html
from signcore.dashboard.practice_state import Practice
from signcore.dashboard.session import Session
from signcore.dashboard.webcam import trouble_with_camera
from signcore.deck import pairs_to_drill
from signcore.errors import PracticeError
from signcore.handshape import reference
from signcore.practice import SHAPE_GROUPS, Exercise, Mode
from signcore.samples import spell
from signcore.vocabulary import WORD_LISTS

_OWN: Final = "My own words"
_ABOUT: Final = {
    Mode.SPEED: "Sixty seconds, as many letters as you can.",
}
_NEEDED: Final = "What you need most: mixed up, or long not seen"
_LEGEND_PX: Final = {False: 11, True: 16}


def choose(session: Session, practice: Practice, mode: Mode) -> tuple[str | None, tuple[str, ...]]:
    """What this mode needs to know.

    Returns:
        The group of letters to begin with or the pair to drill, None for what is needed most; and the words.

    Raises:
        PracticeError: no words of one's own, or such that cannot be spelled.
    """
    if mode is Mode.LEARN:
        group = st.selectbox(
            "Letters",
            [*SHAPE_GROUPS],
            format_func=lambda name: f"{name}: {' '.join(SHAPE_GROUPS[name])}",
            key="letter_group",
            persist_state="session",
            label_visibility="collapsed",
        )
        return group, ()
    if mode is Mode.DRILL:
        pairs = pairs_to_drill(practice.attempts)
        pair = st.selectbox(
            "Letters",
            ["", *pairs],
            format_func=lambda pair: _told(pair, pairs[pair]) if pair else _NEEDED,
            key="drill_pair",
            persist_state="session",
            label_visibility="collapsed",
        )
        return pair or None, ()
    if mode in _ABOUT:
        st.html(f'<div class="sc-note sc-about">{_ABOUT[mode]}</div>')
        return None, ()
    with st.container(horizontal=True, gap="xsmall"):
        name = st.selectbox(
            "List",
            [*WORD_LISTS, _OWN],
            key="word_list",
            persist_state="session",
            label_visibility="collapsed",
            width=190,
        )
        if name != _OWN:
            return None, WORD_LISTS[name]
        words = ask_own_words(session, "Your own words", key="own_list", label_visibility="collapsed")
    if not words:
        raise PracticeError("Type at least one word to spell.")
    return None, words


def _told(pair: str, times: int) -> str:
    why = {0: "much alike", 1: "mixed up once", 2: "mixed up twice"}.get(times, f"mixed up {times} times")
    return f"{' against '.join(pair)}: {why}"


def show_exercise(session: Session, practice: Practice, exercise: Exercise) -> None:
    """What is asked and how it goes; runs ten times a second while anything is read."""
    trouble = None
    running = session.running
    if session.player is not None:
        session.player.advance(time.monotonic())
        if session.player.finished:
            session.stop()
            st.rerun()
    elif running:
        running, trouble = trouble_with_camera(session)
    practice.save()
    snapshot = practice.recognizer.snapshot
    st.html(
        card_html(
            exercise.moment,
            exercise.mode,
            snapshot,
            running=running,
            sample=session.player is not None,
            trouble=trouble or practice.trouble,
            at_s=practice.stepped_s,
        )
    )


def show_actions(exercise: Exercise, pair: str | None) -> bool:
    """What a person can do by hand, each with a key.

    Args:
        exercise: what is asked.
        pair: the two letters that are drilled against each other, None where all are drilled.

    Returns:
        Whether the hand is to be shown as the one who signs sees it.
    """
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="practice_actions"):
        st.button("Skip", icon=":material/skip_next:", shortcut="s", on_click=exercise.skip)
        st.button("Hint", icon=":material/lightbulb:", shortcut="h", on_click=exercise.hint)
        st.button("Restart", icon=":material/restart_alt:", shortcut="a", on_click=exercise.again)
        shown = st.toggle(
            "Show the hand",
            value=exercise.mode is Mode.LEARN or pair is not None,
            key=f"show_hand_{'pair' if pair else exercise.mode}",
            persist_state="session",
            help="With the hand in view a letter counts as learned, not as remembered.",
        )
        from_behind = st.toggle("From behind", key="from_behind", persist_state="session", help="As you see your own.")
    exercise.show_reference(shown)
    return from_behind


def show_reference(
    session: Session, practice: Practice, exercise: Exercise, pair: str | None, *, from_behind: bool, large: bool
) -> None:
    """How the letter is formed; runs a few times a second.

    Args:
        session: the tab's.
        practice: the tab's.
        exercise: what is asked.
        pair: two letters that are drilled against each other, which are shown side by side; None: the one asked for.
        from_behind: as the one who signs sees the hand.
        large: to be read from the back of a room.
    """
    moment = exercise.moment
    letter = moment.asked or moment.prompt[-1]
    if not moment.helped:
        st.html('<div class="sc-hidden">The hand is hidden. A hint shows it.</div>')
        st.html('<div class="sc-howto">&nbsp;</div>')
        return
    show_hand(session, practice, pair or letter, from_behind=from_behind, large=large)
    st.html(f'<div class="sc-howto">{reference(letter).sentence}</div>')


def show_hand(session: Session, practice: Practice, letters: str, *, from_behind: bool, large: bool) -> None:
    """The typical hands of letters side by side, as in a mirror where the camera's picture is one.

    Args:
        session: the tab's.
        practice: the tab's, which knows with which hand the person signs.
        letters: one or two.
        from_behind: as the one who signs sees them, which no mirror changes.
        large: to be read from the back of a room.
    """
    hand = practice.recognizer.snapshot.hand
    if hand is not None:
        practice.left_handed = hand.handedness == "Left"
    figure = hand_figure(
        *map(reference, letters),
        mirrored=practice.left_handed != (session.mirrored and not from_behind),
        side="signer" if from_behind else "viewer",
        dark=st.context.theme.type == "dark",
        legend_px=_LEGEND_PX[large],
    )
    live_chart(figure, key="reference", label=f"{'Hand' if len(letters) == 1 else 'Hands'} for {' and '.join(letters)}")


def show_sample(session: Session, exercise: Exercise) -> None:
    """A recorded hand that signs what is asked for, without a camera."""
    moment = exercise.moment
    word = moment.prompt[moment.done :] or moment.prompt
    player = session.player
    if player is None:
        stage(word, spell(word), elapsed_s=None, mirrored=session.mirrored)
    else:
        elapsed_s = time.monotonic() - player.began_s
        stage(player.word, player.frames, elapsed_s=elapsed_s, mirrored=session.mirrored)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if player is None:
            st.button("Play", icon=":material/play_arrow:", type="primary", on_click=session.play, args=(word,))
        else:
            st.button("Stop", icon=":material/stop:", on_click=session.stop)
        st.caption("A recorded hand signs it. It does not count as yours.", width="content")
