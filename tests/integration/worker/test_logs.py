"""Logs: a topic that is not there yet, that was made anew, or that lost its beginning."""

import time
import uuid
from collections.abc import Callable

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from contracts.topics import partition_of
from runtime.lifecycle import StopRequest
from tests.eventually import eventually
from tests.integration.conftest import ADMIN_TIMEOUT_S, TOPIC_CONFIG, Topic, make_anew
from tests.integration.worker.log import Log, booking
from tests.integration.worker.records import DECIDED_WITHIN_S, Records
from tests.integration.worker.running import RunningWorker, Workers
from worker.__main__ import build
from worker.consumer import LogError
from worker.loop import Worker


def test_a_worker_that_starts_before_its_topic_waits_for_it(topic: Topic, records: Records, workers: Workers) -> None:
    name = f"late_{uuid.uuid4().hex[:12]}"
    waiting = workers.start(topic=name)
    admin = AdminClient({"bootstrap.servers": topic.bootstrap})
    admin.create_topics([NewTopic(name, 4, 1, config=TOPIC_CONFIG)])[name].result(ADMIN_TIMEOUT_S)
    log = Log(topic.bootstrap, name, 4)
    request = booking(log.open_event(), "A1")
    log.append(request)
    assert records.wait_for([request]) == [("confirmed", None)]
    assert waiting.died is None
    waiting.stop()
    admin.delete_topics([name])[name].result(ADMIN_TIMEOUT_S)


def test_a_topic_made_anew_under_its_name_is_another_log(
    log: Log, topic: Topic, records: Records, workers: Workers
) -> None:
    event_id = log.open_event()
    old = booking(event_id, "A1")
    log.append(old)
    first = workers.start()
    records.wait_for([old])
    first.stop()
    make_anew(topic)
    new_log = Log(topic.bootstrap, topic.name, topic.partitions)
    new = booking(event_id, "A2")
    new_log.append(new)
    workers.start(worker_id="worker-2", consumer_group=f"{topic.name}-2")
    assert records.wait_for([old, new]) == [("confirmed", None)] * 2
    assert len(records.rows("SELECT DISTINCT topic_id FROM kafka_offsets")) == 2


def test_a_worker_stops_loudly_when_its_topic_is_made_anew_below_it(
    log: Log, topic: Topic, records: Records, workers: Workers
) -> None:
    event_id = log.open_event()
    old = booking(event_id, "A1")
    log.append(old)
    running = workers.start()
    workers.expect_death(running)
    records.wait_for([old])
    make_anew(topic)
    eventually(lambda: _is_dead(running))
    assert isinstance(running.died, LogError)
    assert str(running.died).startswith("the topic was ")


def test_a_worker_stops_loudly_when_the_log_begins_after_its_next_offset(
    log: Log, topic: Topic, records: Records, workers: Workers
) -> None:
    event_id = log.open_event()
    decided, lost, left = (booking(event_id, seat_id) for seat_id in ("A1", "A2", "A3"))
    log.append(decided)
    first = workers.start()
    records.wait_for([decided])
    first.stop()
    log.append(lost, left)
    partition = partition_of(event_id, topic.partitions)
    end = records.offsets(topic.topic_id)[partition] + 1
    cut = TopicPartition(topic.name, partition, end)
    admin = AdminClient(
        {"bootstrap.servers": topic.bootstrap}
    )  # named: a client nobody holds is gone before it answers
    admin.delete_records([cut])[cut].result(ADMIN_TIMEOUT_S)
    assert isinstance(_death(workers, workers.start()), LogError)
    assert records.outcome(left.command_id) is None


def test_a_worker_stops_loudly_when_the_log_ends_before_its_next_offset(
    topic: Topic, records: Records, workers: Workers
) -> None:
    records.run(
        "INSERT INTO kafka_offsets (topic_id, topic, log_partition, next_offset, log_time_ms) VALUES (%s, %s, 0, 7, 0)",
        topic.topic_id,
        topic.name,
    )
    assert isinstance(_death(workers, workers.start()), LogError)


def test_a_worker_stops_loudly_when_the_log_lost_its_end_and_grew_again(
    log: Log, topic: Topic, records: Records, workers: Workers
) -> None:
    """As after a power cut: the ledger has what was decided, the log has other messages at the same offsets."""
    event_id = log.open_event()
    decided = booking(event_id, "A1")
    log.append(decided)
    first = workers.start()
    records.wait_for([decided])
    first.stop()
    lost = 3
    records.run(
        "UPDATE kafka_offsets SET next_offset = next_offset + %s WHERE topic_id = %s AND log_partition = %s",
        lost,
        topic.topic_id,
        partition_of(event_id, topic.partitions),
    )
    accepted = [booking(event_id, f"A{2 + n}") for n in range(lost + 2)]
    log.append(*accepted)
    assert isinstance(_death(workers, workers.start()), LogError)
    assert list(records.outcomes()).count(decided.command_id) == 1
    assert [records.outcome(each.command_id) for each in accepted] == [None] * len(accepted)


def test_a_worker_goes_on_where_the_log_begins_with_what_is_decided_next(
    log: Log, topic: Topic, records: Records, workers: Workers
) -> None:
    """What was decided may be gone from the log; nothing can be compared then, and nothing was lost."""
    event_id = log.open_event()
    decided, after = booking(event_id, "A1"), booking(event_id, "A2")
    log.append(decided)
    first = workers.start()
    records.wait_for([decided])
    first.stop()
    partition = partition_of(event_id, topic.partitions)
    cut = TopicPartition(topic.name, partition, records.offsets(topic.topic_id)[partition])
    admin = AdminClient({"bootstrap.servers": topic.bootstrap})
    admin.delete_records([cut])[cut].result(ADMIN_TIMEOUT_S)
    log.append(after)
    workers.start()
    assert records.wait_for([after]) == [("confirmed", None)]


def test_a_worker_stops_loudly_when_clients_stamp_the_messages(
    topic: Topic, records: Records, workers: Workers
) -> None:
    name = f"unstamped_{uuid.uuid4().hex[:12]}"
    admin = AdminClient({"bootstrap.servers": topic.bootstrap})
    admin.create_topics([NewTopic(name, 4, 1)])[name].result(ADMIN_TIMEOUT_S)
    log = Log(topic.bootstrap, name, 4)
    log.open_event()
    assert isinstance(_death(workers, workers.start(topic=name)), LogError)
    assert records.outcomes() == {}
    admin.delete_topics([name])[name].result(ADMIN_TIMEOUT_S)


def _death(workers: Workers, worker: RunningWorker) -> BaseException | None:
    workers.expect_death(worker)
    eventually(lambda: _is_dead(worker))
    return worker.died


def _is_dead(worker: RunningWorker) -> None:
    assert not worker.running


def test_what_waited_for_its_turn_does_not_outlive_a_ledger_that_was_set_back(
    log: Log, records: Records, workers: Workers
) -> None:
    """A worker that has read ahead meets a restored ledger, and decides everything anew from where that one stands."""
    event_id = f"event-{uuid.uuid4().hex[:8]}"
    commands = log.hall(event_id, blocks=6)
    log.append(*commands)
    stop = StopRequest()
    worker = build(workers.settings(), stop)
    try:
        _run_until(worker, lambda: len(records.outcomes()) >= 1)
        assert len(records.outcomes()) < len(commands), "nothing waited for its turn: the test says nothing"
        records.forget_everything()
        _run_until(worker, lambda: set(records.outcomes()) == {command.command_id for command in commands})
    finally:
        worker.stop()
    assert {status for status, _reason in records.outcomes().values()} == {"done"}


def _run_until(worker: Worker, done: Callable[[], bool]) -> None:
    """Turn by turn, on this thread."""
    deadline = time.monotonic() + DECIDED_WITHIN_S
    while not done():
        assert time.monotonic() < deadline
        worker.run_once()
