"""Outages: what is decided, and when, while a store is away."""

from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import pytest
from prometheus_client import REGISTRY
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from infra.native.services import STOP_WAIT_S
from tests.eventually import eventually
from tests.integration.worker.cable import Cable
from tests.integration.worker.log import Log, booking
from tests.integration.worker.records import Records
from tests.integration.worker.running import RunningWorker, Workers
from tests.stalls import within


@pytest.fixture
def postgres_cable(ledger: str) -> Iterator[Cable]:
    info = conninfo_to_dict(ledger)
    with Cable(str(info["host"]), int(str(info["port"]))) as cable:
        yield cable


@pytest.fixture
def redis_cable(redis_url: str) -> Iterator[Cable]:
    address = urlsplit(redis_url)
    with Cable(address.hostname or "", address.port or 6379) as cable:
        yield cable


@pytest.fixture
def worker(workers: Workers, ledger: str, postgres_cable: Cable) -> RunningWorker:
    """A worker whose way to PostgreSQL can be cut."""
    through = make_conninfo(ledger, user="frontrow_worker", host="127.0.0.1", port=postgres_cable.port)
    return workers.start(postgres_url=through)


@pytest.mark.usefixtures("worker")
def test_bookings_are_decided_when_postgresql_is_back(log: Log, records: Records, postgres_cable: Cable) -> None:
    event_id = log.open_event()
    before, during, after = (booking(event_id, seat_id) for seat_id in ("A1", "A2", "A3"))
    log.append(before)
    records.wait_for([before])
    postgres_cable.cut()
    log.append(during)
    postgres_cable.mend()
    log.append(after)
    assert records.wait_for([during, after], within_s=30) == [("confirmed", None)] * 2


def test_readiness_says_when_postgresql_is_away_and_when_it_is_back(
    log: Log, records: Records, worker: RunningWorker, postgres_cable: Cable
) -> None:
    event_id = log.open_event()
    request, during = booking(event_id, "A1"), booking(event_id, "A2")
    log.append(request)
    records.wait_for([request])
    assert worker.reaches_the_ledger()
    assert worker.reads_the_log()
    postgres_cable.cut()
    log.append(during)
    eventually(lambda: _assert(not worker.reaches_the_ledger()))
    assert worker.reads_the_log()
    postgres_cable.mend()
    eventually(lambda: _assert(worker.reaches_the_ledger()))
    assert records.wait_for([during]) == [("confirmed", None)]


def test_a_worker_that_starts_before_postgresql_waits_for_it(
    log: Log, records: Records, workers: Workers, ledger: str, postgres_cable: Cable
) -> None:
    postgres_cable.cut()
    through = make_conninfo(ledger, user="frontrow_worker", host="127.0.0.1", port=postgres_cable.port)
    worker = workers.start(postgres_url=through)
    request = booking(log.open_event(), "A1")
    log.append(request)
    eventually(lambda: _assert(postgres_cable.refused > 1))
    assert not worker.reaches_the_ledger()
    postgres_cable.mend()
    assert records.wait_for([request]) == [("confirmed", None)]


@pytest.mark.usefixtures("worker")
def test_a_session_that_postgresql_ends_mid_stream_loses_nothing(log: Log, records: Records) -> None:
    event_id = log.open_event([f"S{n}" for n in range(600)])
    requests = [booking(event_id, f"S{n}") for n in range(600)]
    ended = """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE usename = 'frontrow_worker' AND datname = current_database()"""
    for start in range(0, 600, 50):
        log.append(*requests[start : start + 50])
        records.rows(ended)
    assert records.wait_for(requests) == [("confirmed", None)] * 600
    assert records.rows("SELECT count(*) FROM seats WHERE version = 1") == [(600,)]


def test_a_worker_stops_while_postgresql_is_away_and_its_batch_is_decided_by_the_next(
    log: Log, records: Records, workers: Workers, worker: RunningWorker, postgres_cable: Cable
) -> None:
    event_id = log.open_event()
    request, during = booking(event_id, "A1"), booking(event_id, "A2")
    log.append(request)
    records.wait_for([request])
    postgres_cable.cut()
    log.append(during)
    worker.stop()
    assert records.outcome(during.command_id) is None
    workers.start()
    assert records.wait_for([during]) == [("confirmed", None)]


def test_a_frozen_postgresql_is_away_and_the_worker_polls_on(
    log: Log, records: Records, worker: RunningWorker, postgres_cable: Cable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.session.ANSWER_WITHIN_S", 1.0)
    event_id = log.open_event()
    before, during, after = (booking(event_id, seat_id) for seat_id in ("A1", "A2", "A3"))
    log.append(before)
    records.wait_for([before])
    postgres_cable.freeze()
    log.append(during)
    eventually(lambda: _assert(not worker.reaches_the_ledger()))
    eventually(lambda: _assert(worker.reads_the_log()))
    postgres_cable.mend()
    log.append(after)
    assert records.wait_for([during, after], within_s=30) == [("confirmed", None)] * 2


def test_a_worker_stops_while_postgresql_is_frozen(
    log: Log, records: Records, worker: RunningWorker, postgres_cable: Cable
) -> None:
    """Within ``ANSWER_WITHIN_S``; ``RunningWorker.stop`` waits twice as long."""
    event_id = log.open_event()
    before, during = booking(event_id, "A1"), booking(event_id, "A2")
    log.append(before)
    records.wait_for([before])
    postgres_cable.freeze()
    log.append(during)
    with within(STOP_WAIT_S):
        worker.stop()
    assert records.outcome(during.command_id) is None


def test_bookings_go_on_without_redis(
    log: Log, records: Records, workers: Workers, redis_cable: Cable, redis_url: str
) -> None:
    event_id = log.open_event()
    before, during, after = (booking(event_id, seat_id) for seat_id in ("A1", "A2", "A3"))
    address = urlsplit(redis_url)
    login, at, _ = address.netloc.rpartition("@")
    workers.start(redis_url=urlunsplit(address._replace(netloc=f"{login}{at}127.0.0.1:{redis_cable.port}")))
    log.append(before)
    records.wait_for([before])
    counted = REGISTRY.get_sample_value("frontrow_worker_locks_unavailable_total") or 0.0
    redis_cable.cut()
    log.append(during)
    assert records.wait_for([during], within_s=30) == [("confirmed", None)]
    assert (REGISTRY.get_sample_value("frontrow_worker_locks_unavailable_total") or 0.0) > counted
    redis_cable.mend()
    log.append(after)
    assert records.wait_for([after], within_s=30) == [("confirmed", None)]


def _assert(holds: bool) -> None:  # noqa: FBT001 - what is asserted
    assert holds
