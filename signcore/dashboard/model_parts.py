"""What the panels of the Model page are made of."""

from collections.abc import Mapping

import plotly.graph_objects as go
import streamlit as st


def facts(named: Mapping[str, str]) -> None:
    """A line of short facts, each under its name; it wraps on a narrow screen."""
    with st.container(horizontal=True, gap="medium"):
        for name, value in named.items():
            with st.container(width="content", gap=None):
                st.caption(name, width="content")
                st.markdown(f"**{value}**", width="content")


def origin(command: str, date: str, what: str) -> None:
    """Where figures come from: what was measured and when; by which command stands behind a question mark."""
    st.caption(f"{what} Measured on {date}.", help=f"Measured by `{command}`")


def chart(figure: go.Figure, what: str) -> None:
    """A figure that stands still, written in the page's own colour.

    Args:
        figure: its text colours are set.
        what: what it shows, for people who cannot see it.
    """
    colour = st.get_option(f"theme.{st.context.theme.type or 'light'}.textColor")
    # Streamlit's own grey for them is too light to be read.
    figure.update_layout(font_color=colour, legend_font_color=colour)
    figure.update_xaxes(tickfont_color=colour, title_font_color=colour)
    figure.update_yaxes(tickfont_color=colour, title_font_color=colour)
    st.plotly_chart(figure, config={"displayModeBar": False}, alt=what)


def no_figures(reason: str, command: str, *, damaged: bool = False) -> None:
    """One sentence in place of figures, with the command that makes them; a warning where a file is at fault."""
    (st.warning if damaged else st.info)(f"{reason}. `{command}` makes them.")


def share(value: float | None) -> str:
    """A share of 0..1 as a person reads it."""
    return "-" if value is None else f"{value:.1%}"
