"""The ledger: every statement that the worker sends to PostgreSQL, set-based, one transaction a batch.

The order inside a transaction is the promise, so it must not be tidied:

1. The offsets, compare-and-set, rows locked in partition order. Whoever does not find the offset that it expects is not
   the partitions' owner any more and has read nothing yet (test: ``test_two_workers_race_for_one_partition``).
2. Only then the ids that are decided already, the events, the bookings that are named or due, and the seats, these
   locked in key order: under READ COMMITTED each statement sees what the former owner committed before it lost the
   compare-and-set. What the answers lead to (``worker.asking``) comes in steps of its own: one partition's seats are
   all behind its offset, so two workers never meet there.
3. What was decided, with every row count asserted, and the commit.

PostgreSQL away, or a transaction that another one got in the way of, raises; the loop keeps the batch and tries again.
How we are connected, and for how long an answer is waited for, is ``session``'s.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, LiteralString, NamedTuple

import psycopg

from contracts.announcements import CheckInDecided
from contracts.outcomes import BookingStatus, Reason, SeatCheckIn
from contracts.positions import position_text
from contracts.views import BookingView
from worker import statements
from worker.asking import MOST_ROUNDS, Questions
from worker.hall import Plan
from worker.life_cycle import Booking
from worker.literals import numbers, texts
from worker.prices import Prices
from worker.records import ClearingRow, EventRow, Found, RequestRow, SeatRow, Wanted, Writes
from worker.seating import Block
from worker.session import Connection, Session, transaction

FROZEN_AFTER_S = 4
"""How long a worker may say nothing inside a transaction; the role's ``idle_in_transaction_session_timeout``."""

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


class Waiting(NamedTuple):
    """Partitions with bookings that a tick will end: when their time is up, or because their event was cancelled."""

    holds: frozenset[int] = frozenset()
    clearing: frozenset[int] = frozenset()


def nothing() -> None:
    """Do nothing while PostgreSQL works."""


class LostPartitionsError(Exception):
    """The offsets of ``partitions`` are not where this worker thought: they have, or had, another owner."""

    def __init__(self, partitions: frozenset[int]) -> None:
        super().__init__(f"lost partitions {sorted(partitions)}")
        self.partitions = partitions


class LedgerBugError(Exception):
    """A guarded statement met another number of rows than the rules said. Never retried: somebody must look."""


class Ledger:
    """The ledger over one session. Not for two threads."""

    def __init__(self, conninfo: str) -> None:
        self._session = Session(conninfo)

    def close(self) -> None:
        """Let go of the connection; safe to call twice."""
        self._session.close()

    def positions(self, topic_id: str, topic: str, partitions: Iterable[int]) -> dict[int, Position]:
        """Return how far ``partitions`` are decided; a partition never seen under this topic id starts at 0."""
        wanted = numbers(sorted(partitions))
        with self._session.answering() as (connection, _watchdog):
            # First: whoever moves an offset of the topic finds its number.
            connection.execute(statements.ADD_TOPIC, (topic_id,))
            connection.execute(statements.ADD_OFFSETS, (topic_id, topic, wanted))
            rows = connection.execute(statements.OFFSETS, (topic_id, wanted)).fetchall()
        return {partition: Position(*position) for partition, *position in rows}

    def other_topic_ids(self, topic_id: str, topic: str) -> list[str]:
        """Return the ids under which topics of this name were decided before."""
        with self._session.answering() as (connection, _watchdog):
            rows = connection.execute(statements.OTHER_TOPICS, (topic, topic_id)).fetchall()
        return [row[0] for row in rows]

    def decided_bookings(self, command_ids: Iterable[str]) -> list[BookingView]:
        """Return the bookings among these that are decided, as the view will show them."""
        with self._session.answering() as (connection, _watchdog):
            rows = connection.execute(statements.DECIDED_BOOKINGS, (texts(command_ids),)).fetchall()
        return [_as_shown(*row) for row in rows]

    def decided_check_ins(self, command_ids: Iterable[str]) -> list[CheckInDecided]:
        """Return the check-ins among these that are decided, each with the one that counts for its seat."""
        with self._session.answering() as (connection, _watchdog):
            rows = connection.execute(statements.DECIDED_CHECK_INS, (texts(command_ids),)).fetchall()
        return [
            {"_id": one, "kind": kind, "target": target, "status": status, "reason": reason, "check_in": check_in}
            for one, kind, target, status, reason, check_in in rows
        ]

    def waiting(self, partitions: Iterable[int]) -> Waiting:
        """Return those of ``partitions`` that have something for a tick to do, now or some day."""
        with self._session.answering() as (connection, _watchdog):
            rows = connection.execute(statements.WAITING, (numbers(partitions),)).fetchall()
        return Waiting(
            frozenset(partition for partition, holds, _clears in rows if holds),
            frozenset(partition for partition, _holds, clears in rows if clears),
        )

    def end_frozen(self) -> int:
        """End the sessions of workers that stopped talking inside a transaction; returns how many there were.

        For whoever waited in vain for a lock. Nothing is lost: the frozen worker's offsets are not moved, and should
        it wake, it finds its session gone (test: ``test_a_worker_frozen_between_two_statements_is_overtaken``).
        """
        with self._session.answering() as (connection, _watchdog):
            rows = connection.execute(statements.END_FROZEN, (FROZEN_AFTER_S,)).fetchall()
        return int(rows[0][0])

    def transact(
        self,
        topic_id: str,
        moves: Sequence[Move],
        questions: Questions,
        decide: Callable[[Found], Writes],
        meanwhile: Callable[[], None] = nothing,
    ) -> None:
        """Move the offsets, look up what is asked, and make true what ``decide`` says of it: all or nothing.

        ``meanwhile`` is called while PostgreSQL works on what was written: some milliseconds, with nothing waited for,
        since the transaction is open.

        Raises:
            LostPartitionsError: some offset was not where a move expects it. Nothing was read or changed.
            LedgerBugError: a row count was wrong. Nothing was changed.
            psycopg.Error: as PostgreSQL says. After a broken connection it is unknown whether the commit happened;
                doing the same again finds out, by the offsets.
        """
        with self._session.answering() as (answering, watchdog), transaction(answering) as (connection, pipeline):
            moved = _move(connection, topic_id, moves)
            asked = _ask(connection, questions.first())
            # A sync, not only a flush: before it the server takes itself for busy, not for idle in a transaction, and
            # would never end the session of a worker that froze (test: ``test_a_frozen_worker_is_overtaken``).
            pipeline.sync()
            _check_moved(moves, moved)
            found = asked.found()
            watchdog.heard()
            for _round in range(MOST_ROUNDS):
                wanted = questions.more(found)
                if wanted is None:
                    break
                asked = _ask(connection, wanted)
                pipeline.sync()
                found = found.and_also(asked.found())
                watchdog.heard()
            else:
                msg = f"more than {MOST_ROUNDS} rounds of questions"
                raise LedgerBugError(msg)
            sent = _write(connection, decide(found))
            watchdog.heard()
            meanwhile()  # what was written is on its way; the sync waits for its answers
            # All counts are here, and right, before COMMIT is sent: it travels alone, the third round trip.
            pipeline.sync()
            for cursor, expected in sent:
                if cursor.rowcount != expected:
                    msg = f"{cursor.rowcount} rows instead of {expected}"
                    raise LedgerBugError(msg)
            watchdog.heard()


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


def _move(connection: Connection, topic_id: str, moves: Sequence[Move]) -> Cursor:
    """Send step 1."""
    *columns, marks = zip(*sorted(moves), strict=True)
    partitions, firsts, nexts, times = map(numbers, columns)
    connection.execute(statements.LOCK_OFFSETS, (topic_id, partitions))
    return connection.execute(statements.MOVE_OFFSETS, (partitions, firsts, nexts, times, texts(marks), topic_id))


def _check_moved(moves: Sequence[Move], moved: Cursor) -> None:
    lost = {move.partition for move in moves} - {row[0] for row in moved.fetchall()}
    if lost:
        raise LostPartitionsError(frozenset(lost))


class _Asked(NamedTuple):
    """A round of step 2 on its way; what was not asked is None."""

    decided: Cursor | None
    events: Cursor | None
    blocks: Cursor | None
    seats: Cursor | None
    taken: Cursor | None
    bookings: Cursor | None
    requests: Cursor | None
    due: Cursor | None
    plans: Cursor | None
    clearing: Cursor | None
    counts: Cursor | None
    prices: Cursor | None

    def found(self) -> Found:
        """Return the answers, once they are there."""
        return Found(
            decided=frozenset(row[0] for row in _rows(self.decided)),
            events={row[0]: EventRow(*row[1:]) for row in _rows(self.events)},
            blocks=_rows(self.blocks),
            seats=[SeatRow._make(row) for cursor in (self.seats, self.taken) for row in _rows(cursor)],
            bookings={row[0]: _booking(row) for cursor in (self.bookings, self.due) for row in _rows(cursor)},
            plans=_plans(_rows(self.plans)),
            requests=list(map(RequestRow._make, _rows(self.requests))),
            clearing=list(map(ClearingRow._make, _rows(self.clearing))),
            counts={(event_id, principal): seats for event_id, principal, seats in _rows(self.counts)},
            prices={row[:2]: Prices(row[2], row[3], _prices(row[4])) for row in _rows(self.prices)},
        )


def _rows(cursor: Cursor | None) -> list[tuple[Any, ...]]:
    return cursor.fetchall() if cursor is not None else []


def _ask(connection: Connection, wanted: Wanted) -> _Asked:
    """Send one round of step 2."""

    def ask(statement: LiteralString, *columns: str, of: Sequence[Any]) -> Cursor | None:
        return connection.execute(statement, columns) if of else None

    bookings = texts(wanted.booking_ids)
    return _Asked(
        decided=ask(statements.DECIDED, texts(wanted.command_ids), of=wanted.command_ids),
        events=ask(statements.EVENTS, texts(wanted.event_ids), of=wanted.event_ids),
        blocks=ask(statements.BLOCKS, texts(wanted.blocks_of), of=wanted.blocks_of),
        seats=ask(statements.SEATS, *_literals((texts, texts), wanted.seats), of=wanted.seats),
        taken=ask(statements.TAKEN, *_literals((texts, numbers, numbers), wanted.taken_in), of=wanted.taken_in),
        bookings=ask(statements.BOOKINGS, bookings, of=wanted.booking_ids),
        requests=ask(statements.REQUESTS, bookings, of=wanted.booking_ids),
        due=ask(statements.DUE, *_literals((numbers,) * 3, wanted.due), of=wanted.due),
        plans=ask(statements.PLANS, texts(wanted.plans_of), of=wanted.plans_of),
        clearing=ask(statements.CLEARING, numbers(wanted.clearing_on), of=wanted.clearing_on),
        counts=ask(statements.COUNTS, *_literals((texts, texts), wanted.counts), of=wanted.counts),
        prices=ask(statements.PRICES, texts(wanted.prices_of), of=wanted.prices_of),
    )


def _literals(columns: Sequence[statements.Column], rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """Return the columns of ``rows`` as array literals."""
    return [write(column) for write, column in zip(columns, zip(*rows, strict=True), strict=False)]


def _plans(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[Plan]]:
    plans: dict[str, list[Plan]] = {}
    for event_id, block, section, layout, price_minor, accessible, general_admission, priced, status, versions in rows:
        lines = [line["seat_ids"] for line in layout]
        read = Block(
            block, section, lines, status, price_minor, frozenset(accessible), general_admission, _prices(priced)
        )
        plans.setdefault(event_id, []).append(Plan(read, versions))
    return plans


def _prices(priced: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    return {seat_id: some["price_minor"] for some in priced for seat_id in some["seat_ids"]}


def _booking(row: tuple[Any, ...]) -> Booking:
    *columns, check_ins = row
    read = Booking(*columns)
    reason = Reason(read.reason) if read.reason is not None else None
    return replace(
        read,
        status=BookingStatus(read.status),
        reason=reason,
        seat_ids=tuple(read.seat_ids),
        check_ins=tuple(SeatCheckIn(**one) for one in check_ins),
    )


def _write(connection: Connection, writes: Writes) -> list[tuple[Cursor, int]]:
    """Send step 3 but for the commit; parents before children, so that references hold."""
    return [
        (connection.execute(statement, _literals(columns, rows)), len(rows))
        for (statement, columns), rows in (
            (statements.NEW_EVENTS, writes.new_events),
            (statements.CHANGED_EVENTS, writes.changed_events),
            (statements.DESCRIBED_EVENTS, writes.described_events),
            (statements.NEW_BLOCKS, writes.new_blocks),
            (statements.NEW_SEATS, writes.new_seats),
            (statements.CHANGED_SEATS, writes.changed_seats),
            (statements.NEW_BOOKINGS, writes.new_bookings),
            (statements.CHANGED_BOOKINGS, writes.changed_bookings),
            (statements.NEW_COUNTS, writes.new_counts),
            (statements.CHANGED_COUNTS, writes.changed_counts),
            (statements.OUTCOMES, writes.outcomes),
            (statements.PAYMENT_STARTS, writes.payment_starts),
            (statements.DEAD_LETTERS, writes.dead_letters),
        )
        if rows
    ]
