"""A page with nothing but the Live page's reading, fed with made-up snapshots; `benchmarks.refresh` measures it."""

import itertools

import numpy as np
import streamlit as st

from signcore.dashboard.charts import bars_told, probability_bars
from signcore.dashboard.parts import accent, announcer, live_chart, page_style
from signcore.dashboard.readout import reading_html, text_html
from signcore.dashboard.session import ensure_session
from signcore.hand import HandFrame
from signcore.labels import LABELS
from signcore.samples import spell

_REFRESH_S = 0.2


def show(number: int) -> None:
    """The reading of one moment: other probabilities and another hand each time."""
    rng = np.random.default_rng(number)
    probabilities = rng.dirichlet(np.full(len(LABELS), 0.3)).astype(np.float32)
    recognizer = session.recognizer
    hands = [hand for hand, _ in frames if hand is not None]
    hand: HandFrame = hands[number % len(hands)]
    recognizer.step_hand(hand, 33.0 * number)
    snapshot = recognizer.snapshot
    st.html(reading_html(snapshot, running=True))
    figure = probability_bars(probabilities, accent(), sure_from=session.predictor.threshold)
    live_chart(figure, key="bars", label=bars_told(probabilities))
    st.html(text_html("THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG"[: number % 44]))


@st.cache_resource
def _counter() -> "itertools.count[int]":
    return itertools.count()


session = ensure_session()
frames = spell("QUICK")
page_style()
st.fragment(lambda: show(next(_counter())), run_every=_REFRESH_S)()
announcer()
