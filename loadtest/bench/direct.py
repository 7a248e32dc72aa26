"""Direct: the reference that every speed of Frontrow is a ratio of. A booking is one PostgreSQL transaction.

An ordinary, honest service: FastAPI with a declared model, uvloop, one pooled psycopg connection a request, a guarded
update and an insert, commit with the server's full durability, behind the same gateway, on the same server, with tables
of its own. It has a second address, where the transaction also counts down what the event has left: the reference for
everything on one event. ``python -m loadtest.bench.direct`` serves both; the bench makes its database.
"""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Final
from uuid import uuid4

import psycopg
from fastapi import Depends, FastAPI, HTTPException, Request
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel

from contracts.wire import BookingRequest
from infra.native.ports import LOOPBACK
from loadtest.bench import ordinary

PATH: Final = "/bench/direct/book"
COUNTED_PATH: Final = "/bench/direct/book-counted"
"""The same, and the event's row says how many seats are left, as most shops have it: its customers queue there."""
CONNINFO_FILE: Final = "BENCH_DIRECT_CONNINFO_FILE"
"""The environment variable that names the file with the database's conninfo: a password is in no argument list."""
POOL_SIZE: Final = 64
"""The reference gets its best: as many connections as the bench has clients gave up to 1.3 times more than 16 on a
quiet machine, at four times PostgreSQL's memory. ``loadtest.bench.pools`` measures it."""

SCHEMA: Final = """
    CREATE TABLE direct_seats (
        event_id text COLLATE "C" NOT NULL,
        seat_id text COLLATE "C" NOT NULL,
        booking_id uuid,
        PRIMARY KEY (event_id, seat_id)
    ) WITH (fillfactor = 60);
    CREATE TABLE direct_bookings (
        booking_id uuid PRIMARY KEY,
        event_id text COLLATE "C" NOT NULL,
        seat_id text COLLATE "C" NOT NULL,
        user_id text NOT NULL,
        booked_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE direct_events (
        event_id text COLLATE "C" PRIMARY KEY,
        available integer NOT NULL CHECK (available >= 0)
    ) WITH (fillfactor = 10);
"""
SEATS: Final = """
    INSERT INTO direct_seats (event_id, seat_id)
    SELECT %(prefix)s || hall, 'S' || seat
    FROM generate_series(0, %(halls)s - 1) hall, generate_series(1, %(seats)s) seat
"""
COUNTERS: Final = "INSERT INTO direct_events SELECT event_id, count(*) FROM direct_seats GROUP BY 1"
_TAKE: Final = """
    UPDATE direct_seats SET booking_id = %s WHERE event_id = %s AND seat_id = %s AND booking_id IS NULL
"""
_BOOK: Final = """
    INSERT INTO direct_bookings (booking_id, event_id, seat_id, user_id) VALUES (%s, %s, %s, %s)
"""
_COUNT: Final = "UPDATE direct_events SET available = available - 1 WHERE event_id = %s"


class Booked(BaseModel):
    """201 of the direct booking."""

    booking_id: str
    event_id: str
    seat_id: str
    status: str = "confirmed"


Pool = AsyncConnectionPool[psycopg.AsyncConnection]


def create_direct(conninfo: str, pool_size: int) -> FastAPI:
    """Return the application on the database at ``conninfo``, which has the tables of ``SCHEMA``."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, Pool]]:
        async with AsyncConnectionPool(conninfo, min_size=pool_size, max_size=pool_size, open=False) as pool:
            await pool.wait()
            yield {"pool": pool}

    app = ordinary.create("direct", lifespan)

    def pool_of(request: Request) -> Pool:
        pool: Pool = request.state.pool
        return pool

    @app.post(PATH, status_code=201)
    async def book(body: BookingRequest, pool: Annotated[Pool, Depends(pool_of)]) -> Booked:
        async with pool.connection() as connection:
            return await _book(connection, body)

    @app.post(COUNTED_PATH, status_code=201)
    async def book_counted(body: BookingRequest, pool: Annotated[Pool, Depends(pool_of)]) -> Booked:
        async with pool.connection() as connection:
            booked = await _book(connection, body)
            # Last, so that the row is locked for as short as can be: until the commit that follows.
            await connection.execute(_COUNT, (body.event_id,))
        return booked

    @app.get("/health/ready")
    async def ready() -> dict[str, str]:
        return {"status": "ok"}

    return app


async def _book(connection: psycopg.AsyncConnection, body: BookingRequest) -> Booked:
    booking_id, (seat_id, *_) = uuid4(), body.seats
    taken = await connection.execute(_TAKE, (booking_id, body.event_id, seat_id))
    if taken.rowcount != 1:
        raise HTTPException(409, "seat_taken")
    await connection.execute(_BOOK, (booking_id, body.event_id, seat_id, body.user_id))
    return Booked(booking_id=str(booking_id), event_id=body.event_id, seat_id=seat_id)


def main() -> int:
    """Serve on 127.0.0.1 at the port given first, with as many connections as given second."""
    with open(os.environ[CONNINFO_FILE], encoding="utf-8") as file:  # noqa: PTH123 - read once, before anything runs
        conninfo = file.read()
    ordinary.serve(create_direct(conninfo, int(sys.argv[2])), LOOPBACK, int(sys.argv[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
