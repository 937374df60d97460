"""What can be reviewed: a video, a recording that is kept or in a file, an example."""

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Final

import streamlit as st

from signcore.dashboard.parts import shared_names_note
from signcore.dashboard.person import find_person, person_name
from signcore.dashboard.review_desk import Review, Shelf, plain_title
from signcore.dashboard.review_reading import Reading, read_hands, read_video
from signcore.dashboard.review_state import attempt, begin_reading, open_kept, open_review, open_store
from signcore.dashboard.session import Session
from signcore.recording import Recording
from signcore.recording_upload import receive_recording
from signcore.samples import spell

_EXAMPLE: Final = "QUICK"
_UPLOADS: Final = "review_uploads"


def show_choices(session: Session) -> None:
    """Ask what shall be reviewed.

    Raises:
        StoreError: the recordings that are kept cannot be listed.
    """
    st.header("What to review", anchor=False)
    video, recording, example = st.columns(3, gap="medium")
    with video, st.container(border=True, height="stretch"):
        st.subheader("A video", anchor=False)
        _uploader("mp4, webm or mov", ["mp4", "webm", "mov"], partial(_read_video, session))
        st.caption("It is read here and thrown away; only the points of the hand stay, until the review is closed.")
    with example, st.container(border=True, height="stretch"):
        st.subheader("An example", anchor=False)
        st.caption(f"A recorded hand that spells {_EXAMPLE}. Nothing needs to be chosen.")
        st.button("Open the example", type="primary", on_click=_read_example, args=(session,), width="stretch")
    with recording, st.container(border=True, height="stretch"):
        st.subheader("A recording", anchor=False)
        _uploader("A recording file", ["parquet"], _open_file)
        _show_shelf(session)


def _uploader(label: str, types: list[str], use: Callable[[BytesIO], None]) -> None:
    """An uploader that gives its file away at once and forgets it."""
    number = st.session_state.setdefault(_UPLOADS, 0)
    key = f"review_{types[0]}_{number}"

    def uploaded() -> None:
        file = st.session_state[key]
        if file is not None:
            content = BytesIO(file.getvalue())
            content.name = file.name
            # Streamlit keeps an upload for as long as its widget is on the page; from now on there is another one.
            st.session_state[_UPLOADS] = number + 1
            attempt(partial(use, content))

    st.file_uploader(label, type=types, key=key, on_change=uploaded)


def _read_video(session: Session, content: BytesIO) -> None:
    title = plain_title(content.name)
    reading = Reading(title, partial(read_video, content, session.predictor, session.settings))
    begin_reading(reading, partial(_open, reading))


def _read_example(session: Session) -> None:
    frames = spell(_EXAMPLE)
    reading = Reading(f"Example {_EXAMPLE}", partial(read_hands, frames, session.predictor, session.settings))
    begin_reading(reading, partial(_open, reading))


def _open(reading: Reading, recording: Recording) -> None:
    open_review(Review(reading.title, recording, remark=reading.progress.remark))


def _open_file(content: BytesIO) -> None:
    open_review(Review(plain_title(content.name), receive_recording(content.getvalue())))


def _show_shelf(session: Session) -> None:
    if not session.settings.keep_recordings:
        st.caption("This server keeps no recordings.")
        return
    store = open_store(session)
    name = person_name(store)
    shared_names_note()
    if name is None:
        return
    person = find_person(store, name)
    kept = () if person is None else store.recordings(person.id)
    if person is None or not kept:
        st.caption("Nothing is kept under this name yet.")
        return
    chosen = st.selectbox(
        "Recording",
        kept,
        format_func=lambda one: f"{one.name} · {one.seconds:.0f} s · {one.text.strip() or 'no text'}",
    )
    take = partial(open_kept, Shelf(store, person, chosen))
    st.button("Open the recording", on_click=attempt, args=(take,), width="stretch")
