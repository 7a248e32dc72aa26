"""Feed: what the ledger tells the projector. Shapes only; no I/O, no clock.

``ledger`` makes them, ``projection`` reads them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple


class Position(NamedTuple):
    """A ledger position: ``tx`` is PostgreSQL's xid8, ``id`` orders the rows of one transaction."""

    tx: int
    id: int


class Cursor(NamedTuple):
    """Up to where the view is complete, and which outcome is the last in it, by its command's or its booking's id."""

    position: Position
    outcome: str | None = None


START = Position(0, 0)
"""Before the first row: transaction ids begin at 3, row ids at 1."""


class FeedRow(NamedTuple):
    """One outcome, as far as the view needs it. ``changes`` are ``[block, position, status, version]`` each.

    ``booking_id``: the booking that it is about, if it is not a booking request's own; ``booking``: the fields of
    ``contracts.outcomes.BookingState``, where something became of one.
    """

    tx: int
    id: int
    command_id: str | None
    kind: str
    event_id: str
    principal: str | None
    status: str
    reason: str | None
    seat_ids: list[str]
    conflicts: list[str]
    changes: list[tuple[int, int, str, int]]
    log_partition: int
    requested_at: datetime
    decided_at: datetime
    booking_id: str | None = None
    booking: dict[str, Any] | None = None

    @property
    def cursor(self) -> Cursor:
        """The cursor behind this row."""
        return Cursor(Position(self.tx, self.id), self.command_id or self.booking_id)


class AccountChange(NamedTuple):
    """Something happened to an account; ``user_id``: its name as it is now, None when it is gone."""

    tx: int
    id: int
    principal: str
    user_id: str | None


@dataclass(frozen=True, slots=True)
class Poll:
    """One look at the feed, all of it from one snapshot.

    ``drained``: there was nothing more below the horizon. ``decided_ms`` maps a partition to the log's time up to
    which everything on it is decided below the horizon; it says something of the view only when the poll drained.
    """

    rows: list[FeedRow]
    drained: bool
    incarnation: str
    decided_ms: dict[int, int]

    def up_to(self, until: Position) -> "Poll":
        """Return the same without rows beyond ``until``; what was cut is still to come, so it has not drained."""
        rows = [row for row in self.rows if row.cursor.position <= until]
        return self if len(rows) == len(self.rows) else replace(self, rows=rows, drained=False)


@dataclass(frozen=True, slots=True)
class BlockState:
    """One block in one snapshot: a status character and a version a seat, in map order.

    A seat that is kept back has its character in upper case. ``priced``: category, price, and positions of seats that
    are of another category than the rest of the block.
    """

    block: int
    section: str
    status: str
    versions: list[int]
    category: str | None = None
    price_minor: int | None = None
    currency: str | None = None
    priced: Sequence[tuple[str | None, int | None, Sequence[int]]] = ()


class EventFacts(NamedTuple):
    """What an event is, apart from its seats. ``own_version`` counts the commands that changed it."""

    event_id: str
    name: str
    kind: str
    venue: str
    time_zone: str
    date: datetime
    partition: int
    own_version: int
    status: str = "on_sale"
    organiser: str = ""
    description: str = ""
    place: str | None = None
    hold_seconds: int = 0
    max_seats_per_user: int | None = None
    on_sale_at_ms: int | None = None
    off_sale_at_ms: int | None = None
    production_id: str | None = None
    production_name: str | None = None
    origin: str | None = None
    destination: str | None = None
    departure: datetime | None = None
    arrival: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventState:
    """An event that is shown, and its blocks."""

    facts: EventFacts
    blocks: list[BlockState]
