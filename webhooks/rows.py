"""Rows: an outcome of the feed, as far as this room needs it. A shape only; ``telling`` reads them."""

from datetime import datetime
from typing import Any, Final, NamedTuple

from contracts.commands import BookSeats
from contracts.outcomes import BookingStatus
from contracts.positions import Position, position_text

BOOKING_REQUEST: Final[str] = BookSeats.model_fields["kind"].default


class Outcome(NamedTuple):
    """One row; the fields are columns of ``outcomes``. ``tx`` comes as text, since no number of PostgreSQL's holds it.

    ``changes`` are ``[block, position, status, version]`` each, of the seats in ``seat_ids``; ``booking``: the fields
    of ``contracts.outcomes.BookingState``, where something became of a booking after its request.
    """

    tx: str
    id: int
    command_id: str | None
    kind: str
    event_id: str
    principal: str | None
    status: str
    reason: str | None
    seat_ids: list[str]
    changes: list[tuple[int, int, str, int]]
    decided_at: datetime
    booking_id: str | None
    booking: dict[str, Any] | None
    log_partition: int
    log_offset: int

    @property
    def position(self) -> Position:
        """Its place in the feed."""
        return int(self.tx), self.id

    @property
    def position_text(self) -> str:
        """The same, as it is told."""
        return position_text(*self.position)

    @property
    def message(self) -> tuple[int, int]:
        """The message of the log that it is an outcome of; an offer's end has that of the request that took it."""
        return self.log_partition, self.log_offset

    @property
    def is_request(self) -> bool:
        """Whether it is the outcome of a booking's own request."""
        return self.kind == BOOKING_REQUEST

    @property
    def about(self) -> str | None:
        """The booking that it is about."""
        return self.command_id if self.is_request else self.booking_id

    @property
    def booking_status(self) -> BookingStatus | None:
        """What became of a booking that was there before."""
        return BookingStatus(self.booking["status"]) if self.booking is not None and not self.is_request else None
