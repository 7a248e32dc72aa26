"""The ledger: every statement that the worker sends to PostgreSQL, set-based, one transaction a batch.

The order inside a transaction is the promise, so it must not be tidied:

1. The offsets, compare-and-set, rows locked in partition order. Whoever does not find the offset that it expects is not
   the partitions' owner any more and has read nothing yet (test: ``test_two_workers_race_for_one_partition``).
2. Only then the ids that are decided already, the events, the bookings that are named or due, and the seats, these
   locked in key order: under READ COMMITTED each statement sees what the former owner committed before it lost the
   compare-and-set. Where bookings were found, their seats come in a step of their own: one partition's seats are all
   behind its offset, so two workers never meet there.
3. What was decided, with every row count asserted, and the commit.

PostgreSQL away, or a transaction that another one got in the way of, raises; the loop keeps the batch and tries again.
No answer is waited for without a bound (test: ``test_a_frozen_postgresql_is_away_and_the_worker_polls_on``).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import psycopg

from contracts.outcomes import BookingStatus, Reason
from contracts.positions import position_text
from contracts.views import BookingView
from worker import statements
from worker.life_cycle import Booking
from worker.literals import numbers, texts
from worker.records import Found, SeatRow, Wanted, Writes
from worker.rules import Plan
from worker.seating import Block
from worker.watchdog import Watchdog

CONNECT_TIMEOUT_S = 2
"""How long one attempt to connect may take; the loop tries again for as long as it is told to."""

ANSWER_WITHIN_S = 8.0
"""How long PostgreSQL may take to answer. Above two waits for a lock of the role's 3 s each (offsets, seats), which are
no outage; below a supervisor's 15 s for a stop, which is heard only between two answers, and below the group's 60 s
between polls."""

FROZEN_AFTER_S = 4
"""How long a worker may say nothing inside a transaction; the role's ``idle_in_transaction_session_timeout``."""

SESSION_OPTIONS = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off"
"""All statements here look a bounded number of rows up by a key, so an index is right whatever the tables' statistics
say; on a fresh install they say that the tables are empty (docs/decisions/0002-batches.md)."""

Connection = psycopg.Connection[tuple[Any, ...]]
Cursor = psycopg.Cursor[tuple[Any, ...]]


class Position(NamedTuple):
    """How far a partition is decided: the next offset, the log's time in ms, and the mark of the message before it."""

    next_offset: int
    log_time_ms: int
    mark: str | None = None


class Move(NamedTuple):
    """One partition's step: only whoever finds ``first`` may set the rest."""

    partition: int
    first: int
    next_offset: int
    log_time_ms: int
    mark: str | None = None


class LostPartitionsError(Exception):
    """The offsets of ``partitions`` are not where this worker thought: they have, or had, another owner."""

    def __init__(self, partitions: frozenset[int]) -> None:
        super().__init__(f"lost partitions {sorted(partitions)}")
        self.partitions = partitions


class LedgerBugError(Exception):
    """A guarded statement met another number of rows than the rules said. Never retried: somebody must look."""


class Ledger:
    """One connection to the ledger, opened when first needed and again after it broke. Not for two threads."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._connection: Connection | None = None
        self._watchdog: Watchdog | None = None

    def close(self) -> None:
        """Let go of the connection; safe to call twice."""
        if self._watchdog is not None:
            self._watchdog.close()
            self._watchdog = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def positions(self, topic_id: str, topic: str, partitions: Iterable[int]) -> dict[int, Position]:
        """Return how far ``partitions`` are decided; a partition never seen under this topic id starts at 0."""
        wanted = numbers(sorted(partitions))
        with self._answering() as (connection, _watchdog):
            connection.execute(statements.ADD_OFFSETS, (topic_id, topic, wanted))
            rows = connection.execute(statements.OFFSETS, (topic_id, wanted)).fetchall()
        return {partition: Position(*position) for partition, *position in rows}

    def other_topic_ids(self, topic_id: str, topic: str) -> list[str]:
        """Return the ids under which topics of this name were decided before."""
        with self._answering() as (connection, _watchdog):
            rows = connection.execute(statements.OTHER_TOPICS, (topic, topic_id)).fetchall()
        return [row[0] for row in rows]

    def decided_bookings(self, command_ids: Iterable[str]) -> list[BookingView]:
        """Return the bookings among these that are decided, as the view will show them."""
        with self._answering() as (connection, _watchdog):
            rows = connection.execute(statements.DECIDED_BOOKINGS, (texts(command_ids),)).fetchall()
        return [_as_shown(*row) for row in rows]

    def waiting(self, partitions: Iterable[int]) -> frozenset[int]:
        """Return those of ``partitions`` that have bookings which a tick will end some day."""
        with self._answering() as (connection, _watchdog):
            rows = connection.execute(statements.WAITING, (numbers(partitions),)).fetchall()
        return frozenset(row[0] for row in rows)

    def end_frozen(self) -> int:
        """End the sessions of workers that stopped talking inside a transaction; returns how many there were.

        For whoever waited in vain for a lock. Nothing is lost: the frozen worker's offsets are not moved, and should
        it wake, it finds its session gone (test: ``test_a_worker_frozen_between_two_statements_is_overtaken``).
        """
        with self._answering() as (connection, _watchdog):
            rows = connection.execute(statements.END_FROZEN, (FROZEN_AFTER_S,)).fetchall()
        return int(rows[0][0])

    def transact(self, topic_id: str, moves: Sequence[Move], wanted: Wanted, decide: Callable[[Found], Writes]) -> None:
        """Move the offsets, look up what is wanted, and make true what ``decide`` says of it: all or nothing.

        Raises:
            LostPartitionsError: some offset was not where a move expects it. Nothing was read or changed.
            LedgerBugError: a row count was wrong. Nothing was changed.
            psycopg.Error: as PostgreSQL says. After a broken connection it is unknown whether the commit happened;
                doing the same again finds out, by the offsets.
        """
        with self._answering() as (answering, watchdog), _transaction(answering) as (connection, pipeline):
            asked = _ask(connection, topic_id, moves, wanted)
            # A sync, not only a flush: before it the server takes itself for busy, not for idle in a transaction, and
            # would never end the session of a worker that froze (test: ``test_a_frozen_worker_is_overtaken``).
            pipeline.sync()
            found = asked.found(moves)
            watchdog.heard()
            missing = _seats_of_bookings(found, wanted)
            if missing or wanted.prices:
                more = _ask_seats(connection, missing)
                prices = _ask_prices(connection, found, wanted) if wanted.prices else None
                pipeline.sync()
                found = replace(
                    found,
                    seats=[*found.seats, *map(SeatRow._make, more.fetchall())],
                    prices=prices.fetchall() if prices else (),
                )
                watchdog.heard()
            sent = _write(connection, decide(found))
            watchdog.heard()
            # All counts are here, and right, before COMMIT is sent: it travels alone, the third round trip.
            pipeline.sync()
            for cursor, expected in sent:
                if cursor.rowcount != expected:
                    msg = f"{cursor.rowcount} rows instead of {expected}"
                    raise LedgerBugError(msg)
            watchdog.heard()

    @contextmanager
    def _answering(self) -> Iterator[tuple[Connection, Watchdog]]:
        """Yield the connection while its watchdog watches."""
        connection = self._connected()
        if self._watchdog is None:
            self._watchdog = Watchdog(connection.fileno(), ANSWER_WITHIN_S)
        with self._watchdog.waiting():
            yield connection, self._watchdog

    def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self.close()
            self._connection = psycopg.connect(
                self._conninfo,
                autocommit=True,
                connect_timeout=CONNECT_TIMEOUT_S,
                options=SESSION_OPTIONS,
                application_name="frontrow worker",
                prepare_threshold=1,
                # A server that vanished without a word must not hold the batch for the kernel's default of minutes.
                keepalives_idle=2,
                keepalives_interval=1,
                keepalives_count=3,
                tcp_user_timeout=5_000,
            )
        return self._connection


def _as_shown(*row: Any) -> BookingView:  # noqa: ANN401 - a row of DECIDED_BOOKINGS
    booking_id, event_id, principal, status, reason, seat_ids, conflicts, *rest = row
    requested_at, decided_at, expires_at, offer, tx, row_id = rest
    booking: BookingView = {
        "_id": booking_id,
        "event_id": event_id,
        "principal": principal,
        "seat_ids": seat_ids,
        "status": status,
        "reason": reason,
        "conflicts": conflicts,
        "requested_at": requested_at,
        "decided_at": decided_at,
        "expires_at": expires_at,
        "version": 1,
        "position": position_text(tx, row_id),
    }
    if offer is not None:
        booking["offer"] = offer
    return booking


@contextmanager
def _transaction(connection: Connection) -> Iterator[tuple[Connection, psycopg.Pipeline]]:
    """Yield a pipeline inside a transaction, committed when the block ends well and rolled back when it does not.

    Unlike psycopg's own ``transaction()``, whose BEGIN is a round trip of its own, BEGIN travels with what follows.
    """
    try:
        with connection.pipeline() as pipeline:
            connection.execute("BEGIN")
            yield connection, pipeline
            connection.execute("COMMIT")
    except BaseException:
        try:
            connection.rollback()
        except psycopg.Error:
            connection.close()
        raise


class _Asked(NamedTuple):
    """Steps 1 and 2 on their way."""

    moved: Cursor
    decided: Cursor
    events: Cursor
    blocks: Cursor
    seats: Cursor
    bookings: Cursor | None
    requests: Cursor | None
    due: Cursor | None
    plans: Cursor | None

    def found(self, moves: Sequence[Move]) -> Found:
        """Return the answers, once they are there."""
        lost = {move.partition for move in moves} - {row[0] for row in self.moved.fetchall()}
        if lost:
            raise LostPartitionsError(frozenset(lost))
        return Found(
            decided=frozenset(row[0] for row in self.decided.fetchall()),
            events={row[0]: row[1:] for row in self.events.fetchall()},
            blocks=self.blocks.fetchall(),
            seats=list(map(SeatRow._make, self.seats.fetchall())),
            bookings={row[0]: _booking(row) for cursor in (self.bookings, self.due) if cursor for row in cursor},
            plans=_plans(self.plans) if self.plans else {},
            requests=self.requests.fetchall() if self.requests else (),
        )


def _ask(connection: Connection, topic_id: str, moves: Sequence[Move], wanted: Wanted) -> _Asked:
    """Send steps 1 and 2. The order is the module's promise."""
    *columns, marks = zip(*sorted(moves), strict=True)
    partitions, firsts, nexts, times = map(numbers, columns)
    ids = texts(wanted.booking_ids)
    dues = list(map(numbers, zip(*wanted.due, strict=True)))
    connection.execute(statements.LOCK_OFFSETS, (topic_id, partitions))
    return _Asked(
        moved=connection.execute(statements.MOVE_OFFSETS, (partitions, firsts, nexts, times, texts(marks), topic_id)),
        decided=connection.execute(statements.DECIDED, (texts(wanted.command_ids),)),
        events=connection.execute(statements.EVENTS, (texts(wanted.event_ids),)),
        blocks=connection.execute(statements.BLOCKS, (texts(wanted.blocks_of),)),
        seats=_ask_seats(connection, wanted.seats),
        bookings=connection.execute(statements.BOOKINGS, (ids,)) if wanted.booking_ids else None,
        requests=connection.execute(statements.REQUESTS, (ids,)) if wanted.booking_ids else None,
        due=connection.execute(statements.DUE, dues) if dues else None,
        plans=connection.execute(statements.PLANS, (texts(wanted.plans_of),)) if wanted.plans_of else None,
    )


def _ask_seats(connection: Connection, seats: Sequence[tuple[str, str]]) -> Cursor:
    event_ids, seat_ids = zip(*seats, strict=True) if seats else ((), ())
    return connection.execute(statements.SEATS, (texts(event_ids), texts(seat_ids)))


def _ask_prices(connection: Connection, found: Found, wanted: Wanted) -> Cursor:
    events = dict.fromkeys((*wanted.event_ids, *(booking.event_id for booking in found.bookings.values())))
    return connection.execute(statements.PRICES, (texts(events),))


def _seats_of_bookings(found: Found, wanted: Wanted) -> list[tuple[str, str]]:
    """Return the seats of the bookings that were found, as far as they were not asked for already."""
    asked = set(wanted.seats)
    seats = {(booking.event_id, seat_id): None for booking in found.bookings.values() for seat_id in booking.seat_ids}
    for _id, _partition, event_id, _principal, seat_ids, status in found.requests:
        if status == BookingStatus.CONFIRMED:
            seats |= dict.fromkeys((event_id, seat_id) for seat_id in seat_ids)
    return [seat for seat in seats if seat not in asked]


def _plans(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[Plan]]:
    plans: dict[str, list[Plan]] = {}
    for event_id, block, section, layout, price_minor, accessible, general_admission, status, versions in rows:
        lines = [line["seat_ids"] for line in layout]
        read = Block(block, section, lines, status, price_minor, frozenset(accessible), general_admission)
        plans.setdefault(event_id, []).append(Plan(read, versions))
    return plans


def _booking(row: tuple[Any, ...]) -> Booking:
    read = Booking(*row)
    reason = Reason(read.reason) if read.reason is not None else None
    return replace(read, status=BookingStatus(read.status), reason=reason, seat_ids=tuple(read.seat_ids))


def _write(connection: Connection, writes: Writes) -> list[tuple[Cursor, int]]:
    """Send step 3 but for the commit; parents before children, so that references hold."""
    return [
        (
            connection.execute(
                statement, [write(column) for write, column in zip(columns, zip(*rows, strict=True), strict=True)]
            ),
            len(rows),
        )
        for (statement, columns), rows in (
            (statements.NEW_EVENTS, writes.new_events),
            (statements.CHANGED_EVENTS, writes.changed_events),
            (statements.NEW_BLOCKS, writes.new_blocks),
            (statements.NEW_SEATS, writes.new_seats),
            (statements.CHANGED_SEATS, writes.changed_seats),
            (statements.NEW_BOOKINGS, writes.new_bookings),
            (statements.CHANGED_BOOKINGS, writes.changed_bookings),
            (statements.OUTCOMES, writes.outcomes),
            (statements.PAYMENT_STARTS, writes.payment_starts),
            (statements.DEAD_LETTERS, writes.dead_letters),
        )
        if rows
    ]
