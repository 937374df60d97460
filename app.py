"""The shell: page set-up and navigation. `streamlit run app.py` starts it."""

import streamlit as st

from signcore.dashboard.navigation import navigation

st.set_page_config(page_title="signcore", page_icon="🤟", layout="wide")
navigation().run()
