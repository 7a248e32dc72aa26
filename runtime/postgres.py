"""PostgreSQL for an API: a few connections that people share, of whom none waits for long.

An API enters with a piece of work; each piece is one transaction. PostgreSQL away, slow or just restarted never ends
the process and never looks like a refusal: the work raises ``PostgresAwayError`` within its bound, and what it was to
do is then unknown. Connections are tried before they are given out; when one proves dead all idle ones are made anew,
so that a restart costs one request a moment (test: ``test_a_restart_costs_nobody_more_than_a_moment``).

Work must be short and do nothing but SQL: a transaction that stays open holds the horizon below which the ledger's feed
is read.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, Self, TypeVar

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

from runtime.breaker import Breaker
from runtime.connecting import leaving_nothing_open, watched

T = TypeVar("T")
Connection = psycopg.AsyncConnection[tuple[Any, ...]]
Work = Callable[[Connection], Awaitable[T]]

CONNECTIONS: Final = 4
"""A process' share of the server's hundred; a piece of work takes some milliseconds."""
WAITING: Final = 64
"""How many may wait for a connection; more are told at once that they cannot be served."""
WITHIN_S: Final = 2.0
"""How long a piece of work may take, its wait for a connection included; with PostgreSQL away, people hear so then."""
CONNECT_TIMEOUT_S: Final = 1
RECONNECT_S: Final = 1.0
"""How long the pool tries by itself; it doubles its pauses, and would come back late. The next request tries anew."""
REST_S: Final = 0.25
"""How long after a failure others are told without trying."""

_AWAY: Final = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, PoolClosed, TooManyRequests)


class PostgresAwayError(Exception):
    """PostgreSQL cannot be reached or did not answer in time; what was asked may or may not have been done."""


class RefusedError(Exception):
    """PostgreSQL is there and refuses the work: a grant, a constraint, a table. What it says is the cause."""


class _Connection(psycopg.AsyncConnection[tuple[Any, ...]]):
    @classmethod
    async def connect(cls, *arguments: Any, **options: Any) -> Self:  # noqa: ANN401 - passed through
        with leaving_nothing_open():
            return await super().connect(*arguments, **options)


class Postgres:
    """A pool of connections for one event loop. Nothing is sent before ``start``; the server need not be there."""

    def __init__(
        self,
        conninfo: str,
        name: str,
        *,
        connections: int = CONNECTIONS,
        within_s: float = WITHIN_S,
        rest_s: float = REST_S,
    ) -> None:
        self._within_s = within_s
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            watched(conninfo),
            connection_class=_Connection,
            kwargs={
                "application_name": f"frontrow {name}",
                "connect_timeout": CONNECT_TIMEOUT_S,
            },
            min_size=0,
            max_size=connections,
            max_waiting=WAITING,
            timeout=within_s,
            reconnect_timeout=RECONNECT_S,
            check=self._check,
            name=name,
            open=False,
        )
        self._breaker = Breaker(rest_s)
        self._left_alone: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        """Begin to take work."""
        await self._pool.open()

    async def stop(self) -> None:
        """Close the connections; safe to call twice."""
        for task in self._left_alone:
            task.cancel()
        await self._pool.close()

    async def run(self, work: Work[T]) -> T:
        """Return what ``work`` returns, its transaction committed; rolled back when it raises.

        Raises:
            PostgresAwayError, RefusedError: see there. What is not PostgreSQL's of that which ``work`` raises comes
                through.
        """
        if self._breaker.resting:
            msg = "PostgreSQL was away a moment ago"
            raise PostgresAwayError(msg)
        task = asyncio.create_task(self._transact(work))
        try:
            done, _ = await asyncio.wait({task}, timeout=self._within_s)
        except asyncio.CancelledError:
            self._leave(task)
            raise
        if not done:
            # Not awaited: a server that is frozen keeps a cancelled query for seconds more.
            self._leave(task)
            self._breaker.failed()
            msg = f"PostgreSQL did not answer within {self._within_s} s"
            raise PostgresAwayError(msg)
        try:
            return task.result()
        except _AWAY as error:
            self._breaker.failed()
            raise PostgresAwayError(type(error).__name__) from error
        except psycopg.Error as error:
            raise RefusedError(str(error)) from error

    async def _transact(self, work: Work[T]) -> T:
        async with self._pool.connection() as connection:
            return await work(connection)

    async def _check(self, connection: Connection) -> None:
        try:
            await self._pool.check_connection(connection)
        except psycopg.Error:
            await self._pool.drain()
            raise

    def _leave(self, task: asyncio.Task[Any]) -> None:
        task.cancel()
        self._left_alone.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._left_alone.discard(task)
        if not task.cancelled():
            task.exception()  # said already, as a time-out
