"""The pieces of the Review page that run in the browser."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import streamlit as st

from signcore.dashboard.parts import accent, plotly_address
from signcore.dashboard.review_desk import Review

_STATIC: Final = Path(__file__).parent / "static"
_VIEWER: Final = "review_viewer"


def viewer(
    review: Review,
    *,
    meant: str,
    blind: bool,
    mirrored: bool,
    on_note: Callable[[dict[str, Any]], None],
    on_remove: Callable[[int], None],
) -> None:
    """The review itself: hand, probabilities, text, timeline and notes, one moment at a time.

    Stepping and playing happen in the browser; the frames travel there once.

    Args:
        review: what is reviewed.
        meant: the text that was meant; empty: nobody said.
        blind: show the hand alone.
        mirrored: whether left and right change places.
        on_note: called with `at` (milliseconds), `text` and `author` of a new note.
        on_remove: called with the number of a note that shall go.
    """
    # The frames are a component of their own, so that a new note does not send them again.
    _tape()(key="review_tape", data=review.tape)
    view = review.view(accent=accent(), meant=meant, blind=blind, mirrored=mirrored)
    _viewer()(
        key=_VIEWER,
        data={**view, "plotly": plotly_address()},
        on_note_change=lambda: on_note(st.session_state[_VIEWER].note),
        on_remove_change=lambda: on_remove(st.session_state[_VIEWER].remove),
    )


def warm_up() -> None:
    """Have the browser load what the timeline is drawn with, while there is none yet."""
    _warm_up()(key="review_warm_up", data=plotly_address())


@cache
def _warm_up() -> Any:
    start = "export default ({ data }) => { plotlyFrom(data); };"
    return st.components.v2.component("signcore_review_warm_up", html="", js=f"{_read('review_plotly.js')}\n{start}")


@cache
def _tape() -> Any:
    return st.components.v2.component("signcore_review_tape", html="", js=_read("review_tape.js"))


@cache
def _viewer() -> Any:
    return st.components.v2.component(
        "signcore_review",
        html=_read("review.html"),
        css=_read("review.css"),
        js="\n".join(_read(f"{name}.js") for name in ("review_plotly", "review_hand", "review_timeline", "review")),
        isolate_styles=False,
    )


def _read(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")
