"""A booking is followed to the end of its payment, and what a stream tells late is not taken for one."""

from frontrow_cli.booking import is_through
from frontrow_client import Booking

SHOWN = Booking(booking_id="bk_1", status="paying", version=3)


def told(status: str, version: int) -> Booking:
    return Booking(booking_id="bk_1", status=status, version=version)


def test_a_message_that_is_older_than_what_was_shown_is_not_heeded() -> None:
    assert not is_through(told("held", 2), SHOWN)
    assert not is_through(told("held", 3), SHOWN)


def test_a_payment_that_goes_on_is_not_through() -> None:
    assert not is_through(told("paying", 4), SHOWN)
    assert not is_through(None, SHOWN)


def test_what_came_of_it_is_the_end() -> None:
    assert is_through(told("confirmed", 4), SHOWN)
    assert is_through(told("held", 4), SHOWN)
