"""Model."""
import streamlit as st
from signcore.dashboard.session import ensure_session
ensure_session()
st.title("Model")
