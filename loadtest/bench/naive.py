"""Naive: CQRS as small systems have it, the second reference. The whole path, from the POST until the booking is shown.

Three processes, ``python -m loadtest.bench.naive api|worker|poller``, on the same servers as Frontrow, with a topic,
tables, keys and a view of their own:

- api: FastAPI with a declared model; a message on the log, 202 once the log has it, as Frontrow promises it;
- worker: one message at a time; a Redis lock a seat, without a token; a transaction a booking: check, update, insert;
- poller: every five seconds it copies the rows whose ``updated_at`` is later than what it saw before.

It has a front of its own, and not the real write API: that one tells how far a real worker is behind, would refuse all
that this worker leaves lying, and makes commands that only a real worker reads. What is compared is the path, of which
the front is the smallest part: this worker is many times slower than either front.

Where there was a choice it has the better one: connections are kept, offsets are committed by the client by itself, the
poller has an index and writes in bulk. It is correct as long as nothing fails, and so are the figures that it gets.
"""

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, Self
from uuid import uuid4

import psycopg
import redis
from confluent_kafka import Consumer, KafkaError, Message, Producer
from fastapi import Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel
from pymongo import MongoClient, ReplaceOne
from pymongo.database import Database

from contracts.wire import BookingRequest
from infra.native.ports import LOOPBACK
from loadtest.bench import ordinary
from runtime.kafka import producer_config

PATH: Final = "/bench/naive/book"
STORES_FILE: Final = "BENCH_NAIVE_STORES_FILE"
"""The environment variable that names the file with the stores' addresses: a password is in no argument list."""
POLL_EVERY_S: Final = 5.0
LOCK_MS: Final = 10_000
"""A seat's lock ends by itself so long after a worker that died with it."""
BOOKINGS: Final = "bookings"
"""The view's collection, and the ledger's table without its prefix."""
SEATS: Final = "seats"
_WAIT_S: Final = 1.0
_LOCK_PREFIX: Final = "naive:seat-lock:"

SCHEMA: Final = """
    CREATE TABLE naive_seats (
        event_id text COLLATE "C" NOT NULL,
        seat_id text COLLATE "C" NOT NULL,
        status text NOT NULL DEFAULT 'available',
        booking_id text,
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (event_id, seat_id)
    );
    CREATE INDEX ON naive_seats (updated_at);
    CREATE TABLE naive_bookings (
        booking_id text PRIMARY KEY,
        event_id text COLLATE "C" NOT NULL,
        seat_id text COLLATE "C" NOT NULL,
        user_id text NOT NULL,
        status text NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX ON naive_bookings (updated_at);
"""
HALLS: Final = """
    INSERT INTO naive_seats (event_id, seat_id)
    SELECT %(prefix)s || hall, 'S' || seat
    FROM generate_series(0, %(halls)s - 1) hall, generate_series(1, %(seats)s) seat
"""
_CHECK: Final = "SELECT status FROM naive_seats WHERE event_id = %s AND seat_id = %s FOR UPDATE"
_TAKE: Final = """
    UPDATE naive_seats SET status = 'booked', booking_id = %s, updated_at = now() WHERE event_id = %s AND seat_id = %s
"""
_BOOK: Final = """
    INSERT INTO naive_bookings (booking_id, event_id, seat_id, user_id, status) VALUES (%s, %s, %s, %s, %s)
"""
_NOW: Final = "SELECT clock_timestamp()"
_CHANGED: Final = {
    SEATS: "SELECT event_id || '/' || seat_id, status, updated_at FROM naive_seats WHERE updated_at > %s",
    BOOKINGS: "SELECT booking_id, status, updated_at FROM naive_bookings WHERE updated_at > %s",
}


@dataclass(frozen=True, slots=True)
class Stores:
    """Where its stores are, passwords included: never print or log them."""

    bootstrap: str
    topic: str
    postgres: str
    redis: str
    mongo: str
    database: str

    @classmethod
    def from_file(cls, file: Path) -> Self:
        """Return what ``to_file`` wrote."""
        return cls(**json.loads(file.read_text()))

    def to_file(self, file: Path) -> None:
        """Write them for the three processes."""
        file.write_text(json.dumps(asdict(self)))


class Accepted(BaseModel):
    """202 of the naive booking."""

    booking_id: str
    status: str = "pending"


def create_api(stores: Stores) -> FastAPI:
    """Return the application that puts bookings on the log."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, Producer]]:
        producer, ended = Producer(producer_config(stores.bootstrap, "naive")), threading.Event()

        def report() -> None:
            while not ended.is_set():
                producer.poll(_WAIT_S)

        thread = threading.Thread(target=report)
        thread.start()
        yield {"producer": producer}
        ended.set()
        await asyncio.to_thread(thread.join)

    app = ordinary.create("naive", lifespan)

    def producer_of(request: Request) -> Producer:
        producer: Producer = request.state.producer
        return producer

    @app.post(PATH, status_code=202)
    async def book(body: BookingRequest, producer: Annotated[Producer, Depends(producer_of)]) -> Accepted:
        booking_id, loop = f"bk_{uuid4()}", asyncio.get_running_loop()
        acknowledged = loop.create_future()

        def delivered(error: KafkaError | None, _message: Message) -> None:
            loop.call_soon_threadsafe(acknowledged.set_result, error)

        said = {"booking_id": booking_id, "user_id": body.user_id, "event_id": body.event_id, "seat_id": body.seats[0]}
        producer.produce(stores.topic, json.dumps(said).encode(), body.event_id.encode(), on_delivery=delivered)
        if await acknowledged is not None:
            raise HTTPException(503)
        return Accepted(booking_id=booking_id)

    @app.get("/health/ready")
    async def ready() -> dict[str, str]:
        return {"status": "ok"}

    return app


def work(stores: Stores) -> None:
    """Decide one booking after the other, for ever."""
    consumer = Consumer(
        {"bootstrap.servers": stores.bootstrap, "group.id": stores.topic, "auto.offset.reset": "earliest"}
    )
    consumer.subscribe([stores.topic])
    locks = redis.Redis.from_url(stores.redis)
    with psycopg.connect(stores.postgres) as connection:
        while True:
            message = consumer.poll(_WAIT_S)
            if message is not None and message.error() is None:
                decide(connection, locks, json.loads(message.value() or b""))


def decide(connection: psycopg.Connection, locks: redis.Redis, booking: dict[str, str]) -> None:
    """Book one seat or refuse it, under its lock and in one transaction."""
    seat = (booking["event_id"], booking["seat_id"])
    lock = _LOCK_PREFIX + "/".join(seat)
    locked = bool(locks.set(lock, "1", nx=True, px=LOCK_MS))
    found = connection.execute(_CHECK, seat).fetchone() if locked else None
    confirmed = found == ("available",)
    if confirmed:
        connection.execute(_TAKE, (booking["booking_id"], *seat))
    status = "confirmed" if confirmed else "rejected"
    connection.execute(_BOOK, (booking["booking_id"], *seat, booking["user_id"], status))
    connection.commit()
    if locked:
        locks.delete(lock)


def poll(stores: Stores) -> None:
    """Copy what has changed, every ``POLL_EVERY_S``, for ever; what was there at the start is not copied."""
    view: MongoClient[dict[str, Any]] = MongoClient(stores.mongo)
    with psycopg.connect(stores.postgres, autocommit=True) as connection:
        [(now,)] = connection.execute(_NOW).fetchall()
        seen = {SEATS: now, BOOKINGS: now}
        while True:
            seen = copy(connection, view[stores.database], seen)
            time.sleep(POLL_EVERY_S)


def copy(
    connection: psycopg.Connection, view: Database[dict[str, Any]], seen: Mapping[str, datetime]
) -> dict[str, datetime]:
    """Copy the rows that changed after the moments in ``seen``, by table; returns the moments of the last of them."""
    last = dict(seen)
    for name, after in seen.items():
        rows = connection.execute(_CHANGED[name], [after]).fetchall()
        if rows:
            documents = [{"_id": key, "status": status, "updated_at": at} for key, status, at in rows]
            view[name].bulk_write(
                [ReplaceOne({"_id": one["_id"]}, one, upsert=True) for one in documents], ordered=False
            )
            last[name] = max(at for _key, _status, at in rows)
    return last


def main() -> int:
    """Be one of the three; ``api`` is followed by its port on 127.0.0.1."""
    stores = Stores.from_file(Path(os.environ[STORES_FILE]))
    match sys.argv[1:]:
        case ["api", port]:
            ordinary.serve(create_api(stores), LOOPBACK, int(port))
        case ["worker"]:
            work(stores)
        case ["poller"]:
            poll(stores)
        case _:
            sys.stderr.write("api <port>, worker or poller\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
