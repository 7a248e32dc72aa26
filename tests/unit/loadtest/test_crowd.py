"""What is made of a crowd's answers, and of when the observers saw their bookings."""

import json

import pytest

from loadtest.bench.closed_loop import CLIENTS, Figures, Seats, body
from loadtest.bench.crowd import Crowd
from loadtest.bench.open_loop import Answer


def answered(number: int, *, status: int = 202, after_s: float = 0.01, per_s: float = 10.0) -> Answer:
    due = 100 + number / per_s
    return Answer(due, due + after_s, status, json.dumps({"booking_id": f"bk_{number}"}).encode())


TEN = [answered(number) for number in range(10)]
DECIDED = {f"bk_{number}": TEN[number].answered + 0.02 for number in range(10)}
SHOWN = {booking_id: at + 0.05 for booking_id, at in DECIDED.items()}


def test_what_keeps_up_has_the_rate_that_was_offered() -> None:
    crowd = Crowd(10, TEN, DECIDED, SHOWN)
    assert crowd.accepted_per_s() == pytest.approx(10)
    assert crowd.decided_per_s() == pytest.approx(10)
    assert crowd.refused_per_s() == 0
    assert crowd.lost() == []


def test_what_falls_behind_has_the_rate_at_which_it_came_to_its_end() -> None:
    late = {**DECIDED, "bk_9": TEN[0].due + 5}
    assert Crowd(10, TEN, late, SHOWN).decided_per_s() == pytest.approx(2)


def test_a_refusal_and_no_answer_are_told_and_are_not_in_the_times_of_the_accepted() -> None:
    answers = [*TEN[:8], answered(8, status=503, after_s=3), Answer(100.9)]
    crowd = Crowd(10, answers, DECIDED, SHOWN)
    assert crowd.refused_per_s() == pytest.approx(2)
    assert crowd.accepted_per_s() == pytest.approx(8)
    assert crowd.accepted_ms(99) == pytest.approx(10)


def test_times_count_from_the_click_the_202_and_the_decision() -> None:
    crowd = Crowd(10, TEN, DECIDED, SHOWN)
    assert crowd.accepted_ms(50) == pytest.approx(10)
    assert crowd.shown_ms(50) == pytest.approx(70)
    assert crowd.projected_ms(50) == pytest.approx(50)


def test_an_accepted_booking_that_was_not_seen_is_lost_and_one_of_somebody_else_is_not_counted() -> None:
    unseen = {booking_id: at for booking_id, at in SHOWN.items() if booking_id != "bk_3"}
    crowd = Crowd(10, TEN, {**DECIDED, "bk_other": 1.0}, unseen)
    assert crowd.lost() == ["1 accepted bookings were not shown within 60 s, at 10 a second"]
    assert crowd.decided_per_s() == pytest.approx(10)


def test_each_request_is_for_another_seat_one_hall_after_the_other() -> None:
    seats = Seats("hall-", 3, 2)
    wanted = [json.loads(body(seats, number)) for number in range(6)]
    assert [(one["eventId"], one["seatId"]) for one in wanted[:4]] == [
        ("hall-0", "S1"),
        ("hall-1", "S1"),
        ("hall-2", "S1"),
        ("hall-0", "S2"),
    ]
    assert len({(one["eventId"], one["seatId"]) for one in wanted}) == 6


def test_what_was_under_way_at_the_end_and_what_was_never_sent_are_asked_for_as_well() -> None:
    told = Figures(answers=100, refused=3, broken=2, seconds=1, p50_ms=1, p95_ms=1, p99_ms=1)
    assert told.asked == 100 + 2 + CLIENTS + 1
