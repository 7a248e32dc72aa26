"""Records: the shapes in which a batch asks the ledger, is answered, and says what it leaves behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from worker.life_cycle import Booking
from worker.rules import Plan


class Due(NamedTuple):
    """The first ``limit`` bookings of a partition that a tick at ``now_ms`` would end."""

    partition: int
    now_ms: int
    limit: int


class Wanted(NamedTuple):
    """What a batch must know; all distinct. ``seats`` are pairs of event id and seat id.

    With the bookings that are named or due come their seats; ``plans_of``: events of which all blocks are wanted;
    ``prices``: whether a payment starts, which must know what the seats of all these events and bookings cost.
    """

    command_ids: Sequence[str] = ()
    event_ids: Sequence[str] = ()
    seats: Sequence[tuple[str, str]] = ()
    blocks_of: Sequence[str] = ()
    booking_ids: Sequence[str] = ()
    due: Sequence[Due] = ()
    plans_of: Sequence[str] = ()
    prices: bool = False


class SeatRow(NamedTuple):
    """A seat as it is kept."""

    event_id: str
    seat_id: str
    block: int
    position: int
    status: str
    version: int
    booking_id: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """What the ledger knew. ``events`` maps id to status, version, hold in seconds and focus; ``blocks`` are pairs of
    event id and number; ``requests``: what is asked of bookings that have no life (id, partition, event, principal,
    seats, status); ``prices``: event id, block, price in minor units, currency."""  # noqa: D205, D209 - one sentence of shapes

    decided: frozenset[str]
    events: Mapping[str, tuple[str, int, int, int, int]]
    blocks: Sequence[tuple[str, int]]
    seats: Sequence[SeatRow]
    bookings: Mapping[str, Booking]
    plans: Mapping[str, Sequence[Plan]]
    requests: Sequence[tuple[str, int, str, str | None, Sequence[str], str]]
    prices: Sequence[tuple[str, int, int | None, str | None]] = ()


@dataclass(frozen=True, slots=True)
class Writes:
    """What a batch leaves behind: rows in the column order of the statement of the same name below."""

    new_events: Sequence[tuple[Any, ...]] = ()
    changed_events: Sequence[tuple[Any, ...]] = ()
    new_blocks: Sequence[tuple[Any, ...]] = ()
    new_seats: Sequence[tuple[Any, ...]] = ()
    changed_seats: Sequence[tuple[Any, ...]] = ()
    new_bookings: Sequence[tuple[Any, ...]] = ()
    changed_bookings: Sequence[tuple[Any, ...]] = ()
    outcomes: Sequence[tuple[Any, ...]] = ()
    payment_starts: Sequence[tuple[Any, ...]] = ()
    dead_letters: Sequence[tuple[Any, ...]] = ()
