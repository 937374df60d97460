"""A person's own words: one list for each person, typed on the Live or the Practice page and used on both."""

from typing import Any, Final

import streamlit as st

from signcore.dashboard.person import find_or_add_person, find_person, present_name
from signcore.dashboard.review_state import open_store
from signcore.dashboard.session import Session
from signcore.errors import SignError
from signcore.vocabulary import own_words

_TYPED: Final = "own_words_typed"
_KEPT: Final = "own_words_kept"


def ask_own_words(session: Session, label: str, *, key: str, **look: Any) -> tuple[str, ...]:
    """The field for them, with what is kept; a list that can be used is kept as soon as it is typed.

    Where nothing can be kept, or this server keeps nothing, they last as long as the tab.

    Args:
        session: the tab's.
        label: of the field.
        key: of the field; another one on each page.
        look: more of `st.text_input`.

    Raises:
        PracticeError: what is typed is no such list. It stays in the field, and what was kept before is still kept.
    """
    name = present_name() if session.settings.keep_recordings else None
    try:
        if words_owner() != name or _KEPT not in st.session_state:
            words = () if name is None else _kept(session, name)
            st.session_state[_KEPT] = (name, words)
            st.session_state[key] = st.session_state[_TYPED] = ", ".join(words)
        trouble = None
    except SignError as error:
        trouble = str(error)
    # What is typed outlives a field that is not shown, also when it is no list; the other page's is another field.
    st.session_state.setdefault(key, st.session_state.get(_TYPED, ""))
    typed = st.session_state[_TYPED] = st.text_input(label, key=key, placeholder="Anna, Zoe, piano", **look)
    words = own_words(typed)
    if trouble is None and words != st.session_state[_KEPT][1]:
        try:
            if name is not None:
                store = open_store(session)
                store.keep_own_words(find_or_add_person(store, name).id, words)
            st.session_state[_KEPT] = (name, words)
        except SignError as error:
            trouble = str(error)
    if trouble is not None:
        st.caption(trouble)
    return words


def words_owner() -> str | None:
    """Whose words are in the field; None: nobody's of whom anything is kept."""
    owner: str | None = st.session_state.get(_KEPT, (None,))[0]
    return owner


def _kept(session: Session, name: str) -> tuple[str, ...]:
    store = open_store(session)
    person = find_person(store, name)
    return () if person is None else store.own_words(person.id)
