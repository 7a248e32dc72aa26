"""The ledger as the auditor asks it: the feed behind a cursor, and one section at a time. Reads only.

``follower``, ``ledger_sections`` and ``view_sections`` enter here. Every question looks up a bounded number of rows by
an index (``SESSION_OPTIONS``), so none of them takes long, however large the tables are. PostgreSQL away, or slower
than ``ANSWER_WITHIN_MS``, raises ``psycopg.Error``; the session is then of no more use.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Final, LiteralString, NamedTuple

import orjson
import psycopg
from psycopg.types.json import set_json_loads

from audit.history import LedgerOutcome
from audit.load_ledger import OUTCOME_COLUMNS, LedgerPosition, has_row, outcome_of
from contracts.outcomes import BookingState, BookingStatus, Reason, SeatCheckIn
from runtime.connecting import leaving_nothing_open, watched

CONNECT_TIMEOUT_S: Final = 5
ANSWER_WITHIN_MS: Final = 10_000
"""A question for a thousand rows takes some milliseconds; one that takes so long meets a server in trouble."""
SESSION_OPTIONS: Final = (
    # As sync_service/statements.py says: looked up by a key, whatever the tables' statistics say.
    "-c enable_seqscan=off -c enable_bitmapscan=off -c jit=off"
    # Times are part of a row's digest, and must always be written alike.
    " -c TimeZone=UTC -c DateStyle=ISO -c extra_float_digits=1"
    f" -c statement_timeout={ANSWER_WITHIN_MS} -c default_transaction_isolation=repeatable\\ read"
)

_DIGEST: Final = """
    hashtextextended(ROW(command_id, kind, event_id, principal, status, reason, seat_ids, conflicts, changes,
        log_partition, log_offset, requested_at, decided_at, rules_version, booking_id, booking)::text, 0)"""
# As in sync_service/statements.py: an offsets row counts once its own transaction is below the horizon.
_WORLD: Final = """
    SELECT ledger.incarnation::text, (SELECT topic_no FROM topics WHERE topic_id = %s) FROM ledger"""
_OFFSETS: Final = """
    SELECT log_partition, next_offset, tx < pg_snapshot_xmin(pg_current_snapshot())
    FROM kafka_offsets WHERE topic_id = %s"""
# By the table's own ``tx``: alone it means the column that is returned, which no index has, so that all that is behind
# was sorted for each page (test: ``test_what_is_asked_of_the_feed_is_found_by_its_key``).
_FEED: Final = f"""
    SELECT tx::text::bigint, id, topic_no, {_DIGEST}, {OUTCOME_COLUMNS}
    FROM outcomes
    WHERE (tx, id) > (%s::text::xid8, %s) AND tx < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY outcomes.tx, id LIMIT %s"""  # noqa: S608 - made of our own words alone
_DIGESTS: Final = f"""
    SELECT tx::text::bigint, id, {_DIGEST} FROM outcomes
    WHERE (tx, id) >= (%s::text::xid8, %s) AND (tx, id) <= (%s::text::xid8, %s) ORDER BY outcomes.tx, id"""  # noqa: S608 - made of our own words alone
_DIGEST_AT: Final = f"SELECT {_DIGEST} FROM outcomes WHERE tx = %s::text::xid8 AND id = %s"  # noqa: S608 - made of our own words alone
_OF_ID: Final = f"""
    SELECT tx::text::bigint, id, {_DIGEST}, {OUTCOME_COLUMNS} FROM outcomes WHERE command_id = %s OR booking_id = %s"""  # noqa: S608 - made of our own words alone
_DEAD_LETTER: Final = """
    SELECT EXISTS (SELECT FROM dead_letters WHERE topic_id = %s AND log_partition = %s AND log_offset = %s)"""
_BLOCKS: Final = """
    SELECT e.event_id, b.block, (SELECT count(*) FROM seats AS s WHERE s.event_id = b.event_id AND s.block = b.block)
    FROM (SELECT event_id FROM events WHERE event_id > %s ORDER BY event_id LIMIT %s) AS e
    LEFT JOIN blocks AS b USING (event_id) ORDER BY e.event_id, b.block"""
_EVENTS: Final = """
    SELECT e.event_id, e.status, e.version, e.hold_seconds, e.organiser, e.max_seats_per_user, e.on_sale_at_ms,
        e.off_sale_at_ms, e.clearing,
        (SELECT array_agg(b.block) FROM blocks AS b WHERE b.event_id = e.event_id)
    FROM events AS e WHERE e.event_id = ANY (%s)"""
_COUNTS: Final = "SELECT event_id, principal, seats FROM seat_counts WHERE event_id = ANY (%s) AND seats > 0"
_SEATS: Final = """
    SELECT w.event_id, w.block, s.seat_id, s.status, s.booking_id, s.version
    FROM unnest(%s::text[], %s::int[]) AS w (event_id, block)
    CROSS JOIN LATERAL (
        SELECT * FROM seats WHERE event_id = w.event_id AND block = w.block ORDER BY position
    ) AS s"""
_BOOKINGS: Final = """
    SELECT booking_id, event_id, status, reason, seat_ids, due_at_ms, version, check_ins
    FROM bookings WHERE booking_id > %s AND booking_id <= %s ORDER BY booking_id LIMIT %s"""
_BOOKING_AFTER: Final = """
    SELECT booking_id FROM bookings WHERE booking_id > %s ORDER BY booking_id OFFSET %s LIMIT 1"""
_COMMAND_AFTER: Final = """
    SELECT command_id FROM outcomes WHERE command_id > %s ORDER BY command_id OFFSET %s LIMIT 1"""
_LAST: Final = "SELECT tx::text::bigint, id FROM outcomes ORDER BY outcomes.tx DESC, id DESC LIMIT 1"
_NOT_SHOWN: Final = """
    SELECT extract(epoch FROM decided_at)::float8 FROM outcomes WHERE (tx, id) > (%s::text::xid8, %s)
    ORDER BY tx, id LIMIT 1"""

Position = LedgerPosition


class Row(NamedTuple):
    """One row of the feed, where it stands, and the digest of what it says."""

    position: Position
    topic_no: int | None
    digest: int
    outcome: LedgerOutcome


class Poll(NamedTuple):
    """One look at the feed. ``complete_to``: partition to the offset before which all outcomes are among what was read
    now and before, once the feed is drained; ``decided_to``: the same of what is decided by now."""  # noqa: D205, D209

    rows: list[Row]
    drained: bool
    incarnation: str
    topic_no: int | None
    complete_to: dict[int, int]
    decided_to: dict[int, int]


class EventRow(NamedTuple):
    """What the ledger says of an event. ``blocks``: their numbers."""

    status: str
    version: int
    hold_seconds: int
    organiser: str
    max_seats_per_user: int | None
    on_sale_at_ms: int | None
    off_sale_at_ms: int | None
    clearing: int | None
    blocks: Sequence[int]


class SeatRow(NamedTuple):
    """One seat."""

    seat_id: str
    status: str
    booking_id: str | None
    version: int


class BookingRow(NamedTuple):
    """One booking that has a life."""

    booking_id: str
    event_id: str
    state: BookingState


class Ledger(AbstractContextManager["Ledger"]):
    """One session. ``topic_id``: of the log that is there now."""

    def __init__(self, conninfo: str, topic_id: str) -> None:
        with leaving_nothing_open():
            self._connection = psycopg.connect(
                watched(conninfo),
                autocommit=True,
                connect_timeout=CONNECT_TIMEOUT_S,
                options=SESSION_OPTIONS,
                application_name="frontrow auditor",
            )
        set_json_loads(orjson.loads, self._connection)
        self._topic_id = topic_id

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    @property
    def answers(self) -> bool:
        """Whether the session has not been lost."""
        return not (self._connection.closed or self._connection.broken)

    def _all(self, query: LiteralString | str, *values: object) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, values or None).fetchall()

    def poll(self, after: Position, limit: int) -> Poll:
        """Return at most ``limit`` rows of the feed behind a position, below the horizon."""
        with self._connection.transaction():
            ((incarnation, topic_no),) = self._all(_WORLD, self._topic_id)
            offsets = self._all(_OFFSETS, self._topic_id)
            rows = [
                Row(Position(tx, row_id), of_topic, digest, outcome_of(tuple(rest)))
                for tx, row_id, of_topic, digest, *rest in self._all(_FEED, str(after.tx), after.id, limit)
            ]
        return Poll(
            rows,
            len(rows) < limit,
            incarnation,
            topic_no,
            {partition: offset for partition, offset, below in offsets if below},
            {partition: offset for partition, offset, _below in offsets},
        )

    def offsets(self) -> dict[int, int]:
        """Return how far each partition is decided; within a snapshot: what it is the state at."""
        return {partition: offset for partition, offset, _below in self._all(_OFFSETS, self._topic_id)}

    def incarnation(self) -> str:
        """Return which ledger this is."""
        return str(self._all(_WORLD, self._topic_id)[0][0])

    def snapshot(self) -> AbstractContextManager[Any]:
        """Return the context in which several questions are answered from one snapshot."""
        return self._connection.transaction()

    def digests(self, first: Position, last: Position) -> list[tuple[int, int, int]]:
        """Return place and digest of the feed's rows from ``first`` to ``last``."""
        return self._all(_DIGESTS, str(first.tx), first.id, str(last.tx), last.id)

    def digest_at(self, position: Position) -> int | None:
        """Return the digest of one row, None where there is none."""
        found = self._all(_DIGEST_AT, str(position.tx), position.id)
        return int(found[0][0]) if found else None

    def outcomes_of(self, some_id: str) -> list[Row]:
        """Return all outcomes of a command or about a booking."""
        return [
            Row(Position(tx, row_id), None, digest, outcome_of(tuple(rest)))
            for tx, row_id, digest, *rest in self._all(_OF_ID, some_id, some_id)
        ]

    def has_dead_letter(self, partition: int, offset: int) -> bool:
        """Whether a message of the log has its dead letter."""
        return bool(self._all(_DEAD_LETTER, self._topic_id, partition, offset)[0][0])

    def blocks(self, after: str, events: int) -> list[tuple[str, int | None, int]]:
        """Return the blocks of the first events behind an id, and how many seats each has; None: it has no block."""
        return self._all(_BLOCKS, after, events)

    def events(self, event_ids: Sequence[str]) -> dict[str, EventRow]:
        """Return events by their ids."""
        return {row[0]: EventRow._make((*row[1:-1], row[-1] or ())) for row in self._all(_EVENTS, event_ids)}

    def counts(self, event_ids: Sequence[str]) -> dict[str, dict[str, int]]:
        """Return how many seats everybody has at events that count them."""
        counts: dict[str, dict[str, int]] = {}
        for event_id, principal, seats in self._all(_COUNTS, event_ids):
            counts.setdefault(event_id, {})[principal] = seats
        return counts

    def seats(self, blocks: Sequence[tuple[str, int | None]]) -> dict[tuple[str, int], list[SeatRow]]:
        """Return the seats of blocks, each in map order."""
        seats: dict[tuple[str, int], list[SeatRow]] = {}
        event_ids, numbers = [block[0] for block in blocks], [block[1] for block in blocks]
        for event_id, block, *seat in self._all(_SEATS, event_ids, numbers) if blocks else ():
            seats.setdefault((event_id, block), []).append(SeatRow(*seat))
        return seats

    def bookings(self, after: str, to: str, most: int) -> list[BookingRow]:
        """Return the bookings that have a life, the first ``most`` with ``after`` < id ≤ ``to``, in order."""
        return [
            BookingRow(
                booking_id,
                event_id,
                BookingState(
                    BookingStatus(status),
                    Reason(reason) if reason else None,
                    tuple(seats),
                    due,
                    version,
                    check_ins=tuple(SeatCheckIn(**one) for one in check_ins),
                ),
            )
            for booking_id, event_id, status, reason, seats, due, version, check_ins in self._all(
                _BOOKINGS, after, to, most
            )
        ]

    def booking_after(self, after: str, rows: int) -> str | None:
        """Return the id of the ``rows``-th booking that has a life behind an id, None when there are fewer."""
        found = self._all(_BOOKING_AFTER, after, rows - 1)
        return found[0][0] if found else None

    def command_after(self, after: str, rows: int) -> str | None:
        """Return the id of the ``rows``-th decided command behind an id, None when there are fewer."""
        found = self._all(_COMMAND_AFTER, after, rows - 1)
        return found[0][0] if found else None

    def last(self) -> Position:
        """Return the last row of the feed."""
        found = self._all(_LAST)
        return Position(*found[0]) if found else Position(0, 0)

    def oldest_not_shown_s(self, shown: Position) -> float | None:
        """Return when the first outcome behind the view's cursor was decided, in seconds since the epoch."""
        found = self._all(_NOT_SHOWN, str(shown.tx), shown.id)
        return float(found[0][0]) if found else None

    def has(self, position: Position, outcome: str | None) -> bool:
        """Whether the feed has that row, with that outcome where it is known."""
        return has_row(self._connection, position, outcome)

    def rows(self, query: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a question of ``view_sections``."""
        return self._all(query, *values)
