"""Reads the ledger in one repeatable-read snapshot, row by row where it is big, as a role that may only read."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from itertools import count
from types import TracebackType
from typing import Any, Final, Generic, LiteralString, NamedTuple, TypeVar

import orjson
import psycopg
from psycopg.types.json import set_json_loads

from audit import load_money
from audit.history import (
    Account,
    DecidedTo,
    Ledger,
    LedgerBlock,
    LedgerBooking,
    LedgerEvent,
    LedgerOutcome,
    LedgerSeat,
    SeatCount,
)
from audit.money import Money
from audit.telling import TELLINGS, Telling
from contracts.outcomes import BookingState, Offer, PaymentStart, SeatChange, SeatCheckIn

CONNECT_TIMEOUT_S: Final = 5
ROWS_AT_ONCE: Final = 5_000

T = TypeVar("T")
Connection = psycopg.Connection[tuple[Any, ...]]
_Row = tuple[Any, ...]

_DECIDED_TO: Final = "SELECT log_partition, next_offset, log_time_ms FROM kafka_offsets WHERE topic_id = %s"
_LAST: Final = "SELECT tx::text::bigint, id FROM outcomes ORDER BY outcomes.tx DESC, id DESC LIMIT 1"
_COUNT: Final = "SELECT count(*) FROM outcomes"
_NOT_SHOWN: Final = """
    SELECT log_partition, round(extract(epoch FROM min(decided_at)) * 1000)::bigint
    FROM outcomes WHERE (tx, id) > (%s::text::xid8, %s) GROUP BY log_partition"""
_DEAD_LETTERS: Final = "SELECT log_partition, log_offset FROM dead_letters WHERE topic_id = %s"
EVENT_COLUMNS: Final = """
        event_id, name, kind, venue, time_zone, date, status, log_partition, version, hold_seconds, organiser,
        description, place, max_seats_per_user, on_sale_at_ms, off_sale_at_ms, production_id, production_name, origin,
        destination, departure, arrival, clearing IS NOT NULL"""
_EVENTS: Final = f"SELECT {EVENT_COLUMNS} FROM events ORDER BY event_id"  # noqa: S608 - made of our own words alone
BLOCK_COLUMNS: Final = """
        event_id, block, section, layout, price_minor, currency, accessible, general_admission, category, priced"""
_BLOCKS: Final = f"SELECT {BLOCK_COLUMNS} FROM blocks ORDER BY event_id, block"  # noqa: S608 - made of our own words alone
_SEATS: Final = """
    SELECT event_id, block, position, seat_id, status, booking_id, version
    FROM seats ORDER BY event_id, block, position"""
_BOOKINGS: Final = """
    SELECT booking_id, event_id, jsonb_build_object('status', status, 'reason', reason, 'seat_ids', seat_ids,
        'expires_at_ms', due_at_ms, 'version', version, 'check_ins', check_ins)
    FROM bookings ORDER BY booking_id"""
_SEAT_COUNTS: Final = "SELECT event_id, principal, seats FROM seat_counts ORDER BY event_id, principal"
_ACCOUNTS: Final = """
    SELECT c.principal, a.user_id, max(c.id) FROM account_changes AS c LEFT JOIN accounts AS a USING (principal)
    GROUP BY c.principal, a.user_id ORDER BY c.principal"""
_LAST_ACCOUNT: Final = (
    "SELECT tx::text::bigint, id FROM account_changes ORDER BY account_changes.tx DESC, id DESC LIMIT 1"
)
_ACCOUNT_CHANGES: Final = "SELECT count(*) FROM account_changes"
OUTCOME_COLUMNS: Final = """
           coalesce(command_id, ''), kind, event_id, principal, status, reason, seat_ids, conflicts, changes,
           log_partition, log_offset, extract(epoch FROM requested_at)::float8 * 1000,
           extract(epoch FROM decided_at)::float8 * 1000, rules_version, booking_id, booking,
           CASE WHEN kind = 'start_payment' THEN (
               SELECT jsonb_build_array(p.attempt, p.token, p.currency, p.seat_ids, p.prices)
               FROM payment_starts AS p WHERE p.command_id = outcomes.command_id) END"""
_OUTCOMES: Final = f"SELECT {OUTCOME_COLUMNS} FROM outcomes "  # noqa: S608 - made of our own words alone
# Whose log is not known counts as the present one's: then it is told, where it is not.
_PRESENT: Final = "coalesce(topic_no = (SELECT topic_no FROM topics WHERE topic_id = %s), topic_no IS NULL)"
_OF_PRESENT: Final = f"{_OUTCOMES} WHERE {_PRESENT} ORDER BY log_partition, log_offset, id"
_OF_FORMER: Final = f"{_OUTCOMES} WHERE NOT {_PRESENT} ORDER BY id"
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


_HAS_ROW: Final = """
    SELECT EXISTS (SELECT FROM outcomes WHERE tx = %s::text::xid8 AND id = %s
        AND coalesce(%s::text, command_id, booking_id) = coalesce(command_id, booking_id))"""


class LedgerPosition(NamedTuple):
    """A row of the feed."""

    tx: int
    id: int


def has_row(connection: Connection, position: LedgerPosition, outcome: str | None) -> bool:
    """Whether the feed has that row, with that outcome where it is known.

    Not the place alone: a ledger that was restored may have another outcome there once it has decided as many.
    """
    row = connection.execute(_HAS_ROW, (str(position.tx), position.id, outcome)).fetchone()
    return row is not None and bool(row[0])


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

    def last_account(self) -> LedgerPosition:
        """Return the last change of an account."""
        row = self._connection.execute(_LAST_ACCOUNT).fetchone()
        return LedgerPosition(*row) if row else LedgerPosition(0, 0)

    def account_changes(self) -> int:
        """Return how many changes of accounts there are."""
        row = self._connection.execute(_ACCOUNT_CHANGES).fetchone()
        return int(row[0]) if row else 0

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
            outcomes=_Rows(self, _OF_PRESENT, outcome_of, topic_id),
            former=_Rows(self, _OF_FORMER, outcome_of, topic_id),
            outcomes_by_id=_Rows(self, _OUTCOMES_BY_ID, outcome_of),
            dead_letters=frozenset(self._connection.execute(_DEAD_LETTERS, (topic_id,)).fetchall()),
            events=[event_of(row) for row in self._connection.execute(_EVENTS)],
            blocks=_Rows(self, _BLOCKS, block_of),
            seats=_Rows(self, _SEATS, LedgerSeat._make),
            bookings=_Rows(self, _BOOKINGS, _booking),
            seat_counts=_Rows(self, _SEAT_COUNTS, SeatCount._make),
            tellings=_Rows(self, TELLINGS, Telling._make),
            accounts=_Rows(self, _ACCOUNTS, Account._make),
            not_shown_ms=dict(self._connection.execute(_NOT_SHOWN, shown).fetchall()),
        )

    def money(self, *, test_provider: bool) -> Money:
        """Return everything about money, from the snapshot once it is open."""
        return load_money.load(self._connection, test_provider=test_provider)

    def money_is_under_way(self) -> bool:
        """Whether something is to be done about any payment."""
        return load_money.is_under_way(self._connection)

    def stream(self, query: LiteralString, parameters: Sequence[str]) -> Iterator[_Row]:
        """Yield the rows of a query within the snapshot, few at a time."""
        with self._connection.cursor(f"walk_{next(self._names)}") as cursor:
            cursor.itersize = ROWS_AT_ONCE
            yield from cursor.execute(query, parameters)


class _Rows(Generic[T]):
    """The rows of one query, walkable again and again within the snapshot."""

    def __init__(self, reader: LedgerReader, query: LiteralString, make: Callable[[_Row], T], *parameters: str) -> None:
        self._reader = reader
        self._query = query
        self._make = make
        self._parameters = parameters

    def __iter__(self) -> Iterator[T]:
        return map(self._make, self._reader.stream(self._query, self._parameters))


def outcome_of(row: _Row) -> LedgerOutcome:
    """Return the outcome in a row of the columns of ``OUTCOME_COLUMNS``."""
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
    came_in = tuple(SeatCheckIn(**one) for one in said.get("check_ins", ()))
    return BookingState(**{**said, "seat_ids": tuple(said["seat_ids"]), "offer": made, "check_ins": came_in})


def event_of(row: _Row) -> LedgerEvent:
    """Return the event in a row of ``EVENT_COLUMNS``."""
    *named, date, status, partition, version = row[:9]
    *rest, departure, arrival, clearing = row[9:]
    moments = [utc(at) if at is not None else None for at in (departure, arrival)]
    return LedgerEvent._make([*named, utc(date), status, partition, version, *rest, *moments, clearing])


def utc(moment: datetime) -> str:
    """Return a whole second as RFC 3339 UTC with ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def block_of(row: _Row) -> LedgerBlock:
    """Return the block in a row of ``BLOCK_COLUMNS``."""
    event_id, number, section, layout, price_minor, currency, accessible, general_admission, category, priced = row
    rows = tuple((line["row"], tuple(line["seat_ids"])) for line in layout)
    own = tuple((some["category"], some["price_minor"], tuple(some["seat_ids"])) for some in priced)
    about = (price_minor, currency, tuple(accessible), general_admission, category, own)
    return LedgerBlock(event_id, number, section, rows, *about)
