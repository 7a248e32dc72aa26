"""Bookings are refused while those before them wait for too long: a real log, and a ledger that a test moves."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from contracts import problems
from contracts.topics import partition_of
from runtime.postgres import Postgres
from runtime.problems import ProblemError
from tests.eventually import eventually, eventually_async
from tests.integration.conftest import PARTITIONS, Topic
from tests.integration.write_api import log
from tests.integration.write_api.process import WriteApi, environment
from write_api.lag import MOST_UNDECIDED
from write_api.overload import CONNECTIONS, WITHIN_S, Overload

BUSY = "the-busy-one"
QUIET = next(name for n in range(100) if partition_of(name := f"quiet-{n}", 4) != partition_of(BUSY, 4))
AT_A_TIME, DECIDED_OF_THEM = 20, 1
A_SECOND: Final = 1_000
"""So many messages come; half as many are decided."""
BUSY_S: Final = 0.25
"""For so long a turn of the loop that answers requests takes under a crowd."""
SEEN_WITHIN_S: Final = 8.0
"""Less than it takes ``A_SECOND`` to reach the number at which anybody is refused, whatever the ledger says."""


class Decided:
    """How far the ledger is with the busy event's partition."""

    def __init__(self, ledger: str, topic: Topic) -> None:
        self._connection = psycopg.connect(ledger, autocommit=True)
        self._connection.execute(
            """INSERT INTO kafka_offsets (topic_id, topic, log_partition, next_offset, log_time_ms)
            VALUES (%s, %s, %s, 0, 0)""",
            (topic.topic_id, topic.name, partition_of(BUSY, PARTITIONS)),
        )

    def move(self, by: int) -> None:
        self._connection.execute(
            "UPDATE kafka_offsets SET next_offset = next_offset + %s, tx = pg_current_xact_id()", (by,)
        )

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def write_api(topic: Topic, ledger: str, tmp_path: Path) -> Iterator[WriteApi]:
    env = environment(
        tmp_path,
        topic.bootstrap,
        topic.name,
        PARTITIONS,
        postgres_url=make_conninfo(ledger, user="frontrow_write_api"),
    )
    with WriteApi(env, tmp_path / "log") as started:
        started.wait_until_ready()
        yield started


def test_what_would_wait_too_long_is_refused_and_taken_again_once_it_would_not(
    write_api: WriteApi, topic: Topic, ledger: str
) -> None:
    with closing(Decided(ledger, topic)) as decided:
        refused_and_taken_again(write_api, topic, decided)


def refused_and_taken_again(write_api: WriteApi, topic: Topic, decided: Decided) -> None:
    taken = 0

    def book(event_id: str) -> httpx.Response:
        return httpx.post(
            f"{write_api.url}/api/book", json={"userId": "user-123", "eventId": event_id, "seatId": "A1"}, timeout=5
        )

    def refused() -> httpx.Response:
        nonlocal taken
        for _ in range(AT_A_TIME):
            answer = book(BUSY)
            if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                return answer
            taken += 1
        decided.move(DECIDED_OF_THEM)
        raise AssertionError(taken)

    answer = eventually(refused, within_s=60)
    assert answer.json()["type"] == problems.OVERLOADED.type
    assert int(answer.headers["retry-after"]) >= 2
    assert "with the same Idempotency-Key" in answer.json()["detail"], "which may have been accepted the time before"
    assert book(QUIET).status_code == httpx.codes.ACCEPTED, "its partition waits for nobody"
    assert len(log.read(topic.bootstrap, topic.name, PARTITIONS)) == taken + 1, "what was refused is not on the log"
    decided.move(taken)

    def accepted() -> None:
        assert book(BUSY).status_code == httpx.codes.ACCEPTED

    eventually(accepted)


def test_what_waited_for_too_long_to_be_read_is_refused_and_a_clock_that_is_wrong_refuses_nobody(
    write_api: WriteApi, topic: Topic
) -> None:
    def book(started: str) -> httpx.Response:
        return httpx.post(
            f"{write_api.url}/api/book",
            json={"userId": "user-123", "eventId": QUIET, "seatId": "A1"},
            headers={"X-Request-Start": started},
            timeout=5,
        )

    assert book(f"t={time.time():.3f}").status_code == httpx.codes.ACCEPTED
    answer = book(f"t={time.time() - 1.8:.3f}")
    assert answer.json()["type"] == problems.OVERLOADED.type
    assert int(answer.headers["retry-after"]) >= 2
    assert len(log.read(topic.bootstrap, topic.name, PARTITIONS)) == 1, "what was refused is not on the log"
    for ahead_s in (-3_600, 0, 3_600):
        assert book(f"t={time.time() + ahead_s:.3f}").status_code == httpx.codes.ACCEPTED
    assert book("yesterday").status_code == httpx.codes.ACCEPTED


def refusal(overload: Overload, partition: int) -> str:
    """Return why nothing more is taken; empty where it is."""
    try:
        overload.check(partition)
    except ProblemError as refused:
        return refused.detail
    return ""


async def test_a_ledger_that_refuses_to_say_how_far_it_is_stands_still(topic: Topic, ledger: str) -> None:
    partition, lengths = partition_of(BUSY, PARTITIONS), [0] * PARTITIONS
    postgres = Postgres(make_conninfo(ledger, user="frontrow_write_api"), "lag", connections=1)
    overload = Overload(postgres, topic.name, lambda: lengths, lambda most: most)

    async def refused() -> None:
        assert "nothing was decided" in refusal(overload, partition)

    async def taken() -> None:
        assert not refusal(overload, partition)

    with closing(Decided(ledger, topic)) as decided, psycopg.connect(ledger, autocommit=True) as owner:
        await overload.start()
        try:
            lengths[partition] = MOST_UNDECIDED
            await eventually_async(refused)
            decided.move(MOST_UNDECIDED)
            await eventually_async(taken)
            owner.execute("REVOKE SELECT (topic) ON kafka_offsets FROM frontrow_write_api")
            lengths[partition] = 2 * MOST_UNDECIDED
            await eventually_async(refused)
            owner.execute("GRANT SELECT (topic) ON kafka_offsets TO frontrow_write_api")
            decided.move(MOST_UNDECIDED)
            await eventually_async(taken)
        finally:
            await overload.stop()


async def test_a_crowd_keeps_it_neither_from_seeing_how_much_waits_nor_that_it_is_done(
    topic: Topic, ledger: str
) -> None:
    partition, lengths, over = partition_of(BUSY, PARTITIONS), [0] * PARTITIONS, threading.Event()

    def come_and_decide(decided: Decided) -> None:
        """Half of what comes is decided, until it is seen; then all of it is."""
        while not over.wait(0.05):
            lengths[partition] += A_SECOND // 20
            decided.move(A_SECOND // 40)
        decided.move(lengths[partition])

    async def busy_until(is_so: Callable[[], bool]) -> None:
        until = time.monotonic() + SEEN_WITHIN_S
        while not is_so():
            assert time.monotonic() < until, refusal(overload, partition)
            time.sleep(BUSY_S)  # noqa: ASYNC251 - requests, a thousand at a turn of the loop
            await asyncio.sleep(0)

    postgres = Postgres(
        make_conninfo(ledger, user="frontrow_write_api"), "lag", connections=CONNECTIONS, within_s=WITHIN_S
    )
    overload = Overload(postgres, topic.name, lambda: lengths, lambda _most: 0)
    with closing(Decided(ledger, topic)) as decided:
        crowd = threading.Thread(target=come_and_decide, args=(decided,))
        crowd.start()
        await overload.start()
        try:
            await busy_until(lambda: "would wait" in refusal(overload, partition))
            over.set()
            await busy_until(lambda: not refusal(overload, partition))
        finally:
            over.set()
            crowd.join()
            await overload.stop()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_where_looking_fails_the_service_is_told(topic: Topic, ledger: str) -> None:
    told, lengths = asyncio.Event(), [0] * PARTITIONS
    postgres = Postgres(make_conninfo(ledger, user="frontrow_write_api"), "lag", connections=1)
    overload = Overload(postgres, topic.name, lambda: lengths, lambda _most: 0)
    lengths.append(0)  # a partition that it does not know: a bug
    await overload.start(on_failure=told.set)
    await asyncio.wait_for(told.wait(), 10)
    await overload.stop()
    await overload.stop()
