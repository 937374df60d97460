"""The panels of the Model page: one subject each, its figures with their command and date."""

from collections.abc import Mapping
from typing import Final

import streamlit as st

from signcore.dashboard.model_charts import confusion_heatmap, own_hand_gains, reliability_diagram, word_errors
from signcore.dashboard.model_facts import (
    certainty_rows,
    commonest_mistakes,
    condition_rows,
    letter_rows,
    own_hand_rows,
    source_rows,
    training_rows,
    word_rows,
)
from signcore.dashboard.model_parts import chart, facts, no_figures, origin, share
from signcore.dashboard.parts import accent
from signcore.errors import SignError
from signcore.model_results import CrossValidation, Results, read_crossval, read_own_hand
from signcore.model_sources import measured_sources, read_sources, unlicensed_share
from signcore.predictor import SequencePredictor

CROSSVAL: Final = "python -m signcore.training crossval --clips CLIPS.npz --out models/crossval.json"
OWN_HAND: Final = "python -m signcore.training own-hand HELD_OUT.npz --clips CLIPS.npz --out models/own_hand.json"
WORDS: Final = "python -m signcore evaluate CLIPS.npz --words --out models/results.json"
ALL: Final = "All of them"
MISTAKES: Final = 6
_BAR: Final = st.column_config.ProgressColumn(format="%.1f%%", min_value=0, max_value=100)
_PERCENT: Final = st.column_config.NumberColumn(format="%.1f%%")

_LIMITS: Final = (
    (
        "What it is not",
        """
- It reads **fingerspelling**: the letters of the American manual alphabet, one hand, one letter after another. It does
  **not translate American Sign Language**, which has its own words and grammar and uses both hands, face and body.
- It is no judge of anybody's signing, and nothing that safety, health or money may hang on.
""",
    ),
    (
        "Who is missing",
        """
- No source is known to be a **native Deaf signer**. People who sign every day are faster, and run letters together.
- **Skin tones, ages, hands with fewer fingers and cameras** are recorded nowhere, so nobody can say for whom it is
  worse.
- SPACE was learned from two signers and DELETE from one; J and Z from few.
""",
    ),
    (
        "What it gets wrong",
        """
- It sees 21 points of the hand, not the picture. Bad light, the picture's edge or another hand move the points, and
  the letter with them.
- U, V and R differ by the gap between two fingers; M, N, S, T, A and E by a thumb that is hidden; K and P, G and Q by
  where the hand points.
- A hand that rests, points or scratches may be read as a letter.
""",
    ),
    (
        "Letters signed in two ways",
        """
- P with the index finger from level to straight down, Q from just below level down; M and N upright and with the
  fingers pointing down: all of these are read.
- M with the thumb beside the index finger is not: it is most people's S or A.
- SPACE is a flat hand held level, DELETE a bent hand that points down. Signers do not share these two.
""",
    ),
)


def show_letters(results: Results, metadata: Mapping[str, str]) -> None:
    """Right and wrong: in all, by source and by letter."""
    sources = [source.macro for source in results.per_source.values() if source.macro is not None]
    facts(
        {
            "Letters read right": share(results.macro),
            "Worst and best read signers": f"{share(min(sources))} and {share(max(sources))}",
        }
        if sources
        else {"Letters read right": share(results.macro)}
    )
    origin(
        results.command,
        results.date,
        f"Means over the letters, of {results.clips:,} clips of {measured_sources(metadata, results.per_source)}.",
    )
    st.dataframe(
        source_rows(results),
        column_config={"Mean over letters": _BAR, "J": _PERCENT, "Z": _PERCENT},
        hide_index=True,
        placeholder="-",
    )
    chosen = st.selectbox("Letters of", [ALL, *results.per_source], key="model_source", width=360)
    shown = results if chosen == ALL else results.per_source[chosen]
    matrix, letters = st.columns([0.52, 0.48], gap="medium")
    with letters:
        st.caption("Letter by letter")
        st.dataframe(
            letter_rows(shown.per_letter),
            column_config={"Read right": _BAR, "Right when said": _PERCENT},
            hide_index=True,
            placeholder="-",
            height=540,
        )
    with matrix:
        st.caption("What was read for what was signed")
        chart(
            confusion_heatmap(results.labels, shown.confusion, accent()),
            "Heat map of which class was read for which that was signed; the commonest mistakes are listed below it.",
        )
    mistakes = ", ".join(commonest_mistakes(results.labels, shown.confusion, MISTAKES))
    st.markdown(f"**Commonest mistakes:** {mistakes or 'none'}.")


def show_certainty(results: Results) -> None:
    """Whether a confidence means what it says."""
    origin(results.command, results.date, "The same clips.")
    accepted = results.accepted
    facts(
        {
            "Expected calibration error": f"{results.ece:.3f}",
            f"Accepted at {accepted.threshold:.0%}": f"{share(accepted.coverage)} of the clips",
            "Right of those": share(accepted.precision),
            "Coverage at 99% precision": share(results.coverage_at_99),
        }
    )
    diagram, table = st.columns([0.5, 0.5], gap="medium")
    with diagram:
        chart(
            reliability_diagram(results.reliability, accent()),
            "Bars of how many answers were right against how sure the model was, above the number of clips.",
        )
    with table:
        st.dataframe(
            certainty_rows(results),
            column_config={
                "Calibration error": st.column_config.NumberColumn(format="%.3f"),
                "Coverage at 99%": _BAR,
                "Sure from": _PERCENT,
            },
            hide_index=True,
            placeholder="-",
        )
        st.markdown(
            "A bar below the dashed line promises more than it keeps. Coverage at 99% is the share of clips that "
            "remain when a threshold is set so high that 99 answers in 100 are right. A signer who forms one letter "
            "unlike everybody else brings it down to almost nothing: the model is sure, and wrong."
        )


def show_conditions(results: Results) -> None:
    """Worse cameras, the other hand."""
    origin(
        results.command,
        results.date,
        "Frame rates and lost frames: only clips of more than one picture, compared with the highest rate.",
    )
    st.dataframe(
        condition_rows(results),
        column_config={
            "Mean over letters": _BAR,
            "Change, points": st.column_config.TextColumn(alignment="right"),
            "J": _PERCENT,
            "Z": _PERCENT,
        },
        hide_index=True,
        placeholder="-",
    )


def show_words(results: Results) -> None:
    """The text that comes out of spelled words."""
    words = results.words
    if words is None:
        no_figures("The text of spelled words has not been measured yet", WORDS)
        return
    origin(
        results.command,
        results.date,
        f"{max(words.words.values(), default=0):,} words joined from the same clips, at each speed.",
    )
    left, table = st.columns([0.5, 0.5], gap="medium")
    with left:
        chart(
            word_errors(words, accent()),
            "Bars of the character errors at each speed, of signcore and of two simple rules.",
        )
    with table:
        rows = word_rows(results)
        st.dataframe(
            rows,
            column_config={name: _PERCENT for name in rows[0] if name != "Signers"},
            hide_index=True,
            placeholder="-",
        )
        st.markdown(
            "Character errors: letters to insert, remove or change, for every letter spelled. More than 100% means "
            "that more wrong letters were written than there were to spell. The two grey rules are what simple "
            "programs do with the same answers: write a letter where 8 of 12 frames, or 60 in a row, say the same."
        )
        if words.prompt:
            held = ", ".join(f"**{rate:.1%}** at {speed} a second" for speed, rate in words.prompt.items())
            st.markdown(f"Read right once a letter, J and Z aside, has been held for 0.3 s: {held}.")
        if words.false_letters is not None:
            st.markdown(f"A hand that signs nothing writes **{words.false_letters:.1f} letters a minute**.")


def show_own_hand(predictor: SequencePredictor) -> None:
    """What a few clips of one's own gain."""
    try:
        found = read_own_hand(predictor.model_path, predictor.fingerprint)
    except SignError as error:
        no_figures(str(error), OWN_HAND, damaged=True)
        return
    if found is None:
        no_figures("What it gains by being taught one's own hand has not been measured yet", OWN_HAND)
        return
    fewest = min(each.samples for each in found.people)
    origin(
        found.command,
        found.date,
        f"Signers of {measured_sources(predictor.metadata, {each.person for each in found.people})}: a few of their "
        "clips are taught, all others are read.",
    )
    left, words = st.columns([0.6, 0.4], gap="medium")
    with left:
        chart(
            own_hand_gains([each for each in found.people if each.samples == fewest], accent()),
            "Dots of how many letters of each person are read right: as the model is, with My hand, and trained on.",
        )
    with words:
        st.markdown(
            f"The chart is of {fewest} clips of each letter. **My hand**, on the Practice page, takes two minutes and "
            "corrects the answers for one person. **Trained on** is `train --add`: minutes of computing and a model of "
            "one's own. Both learn a habit that nobody else has; neither helps anybody else.\n\n"
            "Clips of one person are alike, so a hand that is filmed on another day gains less."
        )
    rows = own_hand_rows(found.people)
    st.dataframe(
        rows,
        column_config={name: _PERCENT for name in rows[0] if name not in ("Signers", "Clips of each")},
        hide_index=True,
        placeholder="-",
    )
    st.caption("Errors: letters to insert, remove or change in words spelled at two letters a second.")


def show_training(predictor: SequencePredictor) -> None:
    """What it learned from, with licences, and how it reads each source without having seen it."""
    crossval = _cross_validation(predictor)
    try:
        sources = read_sources(predictor.metadata)
    except SignError:
        st.caption("The model file does not say what it was trained on.")
        return
    st.markdown(
        f"{sum(source.clips for source in sources):,} clips of {len(sources)} public sources of one signer or a few "
        f"each. **{unlicensed_share(sources):.0%} of the clips are of sources that state no licence**: all rights "
        "are reserved there, so the clips are not passed on."
    )
    st.dataframe(
        training_rows(sources, crossval),
        column_config={"Read when left out": _BAR},
        hide_index=True,
        placeholder="-",
        height=460,
    )


def show_limits() -> None:
    """What nobody should expect of it."""
    for pair in (_LIMITS[:2], _LIMITS[2:]):
        for column, (title, text) in zip(st.columns(2, gap="large"), pair, strict=True):
            with column:
                st.markdown(f"### {title}\n{text}")


def _cross_validation(predictor: SequencePredictor) -> CrossValidation | None:
    try:
        found = read_crossval(predictor.model_path, predictor.metadata)
    except SignError as error:
        no_figures(str(error), CROSSVAL, damaged=True)
        return None
    if found is None:
        no_figures("This model has not been cross-validated yet", CROSSVAL)
        return None
    origin(
        found.command,
        found.created[:10],
        f"Cross-validation: each of {len(found.per_source)} sources left out in turn, {found.clips:,} clips, "
        f"those with doubted labels too ({share(found.macro_undoubted)} without them).",
    )
    facts(
        {
            "Still letters, mean over sources": share(found.macro_of_sources),
            "J": share(found.moving.get("J")),
            "Z": share(found.moving.get("Z")),
            "Calibration error": f"{found.ece:.3f}",
            "Coverage at 99% precision": share(found.coverage),
        }
    )
    if hands := sum(each.clips for each in found.no_letter):
        accepted = sum(each.accepted * each.clips for each in found.no_letter) / hands
        nothing = sum(each.nothing * each.clips for each in found.no_letter) / hands
        st.caption(
            f"Of {hands} hands of sources left out that sign no letter, {share(nothing)} were read as NOTHING and "
            f"{share(accepted)} accepted as a letter."
        )
    return found
