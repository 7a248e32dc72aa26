"""Event rules: what becomes of a command to an event itself, as a pure function of its hall and the log's time.

``worker.rules`` enters here for every command that is not a booking. ::

    draft ──publish──► on_sale ──close, suspend──► closed
                          │  ▲──────open────┘ │
                          └─────cancel──► cancelled

Only the event's organiser or an operator is heard, and the auditor when it suspends a sale. Nothing here may touch a
booking: those of a cancelled event end with the ticks that follow, a block at a time (``worker.deciding``).
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from contracts.event_commands import (
    AboutEvent,
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
from contracts.outcomes import Reason, Status
from contracts.seat_status import AVAILABLE, BOOKED, HELD
from worker.decisions import DONE, Decision
from worker.hall import CANCELLED, CLOSED, DRAFT, ON_SALE, Hall, Plan, Seat, change_seats, changes_of
from worker.prices import Prices
from worker.seating import Block, Focus

SEATS_ALONE: Final = (BlockSeats, ReleaseSeats)
"""They change seats and nothing of the event itself, so its version stays."""

_TERMS: Final = ("hold_seconds", "max_seats_per_user", "on_sale_at_ms", "off_sale_at_ms")
"""What of a change the rules look at; the rest is said and shown."""
_SAID: Final = (
    "name",
    "venue",
    "time_zone",
    "date",
    "description",
    "place",
    "production_id",
    "production_name",
    "departure",
    "arrival",
)
_KEPT_BACK: Final = {"kill": BOOKED, "house": HELD}
"""How blocked seats look from outside: never to be had, or not at the moment."""


def decide(hall: Hall, command: AboutEvent) -> Decision:
    """Return what becomes of ``command``."""
    if hall.status is None and not isinstance(command, CreateEvent):
        return Decision(Status.REFUSED, Reason.UNKNOWN_EVENT)
    if hall.status is not None and not isinstance(command, CreateEvent) and not _may(hall, command):
        return Decision(Status.REFUSED, Reason.FORBIDDEN)
    return _RULES[type(command)](hall, command)


def apply(hall: Hall, command: AboutEvent, decision: Decision, log_time_ms: int) -> None:
    """Make the decision true in ``hall``; refusals and failures change nothing."""
    if decision.status is not Status.DONE:
        return
    if not isinstance(command, SEATS_ALONE):
        hall.version += 1
    _EFFECTS[type(command)](hall, command, log_time_ms)


def _may(hall: Hall, command: AboutEvent) -> bool:
    return isinstance(command, SuspendSales) or command.operator or command.by == hall.organiser


def _create_event(hall: Hall, _command: CreateEvent) -> Decision:
    return DONE if hall.status is None else Decision(Status.REFUSED, Reason.ALREADY_EXISTS)


def _add_seats(hall: Hall, command: AddSeats) -> Decision:
    if hall.status != DRAFT:
        return Decision(Status.REFUSED, Reason.ALREADY_PUBLISHED)
    if command.block in hall.blocks:
        return Decision(Status.REFUSED, Reason.ALREADY_EXISTS)
    seat_ids = seats_of(command)
    distinct = set(seat_ids)
    if len(distinct) != len(seat_ids) or not distinct.isdisjoint(hall.seats):
        return Decision(Status.REFUSED, Reason.DUPLICATE_SEAT)
    return DONE


def _publish(hall: Hall, command: PublishEvent) -> Decision:
    if hall.status != DRAFT:
        return Decision(Status.REFUSED, Reason.ALREADY_PUBLISHED)
    if not hall.blocks.issuperset(range(command.blocks)):
        return Decision(Status.REFUSED, Reason.BLOCKS_MISSING)
    return DONE


def _change_event(hall: Hall, command: ChangeEvent) -> Decision:
    if hall.status == CANCELLED:
        return Decision(Status.REFUSED, Reason.EVENT_CANCELLED)
    limited = command.max_seats_per_user is not None or (
        hall.max_seats_per_user is not None and "max_seats_per_user" not in command.forget
    )
    # Seats are counted from the first booking on or never: a limit that came or went later could not be kept.
    if hall.status != DRAFT and limited != (hall.max_seats_per_user is not None):
        return Decision(Status.REFUSED, Reason.ALREADY_PUBLISHED)
    return DONE


def _open_or_close(hall: Hall, _command: OpenSale | CloseSale | SuspendSales) -> Decision:
    if hall.status == CANCELLED:
        return Decision(Status.REFUSED, Reason.EVENT_CANCELLED)
    return _unless_draft(hall)


def _cancel_event(hall: Hall, _command: CancelEvent) -> Decision:
    return _unless_draft(hall)


def _unless_draft(hall: Hall) -> Decision:
    return DONE if hall.status != DRAFT else Decision(Status.REFUSED, Reason.SALE_NOT_OPEN)


def _block_seats(hall: Hall, command: BlockSeats) -> Decision:
    if hall.status == CANCELLED:
        return Decision(Status.REFUSED, Reason.EVENT_CANCELLED)
    return _of_seats(hall, command.seat_ids, lambda seat: seat.status == AVAILABLE, _KEPT_BACK[command.purpose])


def _release_seats(hall: Hall, command: ReleaseSeats) -> Decision:
    return _of_seats(hall, command.seat_ids, lambda seat: seat.blocked, AVAILABLE)


def _of_seats(hall: Hall, seat_ids: Sequence[str], fits: Callable[[Seat], bool], status: str) -> Decision:
    """Return what becomes of seats that are to be ``status``, all of them or none."""
    found = [hall.seats.get(seat_id) for seat_id in seat_ids]
    seats = [seat for seat in found if seat is not None]
    if len(seats) != len(found):
        return Decision(Status.REFUSED, Reason.UNKNOWN_SEAT)
    conflicts = tuple(seat_id for seat_id, seat in zip(seat_ids, seats, strict=True) if not fits(seat))
    if conflicts:
        reason = Reason.WRONG_STATE if status == AVAILABLE else Reason.SEAT_TAKEN
        return Decision(Status.REFUSED, reason, conflicts)
    return Decision(Status.DONE, changes=changes_of(seats, status), seat_ids=tuple(seat_ids))


def _created(hall: Hall, command: CreateEvent, _log_time_ms: int) -> None:
    hall.status = DRAFT
    hall.organiser = command.by
    hall.focus = Focus(command.focal_row, command.focal_offset)
    for term in _TERMS:
        setattr(hall, term, getattr(command, term))


def _added(hall: Hall, command: AddSeats, _log_time_ms: int) -> None:
    hall.blocks.add(command.block)
    hall.plan[command.block] = plan = _plan(command)
    hall.prices[command.block] = Prices(command.price_minor, command.currency, plan.block.prices)
    hall.seating = None
    for position, seat_id in enumerate(seats_of(command)):
        hall.seats[seat_id] = Seat(command.block, position)


def _published(hall: Hall, _command: PublishEvent, _log_time_ms: int) -> None:
    hall.status = ON_SALE


def _changed(hall: Hall, command: ChangeEvent, _log_time_ms: int) -> None:
    given = {name: value for name in (*_TERMS, *_SAID) if (value := getattr(command, name)) is not None}
    forgotten: dict[str, None] = dict.fromkeys(command.forget)
    for name, value in {**given, **forgotten}.items():
        if name in _TERMS:
            setattr(hall, name, value)
        else:
            hall.said[name] = value


def _opened(hall: Hall, _command: OpenSale, log_time_ms: int) -> None:
    """Sell from now on: a time that says otherwise is said no more."""
    hall.status = ON_SALE
    if hall.on_sale_at_ms is not None and hall.on_sale_at_ms > log_time_ms:
        hall.on_sale_at_ms = None
    if hall.off_sale_at_ms is not None and hall.off_sale_at_ms <= log_time_ms:
        hall.off_sale_at_ms = None


def _closed(hall: Hall, _command: CloseSale | SuspendSales, _log_time_ms: int) -> None:
    hall.status = CLOSED


def _cancelled(hall: Hall, _command: CancelEvent, _log_time_ms: int) -> None:
    """Sell nothing any more; the second time there may be nothing left to clear, and it must not begin again."""
    if hall.status != CANCELLED:
        hall.status, hall.clearing = CANCELLED, max(hall.blocks)


def _blocked(hall: Hall, command: BlockSeats, _log_time_ms: int) -> None:
    change_seats(hall, command.seat_ids, _KEPT_BACK[command.purpose], command.command_id)


def _released(hall: Hall, command: ReleaseSeats, _log_time_ms: int) -> None:
    change_seats(hall, command.seat_ids, AVAILABLE, None)


def _plan(command: AddSeats) -> Plan:
    rows = [row.seat_ids for row in command.rows]
    seats = sum(map(len, rows))
    block = Block(
        command.block,
        command.section,
        rows,
        AVAILABLE * seats,
        command.price_minor,
        frozenset(command.accessible),
        command.general_admission,
        {seat_id: priced.price_minor for priced in command.priced for seat_id in priced.seat_ids},
    )
    return Plan(block, [0] * seats)


_RULES: Final[dict[type, Callable[[Hall, Any], Decision]]] = {
    CreateEvent: _create_event,
    AddSeats: _add_seats,
    PublishEvent: _publish,
    ChangeEvent: _change_event,
    OpenSale: _open_or_close,
    CloseSale: _open_or_close,
    SuspendSales: _open_or_close,
    CancelEvent: _cancel_event,
    BlockSeats: _block_seats,
    ReleaseSeats: _release_seats,
}
_EFFECTS: Final[dict[type, Callable[[Hall, Any, int], None]]] = {
    CreateEvent: _created,
    AddSeats: _added,
    PublishEvent: _published,
    ChangeEvent: _changed,
    OpenSale: _opened,
    CloseSale: _closed,
    SuspendSales: _closed,
    CancelEvent: _cancelled,
    BlockSeats: _blocked,
    ReleaseSeats: _released,
}
