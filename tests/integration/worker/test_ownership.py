"""Ownership: several workers, one ledger; whoever loses a partition changes nothing of it."""

import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from contracts.topics import partition_of
from tests.eventually import eventually
from tests.integration.conftest import Topic
from tests.integration.worker.cable import Cable
from tests.integration.worker.log import Log, booking
from tests.integration.worker.records import Records
from tests.integration.worker.running import Workers
from worker import statements
from worker.asking import Questions
from worker.batch import settle
from worker.entries import Entry
from worker.faults import Fault, fault_of
from worker.ledger import Ledger, LostPartitionsError, Move, Position
from worker.literals import numbers
from worker.records import Found, Writes

TOPIC_ID = "some-topic-id"
NOTHING = Questions([])


@pytest.fixture
def ledgers(ledger: str) -> Iterator[tuple[Ledger, Ledger]]:
    """Two workers' connections to one ledger, which knows two partitions."""
    conninfo = make_conninfo(ledger, user="frontrow_worker")
    one, other = Ledger(conninfo), Ledger(conninfo)
    one.positions(TOPIC_ID, "topic", [0, 1])
    yield one, other
    one.close()
    other.close()


def test_two_workers_race_for_one_partition(records: Records, ledgers: tuple[Ledger, Ledger]) -> None:
    at_the_gate = threading.Barrier(2)
    entries = [Entry(partition, 0, 1000, booking("event", "A1")) for partition in (0, 1)]

    def race(ledger: Ledger) -> frozenset[int]:
        at_the_gate.wait()
        try:
            settle(ledger, TOPIC_ID, entries, {0: Position(0, 0), 1: Position(0, 0)})
        except LostPartitionsError as lost:
            return lost.partitions
        return frozenset()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(race, ledgers), key=len) == [frozenset(), {0, 1}]
    assert records.offsets(TOPIC_ID) == {0: 1, 1: 1}
    assert len(records.outcomes()) == 2


def test_a_lost_partition_takes_nothing_of_the_batch_with_it(records: Records, ledgers: tuple[Ledger, Ledger]) -> None:
    one, other = ledgers
    settle(other, TOPIC_ID, [Entry(1, 0, 1000, booking("event", "A1"))], {1: Position(0, 0)})
    entries = [Entry(partition, 0, 1000, booking("event", "A1")) for partition in (0, 1)]
    with pytest.raises(LostPartitionsError) as lost:
        settle(one, TOPIC_ID, entries, {0: Position(0, 0), 1: Position(0, 0)})
    assert lost.value.partitions == {1}
    assert records.offsets(TOPIC_ID) == {0: 0, 1: 1}
    settle(one, TOPIC_ID, entries[:1], {0: Position(0, 0)})
    assert records.offsets(TOPIC_ID) == {0: 1, 1: 1}


def test_a_frozen_worker_is_overtaken(records: Records, ledgers: tuple[Ledger, Ledger], ledger: str) -> None:
    records.set_for_workers("idle_in_transaction_session_timeout", "200ms")
    next_owner = ledgers[1]
    request = booking("event", "A1")
    entry = Entry(0, 0, 1000, request)

    def freeze(_found: Found) -> Writes:
        # The successor waits for the frozen one's row locks, until PostgreSQL ends the frozen one's session.
        settle(next_owner, TOPIC_ID, [entry], {0: Position(0, 0)})
        return Writes()

    with closing(Ledger(make_conninfo(ledger, user="frontrow_worker"))) as frozen:
        with pytest.raises(psycopg.Error) as thawed:
            frozen.transact(TOPIC_ID, [Move(0, 0, 1, 1000)], NOTHING, freeze)
        assert fault_of(thawed.value) is Fault.AWAY
        with pytest.raises(LostPartitionsError):
            frozen.transact(TOPIC_ID, [Move(0, 0, 1, 1000)], NOTHING, freeze)
    assert records.offsets(TOPIC_ID) == {0: 1, 1: 0}
    assert list(records.outcomes()) == [request.command_id]


def test_a_worker_frozen_between_two_statements_is_overtaken(
    log: Log, topic: Topic, records: Records, workers: Workers, ledger: str
) -> None:
    """To PostgreSQL such a session is busy, so that no timeout of its own ever ends it."""
    event_id = log.open_event()
    first, request = booking(event_id, "A1"), booking(event_id, "A2")
    records.set_for_workers("lock_timeout", "1s")
    workers.start()
    log.append(first)
    records.wait_for([first])
    conninfo = make_conninfo(ledger, user="frontrow_worker", options="-c lock_timeout=0")
    with closing(psycopg.connect(conninfo)) as frozen:
        with suppress(psycopg.OperationalError), frozen.pipeline():  # leaving the pipeline, it wakes
            # Fetching sends what is queued and asks for the answer, but does not end the pipeline's message.
            frozen.execute(statements.LOCK_OFFSETS, (topic.topic_id, numbers(range(topic.partitions)))).fetchall()
            log.append(request)
            assert records.wait_for([request], within_s=30) == [("confirmed", None)]
        assert frozen.broken


def test_two_workers_that_both_think_they_own_everything_decide_each_booking_once(
    log: Log, topic: Topic, records: Records, workers: Workers
) -> None:
    """Two groups: Kafka gives both all partitions, as it may for a moment in life. Only the ledger tells them apart."""
    workers.start(consumer_group=f"{topic.name}-1", worker_id="worker-1")
    workers.start(consumer_group=f"{topic.name}-2", worker_id="worker-2")
    events = [log.open_event() for _ in range(4)]
    requests = [booking(event_id, f"A{1 + n % 20}") for n in range(40) for event_id in events]
    for start in range(0, len(requests), 8):
        log.append(*requests[start : start + 8])
    outcomes = records.wait_for(requests)
    assert outcomes.count(("confirmed", None)) == 80
    assert outcomes.count(("rejected", "seat_taken")) == 80
    assert records.rows("SELECT count(*) FROM seats WHERE version > 1") == [(0,)]


def test_a_lost_partition_flows_again(log: Log, topic: Topic, records: Records, workers: Workers) -> None:
    event_id = log.open_event()
    first, skipped, after = (booking(event_id, seat_id) for seat_id in ("A1", "A2", "A3"))
    log.append(first)
    workers.start()
    records.wait_for([first])
    _skip_one(records, topic, event_id)
    log.append(skipped, after)
    assert records.wait_for([after]) == [("confirmed", None)]
    assert records.outcome(skipped.command_id) is None


def test_a_partition_lost_during_an_outage_flows_again(
    log: Log, topic: Topic, records: Records, workers: Workers, ledger: str
) -> None:
    """While PostgreSQL is away partitions are paused; one that is lost meanwhile must not stay so."""
    event_id = log.open_event()
    first, skipped, after = (booking(event_id, seat_id) for seat_id in ("A1", "A2", "A3"))
    info = conninfo_to_dict(ledger)
    with Cable(str(info["host"]), int(str(info["port"]))) as cable:
        workers.start(postgres_url=make_conninfo(ledger, user="frontrow_worker", host="127.0.0.1", port=cable.port))
        log.append(first)
        records.wait_for([first])
        cable.cut()
        log.append(skipped)
        eventually(lambda: _at_least(cable.refused, 2))
        _skip_one(records, topic, event_id)
        cable.mend()
        log.append(after)
        assert records.wait_for([after]) == [("confirmed", None)]


def test_partitions_are_shared_when_a_second_worker_comes(log: Log, records: Records, workers: Workers) -> None:
    first = workers.start(worker_id="worker-1")
    eventually(lambda: _at_least(first.worker.partitions, 4))
    second = workers.start(worker_id="worker-2")
    eventually(lambda: _at_least(second.worker.partitions, 2))
    events = [log.open_event() for _ in range(8)]
    requests = [booking(event_id, "A1") for event_id in events]
    log.append(*requests)
    assert records.wait_for(requests) == [("confirmed", None)] * 8


def test_who_stands_by_is_ready_and_takes_over(topic: Topic, log: Log, records: Records, workers: Workers) -> None:
    running = [workers.start(worker_id=f"worker-{number}") for number in range(topic.partitions + 1)]
    eventually(lambda: _at_least(sum(worker.reads_the_log() for worker in running), len(running)))
    (stands_by,) = [worker for worker in running if not worker.worker.partitions]
    assert stands_by.reaches_the_ledger()
    next(worker for worker in running if worker is not stands_by).stop()  # for good: nobody comes back under its name
    eventually(lambda: _at_least(stands_by.worker.partitions, 1))
    requests = [booking(log.open_event(), "A1") for _ in range(8)]
    log.append(*requests)
    assert records.wait_for(requests) == [("confirmed", None)] * 8


def test_outcomes_flow_within_five_seconds_of_a_kill(log: Log, records: Records, workers: Workers) -> None:
    event_id = log.open_event()
    before, after = booking(event_id, "A1"), booking(event_id, "A2")
    log.append(before)
    victim = workers.start_process(http_port=0)
    records.wait_for([before])
    victim.kill()
    assert victim.wait() == -signal.SIGKILL
    log.append(after)
    workers.start_process(http_port=0)
    assert records.wait_for([after], within_s=30) == [("confirmed", None)]


def _skip_one(records: Records, topic: Topic, event_id: str) -> None:
    """Say in the ledger that somebody else decided one message more of the event's partition."""
    records.run(
        """UPDATE kafka_offsets SET next_offset = next_offset + 1, mark = NULL
        WHERE topic_id = %s AND log_partition = %s""",
        topic.topic_id,
        partition_of(event_id, topic.partitions),
    )


def _at_least(seen: int, wanted: int) -> None:
    assert seen >= wanted
