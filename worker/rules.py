"""The rules: what becomes of a command to an event, as a pure function of the seat map and the log's time.

``worker.deciding`` enters here, and through it the worker and ``audit``'s replay, so nothing here may do I/O, read a
clock or throw dice. A batch is a fold of ``decide`` and ``apply`` in offset order; how the log is cut into batches
changes nothing (test: ``test_any_batching_of_a_log_gives_the_same_outcomes``). A change that would decide an old log
differently raises ``contracts.outcomes.RULES_VERSION``.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from contracts.commands import (
    MAX_SEATS_PER_BLOCK,
    AddSeats,
    BestSeats,
    BookingCommand,
    BookSeats,
    Command,
    CreateEvent,
    EventCommand,
    PublishEvent,
    StartPayment,
)
from contracts.ids import ACCEPTANCE_BOUND_MS
from contracts.outcomes import Offer, PaymentStart, Reason, SeatChange, Status
from contracts.seat_status import AVAILABLE, BOOKED, HELD
from worker.best_seats import Choice, Wish, choose
from worker.life_cycle import Booking, Effect
from worker.seating import FRONT_CENTRE, Block, Focus, Seating

DRAFT: Final = "draft"
ON_SALE: Final = "on_sale"

LAST_TIME_MS: Final = 253_402_300_799_999
"""The end of year 9999: what a time on the wire and in the ledger can say."""
LARGEST_AMOUNT: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that is no command. It has an outcome when its header names the id that somebody was given."""

    command_id: str | None
    kind: str
    event_id: str
    why: str


@dataclass(slots=True)
class Seat:
    """Where a seat stands and whose it is. ``version`` is 0 when added and grows by one with each change."""

    block: int
    position: int
    status: str = AVAILABLE
    version: int = 0
    booking_id: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A block with all of its seats: ``versions`` are theirs, in map order."""

    block: Block
    versions: Sequence[int]


class Price(NamedTuple):
    """What a seat costs, in minor units of ``currency``; nothing, when it has no price or no currency."""

    minor: int | None
    currency: str | None


@dataclass(slots=True)
class Hall:
    """One event as far as its commands need it. ``status`` is None while no such event was created.

    The worker loads only the seats that a batch names; for the rules a seat that was not loaded does not exist.
    ``plan``: all blocks of an event whose best seats are asked for, as they were when the batch began or when they were
    added; ``seating`` is made of it when first needed and kept up to date from then on. ``prices``: what a seat of each
    block costs; loaded when a payment starts.
    """

    status: str | None = None
    version: int = 0
    hold_seconds: int = 0
    focus: Focus = FRONT_CENTRE
    blocks: set[int] = field(default_factory=set)
    seats: dict[str, Seat] = field(default_factory=dict)
    plan: dict[int, Plan] = field(default_factory=dict)
    seating: Seating | None = None
    prices: dict[int, Price] = field(default_factory=dict)


class Decision(NamedTuple):
    """What was decided. ``conflicts`` are in request order, ``changes`` in order of block and position.

    ``booking``: the booking that has a life or was asked for by its id, as it is now; ``moved``: whether that is new.
    ``seat_ids``: which of its seats changed hands, where the command did not name them. ``effects``: what became of
    other bookings, before this; ``offer``: what a refused request was offered; ``payment``: what one
    was started with.
    """

    status: Status
    reason: Reason | None = None
    conflicts: tuple[str, ...] = ()
    changes: tuple[SeatChange, ...] = ()
    booking: Booking | None = None
    moved: bool = False
    seat_ids: tuple[str, ...] = ()
    effects: "tuple[tuple[Effect, Decision], ...]" = ()
    offer: Offer | None = None
    payment: PaymentStart | None = None


def decide(hall: Hall, command: EventCommand | Unreadable, log_time_ms: int) -> Decision:
    """Return what becomes of ``command``; ``hall`` is its event's, ``log_time_ms`` the running maximum including it."""
    failed = failure(command, log_time_ms)
    if failed is not None or isinstance(command, Unreadable):
        return failed or UNPROCESSABLE
    return _RULES[type(command)](hall, command)


def failure(command: Command | Unreadable, log_time_ms: int) -> Decision | None:
    """Return why a command is not even looked at, if so."""
    if isinstance(command, Unreadable) or not _can_be_kept(command):
        return UNPROCESSABLE
    # A derived id carries no time, so nobody was ever told that its command comes too late.
    if not command.keyed and log_time_ms > command.issued_at_ms + ACCEPTANCE_BOUND_MS:
        return NEVER_ACCEPTED
    return None


def apply(hall: Hall, command: EventCommand | Unreadable, decision: Decision) -> None:
    """Make the decision true in ``hall``; refusals and failures change nothing."""
    if decision.changes and isinstance(command, BookSeats):
        status = BOOKED if decision.status is Status.CONFIRMED else HELD
        change_seats(hall, decision.seat_ids or command.seat_ids, status, command.command_id)
    elif decision.status is Status.DONE:
        hall.version += 1
        if isinstance(command, CreateEvent):
            hall.status = DRAFT
            hall.hold_seconds = command.hold_seconds
            hall.focus = Focus(command.focal_row, command.focal_offset)
        elif isinstance(command, PublishEvent):
            hall.status = ON_SALE
        elif isinstance(command, AddSeats):
            hall.blocks.add(command.block)
            hall.plan[command.block] = _plan(command)
            hall.prices[command.block] = Price(command.price_minor, command.currency)
            hall.seating = None
            for position, seat_id in enumerate(seats_of(command)):
                hall.seats[seat_id] = Seat(command.block, position)


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


def price_of(hall: Hall, seat_ids: Iterable[str]) -> tuple[tuple[int, ...], str | None] | None:
    """Return what each of these seats costs, and the currency, which is None when all are free.

    None when their prices are in two currencies, which no one payment can be.
    """
    found = [hall.prices[hall.seats[seat_id].block] for seat_id in seat_ids]
    currencies = {price.currency for price in found if price.minor and price.currency}
    if len(currencies) > 1:
        return None
    return tuple((price.minor or 0) if price.currency else 0 for price in found), next(iter(currencies), None)


def seats_of(command: AddSeats) -> list[str]:
    """Return the block's seats in map order."""
    return [seat_id for row in command.rows for seat_id in row.seat_ids]


def _book(hall: Hall, command: BookSeats) -> Decision:
    if hall.status != ON_SALE:
        return Decision(Status.REJECTED, Reason.UNKNOWN_EVENT if hall.status is None else Reason.SALE_NOT_OPEN)
    return _book_named(hall, command) if command.best is None else _book_best(hall, command.best)


def _book_named(hall: Hall, command: BookSeats) -> Decision:
    found = [hall.seats.get(seat_id) for seat_id in command.seat_ids]
    seats = [seat for seat in found if seat is not None]
    if len(seats) != len(found):
        return Decision(Status.REJECTED, Reason.UNKNOWN_SEAT)
    conflicts = tuple(
        seat_id for seat_id, seat in zip(command.seat_ids, seats, strict=True) if seat.status != AVAILABLE
    )
    if conflicts:
        return Decision(Status.REJECTED, Reason.SEAT_TAKEN, conflicts)
    if hall.hold_seconds:
        return Decision(Status.HELD, changes=changes_of(seats, HELD))
    return Decision(Status.CONFIRMED, changes=changes_of(seats, BOOKED))


def _book_best(hall: Hall, best: BestSeats) -> Decision:
    choice = choose(seating_of(hall), Wish(best.count, best.section, best.max_price, best.accessible))
    if choice is None:
        return Decision(Status.REJECTED, Reason.NOT_ENOUGH_SEATS)
    seats = seats_at(hall, choice)
    status, seat_status = (Status.HELD, HELD) if hall.hold_seconds else (Status.CONFIRMED, BOOKED)
    return Decision(status, changes=changes_of(seats, seat_status), seat_ids=choice.seat_ids)


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


def _seat_at(hall: Hall, seat_id: str, block: int, position: int) -> Seat:
    """Return a free seat that was chosen, and may not have been looked at before."""
    seat = hall.seats.get(seat_id)
    if seat is None:
        seat = hall.seats[seat_id] = Seat(block, position, AVAILABLE, hall.plan[block].versions[position])
    return seat


def _plan(command: AddSeats) -> Plan:
    rows = [row.seat_ids for row in command.rows]
    seats = sum(map(len, rows))
    accessible = frozenset(command.accessible)
    block = Block(
        command.block,
        command.section,
        rows,
        AVAILABLE * seats,
        command.price_minor,
        accessible,
        command.general_admission,
    )
    return Plan(block, [0] * seats)


def _create(hall: Hall, _command: CreateEvent) -> Decision:
    return _DONE if hall.status is None else Decision(Status.REFUSED, Reason.ALREADY_EXISTS)


def _add_seats(hall: Hall, command: AddSeats) -> Decision:
    if hall.status is None:
        return Decision(Status.REFUSED, Reason.UNKNOWN_EVENT)
    if hall.status != DRAFT:
        return Decision(Status.REFUSED, Reason.ALREADY_PUBLISHED)
    if command.block in hall.blocks:
        return Decision(Status.REFUSED, Reason.ALREADY_EXISTS)
    seat_ids = seats_of(command)
    distinct = set(seat_ids)
    if len(distinct) != len(seat_ids) or not distinct.isdisjoint(hall.seats):
        return Decision(Status.REFUSED, Reason.DUPLICATE_SEAT)
    return _DONE


def _publish(hall: Hall, command: PublishEvent) -> Decision:
    if hall.status is None:
        return Decision(Status.REFUSED, Reason.UNKNOWN_EVENT)
    if hall.status != DRAFT:
        return Decision(Status.REFUSED, Reason.ALREADY_PUBLISHED)
    if not hall.blocks.issuperset(range(command.blocks)):
        return Decision(Status.REFUSED, Reason.BLOCKS_MISSING)
    return _DONE


def _can_be_kept(command: Command) -> bool:
    """Whether the ledger can hold what the command says: checked here, so that every replay fails the same ones."""
    if not 0 <= command.issued_at_ms <= LAST_TIME_MS:
        return False
    match command:
        case BookSeats():
            once = len(command.seat_ids) == 1 or len(set(command.seat_ids)) == len(command.seat_ids)
            return once and "\0" not in command.principal
        case CreateEvent():
            return "\0" not in command.name + command.venue + command.time_zone and _is_a_time(command.date)
        case AddSeats():
            # Rows are bounded one by one; a block is bounded as a whole, or one command could stall its partition.
            few = sum(len(row.seat_ids) for row in command.rows) <= MAX_SEATS_PER_BLOCK
            return (
                few
                and (command.price_minor or 0) <= LARGEST_AMOUNT
                and not any("\0" in row.row for row in command.rows)
            )
        case StartPayment():
            return "\0" not in command.payment_token
        case PublishEvent() | BookingCommand():
            return True


def _is_a_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


_DONE: Final = Decision(Status.DONE)
UNPROCESSABLE: Final = Decision(Status.FAILED, Reason.UNPROCESSABLE)
NEVER_ACCEPTED: Final = Decision(Status.FAILED, Reason.NEVER_ACCEPTED)
_RULES: Final[dict[type, Callable[[Hall, Any], Decision]]] = {
    BookSeats: _book,
    CreateEvent: _create,
    AddSeats: _add_seats,
    PublishEvent: _publish,
}
