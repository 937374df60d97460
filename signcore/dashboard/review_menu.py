"""What can be done with a recording under review: keep it, export it, read it once more."""

from functools import partial
from typing import Final

import streamlit as st

from signcore.dashboard.live_settings import LONGEST_HOLD_S, SHORTEST_HOLD_S
from signcore.dashboard.parts import shared_names_note
from signcore.dashboard.person import find_person, person_name
from signcore.dashboard.review_desk import Review, Shelf
from signcore.dashboard.review_reading import Reading, read_again
from signcore.dashboard.review_state import attempt, begin_reading, open_review, open_store
from signcore.dashboard.session import Session
from signcore.errors import StoreError
from signcore.export import ExportFormat, export, file_name
from signcore.predictor import SequencePredictor
from signcore.recording import Recording
from signcore.recording_file import recording_to_bytes

_FORMATS: Final = {
    ExportFormat.TXT: "Text",
    ExportFormat.CSV: "Table",
    ExportFormat.JSON: "Everything",
    ExportFormat.SRT: "Subtitles",
    ExportFormat.VTT: "Subtitles for the web",
    ExportFormat.ELAN: "ELAN",
}


def show_exports(review: Review) -> None:
    """The recording in other formats, with all notes."""
    person = "" if review.shelf is None else review.shelf.person.name
    with st.popover("Export", icon=":material/download:"):
        for form, name in _FORMATS.items():
            st.download_button(
                f"{name} (.{form.value})",
                partial(export, review.recording, form, person),
                file_name(review.title, form),
                form.media_type,
                on_click="ignore",
                width="stretch",
            )
        st.download_button(
            "The recording itself (.parquet)",
            partial(recording_to_bytes, review.own_recording),
            f"{review.title}.parquet",
            "application/vnd.apache.parquet",
            on_click="ignore",
            width="stretch",
        )


def show_keeping(session: Session, review: Review) -> None:
    """Keep the recording for somebody, or rename or delete the one that is kept."""
    if review.shelf is not None:
        _show_kept(review, review.shelf)
        return
    if not session.settings.keep_recordings:
        return
    with st.popover("Keep", icon=":material/save:"):
        try:
            store = open_store(session)
            name = person_name(store)
            shared_names_note()
        except StoreError as error:
            st.caption(f"It cannot be kept: {error}")
            return
        if name is None:
            return
        title = st.text_input("Name of the recording", review.title)
        st.caption("The points of the hand, what was read and the notes are kept on this server, and no picture.")

        def keep() -> None:
            person = find_person(store, name) or store.add_person(name)
            stored = store.upload(person.id, title, recording_to_bytes(review.own_recording))
            review.shelf, review.title = Shelf(store, person, stored), stored.name

        st.button("Keep", key="review_keep", type="primary", on_click=attempt, args=(keep,))


def _show_kept(review: Review, shelf: Shelf) -> None:
    with st.popover("Kept", icon=":material/bookmark:"):
        st.caption(f"For {shelf.person.name}, on this server.")
        title = st.text_input("Name of the recording", review.title)

        def rename() -> None:
            review.title = shelf.store.rename_recording(shelf.person.id, shelf.recording.id, title).name

        def delete() -> None:
            shelf.store.delete_recording(shelf.person.id, shelf.recording.id)
            open_review(None)

        st.button("Rename", on_click=attempt, args=(rename,), disabled=title.strip() == review.title)
        sure = st.checkbox("Delete it and its notes for good")
        st.button("Delete", on_click=attempt, args=(delete,), disabled=not sure)


def show_closing(review: Review) -> None:
    """Close the recording; where notes would be lost, only after a question."""
    if not review.unkept:
        st.button("Close", icon=":material/close:", on_click=open_review, args=(None,))
        return
    with st.popover("Close", icon=":material/close:"):
        st.markdown("Its notes are kept nowhere yet. They are lost when it is closed.")
        st.button("Close and lose the notes", type="primary", on_click=open_review, args=(None,))


def show_reading_again(session: Session, review: Review) -> None:
    """Read the same hands with other settings or another model."""
    with st.popover("Read again", icon=":material/replay:"):
        own = session.settings.model_path
        # The one in use may be called otherwise.
        models = {path.stem: path for path in [*sorted(own.parent.glob("*.onnx")), own]}
        model = st.selectbox(
            "Model", list(models), list(models).index(own.stem), help="What reads the hands; the Model page shows it."
        )
        hold_s = st.slider(
            "Hold each sign for",
            SHORTEST_HOLD_S,
            LONGEST_HOLD_S,
            session.settings.hold_s,
            0.05,
            format="%.2f s",
            help="Shorter writes faster, longer makes fewer slips.",
        )
        threshold = st.slider(
            "Threshold",
            0.05,
            0.95,
            session.settings.threshold,
            0.05,
            help="How probable a letter must be to be written. Lower writes more, higher makes fewer slips.",
        )

        def begin() -> None:
            settings = session.settings.model_copy(update={"hold_s": hold_s, "threshold": threshold})
            predictor = session.predictor
            if models[model] != predictor.model_path:
                predictor = SequencePredictor(models[model])

            def compare(again: Recording) -> None:
                review.again = again

            begin_reading(
                Reading(f"{review.title} again", partial(read_again, review.recording, predictor, settings)), compare
            )

        st.button("Read again", key="review_again", type="primary", on_click=attempt, args=(begin,))


def show_comparison(review: Review) -> None:
    """The recording as it was read first and as it was read again."""
    again = review.again
    if again is None:
        return

    def open_again() -> None:
        new = Review(f"{review.title} again", again)
        # The same hands at the same times.
        for note in review.own_recording.notes:
            new.add_note(note.at_ms, note.text, note.author)
        open_review(new)

    def forget() -> None:
        review.again = None

    with st.container(border=True):
        st.dataframe(review.comparison(), hide_index=True)
        with st.container(horizontal=True):
            st.button("Open the new reading", on_click=open_again)
            st.button("Discard", on_click=forget)
