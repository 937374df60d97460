"""Review: a recording frame by frame, with the reason for every letter that was written."""

from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO
from typing import Any, Final

import streamlit as st

from signcore.dashboard.parts import page_style
from signcore.dashboard.readout import problem_html
from signcore.dashboard.review_desk import Review, Shelf, plain_title
from signcore.dashboard.review_parts import viewer
from signcore.dashboard.review_reading import Reading, read_hands, read_video
from signcore.dashboard.session import Session, ensure_session
from signcore.errors import SignError
from signcore.export import ExportFormat, export, file_name
from signcore.recording import Author
from signcore.recording_file import recording_to_bytes
from signcore.recording_upload import receive_recording
from signcore.samples import spell
from signcore.store import Person, Store

REVIEW: Final = "review"
READING: Final = "review_reading"
TROUBLE: Final = "review_trouble"
EXAMPLE: Final = "QUICK"
REFRESH_S: Final = 0.4
NEW: Final = "new"
LOOK: Final = "Look closely"
READ_BACK: Final = "Read it back"
FORMATS: Final = {
    ExportFormat.TXT: "Text",
    ExportFormat.CSV: "Table",
    ExportFormat.JSON: "Everything",
    ExportFormat.SRT: "Subtitles",
    ExportFormat.VTT: "Subtitles for the web",
    ExportFormat.ELAN: "ELAN",
}


@st.cache_resource(show_spinner=False)
def open_store(_session: Session) -> Store:
    """The people and recordings of this server."""
    return Store.open(_session.settings)


def attempt(what: Callable[[], None]) -> None:
    """Do something for a click; what keeps it from being done is said on the page."""
    try:
        what()
    except SignError as error:
        st.session_state[TROUBLE] = str(error)


def begin(reading: Reading) -> None:
    """Show a reading until it is done."""
    st.session_state[READING] = reading


def begin_video(session: Session, key: str) -> None:
    """Read the video that was put into an uploader."""
    upload = st.session_state[key]
    if upload is None:
        return
    # The widget keeps the upload for as long as it lives: the next one has another key, and this one is forgotten.
    content = BytesIO(upload.getvalue())
    content.name = upload.name
    st.session_state[NEW] = st.session_state.get(NEW, 0) + 1
    begin(Reading(plain_title(upload.name), partial(read_video, content, session.predictor, session.settings)))


def begin_example(session: Session) -> None:
    """Read the example."""
    begin(Reading(f"Example {EXAMPLE}", partial(read_hands, spell(EXAMPLE), session.predictor, session.settings)))


def open_file(key: str) -> None:
    """Review the recording that was put into an uploader."""
    upload = st.session_state[key]
    if upload is None:
        return
    st.session_state[NEW] = st.session_state.get(NEW, 0) + 1
    st.session_state[REVIEW] = Review(plain_title(upload.name), receive_recording(upload.getvalue()))


def show_choices(session: Session) -> None:
    """What can be reviewed."""
    new = st.session_state.get(NEW, 0)
    video, recording, example = st.columns(3, gap="medium")
    with video, st.container(border=True, height="stretch"):
        st.markdown("**A video**")
        key = f"review_video_{new}"
        st.file_uploader(
            "mp4, webm or mov",
            type=["mp4", "webm", "mov"],
            key=key,
            on_change=attempt,
            args=(partial(begin_video, session, key),),
        )
        st.caption("It is read here and thrown away; only the points of the hand stay, until this is closed.")
    with recording, st.container(border=True, height="stretch"):
        st.markdown("**A recording**")
        show_shelf(session)
        key = f"review_file_{new}"
        st.file_uploader(
            "A recording file", type=["parquet"], key=key, on_change=attempt, args=(partial(open_file, key),)
        )
    with example, st.container(border=True, height="stretch"):
        st.markdown("**An example**")
        st.caption(f"A recorded hand that spells {EXAMPLE}. Nothing needs to be chosen.")
        st.button("Open the example", type="primary", on_click=begin_example, args=(session,), width="stretch")


def choose_person(store: Store) -> Person | None:
    """Whose recordings; the same choice on every page of the tab."""
    people = {person.name: person for person in store.people()}
    if not people:
        return None
    name = st.selectbox("Person", list(people), key="review_person", persist_state="session")
    return people.get(name)


def show_shelf(session: Session) -> None:
    """The recordings that are kept on this server."""
    store = open_store(session)
    person = choose_person(store)
    kept = () if person is None else store.recordings(person.id)
    if person is None or not kept:
        st.caption("Nobody has kept a recording yet." if person is None else "No recordings yet.")
        return
    chosen = st.selectbox(
        "Recording",
        kept,
        format_func=lambda stored: f"{stored.name} · {stored.seconds:.0f} s · {stored.text.strip() or 'no text'}",
    )

    def take() -> None:
        st.session_state[REVIEW] = Review(
            chosen.name, store.load(person.id, chosen.id), shelf=Shelf(store, person, chosen)
        )

    st.button("Open", on_click=attempt, args=(take,), width="stretch")


def show_reading(reading: Reading) -> None:
    """How far a video has been read; runs until it is."""
    progress = reading.progress
    if reading.finished:
        st.session_state[READING] = None
        if not progress.cancelled.is_set():
            attempt(lambda: finish(reading))
        st.rerun()
    if progress.expected is None:
        st.progress(0.0, f"{reading.title}: {progress.done} frames")
    else:
        share = min(1.0, progress.done / progress.expected)
        st.progress(share, f"{reading.title}: {progress.done} of {progress.expected} frames")
    st.button("Cancel", on_click=cancel, args=(reading,))


def finish(reading: Reading) -> None:
    """Review what has been read."""
    st.session_state[REVIEW] = Review(reading.title, reading.result, remark=reading.progress.remark)


def cancel(reading: Reading) -> None:
    """Read no further."""
    reading.cancel()
    st.session_state[READING] = None


def close() -> None:
    """Forget the recording."""
    st.session_state[REVIEW] = None


def show_review(session: Session, review: Review) -> None:
    """The recording, and what can be done with it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(review.title, anchor=False, width="content")
        mode = st.segmented_control(
            "Mode", [LOOK, READ_BACK], default=LOOK, key="review_mode", required=True, label_visibility="collapsed"
        )
        meant = ""
        if mode == LOOK:
            meant = st.text_input(
                "Meant", key="review_meant", placeholder="What was meant?", label_visibility="collapsed", width=200
            )
        mirrored = st.toggle("Mirror", key="review_mirrored")
        show_exports(review)
        show_keeping(session, review)
        st.button("Close", icon=":material/close:", on_click=close)
    if review.remark is not None:
        st.html(problem_html(review.remark))
    if mode == READ_BACK:
        show_reading_back(review)

    def note(said: Mapping[str, Any]) -> None:
        attempt(lambda: review.add_note(float(said["at"]), str(said["text"]), Author(said["author"])))

    def remove(number: float) -> None:
        attempt(lambda: review.remove_note(int(number)))

    viewer(review, meant=meant, blind=mode == READ_BACK, mirrored=mirrored, on_note=note, on_remove=remove)


def show_exports(review: Review) -> None:
    """The recording in other formats."""
    with st.popover("Export", icon=":material/download:"):
        for form, name in FORMATS.items():
            st.download_button(
                f"{name} ({form.value})",
                partial(export, review.recording, form),
                file_name(review.title, form),
                form.media_type,
                on_click="ignore",
                width="stretch",
            )
        st.download_button(
            "Recording (parquet)",
            lambda: recording_to_bytes(review.own_recording),
            f"{review.title}.parquet",
            "application/vnd.apache.parquet",
            on_click="ignore",
            width="stretch",
        )


def show_keeping(session: Session, review: Review) -> None:
    """Keep the recording for somebody."""
    if review.shelf is not None:
        st.caption(f"Kept for {review.shelf.person.name}", width="content")
        return
    with st.popover("Keep", icon=":material/save:"):
        store = open_store(session)
        names = [person.name for person in store.people()]
        name = st.selectbox("Whose is it?", names, index=None, accept_new_options=True, placeholder="A name")
        title = st.text_input("Name of the recording", review.title)
        st.caption("The points of the hand, what was read and the notes are kept on this server, and no picture.")

        def keep() -> None:
            known = {person.name: person for person in store.people()}
            person = known.get(name or "") or store.add_person(name or "")
            stored = store.upload(person.id, title, recording_to_bytes(review.own_recording))
            review.shelf = Shelf(store, person, stored)
            review.title = stored.name

        st.button("Keep", key="keep", type="primary", on_click=attempt, args=(keep,), disabled=not name)


def show_reading_back(review: Review) -> None:
    """Ask what was spelled and say how much of it was right."""
    guess = st.text_input("What was spelled?", key="review_guess", placeholder="Play the hand, then type what you read")
    if not guess.strip():
        return
    pairs = review.alignment(guess)
    wrong = sum(pair.meant != pair.read for pair in pairs)
    text = review.recording.text.strip()
    right = len(text) - sum(pair.read is not None and pair.meant != pair.read for pair in pairs)
    st.markdown(
        f"**{right} of {len(text)} letters.** It says **{text}**."
        if wrong
        else f"**All {len(text)} letters.** It says **{text}**."
    )


session = ensure_session()
page_style()
trouble = st.session_state.pop(TROUBLE, None)
if trouble is not None:
    st.html(problem_html(trouble))
reading = st.session_state.get(READING)
review = st.session_state.get(REVIEW)
if reading is not None:
    st.fragment(show_reading, run_every=REFRESH_S)(reading)
elif review is not None:
    show_review(session, review)
else:
    try:
        show_choices(session)
    except SignError as error:
        st.html(problem_html(str(error)))
