"""The rules: what becomes of a command to an event, as a pure function of the seat map and the log's time.

``worker.deciding`` enters here, and through it the worker and ``audit``'s replay, so nothing here may do I/O, read a
clock or throw dice. A batch is a fold of ``decide`` and ``apply`` in offset order; how the log is cut into batches
changes nothing (test: ``test_any_batching_of_a_log_gives_the_same_outcomes``). A change that would decide an old log
differently raises ``contracts.outcomes.RULES_VERSION``.
"""

from datetime import datetime
from typing import Final

from contracts.commands import BestSeats, BookingCommand, BookSeats, Command, EventCommand, StartPayment
from contracts.event_commands import (
    MAX_SEATS_PER_BLOCK,
    AddSeats,
    BlockSeats,
    CancelEvent,
    ChangeEvent,
    CloseSale,
    CreateEvent,
    OpenSale,
    PublishEvent,
    ReleaseSeats,
    SuspendSales,
    seats_of,
)
from contracts.ids import ACCEPTANCE_BOUND_MS
from contracts.outcomes import Reason, Status
from contracts.seat_status import AVAILABLE, BOOKED, HELD
from worker import event_rules
from worker.best_seats import Wish, choose
from worker.decisions import NEVER_ACCEPTED, UNPROCESSABLE, Decision, Unreadable
from worker.hall import CANCELLED, CLOSED, ON_SALE, Hall, change_seats, changes_of, seating_of, seats_at

LAST_TIME_MS: Final = 253_402_300_799_999
"""The end of year 9999: what a time on the wire and in the ledger can say."""
LARGEST_AMOUNT: Final = 2**63 - 1


def decide(hall: Hall, command: EventCommand | Unreadable, log_time_ms: int) -> Decision:
    """Return what becomes of ``command``; ``hall`` is its event's, ``log_time_ms`` the running maximum including it."""
    failed = failure(command, log_time_ms)
    if failed is not None or isinstance(command, Unreadable):
        return failed or UNPROCESSABLE
    if isinstance(command, BookSeats):
        return _book(hall, command, log_time_ms)
    return event_rules.decide(hall, command)


def failure(command: Command | Unreadable, log_time_ms: int) -> Decision | None:
    """Return why a command is not even looked at, if so."""
    if isinstance(command, Unreadable) or not _can_be_kept(command):
        return UNPROCESSABLE
    # A derived id carries no time, so nobody was ever told that its command comes too late.
    if not command.keyed and log_time_ms > command.issued_at_ms + ACCEPTANCE_BOUND_MS:
        return NEVER_ACCEPTED
    return None


def apply(hall: Hall, command: EventCommand | Unreadable, decision: Decision, log_time_ms: int) -> None:
    """Make the decision true in ``hall``; refusals and failures change nothing."""
    if isinstance(command, BookSeats):
        if decision.changes:
            status = BOOKED if decision.status is Status.CONFIRMED else HELD
            seat_ids = decision.seat_ids or command.seat_ids
            change_seats(hall, seat_ids, status, command.command_id)
            hall.count(command.principal, len(seat_ids))
    elif not isinstance(command, Unreadable):
        event_rules.apply(hall, command, decision, log_time_ms)


def no_sale(hall: Hall, log_time_ms: int) -> Reason | None:
    """Return why nothing is sold now, if so."""
    if hall.status == ON_SALE:
        if hall.on_sale_at_ms is not None and log_time_ms < hall.on_sale_at_ms:
            return Reason.SALE_NOT_OPEN
        if hall.off_sale_at_ms is not None and log_time_ms >= hall.off_sale_at_ms:
            return Reason.SALE_CLOSED
        return None
    if hall.status is None:
        return Reason.UNKNOWN_EVENT
    return {CLOSED: Reason.SALE_CLOSED, CANCELLED: Reason.EVENT_CANCELLED}.get(hall.status, Reason.SALE_NOT_OPEN)


def _book(hall: Hall, command: BookSeats, log_time_ms: int) -> Decision:
    refusal = no_sale(hall, log_time_ms)
    if refusal is not None:
        return Decision(Status.REJECTED, refusal)
    if hall.max_seats_per_user is not None:
        count = command.best.count if command.best is not None else len(command.seat_ids)
        if not hall.may_have(command.principal, count):
            return Decision(Status.REJECTED, Reason.LIMIT_EXCEEDED)
    return _book_named(hall, command) if command.best is None else _book_best(hall, command.best)


def _book_named(hall: Hall, command: BookSeats) -> Decision:
    seats, conflicts = [], []
    for seat_id in command.seat_ids:
        seat = hall.seats.get(seat_id)
        if seat is None:
            return Decision(Status.REJECTED, Reason.UNKNOWN_SEAT)
        seats.append(seat)
        if seat.status != AVAILABLE:
            conflicts.append(seat_id)
    if conflicts:
        return Decision(Status.REJECTED, Reason.SEAT_TAKEN, tuple(conflicts))
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


def _can_be_kept(command: Command) -> bool:
    """Whether the ledger can hold what the command says: checked here, so that every replay fails the same ones."""
    if not 0 <= command.issued_at_ms <= LAST_TIME_MS:
        return False
    if isinstance(command, BookSeats):
        once = len(command.seat_ids) == 1 or len(set(command.seat_ids)) == len(command.seat_ids)
        return once and "\0" not in command.principal
    match command:
        case CreateEvent() | ChangeEvent():
            can = _texts_can_be_kept(command)
        case AddSeats():
            can = _block_can_be_kept(command)
        case StartPayment():
            can = "\0" not in command.payment_token
        case SuspendSales():
            can = "\0" not in command.found
        case BlockSeats() | ReleaseSeats():
            can = len(set(command.seat_ids)) == len(command.seat_ids)
        case PublishEvent() | OpenSale() | CloseSale() | CancelEvent() | BookingCommand():
            can = True
    return can


def _texts_can_be_kept(command: CreateEvent | ChangeEvent) -> bool:
    said = command.model_dump(exclude_none=True)
    if any("\0" in text for text in said.values() if isinstance(text, str)):
        return False
    return all(_is_a_time(said[name]) for name in ("date", "departure", "arrival") if name in said)


def _block_can_be_kept(command: AddSeats) -> bool:
    """Rows are bounded one by one; a block is bounded as a whole, or one command could stall its partition."""
    seat_ids = seats_of(command)
    priced = [seat_id for some in command.priced for seat_id in some.seat_ids]
    words = [*(row.row for row in command.rows), command.category or "", *(some.category for some in command.priced)]
    amounts = [command.price_minor or 0, *(some.price_minor for some in command.priced)]
    return (
        len(seat_ids) <= MAX_SEATS_PER_BLOCK
        and len(set(priced)) == len(priced)
        and set(seat_ids).issuperset(priced)
        and max(amounts) <= LARGEST_AMOUNT
        and not any("\0" in word for word in words)
    )


def _is_a_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
