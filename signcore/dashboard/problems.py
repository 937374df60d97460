"""What keeps a camera from running, said so that a person can do something about it."""

from typing import Final

NO_WAY: Final = "taking longer"
_INSTEAD: Final = " Or play a sample: it needs no camera."
_SENTENCES: Final = (
    (
        "insecure",
        "The browser gives no camera to a page that is not secure. Open this one as http://localhost on the computer "
        "that runs it, or over https.",
    ),
    (
        "NotAllowedError",
        "The browser was told not to give the camera to this page. Click the camera sign beside the address, allow it, "
        "then press Start again.",
    ),
    ("NotFoundError", "No camera was found. Connect one, then press Start again."),
    ("OverconstrainedError", "The chosen camera is not there. Choose another one with Select device."),
    ("NotReadableError", "The camera is in use elsewhere. Close the other program or tab, then press Start again."),
    ("AbortError", "The camera did not start. Unplug it and plug it in again, then press Start."),
    (
        NO_WAY,
        "The browser and the server find no way to each other. A firewall may be in between: try another network, or "
        "ask whoever runs this server to name a TURN server in SIGNCORE_ICE_SERVERS.",
    ),
)


def camera_sentence(said: str) -> str:
    """What to do about a camera that does not run.

    Args:
        said: "insecure", or what streamlit-webrtc showed: the browser's own words, such as
            "NotAllowedError: Permission denied".
    """
    for part, sentence in _SENTENCES:
        if part in said:
            return sentence + _INSTEAD
    return f"The camera did not start ({said})." + _INSTEAD
