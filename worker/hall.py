"""A hall: one event and its seats as far as the rules need them, and how its seats change hands. Pure.

``rules``, ``event_rules`` and ``deciding`` enter here. What the worker did not load is not here; what is not here does
not exist for the rules, but for the seats of a plan.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from contracts.ids import COMMAND_PREFIX
from contracts.outcomes import SeatChange
from contracts.seat_status import AVAILABLE
from worker.best_seats import Choice
from worker.prices import Prices
from worker.seating import FRONT_CENTRE, Block, Focus, Seating

DRAFT: Final = "draft"
ON_SALE: Final = "on_sale"
CLOSED: Final = "closed"
CANCELLED: Final = "cancelled"

_BY_A_COMMAND: Final = f"{COMMAND_PREFIX}_"


def blocks_a_seat(owner: str) -> bool:
    """Whether a seat's owner is no booking or offer, but the command that blocked it."""
    return owner.startswith(_BY_A_COMMAND)


@dataclass(slots=True)
class Seat:
    """Where a seat stands and whose it is. ``version`` is 0 when added and grows by one with each change.

    ``booking_id``: the booking or offer that has it, or the command that blocked it.
    """

    block: int
    position: int
    status: str = AVAILABLE
    version: int = 0
    booking_id: str | None = None

    @property
    def blocked(self) -> bool:
        """Whether its organiser keeps it back."""
        return self.booking_id is not None and blocks_a_seat(self.booking_id)


@dataclass(frozen=True, slots=True)
class Plan:
    """A block with all of its seats: ``versions`` are theirs, in map order."""

    block: Block
    versions: Sequence[int]


@dataclass(slots=True)
class Hall:
    """One event as far as its commands need it. ``status`` is None while no such event was created.

    The worker loads only the seats that a batch names; for the rules a seat that was not loaded does not exist.
    ``plan``: all blocks of an event whose best seats are asked for, as they were when the batch began or when they were
    added; ``seating`` is made of it when first needed and kept up to date from then on. ``counts``: how many seats a
    principal has, while ``max_seats_per_user`` bounds it. ``clearing``: the block whose bookings the next tick cancels,
    from the last to the first, while there are some left of a cancelled event. ``said``: what a command changed of that
    which no rule looks at. ``prices``: what a seat of each block costs; loaded when a payment starts.
    """

    status: str | None = None
    version: int = 0
    hold_seconds: int = 0
    focus: Focus = FRONT_CENTRE
    organiser: str = ""
    max_seats_per_user: int | None = None
    on_sale_at_ms: int | None = None
    off_sale_at_ms: int | None = None
    clearing: int | None = None
    blocks: set[int] = field(default_factory=set)
    seats: dict[str, Seat] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    said: dict[str, Any] = field(default_factory=dict)
    plan: dict[int, Plan] = field(default_factory=dict)
    seating: Seating | None = None
    prices: dict[int, Prices] = field(default_factory=dict)

    def may_have(self, principal: str | None, more: int) -> bool:
        """Whether so many seats more are within the limit."""
        limit = self.max_seats_per_user
        return limit is None or self.counts[principal or ""] + more <= limit

    def count(self, principal: str | None, more: int) -> None:
        """Note that a principal has so many seats more, or fewer; costs nothing where nothing is limited."""
        if self.max_seats_per_user is not None:
            self.counts[principal or ""] += more


def change_seats(hall: Hall, seat_ids: Iterable[str], status: str, booking_id: str | None) -> None:
    """Let seats become ``status``, and ``booking_id``'s."""
    for seat_id in seat_ids:
        seat = hall.seats[seat_id]
        seat.status, seat.booking_id, seat.version = status, booking_id, seat.version + 1
        if hall.seating is not None:
            hall.seating.mark(seat.block, seat.position, free=status == AVAILABLE)


def changes_of(seats: Iterable[Seat], status: str) -> tuple[SeatChange, ...]:
    """Return what is to be said of ``seats`` before they become ``status``."""
    changes = [SeatChange(seat.block, seat.position, status, seat.version + 1) for seat in seats]
    changes.sort()
    return tuple(changes)


def seating_of(hall: Hall) -> Seating:
    """Return the hall's seating as it is now."""
    if hall.seating is None:
        hall.seating = Seating((plan.block for plan in hall.plan.values()), hall.focus)
        for seat in hall.seats.values():
            hall.seating.mark(seat.block, seat.position, free=seat.status == AVAILABLE)
    return hall.seating


def seats_at(hall: Hall, choice: Choice) -> list[Seat]:
    """Return the seats of a choice."""
    return [_seat_at(hall, seat_id, *place) for seat_id, place in zip(choice.seat_ids, choice.places, strict=True)]


def bookings_in(hall: Hall, block: int) -> list[str]:
    """Return the bookings and offers that have seats in ``block``, in order of their first seat there."""
    plan = hall.plan.get(block)
    seats: Iterable[Seat] = hall.seats.values()
    if plan is not None:  # so that a replay, which has all seats, does not look at each of them a block
        seats = (hall.seats[seat_id] for row in plan.block.rows for seat_id in row if seat_id in hall.seats)
    taken = [
        (seat.position, seat.booking_id)
        for seat in seats
        if seat.block == block and seat.booking_id is not None and not seat.blocked
    ]
    return list(dict.fromkeys(booking_id for _position, booking_id in sorted(taken)))


def _seat_at(hall: Hall, seat_id: str, block: int, position: int) -> Seat:
    """Return a free seat that was chosen, and may not have been looked at before."""
    seat = hall.seats.get(seat_id)
    if seat is None:
        seat = hall.seats[seat_id] = Seat(block, position, AVAILABLE, hall.plan[block].versions[position])
    return seat
