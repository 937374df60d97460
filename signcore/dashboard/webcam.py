"""The camera's place on a page: its frame, why there is none, and what is wrong with its pictures."""

import asyncio
import time
from typing import Final

import streamlit as st
from aiortc.rtcrtpreceiver import RemoteStreamTrack
from streamlit_webrtc import WebRtcMode, webrtc_streamer
from streamlit_webrtc.webrtc import SignallingTimeoutError

from signcore.dashboard.camera import GIVEN_UP_S, CameraProcessor
from signcore.dashboard.parts import camera_problem
from signcore.dashboard.problems import NO_WAY, camera_sentence
from signcore.dashboard.readout import problem_html, waiting_html
from signcore.dashboard.seats import CamerasTakenError
from signcore.dashboard.session import Session
from signcore.errors import SignError

LOOK_S: Final = 3.0
_CAMERA: Final = "Camera"
_SAMPLE: Final = "Sample"
_STALLED_S: Final = 2.0
_VIDEO: Final = {"width": {"ideal": 640}, "height": {"ideal": 480}, "frameRate": {"ideal": 30}}


def wants_camera(key: str) -> bool:
    """Choose between the camera and a sample, under a key for each page; whether it is the camera."""
    chosen = st.segmented_control(
        "Source",
        [_CAMERA, _SAMPLE],
        default=_CAMERA,
        key=key,
        required=True,
        persist_state="session",
        label_visibility="collapsed",
    )
    return chosen == _CAMERA


def show_camera(session: Session, *, wanted: bool, sends_back: bool) -> None:
    """The camera's frame. While a sample is shown it stays on the page, stopped and unseen: it need not load again."""
    servers = session.settings.ice_servers

    def open_camera() -> CameraProcessor:
        # streamlit-webrtc calls this in a thread that it has given the streams' loop.
        return session.open_camera(sends_back=sends_back, loop=asyncio.get_event_loop())

    try:
        context = webrtc_streamer(
            key="webcam",
            mode=WebRtcMode.SENDRECV if sends_back else WebRtcMode.SENDONLY,
            # An empty list keeps everything on this machine and its network; no list would ask a public server.
            rtc_configuration={"iceServers": [server.model_dump(mode="json", exclude_none=True) for server in servers]},
            media_stream_constraints={"video": _VIDEO, "audio": False},
            desired_playing_state=None if wanted else False,
            video_processor_factory=open_camera,
            video_html_attrs={"autoPlay": True, "playsInline": True, "muted": True, "controls": False},
            media_toggle_controls=False,
            translations={
                "select_device": "Select device",
                "device_ask_permission": "If the browser asks, allow the camera.",
                "device_not_available": "No camera was found",
                "device_access_denied": "The browser was told not to give the camera to this page",
            },
        )
    except CamerasTakenError:
        st.rerun()  # the page finds out by itself
    except (SignError, SignallingTimeoutError) as error:
        # The frame goes, and with it the browser's half of the stream that will not be.
        session.refusal = str(error)
        st.rerun()
    source, camera = context.input_video_track, context.video_processor
    if isinstance(source, RemoteStreamTrack) and camera is not None:
        camera.follow(source)
    if context.state.playing:
        session.problem = None
    elif session.camera_runs and not context.state.signalling:
        session.close_camera()
    session.problem = camera_problem() or session.problem


def show_refusal(session: Session) -> None:
    """Why the server reads no camera, in the camera's place. Where it has no seat, until it is this session's turn."""
    if session.refusal == session.seats.refusal:
        st.fragment(_show_line, run_every=LOOK_S)(session)
        return
    st.html('<div class="sc-blank"></div>')
    st.html(problem_html(session.refusal or ""))
    if st.button("Try again"):
        session.refusal = None
        st.rerun()


def _show_line(session: Session) -> None:
    """When there may be a seat; runs every few seconds until there is."""
    wait = session.wait_for_seat()
    if wait is None:
        session.refusal = None
        st.rerun()
    st.html(waiting_html(session.seats.refusal, wait))


def trouble_with_camera(session: Session) -> tuple[bool, str | None]:
    """Whether pictures of the running camera are read, and a sentence about what is wrong or would help, if any.

    A camera that never gets through is given up, and the page runs again.
    """
    camera = session.camera
    assert camera is not None
    silent_s = time.monotonic() - camera.newest_s
    if camera.connected:
        if silent_s > _STALLED_S:
            return True, "No pictures arrive from the camera."
        return True, camera.problem or camera.advice
    if silent_s > GIVEN_UP_S:
        # Its seat is another's.
        session.close_camera()
        session.problem, session.refusal = None, camera_sentence(NO_WAY)
        st.rerun()
    return False, "Connecting…"
