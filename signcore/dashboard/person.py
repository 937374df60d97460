"""Who is in front of this tab: the signed-in user where hosting has sign-in, otherwise a name chosen here."""

import hashlib
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

import streamlit as st

from signcore.errors import StoreError
from signcore.names import LONGEST_NAME, as_markdown, checked_name, is_allowed, name_key
from signcore.store import Person, Store

DEFAULT_PERSON: Final = "Me"
_CHOSEN: Final = "person"
_HASH: Final = 8
_OWN_MACHINE: Final = ("localhost", "127.0.0.1", "::1")
_MUST_SIGN_IN: Final = "Sign in, and your progress is kept."


def person_name(store: Store) -> str | None:
    """Ask who it is, or know it.

    Args:
        store: whose people are offered where there is no sign-in.

    Returns:
        A name for the store; None for somebody who has yet to sign in.

    Raises:
        StoreError: the people cannot be listed, or the name cannot be one.
    """
    user = st.user.to_dict()
    if "is_logged_in" not in user:
        names = [person.name for person in store.people()]
        if DEFAULT_PERSON not in names:
            names.insert(0, DEFAULT_PERSON)
        chosen: str = st.selectbox(
            "Who is it?",
            names,
            index=names.index(DEFAULT_PERSON),
            key=_CHOSEN,
            accept_new_options=True,
            persist_state="session",
            help="A name on this machine: no account, no password. Choose one, or type your own.",
        )
        return checked_name(chosen)
    name = present_name()
    if name is None:
        st.caption(_MUST_SIGN_IN)
        st.button("Sign in", on_click=st.login, key=f"{_CHOSEN}_sign_in")
        return None
    st.caption(f"Signed in as {as_markdown(name)}.")
    st.button("Sign out", on_click=st.logout, key=f"{_CHOSEN}_sign_out")
    return name


def present_name() -> str | None:
    """The same name without asking; where nobody has chosen one yet, the one that would be offered first.

    A name that cannot be is there as it was typed.
    """
    user = st.user.to_dict()
    if "is_logged_in" not in user:
        chosen: str = st.session_state.get(_CHOSEN) or DEFAULT_PERSON
        with suppress(StoreError):  # where it is asked for, it is said what is wrong with it
            return checked_name(chosen)
        return chosen
    return name_of_user(str(user.get("email") or user.get("sub"))) if user["is_logged_in"] else None


def name_is_ones_own() -> bool:
    """Whether nobody else is likely to be meant by the present name.

    That is who signed in, who chose a name, and whoever uses the app on its own machine; not the next visitor of a
    server, under the name that is offered first.
    """
    own_machine = urlsplit(st.context.url or "").hostname in _OWN_MACHINE
    return own_machine or present_name() not in (None, DEFAULT_PERSON)


def name_of_user(address: str) -> str:
    """A user's address as a name that the store takes and nobody else has: anna@example.org is anna (example.org).

    Where characters must be exchanged or left out for that, a few of the address's hash stand at the end.
    """
    user, _, host = address.partition("@")
    plain = f"{user} ({host})" if host else user
    name = "".join(char if is_allowed(char) else "-" for char in plain)
    if name == plain and len(name) <= LONGEST_NAME:
        return name
    mark = hashlib.sha256(address.casefold().encode()).hexdigest()[:_HASH]
    return f"{name[: LONGEST_NAME - _HASH - 1].rstrip()} {mark}"


def find_person(store: Store, name: str) -> Person | None:
    """Somebody in the store by name, None if they are not there.

    Raises:
        StoreError: the people cannot be listed.
    """
    return next((person for person in store.people() if name_key(person.name) == name_key(name)), None)


def find_or_add_person(store: Store, name: str) -> Person:
    """Somebody in the store by name, from now on if they were not there.

    Raises:
        StoreError: also a name that cannot be.
    """
    return find_person(store, name) or store.add_person(name)
