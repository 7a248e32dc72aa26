"""Rows: what a decided batch leaves in the ledger, in the column order of ``statements``.

Pure. A batch writes the difference between what it found and what its halls became, so that a seat that changed twice
in one batch is written once; the outcomes keep every step.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from contracts.commands import AddSeats, BookSeats, Command, CreateEvent
from contracts.outcomes import RULES_VERSION, Reason, Status
from worker.entries import Entry
from worker.ledger import Found, Writes
from worker.literals import texts
from worker.rules import LAST_TIME_MS, Decision, Hall, Unreadable, seats_of


class Verdict(NamedTuple):
    """One decided command and the log's time when it was."""

    entry: Entry
    command: Command | Unreadable
    log_time_ms: int
    decision: Decision


def writes_of(
    topic_id: str, dead_letters: Iterable[Entry], verdicts: Sequence[Verdict], halls: Mapping[str, Hall], found: Found
) -> Writes:
    """Return the difference between what was found and what the halls became, and the outcomes of it."""
    done = [verdict for verdict in verdicts if verdict.decision.status is Status.DONE]
    added = [verdict.command for verdict in done if isinstance(verdict.command, AddSeats)]
    return Writes(
        new_events=[
            _event_row(command, halls[command.event_id], verdict.entry.partition)
            for verdict in done
            if isinstance(command := verdict.command, CreateEvent)
        ],
        changed_events=[
            (event_id, hall.status, hall.version, version)
            for event_id, (_status, version) in found.events.items()
            if (hall := halls[event_id]).version != version
        ],
        new_blocks=[_block_row(command) for command in added],
        new_seats=[
            (command.event_id, seat_id, seat.block, seat.position, seat.status, seat.version, seat.booking_id)
            for command in added
            for seat_id in seats_of(command)
            if (seat := halls[command.event_id].seats[seat_id])
        ],
        changed_seats=[
            (row.event_id, row.seat_id, seat.status, seat.version, seat.booking_id, row.version)
            for row in found.seats
            if (seat := halls[row.event_id].seats[row.seat_id]).version != row.version
        ],
        outcomes=[_outcome_row(verdict) for verdict in verdicts],
        dead_letters=[_dead_letter_row(topic_id, entry) for entry in dead_letters],
    )


def _outcome_row(verdict: Verdict) -> tuple[Any, ...]:
    entry, command, log_time_ms, decision = verdict
    principal: str | None = None
    seat_ids: tuple[str, ...] = ()
    requested_ms = log_time_ms
    if not isinstance(command, Unreadable) and 0 <= command.issued_at_ms <= LAST_TIME_MS:
        requested_ms = command.issued_at_ms
    if isinstance(command, BookSeats):
        seat_ids = command.seat_ids
        principal = None if decision.reason is Reason.UNPROCESSABLE else command.principal
    return (
        command.command_id,
        command.kind,
        command.event_id,
        principal,
        decision.status.value,
        decision.reason.value if decision.reason is not None else None,
        texts(seat_ids),
        texts(decision.conflicts),
        orjson.dumps(decision.changes, default=tuple).decode() if decision.changes else "[]",
        entry.partition,
        entry.offset,
        requested_ms,
        log_time_ms,
        RULES_VERSION,
    )


def _event_row(command: CreateEvent, hall: Hall, partition: int) -> tuple[Any, ...]:
    return (
        command.event_id,
        command.name,
        command.event_kind,
        command.venue,
        command.time_zone,
        command.date,
        hall.status,
        partition,
        hall.version,
    )


def _block_row(command: AddSeats) -> tuple[Any, ...]:
    layout = orjson.dumps([row.model_dump() for row in command.rows]).decode()
    return command.event_id, command.block, command.section, layout, command.price_minor, command.currency


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
