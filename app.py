"""The shell: page set-up and navigation. `streamlit run app.py` starts it."""

import streamlit as st

st.set_page_config(page_title="signcore", page_icon="🤟", layout="wide")
st.navigation(
    [
        st.Page("pages/live.py", title="Live", icon=":material/sign_language:", default=True),
        st.Page("pages/practice.py", title="Practice", icon=":material/school:"),
        st.Page("pages/review.py", title="Review", icon=":material/manage_search:"),
        st.Page("pages/model.py", title="Model", icon=":material/insights:"),
    ],
    position="top",
).run()
