"""What can be done with a recording under review: keep it, export it, read it once more."""

from contextlib import suppress
from functools import partial
from typing import Final

import streamlit as st

from signcore.calibration import Calibration
from signcore.dashboard.live_settings import LONGEST_HOLD_S, SHORTEST_HOLD_S
from signcore.dashboard.parts import shared_names_note
from signcore.dashboard.person import find_person, name_is_ones_own, person_name, present_name
from signcore.dashboard.review_desk import Review, Shelf
from signcore.dashboard.review_reading import Reading, read_again, settings_of
from signcore.dashboard.review_state import attempt, begin_reading, open_review, open_store
from signcore.dashboard.session import Session
from signcore.errors import SignError, StoreError
from signcore.export import ExportFormat, export, file_name
from signcore.names import as_markdown
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
        st.caption(f"For {as_markdown(shelf.person.name)}, on this server.")
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
        read_by = review.recording.manifest.model
        model = st.selectbox(
            "Model",
            list(models),
            list(models).index(read_by if read_by in models else own.stem),
            help="What reads the hands; the Model page shows it.",
        )
        read_with = settings_of(review.recording, session.settings)
        hold_s = st.slider(
            "Hold each sign for",
            SHORTEST_HOLD_S,
            LONGEST_HOLD_S,
            read_with.hold_s,
            0.05,
            format="%.2f s",
            help="Shorter writes faster, longer makes fewer slips.",
        )
        threshold = st.slider(
            "Threshold",
            0.05,
            0.95,
            min(max(read_with.threshold, 0.05), 0.95),
            0.05,
            help="How probable a letter must be to be written. Lower writes more, higher makes fewer slips.",
        )
        calibration = _own_hand(session, review) if review.recording.manifest.calibrated else None
        if review.recording.manifest.calibrated:
            st.caption(
                "It was read with *My hand*, which is not known here: letters may change for that alone."
                if calibration is None
                else "It was read with *My hand*, and is again, with the model that it was learned for."
            )

        def begin() -> None:
            settings = read_with.model_copy(update={"hold_s": hold_s, "threshold": threshold})
            predictor = session.predictor
            if models[model] != predictor.model_path:
                predictor = SequencePredictor(models[model])
            fits = calibration is not None and calibration.model == predictor.fingerprint

            def compare(again: Recording) -> None:
                review.again = again

            read = partial(read_again, review.recording, predictor, settings, calibration=calibration if fits else None)
            begin_reading(Reading(f"{review.title} again", read), compare)

        st.button("Read again", key="review_again", type="primary", on_click=attempt, args=(begin,))


def _own_hand(session: Session, review: Review) -> Calibration | None:
    """How the hand of whoever signed forms letters; of a recording that is not kept, of whoever looks at it."""
    with suppress(SignError):  # then it is not known
        if review.shelf is not None:
            return review.shelf.store.calibration(review.shelf.person.id)
        if session.settings.keep_recordings:
            session.hand.be(open_store(session), present_name(), used=name_is_ones_own())
        return session.hand.calibration
    return None


def show_way_back(review: Review) -> None:
    """From a new reading to the first one."""
    first = review.first
    if first is None:
        return

    def back() -> None:
        open_review(first)
        review.back_to(first)

    st.button(
        "Back to the first reading", icon=":material/arrow_back:", type="tertiary", on_click=attempt, args=(back,)
    )


def show_comparison(review: Review) -> None:
    """The recording as it was read first and as it was read again."""
    again = review.again
    if again is None:
        return

    def forget() -> None:
        review.again = None

    with st.container(border=True):
        st.dataframe(review.comparison(), hide_index=True)
        with st.container(horizontal=True):
            st.button("Open the new reading", on_click=lambda: open_review(review.reread(again)))
            st.button("Discard", on_click=forget)
