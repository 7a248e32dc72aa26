"""The naive system: a booking gets its seat or is refused, and the next poll shows it."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
import redis
from pymongo import MongoClient

from loadtest.bench import naive


@pytest.fixture
def tables(ledger: str) -> Iterator[psycopg.Connection]:
    """Yield a connection to tables with one hall of two seats, of an event of the test's own."""
    with psycopg.connect(ledger) as connection:
        connection.execute(naive.SCHEMA)
        connection.execute(naive.HALLS, {"prefix": f"{uuid.uuid4().hex[:12]}-", "halls": 1, "seats": 2})
        connection.commit()
        yield connection


@pytest.fixture
def locks(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as client:
        yield client


def _event(tables: psycopg.Connection) -> str:
    [(event_id,)] = tables.execute("SELECT DISTINCT event_id FROM naive_seats").fetchall()
    return str(event_id)


def _booking(event_id: str, number: int, seat_id: str = "S1") -> dict[str, str]:
    return {"booking_id": f"bk_{number}", "user_id": "u", "event_id": event_id, "seat_id": seat_id}


def _statuses(tables: psycopg.Connection) -> dict[str, str]:
    return dict(tables.execute("SELECT booking_id, status FROM naive_bookings").fetchall())


def test_the_first_of_two_gets_the_seat(tables: psycopg.Connection, locks: redis.Redis) -> None:
    event_id = _event(tables)
    for number in (1, 2):
        naive.decide(tables, locks, _booking(event_id, number))
    assert _statuses(tables) == {"bk_1": "confirmed", "bk_2": "rejected"}
    owner = tables.execute("SELECT booking_id FROM naive_seats WHERE seat_id = 'S1'").fetchone()
    assert owner == ("bk_1",)


def test_a_seat_that_is_locked_is_refused_and_its_lock_left_alone(
    tables: psycopg.Connection, locks: redis.Redis
) -> None:
    event_id = _event(tables)
    naive.decide(tables, locks, _booking(event_id, 1))
    assert not locks.keys(f"*{event_id}*"), "the lock is released"
    locks.set(f"naive:seat-lock:{event_id}/S2", "somebody", px=naive.LOCK_MS)
    naive.decide(tables, locks, _booking(event_id, 2, "S2"))
    assert _statuses(tables)["bk_2"] == "rejected"
    assert locks.get(f"naive:seat-lock:{event_id}/S2") == b"somebody"


def test_a_poll_shows_what_changed_since_the_last(
    tables: psycopg.Connection, locks: redis.Redis, mongo_database: tuple[str, str]
) -> None:
    url, name = mongo_database
    event_id = _event(tables)
    with MongoClient[dict[str, Any]](url) as client:
        view = client[name]
        seen = naive.copy(tables, view, dict.fromkeys((naive.SEATS, naive.BOOKINGS), datetime.now(UTC)))
        assert view[naive.SEATS].count_documents({}) == 0, "what was there before is not copied"
        tables.commit()
        naive.decide(tables, locks, _booking(event_id, 1))
        again = naive.copy(tables, view, seen)
        assert view[naive.BOOKINGS].find_one({"_id": "bk_1"}, {"status": 1}) == {"_id": "bk_1", "status": "confirmed"}
        assert view[naive.SEATS].distinct("_id") == [f"{event_id}/S1"]
        assert again[naive.BOOKINGS] > seen[naive.BOOKINGS]
        assert naive.copy(tables, view, again) == again
