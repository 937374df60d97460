"""Who is in front of this tab: the signed-in user where hosting has sign-in, otherwise a name chosen here."""

from typing import Final

import streamlit as st

from signcore.dashboard.live_recorder import DEFAULT_PERSON
from signcore.names import LONGEST_NAME, name_key
from signcore.store import Person, Store

_MUST_SIGN_IN: Final = "Sign in, and your progress is kept."


def person_name(store: Store, *, key: str) -> str | None:
    """Ask who it is, or know it.

    Args:
        store: whose people are offered where there is no sign-in.
        key: of the element that asks.

    Returns:
        A name for the store; None for somebody who has yet to sign in.

    Raises:
        StoreError: the people cannot be listed.
    """
    user = st.user.to_dict()
    if "is_logged_in" not in user:
        names = [person.name for person in store.people()]
        if DEFAULT_PERSON not in names:
            names.insert(0, DEFAULT_PERSON)
        chosen: str = st.selectbox(
            "Who is it?",
            names,
            key=key,
            accept_new_options=True,
            persist_state="session",
            help="A name on this machine: no account, no password. Choose one, or type your own.",
        )
        return chosen
    if not user["is_logged_in"]:
        st.caption(_MUST_SIGN_IN)
        st.button("Sign in", on_click=st.login, key=f"{key}_sign_in")
        return None
    name = name_of_user(str(user.get("email") or user.get("sub")))
    st.caption(f"Signed in as {name}.")
    st.button("Sign out", on_click=st.logout, key=f"{key}_sign_out")
    return name


def name_of_user(address: str) -> str:
    """A user's address as a name that the store takes: anna@example.org is anna (example.org)."""
    user, _, host = address.partition("@")
    return (f"{user} ({host})" if host else user)[:LONGEST_NAME]


def find_person(store: Store, name: str) -> Person | None:
    """Somebody in the store by name, None if they are not there.

    Raises:
        StoreError: the people cannot be listed.
    """
    return next((person for person in store.people() if name_key(person.name) == name_key(name)), None)
