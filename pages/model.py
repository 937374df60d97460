"""Model: what the recogniser is, how well it reads, and what it cannot do. Every figure comes from a file."""

import json
from typing import Final

import streamlit as st

from signcore.dashboard.model_panels import (
    show_certainty,
    show_conditions,
    show_letters,
    show_limits,
    show_own_hand,
    show_training,
    show_words,
)
from signcore.dashboard.model_parts import facts, no_figures
from signcore.dashboard.parts import page_style
from signcore.dashboard.session import ensure_session
from signcore.errors import SignError
from signcore.model_results import Results, read_results
from signcore.predictor import SequencePredictor

EVALUATE: Final = "python -m signcore evaluate CLIPS.npz --words --out models/results.json"


def show_file(predictor: SequencePredictor) -> None:
    """What the model file says about itself."""
    facts(
        {
            "File": f"{predictor.model_path.name}, {predictor.model_path.stat().st_size / 1e6:.1f} MB",
            "Made": predictor.metadata.get("created", "not said")[:10],
            "Looks at": f"{predictor.window} frames at 30 a second, {predictor.window / 30:.2f} s",
            "Knows": f"{len(predictor.labels)} classes",
            "Sure from": f"{predictor.threshold:.0%}",
        }
    )
    with st.expander("Everything the file says about itself"):
        st.markdown(" ".join(f"`{label}`" for label in predictor.labels))
        st.json(json.dumps({key: value for key, value in predictor.metadata.items() if key != "sources"}))


def measured(predictor: SequencePredictor) -> Results | None:
    """The figures of the model in use; where there are none, says so and how to make them."""
    try:
        results = read_results(predictor.model_path, predictor.fingerprint)
    except SignError as error:
        no_figures(str(error), EVALUATE, damaged=True)
        return None
    if results is None:
        no_figures("This model has not been measured yet", EVALUATE)
    return results


predictor = ensure_session().predictor
page_style()
st.header("The model", anchor=False)
show_file(predictor)
results = measured(predictor)
panels = {
    "Certainty": show_certainty,
    "Conditions": show_conditions,
    "Words": show_words,
}
names = [*(("Letters", *panels) if results is not None else ()), "Your hand", "Training", "Limits"]
for name, tab in zip(names, st.tabs(names), strict=True):
    with tab:
        if name == "Your hand":
            show_own_hand(predictor)
        elif name == "Training":
            show_training(predictor)
        elif name == "Limits":
            show_limits()
        elif name == "Letters" and results is not None:
            show_letters(results, predictor.metadata)
        elif results is not None:
            panels[name](results)
