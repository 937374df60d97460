"""Review: a recording frame by frame, with the reason for every letter that was written."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import streamlit as st

from signcore.alignment import as_spelled
from signcore.dashboard.parts import page_style
from signcore.dashboard.readout import problem_html
from signcore.dashboard.review_choices import show_choices
from signcore.dashboard.review_desk import Review
from signcore.dashboard.review_menu import (
    show_closing,
    show_comparison,
    show_exports,
    show_keeping,
    show_reading_again,
    show_way_back,
)
from signcore.dashboard.review_parts import viewer, warm_up
from signcore.dashboard.review_reading import Reading
from signcore.dashboard.review_state import (
    JUST_MADE,
    attempt,
    cancel_reading,
    current_reading,
    current_review,
    end_reading,
    open_kept,
    take_trouble,
)
from signcore.dashboard.session import Session, ensure_session
from signcore.errors import SignError
from signcore.names import as_markdown
from signcore.recording import Author

REFRESH_S: Final = 0.4
LOOK: Final = "Look closely"
READ_BACK: Final = "Read it back"


def show_reading(reading: Reading) -> None:
    """How far a reading is; runs several times a second until it is done."""
    if reading.finished:
        end_reading()
        st.rerun()
    progress, title = reading.progress, as_markdown(reading.title)
    if progress.done == 0:
        # Others may be before it.
        st.progress(0.0, f"{title}: waiting for its turn")
    elif progress.expected is None:
        st.progress(0.0, f"{title}: {progress.done} frames")
    else:
        share = min(1.0, progress.done / progress.expected)
        st.progress(share, f"{title}: {progress.done} of {progress.expected} frames")
    if st.button("Cancel"):
        cancel_reading()
        st.rerun()


def answer(review: Review, typed: str) -> str:
    """How much of it somebody has read right, beside what was meant and what was read; Markdown."""
    right, letters = review.score(typed)
    meant, read = as_spelled(review.meant), review.recording.text.strip()
    if letters == 0:
        return "There is nothing to compare with: no letter was written, and nobody has said what was meant."
    was_read = f"It was read as **{read}**." if read else "No letter was written."
    return f"**{right} of {letters} letters.** " + (f"Meant: **{meant}**. " if meant else "") + was_read


def show_review(session: Session, review: Review) -> None:
    """The recording, what is known about it, and what can be done with it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="review_head"):
        place = st.empty()
        mode = st.segmented_control(
            "Mode", [LOOK, READ_BACK], default=LOOK, key="review_mode", required=True, label_visibility="collapsed"
        )
        # A recording's name may say what is spelled.
        place.header(as_markdown(review.title) if mode == LOOK else "What is spelled?", anchor=False, width="content")
        key = f"review_typed_{mode}"
        if mode == LOOK:
            # What was meant belongs to the recording; the field is gone with every other page and mode.
            st.session_state.setdefault(key, review.meant)
        typed = st.text_input(
            "Meant" if mode == LOOK else "Read",
            key=key,
            placeholder="What was meant?" if mode == LOOK else "Play it, then type it",
            label_visibility="collapsed",
            width=190,
        )
        if mode == LOOK:
            review.meant = typed
        mirrored = st.toggle("Mirror", key="review_mirrored", persist_state="session")
        if mode == LOOK:
            show_reading_again(session, review)
            show_exports(review)
            show_keeping(session, review)
        show_closing(review)
    # One place, whatever is said in it: the viewer below would be made anew if something came before it.
    with st.container(key="review_said"):
        if mode == READ_BACK:
            # Before an answer as high as with one.
            st.markdown(answer(review, typed) if typed.strip() else "&nbsp;")
        else:
            if review.remark is not None:
                st.html(problem_html(review.remark))
            show_way_back(review)
            if review.again is not None:
                changed = review.comparison()[-1]["Letters changed"]
                st.caption(f"Read again, letters changed: {changed}. Both readings stand side by side at the end.")

    def note(said: Mapping[str, Any]) -> None:
        attempt(lambda: review.add_note(float(said["at"]), str(said["text"]), Author(said["author"])))

    def remove(number: float) -> None:
        attempt(lambda: review.remove_note(int(number)))

    meant = typed if mode == LOOK else ""
    viewer(review, meant=meant, blind=mode == READ_BACK, mirrored=mirrored, on_note=note, on_remove=remove)
    if mode == LOOK:
        show_comparison(review)


session = ensure_session()
page_style()
if st.query_params.pop(JUST_MADE, None) is not None and session.recorder.kept is not None:
    attempt(partial(open_kept, session.recorder.kept))
trouble = take_trouble()
if trouble is not None:
    st.html(problem_html(trouble))
reading = current_reading()
review = current_review()
try:
    if reading is not None:
        st.fragment(show_reading, run_every=REFRESH_S)(reading)
    elif review is not None:
        show_review(session, review)
    else:
        warm_up()
        show_choices(session)
except SignError as error:
    st.html(problem_html(str(error)))
