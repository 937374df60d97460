"""The words that a person may have meant, each one click or one key away."""

from typing import Final

import streamlit as st

from signcore.dashboard.session import Session
from signcore.transcript import EventKind

_MOST: Final = 4


def show_chips(session: Session) -> None:
    """A row of suggestions, as high without as with any.

    Each button belongs to its word and not to its place: when the row changes under a finger, no other word is taken.
    """
    with st.container(key="chips", horizontal=True, wrap=False, gap="xsmall"):
        words = _suggested(session)
        for number, word in enumerate(words, start=1):
            st.button(word, key=f"chip_{word}", on_click=session.recognizer.take, args=(word,), shortcut=str(number))
        if not words:
            st.html('<div class="sc-note">Words that you may mean appear here.</div>')


def _suggested(session: Session) -> tuple[str, ...]:
    snapshot = session.recognizer.snapshot
    changes = (event.kind for event in reversed(snapshot.events) if event.kind is not EventKind.REJECTED)
    if next(changes, None) is EventKind.SUGGESTION:
        return ()
    return session.suggester.suggest(snapshot.text, _MOST)
