"""Records: the shapes in which a batch asks the ledger, is answered, and says what it leaves behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from worker.hall import Plan
from worker.life_cycle import Booking
from worker.prices import Prices


class Due(NamedTuple):
    """The first ``limit`` bookings of a partition that a tick at ``now_ms`` would end."""

    partition: int
    now_ms: int
    limit: int


class Blocks(NamedTuple):
    """The blocks of an event from ``first`` to ``last``."""

    event_id: str
    first: int
    last: int


class Wanted(NamedTuple):
    """What a batch must know; all distinct. ``seats`` are pairs of event id and seat id.

    ``plans_of``: events of which all blocks are wanted; ``clearing_on``: partitions whose cancelled events with
    bookings left are; ``taken_in``: blocks of which all seats that are somebody's are; ``counts``: pairs of event and
    principal; ``prices_of``: events of which it matters what a seat costs, since a payment starts.
    """

    command_ids: Sequence[str] = ()
    event_ids: Sequence[str] = ()
    seats: Sequence[tuple[str, str]] = ()
    blocks_of: Sequence[str] = ()
    booking_ids: Sequence[str] = ()
    due: Sequence[Due] = ()
    plans_of: Sequence[str] = ()
    clearing_on: Sequence[int] = ()
    taken_in: Sequence[Blocks] = ()
    counts: Sequence[tuple[str, str]] = ()
    prices_of: Sequence[str] = ()


class EventRow(NamedTuple):
    """An event as far as the rules look at it; see ``worker.hall.Hall``."""

    status: str
    version: int
    hold_seconds: int
    focal_row: int
    focal_offset: int
    organiser: str
    max_seats_per_user: int | None
    on_sale_at_ms: int | None
    off_sale_at_ms: int | None
    clearing: int | None


class SeatRow(NamedTuple):
    """A seat as it is kept."""

    event_id: str
    seat_id: str
    block: int
    position: int
    status: str
    version: int
    booking_id: str | None


class RequestRow(NamedTuple):
    """A booking request of which nothing more has become."""

    booking_id: str
    partition: int
    event_id: str
    principal: str | None
    seat_ids: Sequence[str]
    status: str


class ClearingRow(NamedTuple):
    """A cancelled event with bookings left, and the last block that may have some."""

    event_id: str
    partition: int
    block: int


@dataclass(frozen=True, slots=True)
class Found:
    """What the ledger knew. ``blocks`` are pairs of event id and number; ``counts``: seats by event and principal;
    ``prices``: those of blocks, by event and number."""  # noqa: D205, D209 - one sentence of shapes

    decided: frozenset[str] = frozenset()
    events: Mapping[str, EventRow] = field(default_factory=dict)
    blocks: Sequence[tuple[str, int]] = ()
    seats: Sequence[SeatRow] = ()
    bookings: Mapping[str, Booking] = field(default_factory=dict)
    plans: Mapping[str, Sequence[Plan]] = field(default_factory=dict)
    requests: Sequence[RequestRow] = ()
    clearing: Sequence[ClearingRow] = ()
    counts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    prices: Mapping[tuple[str, int], Prices] = field(default_factory=dict)

    def and_also(self, more: "Found") -> "Found":
        """Return what was found before and now."""
        return Found(
            self.decided | more.decided,
            {**self.events, **more.events},
            [*self.blocks, *more.blocks],
            list({row[:2]: row for row in (*self.seats, *more.seats)}.values()),
            {**self.bookings, **more.bookings},
            {**self.plans, **more.plans},
            [*self.requests, *more.requests],
            [*self.clearing, *more.clearing],
            {**self.counts, **more.counts},
            {**self.prices, **more.prices},
        )


@dataclass(frozen=True, slots=True)
class Writes:
    """What a batch leaves behind: rows in the column order of the statement of the same name below."""

    new_events: Sequence[tuple[Any, ...]] = ()
    changed_events: Sequence[tuple[Any, ...]] = ()
    described_events: Sequence[tuple[Any, ...]] = ()
    new_blocks: Sequence[tuple[Any, ...]] = ()
    new_seats: Sequence[tuple[Any, ...]] = ()
    changed_seats: Sequence[tuple[Any, ...]] = ()
    new_bookings: Sequence[tuple[Any, ...]] = ()
    changed_bookings: Sequence[tuple[Any, ...]] = ()
    new_counts: Sequence[tuple[Any, ...]] = ()
    changed_counts: Sequence[tuple[Any, ...]] = ()
    outcomes: Sequence[tuple[Any, ...]] = ()
    payment_starts: Sequence[tuple[Any, ...]] = ()
    dead_letters: Sequence[tuple[Any, ...]] = ()
