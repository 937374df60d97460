import pytest

from signcore.buffer import FRAME_MS
from signcore.dashboard.playback import SamplePlayer
from signcore.errors import SignError
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer, Status


def test_a_word_plays_in_its_own_time(predictor: SequencePredictor) -> None:
    recognizer = Recognizer(predictor)
    player = SamplePlayer(recognizer, "hi", 100.0)
    player.advance(100.0)
    assert recognizer.snapshot.buffered == 1
    player.advance(100.5)
    assert recognizer.snapshot.status is Status.COLLECTING
    assert 15 <= recognizer.snapshot.buffered <= 17
    assert not player.finished
    now = 100.5
    while not player.finished:
        now += 0.2
        player.advance(now)
    assert now == pytest.approx(100.0 + len(player.frames) * FRAME_MS / 1000, abs=0.25)
    assert recognizer.snapshot.text == "HI"
    assert recognizer.snapshot.status is Status.NO_HAND


def test_a_late_look_catches_up(predictor: SequencePredictor) -> None:
    recognizer = Recognizer(predictor)
    player = SamplePlayer(recognizer, "HI", 0.0)
    player.advance(3600.0)
    assert player.finished
    assert recognizer.snapshot.text == "HI"


def test_what_cannot_be_spelled_is_refused(predictor: SequencePredictor) -> None:
    with pytest.raises(SignError, match="A to Z"):
        SamplePlayer(Recognizer(predictor), "R2D2", 0.0)
