"""Reads the ledger in one repeatable-read snapshot, row by row where it is big, as a role that may only read."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from itertools import count
from types import TracebackType
from typing import Any, Final, Generic, LiteralString, NamedTuple, TypeVar

import orjson
import psycopg
from psycopg.types.json import set_json_loads

from audit.history import DecidedTo, Ledger, LedgerBlock, LedgerBooking, LedgerEvent, LedgerOutcome, LedgerSeat
from contracts.outcomes import BookingState, Offer, PaymentStart, SeatChange

CONNECT_TIMEOUT_S: Final = 5
ROWS_AT_ONCE: Final = 5_000

T = TypeVar("T")
_Row = tuple[Any, ...]

_DECIDED_TO: Final = "SELECT log_partition, next_offset, log_time_ms FROM kafka_offsets WHERE topic_id = %s"
_LAST: Final = "SELECT tx::text::bigint, id FROM outcomes ORDER BY tx DESC, id DESC LIMIT 1"
_COUNT: Final = "SELECT count(*) FROM outcomes"
_NOT_SHOWN: Final = """
    SELECT log_partition, round(extract(epoch FROM min(decided_at)) * 1000)::bigint
    FROM outcomes WHERE (tx, id) > (%s::text::xid8, %s) GROUP BY log_partition"""
_DEAD_LETTERS: Final = "SELECT log_partition, log_offset FROM dead_letters WHERE topic_id = %s"
_EVENTS: Final = """
    SELECT event_id, name, kind, venue, time_zone, date, status, log_partition, version, hold_seconds
    FROM events ORDER BY event_id"""
_BLOCKS: Final = """
    SELECT event_id, block, section, layout, price_minor, currency, accessible, general_admission
    FROM blocks ORDER BY event_id, block"""
_SEATS: Final = """
    SELECT event_id, block, position, seat_id, status, booking_id, version
    FROM seats ORDER BY event_id, block, position"""
_BOOKINGS: Final = """
    SELECT booking_id, event_id, jsonb_build_object('status', status, 'reason', reason, 'seat_ids', seat_ids,
        'expires_at_ms', due_at_ms, 'version', version)
    FROM bookings ORDER BY booking_id"""
_OUTCOMES: Final = """
    SELECT coalesce(command_id, ''), kind, event_id, principal, status, reason, seat_ids, conflicts, changes,
           log_partition, log_offset, extract(epoch FROM requested_at)::float8 * 1000,
           extract(epoch FROM decided_at)::float8 * 1000, rules_version, booking_id, booking,
           CASE WHEN kind = 'start_payment' THEN (
               SELECT jsonb_build_array(p.attempt, p.token, p.currency, p.seat_ids, p.prices)
               FROM payment_starts AS p WHERE p.command_id = outcomes.command_id) END
    FROM outcomes ORDER BY log_partition, log_offset, id"""
_OUTCOMES_BY_ID: Final = """
    WITH latest AS (
        SELECT DISTINCT ON (booking_id) booking_id, booking, decided_at FROM outcomes
        WHERE booking_id IS NOT NULL AND booking IS NOT NULL
        ORDER BY booking_id, (booking->>'version')::bigint DESC
    )
    SELECT o.command_id, o.kind, o.event_id, o.principal, o.status, o.reason, o.seat_ids, o.conflicts, NULL,
           o.log_partition, o.log_offset, extract(epoch FROM o.requested_at)::float8 * 1000,
           extract(epoch FROM coalesce(l.decided_at, o.decided_at))::float8 * 1000, o.rules_version, o.booking_id,
           coalesce(l.booking, o.booking), NULL
    FROM outcomes AS o LEFT JOIN latest AS l ON l.booking_id = o.command_id
    WHERE o.command_id IS NOT NULL ORDER BY o.command_id"""


class LedgerPosition(NamedTuple):
    """A row of the feed."""

    tx: int
    id: int


class LedgerReader(AbstractContextManager["LedgerReader"]):
    """A connection to the ledger."""

    def __init__(self, conninfo: str) -> None:
        self._connection = psycopg.connect(
            conninfo, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S, application_name="frontrow audit"
        )
        set_json_loads(orjson.loads, self._connection)
        self._names = count()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def decided_to(self, topic_id: str) -> dict[int, DecidedTo]:
        """Return how far each partition of the topic is decided."""
        rows = self._connection.execute(_DECIDED_TO, (topic_id,)).fetchall()
        return {partition: DecidedTo(*rest) for partition, *rest in rows}

    def last(self) -> LedgerPosition:
        """Return the last row of the feed; nothing that is in the view stands behind it."""
        row = self._connection.execute(_LAST).fetchone()
        return LedgerPosition(*row) if row else LedgerPosition(0, 0)

    def outcomes(self) -> int:
        """Return how many outcomes there are. Unlike the last row it tells a transaction that committed late."""
        row = self._connection.execute(_COUNT).fetchone()
        return int(row[0]) if row else 0

    def snapshot(self, topic_id: str, shown: LedgerPosition) -> Ledger:
        """Open the snapshot; from here on every question of this reader is answered from it.

        ``shown`` is the view's cursor of a moment ago.
        """
        self._connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        incarnation = self._connection.execute("SELECT incarnation::text FROM ledger").fetchone()
        return Ledger(
            incarnation=incarnation[0] if incarnation else "",
            decided_to=self.decided_to(topic_id),
            outcomes=_Rows(self, _OUTCOMES, _outcome),
            outcomes_by_id=_Rows(self, _OUTCOMES_BY_ID, _outcome),
            dead_letters=frozenset(self._connection.execute(_DEAD_LETTERS, (topic_id,)).fetchall()),
            events=[_event(row) for row in self._connection.execute(_EVENTS)],
            blocks=_Rows(self, _BLOCKS, _block),
            seats=_Rows(self, _SEATS, LedgerSeat._make),
            bookings=_Rows(self, _BOOKINGS, _booking),
            not_shown_ms=dict(self._connection.execute(_NOT_SHOWN, shown).fetchall()),
        )

    def stream(self, query: LiteralString) -> Iterator[_Row]:
        """Yield the rows of a query within the snapshot, few at a time."""
        with self._connection.cursor(f"walk_{next(self._names)}") as cursor:
            cursor.itersize = ROWS_AT_ONCE
            yield from cursor.execute(query)


class _Rows(Generic[T]):
    """The rows of one query, walkable again and again within the snapshot."""

    def __init__(self, reader: LedgerReader, query: LiteralString, make: Callable[[_Row], T]) -> None:
        self._reader = reader
        self._query = query
        self._make = make

    def __iter__(self) -> Iterator[T]:
        return map(self._make, self._reader.stream(self._query))


def _outcome(row: _Row) -> LedgerOutcome:
    command_id, kind, event_id, principal, status, reason, seat_ids, conflicts, changes, *place = row
    partition, offset, requested, decided, rules, booking_id, booking, payment = place
    return LedgerOutcome(
        command_id,
        kind,
        event_id,
        principal,
        status,
        reason,
        tuple(seat_ids),
        tuple(conflicts),
        tuple(map(SeatChange._make, changes)) if changes else (),
        partition,
        offset,
        round(requested),
        round(decided),
        rules,
        booking_id,
        _state(booking) if booking else None,
        _payment(*payment) if payment else None,
    )


def _payment(attempt: int, token: str, currency: str | None, seats: list[str], prices: list[int]) -> PaymentStart:
    return PaymentStart(attempt, token, currency, tuple(seats), tuple(prices))


def _booking(row: _Row) -> LedgerBooking:
    booking_id, event_id, state = row
    return LedgerBooking(booking_id, event_id, _state(state))


def _state(said: dict[str, Any]) -> BookingState:
    offer = said.get("offer")
    made = Offer(offer["offer_id"], tuple(offer["seat_ids"]), offer["expires_at_ms"]) if offer else None
    return BookingState(**{**said, "seat_ids": tuple(said["seat_ids"]), "offer": made})


def _event(row: _Row) -> LedgerEvent:
    event_id, name, kind, venue, time_zone, date, *rest = row
    return LedgerEvent(event_id, name, kind, venue, time_zone, utc(date), *rest)


def utc(moment: datetime) -> str:
    """Return a whole second as RFC 3339 UTC with ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _block(row: _Row) -> LedgerBlock:
    event_id, number, section, layout, price_minor, currency, accessible, general_admission = row
    rows = tuple((line["row"], tuple(line["seat_ids"])) for line in layout)
    return LedgerBlock(event_id, number, section, rows, price_minor, currency, tuple(accessible), general_admission)
