"""The pieces of the pages that run in the browser: stage, chart, buttons, the watch over the camera's frame."""

from collections.abc import Sequence
from datetime import UTC, tzinfo
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from signcore.buffer import FRAME_MS
from signcore.features import BONES
from signcore.hand import HandFrame

_STATIC: Final = Path(__file__).parent / "static"
PICTURE_AND_BUTTONS: Final = "calc(75cqw + 52px)"
ONLY_BUTTONS: Final = "40px"
NO_CAMERA: Final = "0px"
_STAGE: Final = np.array((4 / 3, 1.0), dtype=np.float32)  # its size in its own height
_FILLED: Final = np.array((0.7, 0.6), dtype=np.float32)
_LARGEST_ZOOM: Final = 1.8
_PROBLEM: Final = "camera_watch"


def accent() -> str:
    """The theme's one accent colour, for what Streamlit does not colour by itself."""
    return str(st.get_option(f"theme.{_theme()}.primaryColor"))


def page_style(*, camera_height: str = PICTURE_AND_BUTTONS) -> None:
    """The look of the project's own elements on a page, and links that lead where they say.

    Args:
        camera_height: CSS height of streamlit-webrtc's frame; its own would change when the camera starts.
    """
    seen = "hidden" if camera_height == NO_CAMERA else "visible"  # so that no key leads into it
    root = f"--sc-accent: {accent()}; --sc-camera: {camera_height}; --sc-camera-seen: {seen};"
    style = f":root {{ {root} }}\n{_read('live.css')}"
    st.html(f"<style>{style}</style><script>{_read('links.js')}</script>", unsafe_allow_javascript=True)


def practice_style(*, large: bool) -> None:
    """The look of the Practice page.

    Args:
        large: to be read from the back of a room.
    """
    st.html(f"<style>{_read('practice.css')}\n{_read('large.css') if large else ''}</style>")


def stage(
    word: str, frames: Sequence[tuple[HandFrame | None, float]], *, elapsed_s: float | None, mirrored: bool
) -> None:
    """A plain stage with a recorded word on it, shown in the browser at its real speed.

    Args:
        word: what is spelled.
        frames: hands and their milliseconds, 30 a second.
        elapsed_s: how long ago the word began; None: its first hand stands still.
        mirrored: whether left and right change places.
    """
    shown = [hand.landmarks[:, :2] for hand, _ in frames if hand is not None]
    low, high = np.min(shown, axis=(0, 1)), np.max(shown, axis=(0, 1))
    # A person holds a hand up smaller than a stage without a person needs it.
    zoom = min(_LARGEST_ZOOM, *(_FILLED * _STAGE / (high - low)))
    hands = [
        None if hand is None else ((hand.landmarks[:, :2] - (low + high) / 2) * zoom + _STAGE / 2).round(3).tolist()
        for hand, _ in frames
    ]
    clip = {"word": word, "elapsed": elapsed_s, "fps": 1000.0 / FRAME_MS, "frames": hands}
    _stage()(key="stage", data={"bones": BONES, "mirrored": mirrored, "clip": clip})


def stage_of_what_is_read(*, mirrored: bool) -> None:
    """A plain stage with the hand that is being read, for a camera whose picture is not sent back."""
    _stage()(key="stage", data={"bones": BONES, "mirrored": mirrored, "clip": None})


def live_chart(figure: go.Figure, *, key: str, label: str) -> None:
    """A figure that is redrawn in place when it changes.

    `st.plotly_chart` takes a figure with other numbers for another element and builds it anew, so that one which
    changes five times a second is blank for a part of the time. This hands it to Plotly.react, in the page's colours.

    Args:
        figure: as high as its layout says, or as `--sc-chart` in the page's style.
        key: of the element.
        label: what it shows, in words.
    """
    _chart()(key=key, data={"figure": figure.to_dict(), "label": label, "plotly": plotly_address()})


def plotly_address() -> str:
    """Where a browser finds Plotly's own script, seen from the page's root: it comes out of the installed package."""
    return f"component/{_plotly_files().name}/plotly.min.js"


def copy_button() -> None:
    """Copies the text that the page shows to the browser's clipboard."""
    _copy()(key="copy")


def speak_button(*, words: bool) -> None:
    """Reads the text that the page shows aloud, with a voice that the browser has on its own computer.

    Args:
        words: whether each word is also spoken by itself, once it is complete.
    """
    _speak()(key="speak", data={"words": words})


def announcer() -> None:
    """Tells a screen reader what is written, and which of the sentences marked with `data-say` have changed."""
    _announcer()(key="announcer")


def focus_on(selector: str, *, turn: int) -> None:
    """Moves the keyboard's focus there, where it was lost with what had it.

    Args:
        selector: of a button.
        turn: once for each.
    """
    _focus()(key="focus", data={"selector": selector, "turn": turn})


def shared_names_note() -> None:
    """Where nobody signs in, says whose the names are."""
    if "is_logged_in" not in st.user.to_dict():
        st.caption("Names on this server are shared: without a sign-in, anybody can open what is kept under one.")


def time_zone() -> tzinfo:
    """The browser's time zone; UTC where it names none, or one that is not known here."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of the zones is no zone either
        return UTC


def camera_problem() -> str | None:
    """What the browser said about the camera since the last run; "insecure" where the page may not have one at all."""
    problem: str | None = _watch()(
        key=_PROBLEM, data={"style": _read("frame.css")}, on_problem_change=lambda: None
    ).problem
    return problem


def _theme() -> str:
    return st.context.theme.type or "light"


@cache
def _read(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")


@cache
def _plotly_files() -> Any:
    # Declared for nothing but its address.
    return st.components.v1.declare_component("plotly_files", path=str(resources.files("plotly") / "package_data"))


@cache
def _chart() -> Any:
    return st.components.v2.component("signcore_chart", html="<div></div>", js=_read("chart.js"), isolate_styles=False)


@cache
def _stage() -> Any:
    return st.components.v2.component(
        "signcore_stage",
        html='<div class="stage"><canvas aria-label="The hand that is read"></canvas><div class="caption"></div></div>',
        css=_read("stage.css"),
        js=_read("stage.js"),
    )


@cache
def _copy() -> Any:
    return st.components.v2.component(
        "signcore_copy",
        html='<button type="button"><i aria-hidden="true">content_copy</i><span>Copy</span></button>',
        css=_read("action.css"),
        js=_read("copy.js"),
    )


@cache
def _speak() -> Any:
    return st.components.v2.component(
        "signcore_speak",
        html='<button type="button"><i aria-hidden="true">volume_up</i><span>Speak</span></button>',
        css=_read("action.css"),
        js=_read("speak.js"),
    )


@cache
def _announcer() -> Any:
    return st.components.v2.component(
        "signcore_announcer",
        html='<div class="sc-unseen" role="log" aria-live="polite" aria-label="What is new"></div>',
        js=_read("announce.js"),
        isolate_styles=False,
    )


@cache
def _focus() -> Any:
    return st.components.v2.component("signcore_focus", html="", js=_read("focus.js"))


@cache
def _watch() -> Any:
    return st.components.v2.component("signcore_watch", html="", js=_read("watch.js"))
