import pytest

from signcore.dashboard.readout import waiting_html
from signcore.dashboard.seats import CamerasTakenError, Seats, Wait

ADA, BEN, CY, DEE = 1, 2, 3, 4


class Clock:
    """A clock that is set."""

    s = 0.0

    def __call__(self) -> float:
        return self.s


def test_who_waits_is_served_in_the_order_of_coming() -> None:
    seats = Seats(1)
    ticket = seats.take(ADA)
    assert seats.wait(BEN) is not None
    waits = seats.wait(CY)
    assert waits is not None
    assert waits.ahead == 1
    seats.give_back(ticket)
    assert not seats.free_for(CY)
    assert not seats.free_for(DEE), "nobody who comes later gets in between"
    with pytest.raises(CamerasTakenError):
        seats.take(ADA)
    assert seats.wait(CY) is not None
    assert seats.wait(BEN) is None
    seats.take(BEN)
    waits = seats.wait(CY)
    assert waits is not None
    assert waits.ahead == 0


def test_several_seats_that_become_free_are_for_several() -> None:
    seats = Seats(2)
    tickets = [seats.take(ADA), seats.take(BEN)]
    assert seats.wait(CY) is not None
    assert seats.wait(DEE) is not None
    for ticket in tickets:
        seats.give_back(ticket)
    assert seats.wait(DEE) is None
    assert seats.wait(CY) is None
    assert not seats.free_for(ADA)


def test_who_asks_no_more_has_left_the_line() -> None:
    clock = Clock()
    seats = Seats(1, clock)
    ticket = seats.take(ADA)
    seats.wait(BEN)
    clock.s = 20.0
    seats.wait(CY)
    seats.give_back(ticket)
    assert not seats.free_for(CY)
    clock.s = 31.0
    assert seats.free_for(CY)
    waits = [seats.wait(BEN), seats.wait(CY)]
    assert waits[0] is not None, "whoever comes back is last"
    assert waits[1] is None
    clock.s = 90.0
    assert seats.free_for(DEE), "a seat is not kept for ever"


def test_a_camera_in_place_of_ones_own_needs_no_second_seat() -> None:
    seats = Seats(1)
    first = seats.take(ADA)
    seats.wait(BEN)
    second = seats.take(ADA)
    seats.give_back(first)
    assert not seats.free_for(BEN)
    seats.give_back(second)
    assert seats.free_for(BEN)


def test_how_long_it_takes_is_learnt_from_how_long_it_took() -> None:
    clock = Clock()
    seats = Seats(2, clock)
    tickets = [seats.take(ADA), seats.take(BEN)]
    clock.s = 120.0
    # Two cameras have run for two minutes each and none has ended.
    assert seats.wait(CY) == Wait(0, 120.0)
    seats.give_back(tickets[0])
    seats.take(CY)
    clock.s = 360.0
    # 120 + 360 + 240 seconds, and one end: one of two cameras ends every six minutes.
    assert seats.wait(DEE) == Wait(0, 360.0)
    assert seats.wait(ADA) == Wait(1, 720.0)


@pytest.mark.parametrize(
    ("wait", "said"),
    [
        (Wait(0, 4.0), ("You are next", "about a minute")),
        (Wait(1, 170.0), ("One person is ahead of you", "about 3 minutes")),
        (Wait(2, 9000.0), ("2 people are ahead of you", "about 2 hours")),
    ],
)
def test_it_is_said_in_plain_words(wait: Wait, said: tuple[str, str]) -> None:
    html = waiting_html(Seats(3).refusal, wait)
    assert "3 cameras at a time" in html
    for words in said:
        assert words in html
