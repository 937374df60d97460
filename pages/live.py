"""Live: a camera or a sample on the left, what is read from it on the right."""

import time
from contextlib import suppress
from typing import Final

import streamlit as st

from signcore.dashboard.charts import bars_told, probability_bars
from signcore.dashboard.live_settings import show_settings
from signcore.dashboard.navigation import practice_page
from signcore.dashboard.own_words import words_owner
from signcore.dashboard.parts import (
    NO_CAMERA,
    ONLY_BUTTONS,
    PICTURE_AND_BUTTONS,
    accent,
    announcer,
    copy_button,
    live_chart,
    page_style,
    shared_names_note,
    speak_button,
    stage,
    stage_of_what_is_read,
    time_zone,
)
from signcore.dashboard.person import on_own_machine, person_name
from signcore.dashboard.problems import camera_sentence
from signcore.dashboard.readout import note_html, problem_html, reading_html, text_html
from signcore.dashboard.review_state import JUST_MADE, open_store
from signcore.dashboard.session import Session, ensure_session
from signcore.dashboard.webcam import show_camera, show_refusal, trouble_with_camera, wants_camera
from signcore.dashboard.word_chips import show_chips
from signcore.errors import SignError
from signcore.samples import WORDS, load_samples, spell

REFRESH_S: Final = 0.2


def show_sample(session: Session) -> None:
    """The stage with a recorded word, and what chooses and plays it."""
    place = st.container()
    with st.container(horizontal=True, gap="xsmall"):
        word = st.selectbox(
            "Word or letter",
            [*WORDS, *load_samples()],
            key="word",
            persist_state="session",
            accept_new_options=True,
            label_visibility="collapsed",
            help="Choose one, or type letters of your own.",
        )
        playing = session.player is not None
        # One button for both: two would stand side by side for a moment.
        st.button(
            "Stop" if playing else "Play",
            key="play",
            icon=":material/stop:" if playing else ":material/play_arrow:",
            type="secondary" if playing else "primary",
            width=96,
            on_click=stop if playing else play,
            args=(session,) if playing else (session, word),
        )
    with place:
        if session.player is not None:
            elapsed_s = time.monotonic() - session.player.began_s
            stage(session.player.word, session.player.frames, elapsed_s=elapsed_s, mirrored=session.mirrored)
            return
        try:
            stage(word.upper(), spell(word), elapsed_s=None, mirrored=session.mirrored)
        except SignError as error:
            st.html('<div class="sc-blank"></div>')
            st.html(problem_html(str(error)))


def play(session: Session, word: str) -> None:
    """Play a sample."""
    # A word that cannot be spelled has its sentence on the stage already.
    with suppress(SignError):
        session.play(word)


def stop(session: Session) -> None:
    """Play it no longer."""
    session.stop()


def show_reading(session: Session) -> None:
    """What is known right now; runs several times a second while anything is read."""
    player = session.player
    trouble = None
    running = session.running
    if player is not None:
        player.advance(time.monotonic())
        if player.finished:
            session.stop()
            st.rerun()
    elif running:
        running, trouble = trouble_with_camera(session)
    snapshot = session.recognizer.snapshot
    # A recording begins with the first picture.
    st.html(reading_html(snapshot, running=running, trouble=trouble, recorded_s=session.recorder.seconds or None))
    probabilities = snapshot.probabilities if running else None
    figure = probability_bars(probabilities, accent(), sure_from=session.predictor.threshold)
    live_chart(figure, key="bars", label=bars_told(probabilities))
    st.html(text_html(snapshot.text))
    show_chips(session)


def show_text_actions(session: Session, *, words_spoken: bool) -> None:
    """What a person can do with the text."""
    recognizer = session.recognizer
    with st.container(horizontal=True, gap="xsmall", key="text_actions"):
        st.button("Undo", icon=":material/undo:", on_click=recognizer.undo, width="stretch")
        st.button("Space", icon=":material/space_bar:", on_click=recognizer.space, width="stretch")
        st.button("Clear", icon=":material/backspace:", on_click=recognizer.clear, width="stretch")
        speak_button(words=words_spoken)
        copy_button()
        st.download_button(
            "Save",
            lambda: recognizer.snapshot.text,
            "signcore.txt",
            icon=":material/download:",
            on_click="ignore",
            width="stretch",
        )


def show_recorder(session: Session, *, watched: bool) -> None:
    """What records; runs once a second, is `watched`, while it does."""
    recorder = session.recorder
    if watched and not recorder.busy:
        st.rerun()
    if recorder.stopped_by_itself:
        recorder.end()
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        seconds = recorder.seconds
        if seconds is not None:
            said = f"Stop recording · {seconds:.0f} s" if seconds or session.running else "Stop recording"
            if st.button(said, key="record_stop", icon=":material/stop_circle:"):
                recorder.end()
                st.rerun()
            if not session.running:
                st.caption("It begins with the first picture.", width="content")
            return
        with st.popover("Record", icon=":material/radio_button_checked:"):
            st.caption(
                "Kept on this server: the points of the hand, the probabilities, and what was written. Never a picture."
            )
            try:
                store = open_store(session)
                name = person_name(store)
                if name != words_owner():
                    # The words of whoever it is now, in the settings above.
                    st.rerun()
                shared_names_note()
                if name is not None and st.button("Record", key="record_start", type="primary"):
                    recorder.begin(store, name, session.settings, time_zone())
                    st.rerun()
            except SignError as error:
                st.caption(str(error))
        if recorder.said is not None:
            st.caption(recorder.said, width="content")
        if recorder.kept is not None:
            st.page_link(
                "pages/review.py", label="Review", icon=":material/manage_search:", query_params={JUST_MADE: "1"}
            )


session = ensure_session()
session.read_with(session.recognizer, session.recorder.add)
if not session.may_open_camera:
    session.refusal = session.seats.refusal
with st.container(key="live"):
    left, right = st.columns([0.56, 0.44], gap="medium")
with left:
    with st.container(horizontal=True, vertical_alignment="center", key="controls"):
        wanted = wants_camera("source")
        chosen = show_settings(session, camera_wanted=wanted)
    if session.camera is not None:
        session.camera.mirrored = session.mirrored
    camera_height = (ONLY_BUTTONS if chosen.blind else PICTURE_AND_BUTTONS) if wanted else NO_CAMERA
    page_style(camera_height=camera_height, large=chosen.large)
    with st.container(key="seen"):
        if not wanted:
            show_sample(session)
        elif session.refusal is not None:
            show_refusal(session)
        elif chosen.blind:
            stage_of_what_is_read(mirrored=session.mirrored)
    with st.container(key="camera"):
        if session.refusal is None:
            show_camera(session, wanted=wanted, sends_back=not chosen.blind)
    if wanted and session.problem is not None:
        st.html(problem_html(camera_sentence(session.problem)))
    else:
        st.html(note_html(corrected=session.hand.in_use is not None, own_machine=on_own_machine()))
        with st.container(key="newcomer"):
            st.page_link(practice_page(), label="New to it? Begin with Practice.")
with right:
    # Alone in a container: now and then the browser drops a fragment that ran again before the page's run was over, and
    # puts the next one in place of whatever has moved up.
    with st.container():
        st.fragment(show_reading, run_every=REFRESH_S if session.running else None)(session)
    show_text_actions(session, words_spoken=chosen.spoken)
    if session.settings.keep_recordings:
        with st.container(key="recorder"):
            watched = session.recorder.busy
            st.fragment(show_recorder, run_every=1.0 if watched else None)(session, watched=watched)
announcer()
