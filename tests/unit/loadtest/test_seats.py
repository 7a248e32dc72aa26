"""Which seats the scenarios ask for."""

from random import Random

import pytest

from loadtest.seats import MAX_TOGETHER, Seats


def _hall(free: int, seats: int = 100) -> Seats:
    known = Seats(Random(7))
    every = [f"S{number}" for number in range(seats)]
    known.learn("hall", every, every[:free])
    return known


def test_no_free_seat_is_asked_for_twice() -> None:
    known = _hall(free=50)
    asked: list[str] = []
    while not known.sold_out:
        asked += known.pick()[1]
    assert sorted(asked) == sorted(f"S{number}" for number in range(50))


def test_a_booking_names_one_to_four_distinct_seats() -> None:
    known = _hall(free=100)
    for _ in range(30):
        _, seats = known.pick()
        assert 1 <= len(set(seats)) == len(seats) <= MAX_TOGETHER


def test_a_sold_out_hall_is_still_asked_for() -> None:
    known = _hall(free=0)
    event_id, seats = known.pick()
    assert known.sold_out
    assert event_id == "hall"
    assert seats


def test_everybody_covets_the_same_seat_in_one_slot_and_others_later() -> None:
    assert _hall(free=100).coveted(3) == _hall(free=20).coveted(3)
    assert len({_hall(free=100).coveted(slot) for slot in range(50)}) == 50


def test_without_an_event_there_is_nothing_to_ask_for() -> None:
    known = Seats(Random(7))
    known.learn("hall", [], [])
    assert not known.known
    with pytest.raises(LookupError):
        known.pick()
    with pytest.raises(LookupError):
        known.coveted(1)
