"""``python -m audit restore-check`` over real stores: a ledger that is behind its log, as a restored one is."""

import signal
import subprocess
from typing import Any

import psycopg
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient
from pymongo import MongoClient

from contracts import views
from contracts.topics import partition_of
from tests.eventually import eventually
from tests.integration.audit.conftest import Platform, process
from tests.integration.audit.test_checker import book, now_ms
from tests.integration.conftest import make_anew
from tests.unit.audit.histories import EVENT, hall

WITHIN_S = 20


def outcomes(platform: Platform) -> int:
    with psycopg.connect(platform.ledger) as connection:
        row = connection.execute("SELECT count(*) FROM outcomes").fetchone()
    assert row is not None
    return int(row[0])


def fall_behind(platform: Platform) -> None:
    """Let an event be decided, end the worker, and book twice more: the ledger lacks the log's tail."""
    platform.append(*(command.model_copy(update={"issued_at_ms": now_ms()}) for command in hall()))
    platform.append(book(1, "A1"))
    eventually(lambda: _decided(platform, 4), within_s=WITHIN_S)
    platform.worker.send_signal(signal.SIGTERM)
    platform.worker.wait(WITHIN_S)
    platform.append(book(2, "A2"), book(3, "A2"))


def _decided(platform: Platform, count: int) -> None:
    assert outcomes(platform) == count


def check(platform: Platform) -> subprocess.CompletedProcess[str]:
    return platform.audit("restore-check")


def test_a_tail_that_the_log_still_has_is_counted_and_then_decided(platform: Platform) -> None:
    fall_behind(platform)
    before = outcomes(platform)
    said = check(platform)
    assert said.returncode == 0, said.stdout + said.stderr
    assert "2 commands will be decided again, to the same outcomes as before: 2 book_seats" in said.stdout
    assert said.stdout.endswith("Nothing is lost.\n")
    assert outcomes(platform) == before
    with process("worker", platform.worker_env):
        eventually(lambda: _decided(platform, before + 2), within_s=WITHIN_S)
    assert "Nothing is to be decided again" in check(platform).stdout
    done = platform.audit("--wait", "20")
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_the_log_cannot_give_back_is_said_and_touched_by_nobody(platform: Platform) -> None:
    fall_behind(platform)
    partition = partition_of(EVENT, platform.topic.partitions)
    with psycopg.connect(platform.ledger, autocommit=True) as connection:
        mark = connection.execute(
            "SELECT mark FROM kafka_offsets WHERE log_partition = %s AND next_offset > 0", (partition,)
        ).fetchone()
        assert mark is not None
        set_mark = "UPDATE kafka_offsets SET mark = %s WHERE log_partition = %s"
        connection.execute(set_mark, ("another message's", partition))
        said = check(platform)
        assert (said.returncode, "is not the one that the ledger decided" in said.stdout) == (1, True), said.stdout
        connection.execute(set_mark, (*mark, partition))

    admin = AdminClient({"bootstrap.servers": platform.topic.bootstrap})
    everything = TopicPartition(platform.topic.name, partition, -1)
    admin.delete_records([everything])[everything].result(10)
    said = check(platform)
    assert (said.returncode, "messages between are on neither" in said.stdout) == (1, True), said.stdout

    make_anew(platform.topic)
    said = check(platform)
    assert (said.returncode, "a former log" in said.stdout) == (1, True), said.stdout
    with psycopg.connect(platform.ledger, autocommit=True) as connection:
        connection.execute(
            """INSERT INTO restores (backed_up_at, topic_id, undecided)
            SELECT now(), topic_id, 0 FROM kafka_offsets LIMIT 1"""
        )
    said = check(platform)
    assert (said.returncode, "everything decided that was accepted" in said.stdout) == (0, True), said.stdout


def test_a_view_whose_last_row_is_another_outcome_in_the_ledger_is_said_to_be_rebuilt(platform: Platform) -> None:
    fall_behind(platform)
    client: MongoClient[dict[str, Any]] = MongoClient(platform.mongo[0])

    def all_is_shown() -> None:
        assert client[platform.mongo[1]][views.BOOKINGS].count_documents({}) == 1

    with client:
        eventually(all_is_shown, within_s=WITHIN_S)
    assert "The view is of this ledger" in check(platform).stdout
    with psycopg.connect(platform.ledger, autocommit=True) as connection:
        # What a restored backup looks like once as many transactions and rows have come as were lost.
        connection.execute("UPDATE outcomes SET command_id = 'bk_another' WHERE id = (SELECT max(id) FROM outcomes)")
    said = check(platform)
    assert "The view has seen what this ledger does not have" in said.stdout, said.stdout + said.stderr
