"""Rows: what a decided batch leaves in the ledger, in the column order of ``statements``.

Pure. A batch writes the difference between what it found and what became of it, so that a seat that changed twice in
one batch is written once; the outcomes keep every step.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from contracts.commands import AddSeats, BookingCommand, BookSeats, Command, CreateEvent, StartPayment
from contracts.event_commands import seats_of
from contracts.outcomes import RULES_VERSION, PaymentStart, Reason, Status
from worker.deciding import State, state_of
from worker.decisions import Decision, Unreadable
from worker.entries import Entry
from worker.hall import Hall
from worker.life_cycle import Booking, Effect
from worker.literals import numbers, texts
from worker.records import Found, Writes
from worker.rules import LAST_TIME_MS


class Verdict(NamedTuple):
    """One decided command, or what a tick did, and the log's time when it was."""

    entry: Entry
    command: Command | Unreadable | Effect
    log_time_ms: int
    decision: Decision


def writes_of(
    topic_id: str, dead_letters: Iterable[Entry], verdicts: Sequence[Verdict], state: State, found: Found
) -> Writes:
    """Return the difference between what was found and what it became, and the outcomes of it."""
    halls = state.halls
    done = [verdict for verdict in verdicts if verdict.decision.status is Status.DONE]
    added = [verdict.command for verdict in done if isinstance(verdict.command, AddSeats)]
    return Writes(
        new_events=[
            _event_row(command, halls[command.event_id], verdict.entry.partition)
            for verdict in done
            if isinstance(command := verdict.command, CreateEvent)
        ],
        changed_events=[
            (event_id, *_terms(hall), event.version)
            for event_id, event in found.events.items()
            if (hall := halls[event_id]).version != event.version or hall.clearing != event.clearing
        ],
        described_events=[
            (event_id, orjson.dumps(hall.said).decode()) for event_id in found.events if (hall := halls[event_id]).said
        ],
        new_blocks=[_block_row(command) for command in added],
        new_seats=[
            (command.event_id, seat_id, seat.block, seat.position, seat.status, seat.version, seat.booking_id)
            for command in added
            for seat_id in seats_of(command)
            if (seat := halls[command.event_id].seats[seat_id])
        ],
        changed_seats=[
            (event_id, seat_id, seat.status, seat.version, seat.booking_id, former)
            for event_id, seat_id, former in _seats_that_may_have_changed(verdicts, halls, found)
            if (seat := halls[event_id].seats[seat_id]).version != former
        ],
        new_bookings=[
            _booking_row(booking) for booking_id, booking in state.bookings.items() if booking_id not in found.bookings
        ],
        changed_bookings=[
            (*_booking_row(booking), before.version)
            for booking_id, before in found.bookings.items()
            if (booking := state.bookings[booking_id]).version != before.version
        ],
        new_counts=[(*key, seats) for key, seats in _counts(halls) if key not in found.counts],
        changed_counts=[
            (*key, seats, former)
            for key, seats in _counts(halls)
            if (former := found.counts.get(key)) is not None and former != seats
        ],
        outcomes=[_outcome_row(topic_id, verdict) for verdict in verdicts],
        payment_starts=[
            _payment_start_row(command, started)
            for verdict in done
            if (started := verdict.decision.payment) and isinstance(command := verdict.command, StartPayment)
        ],
        dead_letters=[_dead_letter_row(topic_id, entry) for entry in dead_letters],
    )


def _terms(hall: Hall) -> tuple[Any, ...]:
    return (
        hall.status,
        hall.version,
        hall.hold_seconds,
        hall.max_seats_per_user,
        hall.on_sale_at_ms,
        hall.off_sale_at_ms,
        hall.clearing,
    )


def _counts(halls: Mapping[str, Hall]) -> Iterable[tuple[tuple[str, str], int]]:
    for event_id, hall in halls.items():
        for principal, seats in hall.counts.items():
            yield (event_id, principal), seats


def _seats_that_may_have_changed(
    verdicts: Sequence[Verdict], halls: Mapping[str, Hall], found: Found
) -> Iterable[tuple[str, str, int]]:
    """Yield seats of the ledger with the versions that they had: what was asked for, and what was chosen."""
    for row in found.seats:
        yield row.event_id, row.seat_id, row.version
    if not found.plans:
        return
    told = {(row.event_id, row.seat_id) for row in found.seats}
    plans = {(event_id, plan.block.block): plan for event_id, of_event in found.plans.items() for plan in of_event}
    for _entry, command, _time, decision in verdicts:
        if not isinstance(command, BookSeats | Effect):
            continue
        for seat_id in decision.seat_ids:
            seat = halls[command.event_id].seats[seat_id]
            plan = plans.get((command.event_id, seat.block))
            if (
                plan is not None and (command.event_id, seat_id) not in told
            ):  # else the batch itself added it, or said it
                told.add((command.event_id, seat_id))
                yield command.event_id, seat_id, plan.versions[seat.position]


def _outcome_row(topic_id: str, verdict: Verdict) -> tuple[Any, ...]:
    entry, command, log_time_ms, decision = verdict
    principal = booking_id = None
    seat_ids = decision.seat_ids
    issued_at_ms = -1
    if isinstance(command, BookSeats):
        event_id, seat_ids, issued_at_ms = command.event_id, seat_ids or command.seat_ids, command.issued_at_ms
        principal = None if decision.reason is Reason.UNPROCESSABLE else command.principal
    elif isinstance(command, BookingCommand):
        event_id, booking_id = decision.booking.event_id if decision.booking else "", command.booking_id
        issued_at_ms = command.issued_at_ms
    elif isinstance(command, Effect):
        event_id, booking_id = command.event_id, command.booking_id
    else:
        event_id = command.event_id
        issued_at_ms = command.issued_at_ms if not isinstance(command, Unreadable) else -1
    return (
        topic_id,
        command.command_id,
        command.kind,
        event_id,
        principal,
        decision.status,
        decision.reason,
        texts(seat_ids),
        texts(decision.conflicts),
        orjson.dumps(decision.changes, default=tuple).decode() if decision.changes else "[]",
        entry.partition,
        entry.offset,
        issued_at_ms if 0 <= issued_at_ms <= LAST_TIME_MS else log_time_ms,
        log_time_ms,
        RULES_VERSION,
        booking_id,
        _state_text(decision, seat_ids) if decision.moved or decision.offer is not None else None,
    )


def _state_text(decision: Decision, asked: tuple[str, ...]) -> str | None:
    state = state_of(decision, asked)
    if state is None:  # nothing became of it
        return None
    said = {**state._asdict(), "offer": state.offer._asdict() if state.offer is not None else None}
    if not said.pop("check_ins"):  # nearly all
        return orjson.dumps(said).decode()
    return orjson.dumps({**said, "check_ins": [one._asdict() for one in state.check_ins]}).decode()


def _booking_row(booking: Booking) -> tuple[Any, ...]:
    return (
        booking.booking_id,
        booking.event_id,
        booking.partition,
        booking.principal,
        booking.hold_seconds,
        booking.status.value,
        booking.reason.value if booking.reason is not None else None,
        texts(booking.seat_ids),
        booking.expires_at_ms,
        booking.due_at_ms,
        "t" if booking.extended else "f",
        booking.attempt,
        booking.version,
        orjson.dumps([one._asdict() for one in booking.check_ins]).decode() if booking.check_ins else "[]",
    )


def _payment_start_row(command: StartPayment, started: PaymentStart) -> tuple[Any, ...]:
    return (
        command.command_id,
        command.booking_id,
        started.attempt,
        started.token,
        started.currency,
        texts(started.seat_ids),
        numbers(started.prices),
    )


def _event_row(command: CreateEvent, hall: Hall, partition: int) -> tuple[Any, ...]:
    """Return the event as it is at the end of the batch that created it."""
    said = {**command.model_dump(), **hall.said}
    return (
        command.event_id,
        said["name"],
        command.event_kind,
        said["venue"],
        said["time_zone"],
        said["date"],
        hall.status,
        hall.organiser,
        said["description"],
        said["place"],
        said["production_id"],
        said["production_name"],
        command.origin,
        command.destination,
        said["departure"],
        said["arrival"],
        partition,
        hall.version,
        hall.hold_seconds,
        hall.focus.row,
        hall.focus.offset,
        hall.max_seats_per_user,
        hall.on_sale_at_ms,
        hall.off_sale_at_ms,
        hall.clearing,
    )


def _block_row(command: AddSeats) -> tuple[Any, ...]:
    layout = orjson.dumps([row.model_dump() for row in command.rows]).decode()
    return (
        command.event_id,
        command.block,
        command.section,
        layout,
        command.price_minor,
        command.currency,
        texts(command.accessible),
        "t" if command.general_admission else "f",
        command.category,
        orjson.dumps([some.model_dump() for some in command.priced]).decode(),
    )


def _dead_letter_row(topic_id: str, entry: Entry) -> tuple[Any, ...]:
    raw = entry.raw
    why = entry.command.why if isinstance(entry.command, Unreadable) else ""
    key, value = (raw.key(), raw.value()) if raw is not None else (None, None)
    shown = orjson.dumps({name: _shown(text) for name, text in entry.headers}).decode()
    return topic_id, entry.partition, entry.offset, _hex(key), _hex(value), shown, why


def _hex(value: str | bytes | None) -> str | None:
    return (value.encode() if isinstance(value, str) else value).hex() if value is not None else None


def _shown(value: str | bytes | None) -> str | None:
    """Return a header's value as text that PostgreSQL can hold, whatever it was."""
    text = value.decode(errors="backslashreplace") if isinstance(value, bytes) else value
    return text.replace("\0", "\\x00") if text is not None else None
