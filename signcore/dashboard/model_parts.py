"""What the panels of the Model page are made of."""

from collections.abc import Mapping

import streamlit as st


def facts(named: Mapping[str, str]) -> None:
    """A line of short facts, each under its name; it wraps on a narrow screen."""
    with st.container(horizontal=True, gap="medium"):
        for name, value in named.items():
            with st.container(width="content", gap=None):
                st.caption(name, width="content")
                st.markdown(f"**{value}**", width="content")


def origin(command: str, date: str, what: str) -> None:
    """Where figures come from: what was measured, when, and by which command."""
    st.caption(f"{what} Measured on {date} by `{command}`")


def no_figures(reason: str, command: str, *, damaged: bool = False) -> None:
    """One sentence in place of figures, with the command that makes them; a warning where a file is at fault."""
    (st.warning if damaged else st.info)(f"{reason}. `{command}` makes them.")


def share(value: float | None) -> str:
    """A share of 0..1 as a person reads it."""
    return "-" if value is None else f"{value:.1%}"
