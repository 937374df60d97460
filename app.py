"""The shell: page set-up and navigation. `streamlit run app.py` starts it."""

import streamlit as st

from signcore.dashboard.navigation import navigation

page = navigation()
st.set_page_config(page_title=f"{page.title} · signcore")
st.html(f'<h1 class="sc-unseen">{page.title}</h1>')
page.run()
