import gc
from pathlib import Path

import pytest

from signcore.dashboard.seats import CamerasTakenError, Seats
from signcore.dashboard.session import Session
from signcore.errors import HandModelError
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer
from signcore.settings import Settings


def make_session(predictor: SequencePredictor, hand_model: Path, seats: Seats) -> Session:
    settings = Settings(hand_model=hand_model)
    return Session(settings, predictor, seats, Recognizer(predictor, settings))


def test_the_camera_too_many_is_refused_until_another_one_stops(predictor: SequencePredictor, hand_model: Path) -> None:
    seats = Seats(1)
    first, second = (make_session(predictor, hand_model, seats) for _ in range(2))
    camera = first.open_camera(sends_back=True)
    assert first.camera_runs
    second.play("HI")
    with pytest.raises(CamerasTakenError, match="1 camera at a time"):
        second.open_camera(sends_back=True)
    assert second.running, "who is refused may go on with a sample"
    second.stop()
    assert first.may_open_camera, "its own camera is not one too many"
    assert not second.may_open_camera
    camera.on_ended()
    camera.on_ended()
    assert second.may_open_camera
    second.open_camera(sends_back=True)
    with pytest.raises(CamerasTakenError):
        first.open_camera(sends_back=True)
    second.close_camera()


def test_a_tab_that_is_gone_gives_its_seat_back(predictor: SequencePredictor, hand_model: Path) -> None:
    seats = Seats(1)
    session = make_session(predictor, hand_model, seats)
    session.open_camera(sends_back=True)
    session.recognizer.close()
    assert not seats.free_for(0)
    del session
    gc.collect()
    assert seats.free_for(0)


def test_a_new_tab_is_not_taken_for_one_that_is_gone(predictor: SequencePredictor, hand_model: Path) -> None:
    seats = Seats(1)
    seats.take(0)
    # Each is gone before the next one comes, which often lies where it lay in memory.
    waits = [make_session(predictor, hand_model, seats).wait_for_seat() for _ in range(50)]
    assert [wait.ahead for wait in waits if wait is not None] == list(range(50))


def test_a_camera_that_cannot_be_read_takes_no_seat(predictor: SequencePredictor, tmp_path: Path) -> None:
    seats = Seats(1)
    with pytest.raises(HandModelError):
        make_session(predictor, tmp_path / "none.task", seats).open_camera(sends_back=True)
    assert seats.free_for(0)


def test_a_second_camera_of_one_session_ends_the_first(predictor: SequencePredictor, hand_model: Path) -> None:
    session = make_session(predictor, hand_model, Seats(1))
    first = session.open_camera(sends_back=True)
    second = session.open_camera(sends_back=False)
    assert first.ended
    assert not second.ended
    session.close_camera()


def test_a_sample_ends_the_camera_and_begins_a_word(predictor: SequencePredictor, hand_model: Path) -> None:
    session = make_session(predictor, hand_model, Seats(1))
    session.open_camera(sends_back=True)
    session.play("HI")
    assert not session.camera_runs
    assert session.running
    assert session.recognizer.snapshot.text == ""
    assert session.player is not None
    session.player.advance(session.player.began_s + 60)
    assert session.recognizer.snapshot.text == "HI"
    session.play("HI")
    assert session.recognizer.snapshot.text == "HI "
