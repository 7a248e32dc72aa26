"""Seat locks: a hint that refuses nobody."""

import uuid
from collections.abc import Iterator

import pytest
import redis
from prometheus_client import REGISTRY

from tests.eventually import eventually
from tests.integration.worker.log import Log, booking
from tests.integration.worker.records import Records
from tests.integration.worker.running import Workers
from worker.locks import PREFIX, TTL_MS, SeatLocks


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        yield client


@pytest.fixture
def locks(redis_url: str) -> Iterator[SeatLocks]:
    """More patient than a worker's, for which a Redis that is late is one that is away."""
    with redis.Redis.from_url(redis_url) as patient:
        yield SeatLocks(patient)


@pytest.fixture
def event_id() -> str:
    return f"event-{uuid.uuid4().hex[:8]}"


def key(event_id: str, seat_id: str) -> str:
    return f"{PREFIX}{{{event_id}}}:{seat_id}"


def contended() -> float:
    return REGISTRY.get_sample_value("frontrow_worker_lock_contended_total") or 0.0


def test_a_lock_is_held_under_its_bookings_id_and_ends_by_itself(
    locks: SeatLocks, client: redis.Redis, event_id: str
) -> None:
    locks.take({event_id: {"A1": "bk_1", "A2": "bk_2"}})
    assert client.mget(key(event_id, "A1"), key(event_id, "A2")) == ["bk_1", "bk_2"]
    assert 0 < client.pttl(key(event_id, "A1")) <= TTL_MS


def test_only_its_holder_frees_a_lock(locks: SeatLocks, client: redis.Redis, event_id: str) -> None:
    locks.take({event_id: {"A1": "bk_1", "A2": "bk_2"}})
    locks.free({event_id: {"A1": "bk_other", "A2": "bk_2"}})
    assert client.mget(key(event_id, "A1"), key(event_id, "A2")) == ["bk_1", None]


def test_a_redis_that_forgets_its_scripts_at_once_is_away(
    redis_url: str, event_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that starts over and over: asked twice, then left alone."""
    unavailable = REGISTRY.get_sample_value("frontrow_worker_locks_unavailable_total") or 0.0
    with redis.Redis.from_url(redis_url) as forgetful:
        loads: list[str] = []
        monkeypatch.setattr(forgetful, "script_load", loads.append)
        forgetful.script_flush()
        SeatLocks(forgetful).take({event_id: {"A1": "bk_1"}})
    assert len(loads) == 1
    assert REGISTRY.get_sample_value("frontrow_worker_locks_unavailable_total") == unavailable + 1


def test_locks_work_in_a_redis_that_forgot_its_scripts(locks: SeatLocks, client: redis.Redis, event_id: str) -> None:
    client.script_flush()
    locks.take({event_id: {"A1": "bk_1"}})
    assert client.get(key(event_id, "A1")) == "bk_1"


def test_a_rush_of_many_thousand_seats_is_locked(locks: SeatLocks, client: redis.Redis, event_id: str) -> None:
    tokens = {event_id: {f"S{n}": "bk_1" for n in range(9_000)}}

    def locked_and_free_again() -> None:
        locks.take(tokens)
        assert client.exists(key(event_id, "S8999"))
        locks.free(tokens)
        assert not client.exists(key(event_id, "S0"), key(event_id, "S8999"))

    eventually(locked_and_free_again)  # a busy Redis is not waited for: then it is tried again


def test_a_held_lock_refuses_nobody(log: Log, records: Records, workers: Workers, client: redis.Redis) -> None:
    event_id = log.open_event()
    client.set(key(event_id, "A1"), "bk_of_another_worker", px=60_000)
    before = contended()
    request = booking(event_id, "A1")
    log.append(request)
    workers.start()
    assert records.wait_for([request]) == [("confirmed", None)]
    assert contended() == before + 1
    assert client.get(key(event_id, "A1")) == "bk_of_another_worker"
    client.delete(key(event_id, "A1"))


def test_a_decided_booking_leaves_no_lock(log: Log, records: Records, workers: Workers, client: redis.Redis) -> None:
    event_id = log.open_event()
    requests = [booking(event_id, "A1", "A2"), booking(event_id, "A2", "A3")]
    log.append(*requests)
    workers.start()
    records.wait_for(requests)

    def none_left() -> None:
        assert not client.exists(*(key(event_id, seat_id) for seat_id in ("A1", "A2", "A3")))

    eventually(none_left)
