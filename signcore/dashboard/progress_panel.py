"""What a person's attempts add up to, and what they can do with them."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Final

import streamlit as st

from signcore.dashboard.model_parts import facts
from signcore.dashboard.parts import accent, live_chart, time_zone
from signcore.dashboard.practice_state import Practice
from signcore.dashboard.progress_charts import (
    confusions_chart,
    confusions_told,
    day_name,
    days_chart,
    days_told,
    letters_chart,
    letters_told,
    seconds_chart,
    seconds_told,
)
from signcore.dashboard.readout import problem_html
from signcore.labels import LETTERS
from signcore.names import as_markdown
from signcore.practice import Mode
from signcore.progress import (
    Period,
    attempts_csv,
    best_round,
    best_streak,
    by_day,
    by_letter,
    by_period,
    confusions,
    day_streak,
    signed,
    struggles,
)
from signcore.store import Attempt

MODE_KEY: Final = "practice_mode"
_ALL: Final = "All"
_WEAKEST: Final = 5


def show_progress(practice: Practice) -> None:
    """The person's figures, or what to do to get some."""
    attempts = signed(practice.attempts)
    read = [one for one in practice.attempts if one.mode == Mode.QUIZ]
    if practice.trouble is not None:
        st.html(problem_html(practice.trouble))
    if not practice.attempts:
        st.info("Nothing practised yet. Learn has six groups of letters, each sharing a shape.")
        st.button("Begin with Learn", type="primary", on_click=_go_to, args=(Mode.LEARN,))
        return
    learned = {one.asked for one in practice.attempts if one.right and one.mode != Mode.QUIZ}
    played = any(one.mode == Mode.SPEED for one in attempts)
    zone = time_zone()
    facts(
        {
            "Learned": f"{len(learned)} of {len(LETTERS)} letters",
            "Signed from memory": f"{sum(one.right for one in attempts)} of {len(attempts)} right",
            "Read in the quiz": f"{sum(one.right for one in read)} of {len(read)} right" if read else "-",
            "Days in a row": str(day_streak(practice.attempts, datetime.now(zone))),
            "Best row": str(best_streak(attempts)),
            "Best minute": f"{best_round(attempts)} letters" if played else "-",
        }
    )
    weak = struggles(attempts)[:_WEAKEST]
    if weak:
        st.markdown(f"**To work on:** {', '.join(weak)}. Drill asks for them more often.")
    if not attempts:
        st.caption(
            "Letters learned with the hand in view and words read in the quiz count above. "
            "The charts fill with what you sign from memory: Drill, Words, Speed."
        )
        st.button("Go on with Drill", type="primary", on_click=_go_to, args=(Mode.DRILL,))
        _show_keeping(practice)
        return
    letters = by_letter(attempts)
    by_letters, mixed_up = st.columns([0.52, 0.48], gap="medium")
    with by_letters:
        st.caption("Right, of the last ten times")
        live_chart(letters_chart(letters, accent()), key="progress_letters", label=letters_told(letters))
        if any(one.right for one in letters):
            st.caption("Time to sign")
            live_chart(seconds_chart(letters, accent()), key="progress_seconds", label=seconds_told(letters))
        st.caption("Day by day")
        days = by_day(attempts, zone)
        live_chart(days_chart(days, accent()), key="progress_days", label=days_told(days))
    with mixed_up:
        # As in Drill: what was read in the quiz says nothing about signing.
        _show_mixed_up([one for one in practice.attempts if one.mode != Mode.QUIZ], zone)
    _show_keeping(practice)


def _show_mixed_up(attempts: Sequence[Attempt], zone: tzinfo) -> None:
    """What was read for what was asked, over all time and step by step."""
    if all(one.right for one in attempts):
        st.caption("Mixed up: nothing so far.")
        return
    st.caption("Mixed up: the stronger the colour, the more often; the last column is for nothing read.")
    periods = {f"{period.first}": period for period in by_period(attempts, zone)}
    chosen = _ALL
    if len(periods) > 1:
        chosen = st.select_slider(
            "Period",
            [*periods, _ALL],
            value=_ALL,
            format_func=lambda first: first if first == _ALL else _days(periods[first]),
            key="period",
            label_visibility="collapsed",
        )
    shown = attempts if chosen == _ALL else periods[chosen].attempts
    counts = confusions(shown)
    live_chart(confusions_chart(counts, accent()), key="progress_confusions", label=confusions_told(counts))


def _go_to(mode: Mode) -> None:
    st.session_state[MODE_KEY] = mode.value.capitalize()


def _days(period: Period) -> str:
    first, last = (day_name(day) for day in (period.first, period.last))
    return first if first == last else f"{first} to {last}"


def _show_keeping(practice: Practice) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        st.download_button(
            "Save as CSV",
            lambda: attempts_csv(practice.attempts),
            "signcore-practice.csv",
            icon=":material/download:",
            on_click="ignore",
        )
        if practice.person is None:
            return
        name = as_markdown(practice.person.name)
        with st.popover("Delete all my data", icon=":material/delete:"):
            st.markdown(
                f"Everything that is kept of **{name}**: attempts, own words, what was learned of the hand, "
                "recordings and notes. It cannot be undone."
            )
            st.button("Delete it all", type="primary", on_click=practice.forget)
