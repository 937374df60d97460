"""Model: what the recogniser is, how well it reads, and what it cannot do. Every figure comes from a file."""

import json
from typing import Any, Final

import streamlit as st

from signcore.dashboard.charts import confusion_heatmap
from signcore.dashboard.model_facts import (
    commonest_mistakes,
    letter_rows,
    measured_on,
    read_results,
    source_rows,
    training_sources,
)
from signcore.dashboard.parts import accent, page_style
from signcore.dashboard.session import ensure_session
from signcore.errors import SignError
from signcore.predictor import SequencePredictor

EVALUATE: Final = "python -m signcore evaluate CLIPS.npz --out models/results.json"
MISTAKES: Final = 6
PERCENT: Final = st.column_config.ProgressColumn(format="%.1f %%", min_value=0, max_value=100)
LIMITS: Final = """
- It reads the letters of the American manual alphabet, one hand, one letter after another. It does not read signs for
  words, and sees neither face nor body.
- It looks at 21 points of the hand, not at the picture. Where the points are wrong, in bad light, at the edge of the
  picture or behind another hand, so is the letter.
- Some letters differ by little: U, V and R by the gap between two fingers, M, N, S and T by where the thumb is hidden,
  K and P or G and Q by where the hand points.
- SPACE and DELETE have no meaning that all signers share. Here SPACE is a flat hand held level, DELETE a bent hand that
  points down.
- A hand that signs nothing, resting or pointing, may be read as a letter.
- Signers differ. Somebody who forms a letter in another way is read worse than the figures above.
"""


def show_file(predictor: SequencePredictor) -> None:
    """What the model file says about itself."""
    facts = {
        "File": f"{predictor.model_path.name}, {predictor.model_path.stat().st_size / 1e6:.1f} MB",
        "Made": predictor.metadata.get("created", "not said")[:10],
        "Looks at": f"{predictor.window} frames at 30 a second, {predictor.window / 30:.2f} s",
        "Sure from": f"{predictor.threshold:.0%}",
    }
    for column, (name, value) in zip(st.columns(len(facts)), facts.items(), strict=True):
        with column:
            st.caption(name)
            st.markdown(f"**{value}**")
    st.caption(f"{len(predictor.labels)} classes")
    st.markdown(" ".join(f"`{label}`" for label in predictor.labels))


def show_results(document: dict[str, Any]) -> None:
    """What was measured, with what, and when."""
    clip_file = document["clip_file"]["file"]
    st.caption(
        f"Measured on {document['date']} with {document['clips']:,} clips of {len(document['per_source'])} sources "
        f"that the model was not trained on ({clip_file}): `{document['command']}`"
    )
    st.dataframe(
        source_rows(document),
        column_config={"Mean over letters": PERCENT, "J": PERCENT, "Z": PERCENT},
        hide_index=True,
    )
    matrix, letters = st.columns([0.52, 0.48], gap="medium")
    with matrix:
        st.plotly_chart(
            confusion_heatmap(document["labels"], document["confusion"], accent()), config={"displayModeBar": False}
        )
    with letters:
        st.dataframe(
            letter_rows(document),
            column_config={"Read right": PERCENT, "Right when said": PERCENT},
            hide_index=True,
            height=620,
        )
    st.markdown("**Its commonest mistakes:** " + ", ".join(commonest_mistakes(document, MISTAKES)) + ".")


predictor = ensure_session().predictor
page_style()
st.header("The model", anchor=False)
show_file(predictor)

st.subheader("How well it reads", anchor=False)
try:
    results = read_results(predictor.model_path)
except SignError as error:
    st.warning(f"{error}. Make it anew with `{EVALUATE}`.")
else:
    if results is None:
        st.info(f"This model has not been measured yet. `{EVALUATE}` does it.")
    else:
        if not measured_on(results, predictor.model_path):
            st.warning(f"These figures are of another model file. `{EVALUATE}` measures the one in use.")
        show_results(results)

st.subheader("What it cannot do", anchor=False)
st.markdown(LIMITS)

st.subheader("What it learned from", anchor=False)
sources = training_sources(predictor.metadata)
if sources:
    clips = sum(source.get("clips", 0) for source in sources)
    st.caption(f"{clips:,} clips of {len(sources)} public sources, with the licence that each of them states.")
    st.dataframe(sources, column_config={"name": "Source", "licence": "Licence", "clips": "Clips"}, hide_index=True)
else:
    st.caption("The model file does not say.")
with st.expander("Everything the file says about itself"):
    st.json(json.dumps({key: value for key, value in predictor.metadata.items() if key != "sources"}))
