"""What customers believe: everything that contradicts it is said, and nothing else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from frontrow_client import Booking
from loadtest.told import CLOCKS_AGREE_WITHIN, EXPIRED_WITHIN, Told

NOW = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
ENDS = NOW + timedelta(seconds=4)
MOMENT = timedelta(milliseconds=1)


def booking(status: str, *seat_ids: str, **about: Any) -> Booking:  # noqa: ANN401 - fields of a booking
    body = {"booking_id": "bk_1", "status": status, "seat_ids": list(seat_ids), "version": 1, **about}
    return Booking.model_validate(body)


HELD = booking("held", "A1", "A2", expires_at=ENDS)
CONFIRMED = booking("confirmed", "A1", "A2")


@pytest.mark.parametrize("shown", [HELD, CONFIRMED, booking("rejected", "A1", reason="seat_taken")])
def test_what_is_shown_as_it_was_told_is_no_complaint(shown: Booking) -> None:
    assert Told.by(shown).complaint(shown, NOW) is None


@pytest.mark.parametrize(
    "shown",
    [
        booking("rejected", "A1", "A2"),
        booking("cancelled", "A1", "A2"),
        booking("pending"),
        booking("confirmed", "A1"),
        booking("confirmed", "A1", "A3"),
        booking("confirmed", "A1", "A2", booking_id="bk_2"),
    ],
)
def test_anything_else_is_one(shown: Booking) -> None:
    assert Told.by(CONFIRMED).complaint(shown, NOW)


def test_a_hold_is_over_after_its_end_and_not_before() -> None:
    told, expired = Told.by(HELD), booking("expired", "A1", "A2")
    assert told.complaint(expired, ENDS - CLOCKS_AGREE_WITHIN - MOMENT)
    assert told.complaint(expired, ENDS) is None
    assert told.complaint(HELD, ENDS + EXPIRED_WITHIN) is None
    assert told.complaint(HELD, ENDS + EXPIRED_WITHIN + MOMENT)


def test_a_hold_that_began_anew_ends_later() -> None:
    longer = booking("held", "A1", "A2", expires_at=ENDS + timedelta(minutes=1))
    assert Told.by(HELD).complaint(longer, ENDS + EXPIRED_WITHIN + MOMENT) is None


def test_what_was_given_back_is_gone_and_the_rest_is_not() -> None:
    fewer = Told.by(CONFIRMED).given_back(["A1"])
    assert fewer.complaint(booking("confirmed", "A2"), NOW) is None
    assert fewer.complaint(CONFIRMED, NOW)
    for none in (fewer.given_back(["A2"]), fewer.given_back([])):
        assert none.complaint(booking("cancelled", "A2"), NOW) is None
        assert none.complaint(booking("confirmed", "A2"), NOW)
        assert not none.has_seats


def test_what_was_paid_for_is_confirmed_or_came_too_late() -> None:
    paid = Told.by(HELD).paid_for(succeeds=True)
    assert paid.complaint(CONFIRMED, NOW) is None
    assert paid.complaint(booking("expired", reason="payment_late"), NOW) is None
    for status in ("held", "paying", "cancelled"):
        assert paid.complaint(booking(status, "A1", "A2"), NOW)


def test_what_was_declined_is_held_or_over() -> None:
    declined = Told.by(HELD).paid_for(succeeds=False)
    assert declined.complaint(HELD, NOW) is None
    assert declined.complaint(booking("expired"), NOW) is None
    assert declined.complaint(CONFIRMED, NOW)
