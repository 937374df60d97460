import pytest

from signcore.dashboard.problems import camera_sentence


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("insecure", "https"),
        ("NotAllowedError: Permission denied", "allow it"),
        ("NotFoundError: Requested device not found", "Connect one"),
        ("OverconstrainedError: ", "Choose another"),
        ("NotReadableError: Could not start video source", "Close the other program"),
        ("AbortError: ", "Unplug"),
        ("Connection is taking longer than expected. Check your network or ask", "SIGNCORE_ICE_SERVERS"),
        ("TypeError: something new", "TypeError: something new"),
    ],
)
def test_every_problem_says_what_to_do_and_that_a_sample_plays(said: str, advice: str) -> None:
    sentence = camera_sentence(said)
    assert advice in sentence
    assert "sample" in sentence
