"""What the pages are made of: the only part of signcore that imports Streamlit, streamlit-webrtc and Plotly."""
