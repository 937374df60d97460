"""The pages of the app, under their addresses."""

from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.navigation.page import StreamlitPage

_PAGES: Final = Path(__file__).resolve().parents[2] / "pages"
_KEY: Final = "signcore_navigation"


def navigation() -> StreamlitPage:
    """The page that was asked for, with the navigation above it."""
    st.session_state[_KEY] = True
    # Before the pages: without one, Streamlit's browser fetches the page's own icon from a server on the internet.
    st.set_page_config(page_icon="🤟", layout="wide")
    live = st.Page(_PAGES / "live.py", title="Live", icon=":material/sign_language:", url_path="home", default=True)
    return st.navigation(
        [
            live,
            # Streamlit serves the default page at the root alone; people type its name as they type the others'.
            st.Page(lambda: st.switch_page(live), title="Live", url_path="live", visibility="hidden"),
            practice_page(),
            st.Page(_PAGES / "review.py", title="Review", icon=":material/manage_search:"),
            st.Page(_PAGES / "model.py", title="Model", icon=":material/insights:"),
        ],
        position="top",
    )


def practice_page() -> StreamlitPage:
    """The Practice page, also for a link to it."""
    return st.Page(_PAGES / "practice.py", title="Practice", icon=":material/school:")


def ensure_navigation() -> None:
    """Run the whole app where a page's file was run alone.

    That is what Streamlit does with files in a folder `pages` until the app has said for the first time which pages it
    has: whoever opens a fresh server by a page's own address would see that page and no way to the others.
    """
    if _KEY not in st.session_state:
        navigation()
        st.rerun()
