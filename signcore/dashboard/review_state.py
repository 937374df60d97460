"""What the Review page of one tab is doing: choosing, reading or reviewing."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from signcore.dashboard.review_desk import Review, Shelf
from signcore.dashboard.review_reading import Reading
from signcore.dashboard.session import Session
from signcore.errors import SignError
from signcore.recording import Recording
from signcore.store import Store

# In the page's address: review what this tab has recorded last.
JUST_MADE: Final = "just-made"
_REVIEW: Final = "review"
_READING: Final = "review_reading"
_TROUBLE: Final = "review_trouble"


def current_review() -> Review | None:
    """What is reviewed."""
    review: Review | None = st.session_state.get(_REVIEW)
    return review


def open_review(review: Review | None) -> None:
    """Review this; None: go back to choosing."""
    st.session_state[_REVIEW] = review


def open_kept(shelf: Shelf) -> None:
    """Review a recording that is kept, unless the notes of one that is not would be lost.

    Raises:
        SignError: it cannot be loaded.
    """
    review = current_review()
    if review is not None and review.unkept:
        return
    recording = shelf.store.load(shelf.person.id, shelf.recording.id)
    open_review(Review(shelf.recording.name, recording, shelf=shelf))


def current_reading() -> Reading | None:
    """What is being read."""
    reading: Reading | None = st.session_state.get(_READING, (None, None))[0]
    return reading


def begin_reading(reading: Reading, then: Callable[[Recording], None]) -> None:
    """Show a reading until it is done.

    Args:
        reading: has begun.
        then: what to do with its result.
    """
    st.session_state[_READING] = (reading, then)


def end_reading() -> None:
    """The reading is done: use its result, or say why there is none."""
    reading, then = st.session_state.pop(_READING)
    attempt(lambda: then(reading.result))


def cancel_reading() -> None:
    """Read no further and forget what has been read."""
    reading, _ = st.session_state.pop(_READING)
    reading.cancel()


def attempt(what: Callable[[], None]) -> None:
    """Do something for a click; what keeps it from being done is said on the page."""
    try:
        what()
    except SignError as error:
        st.session_state[_TROUBLE] = str(error)


def take_trouble() -> str | None:
    """What went wrong since the page was drawn, once."""
    trouble: str | None = st.session_state.pop(_TROUBLE, None)
    return trouble


@st.cache_resource(show_spinner=False)
def open_store(_session: Session) -> Store:
    """The people and recordings of this server.

    Raises:
        StoreError: the database cannot be used.
    """
    return Store.open(_session.settings)
