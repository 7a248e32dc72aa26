"""How many seats are left is counted from what outcomes say that seats became."""

import pytest

from tests.unit.webhooks.outcomes import outcome, step
from webhooks.availability import Hall, before, follow, move, needs_former_state, takes_an_offer
from webhooks.rows import Outcome


@pytest.mark.parametrize(
    ("row", "had_seats", "by"),
    [
        (outcome(seats=2), False, -2),
        (outcome(seats=2, became="h"), False, -2),
        (outcome(seats=2), True, 0),  # it took an offer
        (step(2, "settle_payment", "bk_1", "confirmed", "b", seats=2), True, 0),
        (step(2, "settle_payment", "bk_1", "confirmed", "b", seats=2), False, -2),  # late, and they were still free
        (step(2, "cancel_booking", "bk_1", "cancelled", "a", seats=2), True, 2),
        (step(2, "expire", "bk_1", "expired", "a", seats=2), False, 2),
        (outcome(status="rejected", changes=[]), False, 0),
    ],
)
def test_seats_are_taken_unless_the_booking_had_them_already(row: Outcome, had_seats: bool, by: int) -> None:  # noqa: FBT001 - a table
    assert move(row, had_seats=had_seats).by == by


def test_only_what_became_of_a_booking_needs_to_know_what_it_was() -> None:
    assert not needs_former_state(outcome())
    assert needs_former_state(step(2, "settle_payment", "bk_1", "confirmed", "b"))
    assert not needs_former_state(step(2, "cancel_booking", "bk_1", "cancelled", "a"))
    assert takes_an_offer(step(2, "offer", "of_1", "taken", "h"))


def test_each_time_that_the_last_seat_goes_is_told_and_a_hall_can_be_followed_backwards() -> None:
    rows = [
        outcome(1, seats=2),
        step(2, "cancel_booking", "bk_1", "cancelled", "a", seats=1),
        outcome(3, seats=1),
        step(4, "cancel_booking", "bk_3", "cancelled", "a", seats=1),
    ]
    moves = [move(row, had_seats=False) for row in rows]
    hall, sold_out = follow(Hall(3, 2), moves)
    assert (hall, [row.id for row in sold_out]) == (Hall(3, 1), [1, 3])
    assert before(hall, moves) == Hall(3, 2)


def test_an_organiser_who_keeps_the_last_seats_back_has_sold_nothing() -> None:
    kept_back = outcome(kind="block_seats", status="done", became="h", seats=2)
    assert follow(Hall(2, 2), [move(kept_back, had_seats=False)]) == (Hall(2, 0), [])
