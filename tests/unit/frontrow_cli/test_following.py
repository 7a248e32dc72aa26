"""A booking is followed to its end, and what a stream tells late is not taken for one."""

from collections.abc import Iterator
from unittest.mock import MagicMock

from frontrow_cli import booking
from frontrow_cli.exits import Exit
from frontrow_client import Booking
from frontrow_client.models import Message

BOOKING_ID = "bk_1"


class Following:
    """A client to whom a stream tells these, one by one; ``read``: how many were read."""

    def __init__(self, *told: Booking) -> None:
        self._told = told
        self.read = 0

    def booking(self, _booking_id: str, **_options: float) -> Booking:
        """Return the booking as it stands: paying until it was read that it is not."""
        return self._told[self.read - 1] if self.read else Booking(booking_id=BOOKING_ID, status="paying", version=3)

    def follow_booking(self, _booking_id: str, **_options: float) -> Iterator[Message[Booking]]:
        """Yield what is told."""
        for one in self._told:
            self.read += 1
            yield Message("change", one)


def test_a_message_that_is_older_than_what_was_shown_is_not_heeded() -> None:
    older = Booking(booking_id=BOOKING_ID, status="held", version=2)
    same = Booking(booking_id=BOOKING_ID, status="paying", version=3)
    paid = Booking(booking_id=BOOKING_ID, status="confirmed", version=4, event_id="concert", seat_ids=["A1"])
    back = Booking(booking_id=BOOKING_ID, status="cancelled", version=5)
    visit = MagicMock()
    visit.client = Following(older, same, paid, back)
    assert booking.booking(visit, BOOKING_ID, wait=True) is Exit.OK
    assert visit.client.read == 3, "as far as the end of the payment, and no further"
