"""Availability: how many seats of an event are available after each outcome, and which one took the last. Pure.

A held seat is not available, as everywhere in Frontrow: an event whose last seats are being paid for is sold out, and
if one of the holds ends it is not any more, and may be sold out again. Each time is told. An organiser who keeps the
last seats back has sold nothing, and is not told.

The count is kept at the feed's cursor and moved by the outcomes themselves, so that an event that was sold out for a
moment while nobody looked is told as well. An outcome says what seats became, not what they were: seats that became
available were not before; seats that became held or booked were available before, unless the booking, or the offer that
it took, had them already.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from contracts.outcomes import BookingStatus
from contracts.seat_status import AVAILABLE
from webhooks.rows import Outcome

HAVING: Final = frozenset({BookingStatus.HELD, BookingStatus.PAYING, BookingStatus.CONFIRMED, BookingStatus.OFFERED})
"""In which states a booking has its seats."""


class Hall(NamedTuple):
    """An event's seats at some position of the feed."""

    seats_total: int
    seats_available: int


class Move(NamedTuple):
    """An outcome, and by how many it changes the available seats."""

    row: Outcome
    by: int


def needs_former_state(row: Outcome) -> bool:
    """Whether what the booking was before says if its seats were available."""
    return not row.is_request and row.booking_id is not None and _taken(row) > 0


def takes_an_offer(row: Outcome) -> bool:
    """Whether the request of the same message took an offer's seats, which were not available before."""
    return row.booking_status is BookingStatus.TAKEN


def move(row: Outcome, *, had_seats: bool) -> Move:
    """Return by how many ``row`` changes the available seats. ``had_seats``: whether they were its booking's before."""
    taken = _taken(row)
    given = len(row.changes) - taken
    return Move(row, given if had_seats else given - taken)


def before(hall: Hall, moves: Iterable[Move]) -> Hall:
    """Return the hall as it was before ``moves``, which ``hall`` has already."""
    return hall._replace(seats_available=hall.seats_available - sum(one.by for one in moves))


def follow(hall: Hall, moves: Iterable[Move]) -> tuple[Hall, list[Outcome]]:
    """Return the hall after ``moves``, and the bookings' outcomes that took the last available seat."""
    available = hall.seats_available
    sold_out = []
    for row, by in moves:
        if by < 0 and available > 0 and available + by <= 0 and row.about is not None:
            sold_out.append(row)
        available += by
    return hall._replace(seats_available=available), sold_out


def _taken(row: Outcome) -> int:
    return sum(status != AVAILABLE for _block, _position, status, _version in row.changes)
