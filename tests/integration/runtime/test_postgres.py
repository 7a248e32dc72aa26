"""The pool outlives its server: what is asked meanwhile is told so in time, and what comes after is served."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.errors import UndefinedTable

from runtime import postgres
from runtime.postgres import Connection, Postgres, PostgresAwayError, RefusedError
from tests.eventually import eventually_async
from tests.integration.proxy import Proxy
from tests.stalls import within

BACK_WITHIN_S = 10.0
GIVEN_UP_WITHIN_S = 10.0
ESTABLISHED = "01"
SLACK_S = 2.0
"""A busy machine's share: who is not told in time waits for as long as the server is away."""


@asynccontextmanager
async def behind(ledger: str) -> AsyncIterator[tuple[Postgres, Proxy]]:
    """Yield a pool that reaches the test's database through a proxy."""
    info = conninfo_to_dict(ledger)
    proxy = Proxy(str(info["host"]), int(str(info["port"])))
    async with proxy:
        pool = Postgres(make_conninfo(ledger, host="127.0.0.1", port=proxy.port), "test")
        await pool.start()
        try:
            yield pool, proxy
        finally:
            proxy.thaw()
            await pool.stop()


async def one(connection: Connection) -> int:
    row = await (await connection.execute("SELECT 1")).fetchone()
    return int(row[0]) if row else 0


async def many(pool: Postgres) -> None:
    """Have all connections made."""
    assert await asyncio.gather(*(pool.run(one) for _ in range(20))) == [1] * 20


async def served(pool: Postgres) -> None:
    try:
        assert await pool.run(one) == 1
    except PostgresAwayError as away:
        raise AssertionError from away


async def test_a_restart_costs_nobody_more_than_a_moment(ledger: str) -> None:
    async with behind(ledger) as (pool, proxy):
        await many(pool)
        await proxy.cut()
        await proxy.start()
        await eventually_async(lambda: served(pool))
        await many(pool)


async def test_a_server_that_is_away_is_told_of_in_time_and_its_return_is_noticed(ledger: str) -> None:
    async with behind(ledger) as (pool, proxy):
        await many(pool)
        await proxy.cut()
        since = time.monotonic()
        while time.monotonic() - since < 4 * postgres.RECONNECT_S:
            with within(postgres.WITHIN_S + SLACK_S), pytest.raises(PostgresAwayError):
                await pool.run(one)
        await proxy.start()
        await eventually_async(lambda: served(pool), within_s=BACK_WITHIN_S)


async def test_a_server_that_hangs_is_away_and_one_that_goes_on_is_back(ledger: str) -> None:
    async with behind(ledger) as (pool, proxy):
        await many(pool)
        proxy.freeze()
        with within(postgres.WITHIN_S + SLACK_S), pytest.raises(PostgresAwayError):
            await pool.run(one)
        proxy.thaw()
        await eventually_async(lambda: served(pool), within_s=BACK_WITHIN_S + 10)


async def test_an_attempt_that_was_given_up_leaves_nothing_open(ledger: str) -> None:
    """Or a server that goes on waits with its end for whoever began to connect."""
    async with behind(ledger) as (pool, proxy):
        proxy.freeze()
        gc.collect()
        gc.disable()
        try:
            with pytest.raises(PostgresAwayError):
                await pool.run(one)
            await eventually_async(partial(nobody_connects, proxy), within_s=GIVEN_UP_WITHIN_S)
        finally:
            gc.enable()


async def nobody_connects(proxy: Proxy) -> None:
    assert connections_to(proxy.port) == 0


def connections_to(port: int) -> int:
    """Return how many connections to a port of this machine are established, as the kernel has it."""
    sockets = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return sum(1 for _, _, remote, state, *_ in sockets if remote.endswith(f":{port:04X}") and state == ESTABLISHED)


async def test_a_server_that_was_not_there_yet_is_found_when_it_comes(ledger: str) -> None:
    async with behind(ledger) as (pool, proxy):
        await proxy.cut()
        with pytest.raises(PostgresAwayError):
            await pool.run(one)
        await proxy.start()
        await eventually_async(lambda: served(pool), within_s=BACK_WITHIN_S)


async def test_work_that_raises_leaves_nothing_behind(ledger: str) -> None:
    async def half(connection: Connection) -> None:
        await connection.execute("INSERT INTO accounts (user_id, display_name, password_hash) VALUES ('a', 'A', '-')")
        msg = "enough"
        raise ValueError(msg)

    async with behind(ledger) as (pool, _proxy):
        with pytest.raises(ValueError, match="enough"):
            await pool.run(half)
        with psycopg.connect(ledger) as connection:
            assert connection.execute("SELECT count(*) FROM accounts").fetchone() == (0,)
        await many(pool)


async def test_what_postgresql_refuses_is_neither_away_nor_a_fault_of_the_pool(ledger: str) -> None:
    async def unknown(connection: Connection) -> None:
        await connection.execute("SELECT 1 FROM nowhere")

    async with behind(ledger) as (pool, _proxy):
        with pytest.raises(RefusedError, match='relation "nowhere" does not exist') as refused:
            await pool.run(unknown)
        assert isinstance(refused.value.__cause__, UndefinedTable)
        await many(pool)
    assert not issubclass(psycopg.OperationalError, RefusedError), "whoever catches it never takes away for refused"


async def test_a_crowd_is_served_or_told_so_and_never_waits_for_long(ledger: str) -> None:
    async def slow(connection: Connection) -> None:
        await connection.execute("SELECT pg_sleep(0.3)")

    async with behind(ledger) as (pool, _proxy):
        await many(pool)
        with within(postgres.WITHIN_S + SLACK_S):
            crowd = await asyncio.gather(*(pool.run(slow) for _ in range(200)), return_exceptions=True)
        assert {type(one) for one in crowd} == {type(None), PostgresAwayError}
