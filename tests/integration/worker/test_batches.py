"""Batches: where the log is cut changes nothing, and a batch is committed whole or not at all."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.conninfo import make_conninfo

from contracts.commands import Command, EventCommand, Tick
from tests.integration.worker.records import Records
from tests.unit.worker.logs import NOW_MS, book, histories, lives, on_sale, seasons
from worker.asking import Questions
from worker.batch import settle
from worker.entries import Entry
from worker.ledger import Ledger, LedgerBugError, Move, Position
from worker.literals import numbers, texts
from worker.marks import mark_of
from worker.records import Found, Writes

TOPIC_ID = "some-topic-id"


@pytest.fixture
def writer(ledger: str) -> Iterator[Ledger]:
    """A worker's connection to the test's own ledger."""
    with closing(Ledger(make_conninfo(ledger, user="frontrow_worker"))) as writer:
        yield writer


def write(
    writer: Ledger, records: Records, log: Sequence[Command | Tick], cuts: Sequence[int], ms_a_message: int = 1
) -> list[Any]:
    """Return what an empty ledger says after ``log`` was decided in batches that end at ``cuts``."""
    tables = "kafka_offsets, outcomes, payment_starts, bookings, seat_counts, seats, blocks, events"
    records.run(f"TRUNCATE {tables} CASCADE")
    positions = dict(writer.positions(TOPIC_ID, "topic", [0]))
    entries = [Entry(0, offset, NOW_MS + offset * ms_a_message, command) for offset, command in enumerate(log)]
    ends = [*sorted({cut % (len(log) + 1) for cut in cuts} - {0}), len(log)]
    for start, end in zip([0, *ends], ends, strict=False):
        if entries[start:end]:
            positions.update(settle(writer, TOPIC_ID, entries[start:end], positions).positions)
    return [
        records.rows("SELECT event_id, seat_id, block, position, status, booking_id, version FROM seats ORDER BY 1, 2"),
        records.rows("SELECT * FROM events ORDER BY 1"),
        records.rows("SELECT event_id, block, layout FROM blocks ORDER BY 1, 2"),
        records.rows("""
            SELECT command_id, kind, event_id, principal, status, reason, seat_ids, conflicts, changes, log_partition,
                log_offset, requested_at, decided_at, booking_id, booking FROM outcomes ORDER BY tx, id"""),
        records.rows("SELECT * FROM bookings ORDER BY 1"),
        records.rows("SELECT * FROM payment_starts ORDER BY 1"),
        records.rows("SELECT * FROM seat_counts ORDER BY 1, 2"),
        records.rows("SELECT next_offset, log_time_ms FROM kafka_offsets"),
    ]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(log=histories(), cuts=st.lists(st.integers(0, 40), max_size=6))
def test_any_batching_of_a_log_gives_the_same_outcomes(
    writer: Ledger, records: Records, log: list[EventCommand], cuts: list[int]
) -> None:
    assert write(writer, records, log, cuts) == write(writer, records, log, [])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(log=lives(), cuts=st.lists(st.integers(0, 50), max_size=8))
def test_any_batching_of_bookings_lives_gives_the_same_outcomes(
    writer: Ledger, records: Records, log: list[Command | Tick], cuts: list[int]
) -> None:
    at_once = write(writer, records, log, [], ms_a_message=300)
    assert write(writer, records, log, cuts, ms_a_message=300) == at_once
    one_by_one = range(50)
    assert write(writer, records, log, one_by_one, ms_a_message=300) == at_once


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(log=seasons(), cuts=st.lists(st.integers(0, 50), max_size=8))
def test_any_batching_of_an_organised_event_gives_the_same_outcomes(
    writer: Ledger, records: Records, log: list[Command | Tick], cuts: list[int]
) -> None:
    at_once = write(writer, records, log, [], ms_a_message=300)
    assert write(writer, records, log, cuts, ms_a_message=300) == at_once
    assert write(writer, records, log, range(60), ms_a_message=300) == at_once
    wrong = """
        SELECT s.event_id FROM seat_counts AS c FULL JOIN (
            SELECT s.event_id, o.principal, count(*) AS seats FROM seats AS s
            JOIN outcomes AS o ON substr(o.command_id, 4) = substr(s.booking_id, 4) AND o.kind = 'book_seats'
            JOIN events AS e ON e.event_id = s.event_id AND e.max_seats_per_user IS NOT NULL
            GROUP BY 1, 2
        ) AS s USING (event_id, principal)
        WHERE coalesce(c.seats, 0) <> coalesce(s.seats, 0)"""
    assert records.rows(wrong) == [], "seats are counted as they are owned"


def test_a_batch_of_ticks_moves_the_offset_and_the_time(writer: Ledger, records: Records) -> None:
    assert write(writer, records, [Tick(), Tick()], []) == [*[[]] * 7, [(2, NOW_MS + 1)]]


def test_time_never_runs_back_when_a_broker_s_clock_does(writer: Ledger, records: Records) -> None:
    positions = writer.positions(TOPIC_ID, "topic", [0])
    entries = [Entry(0, 0, NOW_MS, Tick()), Entry(0, 1, NOW_MS - 60_000, book(10, "A1"))]
    settled = settle(writer, TOPIC_ID, entries, positions)
    assert settled.positions == {0: Position(2, NOW_MS, mark_of(NOW_MS - 60_000, None))}
    statement = "SELECT (EXTRACT(epoch FROM decided_at) * 1000)::bigint FROM outcomes"
    assert records.rows(statement) == [(NOW_MS,)]


def test_what_is_done_meanwhile_is_done_once_and_before_the_commit(writer: Ledger, records: Records) -> None:
    positions = writer.positions(TOPIC_ID, "topic", [0])
    stood_at: list[dict[int, int]] = []
    settle(
        writer, TOPIC_ID, [Entry(0, 0, NOW_MS, Tick())], positions, lambda: stood_at.append(records.offsets(TOPIC_ID))
    )
    assert stood_at == [{0: 0}]
    assert records.offsets(TOPIC_ID) == {0: 1}


def test_a_wrong_row_count_is_a_bug_and_leaves_nothing_behind(writer: Ledger, records: Records) -> None:
    write(writer, records, [*on_sale(), book(10, "A1")], [])

    def take_a_taken_seat_again(_found: Found) -> Writes:
        stale = ("concert", "A1", "b", 1, "bk_other", 0)
        return Writes(changed_seats=[stale])

    with pytest.raises(LedgerBugError):
        writer.transact(TOPIC_ID, [Move(0, 4, 5, NOW_MS)], Questions([]), take_a_taken_seat_again)
    assert records.offsets(TOPIC_ID) == {0: 4}
    assert records.owner("concert", "A1") == book(10, "A1").command_id


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"))))
def test_texts_arrive_in_postgresql_as_they_were(records: Records, words: list[str | None]) -> None:
    assert records.rows("SELECT %s::text[]", texts(words)) == [(words,)]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)))
def test_numbers_arrive_in_postgresql_as_they_were(records: Records, values: list[int | None]) -> None:
    assert records.rows("SELECT %s::bigint[]", numbers(values)) == [(values,)]
