"""The table of operations: what clients do, and how often. A capability that is new is a row here, and a function."""

from collections.abc import Callable
from typing import Final

from tests.faults.run import bookings, organising, people
from tests.faults.run.client import Client
from tests.faults.run.history import Operation

Ask = Callable[[Client], Operation | None]

OPERATIONS: Final[tuple[tuple[int, Ask], ...]] = (
    (20, bookings.book),
    (8, bookings.book_best),
    (4, bookings.book_with_offer),
    (4, bookings.book_and_wait),
    (8, bookings.book_under_a_key),
    (8, bookings.pay),
    (12, bookings.cancel),
    (4, bookings.extend),
    (12, bookings.read_booking),
    (3, bookings.watch_booking),
    (4, bookings.read_event),
    (2, people.register),
    (4, people.log_in),
    (1, people.log_in_wrongly),
    (6, people.refresh),
    (2, people.reuse),
    (1, people.log_out),
    (1, organising.announce),
    (2, organising.change),
    (3, organising.open_sale),
    (2, organising.close_sale),
    (1, organising.call_off),
)
"""How often, of all, and what. A row returns None when there is nothing to do it to. Passwords are dear: few log in."""
