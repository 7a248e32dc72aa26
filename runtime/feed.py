"""Feed: follow an insert-only table in the order of ``(tx, id)``, and do something about its rows, each exactly once.

A room that acts on what another room wrote enters here: with the table, a table of its own for the cursor, and what is
to be done. It must never call anybody but PostgreSQL while it acts: what it does and the cursor that says so are one
transaction, and an open one holds the horizon back for every reader. So it writes down what is to be done, and does
that after the commit. ``sync_service`` has a reader of its own, whose cursor lies in another store.

One follower of a cursor is active, by an advisory lock in the session that reads; others stand by. PostgreSQL away, or
slower than the bounds of ``feed_session``: a new session, for as long as it takes. A follower that was overtaken meets
its cursor elsewhere, and what it did is rolled back (test:
``test_a_follower_that_was_overtaken_changes_nothing``).
"""

import asyncio
import logging
import time
from contextlib import suppress
from typing import Final, Generic, TypeVar

import psycopg
from prometheus_client import Counter, Gauge

from runtime.backoff import LONGEST_S, Backoff
from runtime.feed_session import CONNECT_TIMEOUT_S, Act, Connection, CursorError, Session, Source, connect

__all__ = ["Connection", "CursorError", "Follower", "Source"]

POLL_PAUSE_S: Final = 0.1
"""Between looks at a feed that was read to its end: ten a second cost little, and nobody notices the wait."""
STANDBY_PAUSE_S: Final = 0.5
"""How often one that stands by looks whether it is needed."""
READY_WITHIN_S: Final = 3.0
"""A follower that heard from PostgreSQL longer ago is not ready; an idle one asks at least twice a second."""

_ACTIVE: Final = Gauge("frontrow_feed_active", "Whether this process is the active follower", ["cursor"])
_ROWS: Final = Counter("frontrow_feed_rows_total", "Rows acted upon", ["cursor"])
_RETRIES: Final = Counter("frontrow_feed_retries_total", "Sessions begun again", ["cursor"])

_HEALED_BY_A_NEW_SESSION: Final = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.IdleInTransactionSessionTimeout,
    psycopg.errors.ReadOnlySqlTransaction,  # a server that is being promoted
    TimeoutError,
)

_log = logging.getLogger(__name__)

R = TypeVar("R")


class Follower(Generic[R]):
    """Follows ``source``, and lets ``act`` do what is to be done about rows, in its transaction.

    ``cursors``: a table of the follower's own with one row, ``tx xid8`` and ``id bigint``, that begins at ``0, 0``; its
    name, as the source's, may have a schema (``payments.feed_cursor``). When ``act`` meets PostgreSQL's absence, it is
    called again; whatever else it raises is a bug and comes out of ``run``.
    """

    def __init__(
        self,
        conninfo: str,
        source: Source[R],
        cursors: str,
        act: Act[R],
        *,
        name: str,
    ) -> None:
        self._conninfo = conninfo
        self._source = source
        self._cursors = cursors
        self._act = act
        self._name = name
        self._stop = asyncio.Event()
        self._heard_at = -READY_WITHIN_S
        self._active = False

    @property
    def active(self) -> bool:
        """Whether this is the one that acts."""
        return self._active

    async def is_ready(self) -> bool:
        """Whether PostgreSQL answered lately; may be asked from another thread."""
        return time.monotonic() - self._heard_at < READY_WITHIN_S

    def stop(self) -> None:
        """Ask for the end: what is being done is finished. Safe to call twice."""
        self._stop.set()

    async def run(self) -> None:
        """Stand by or follow until ``stop``; PostgreSQL is waited for.

        Raises:
            CursorError: going on would skip rows; somebody must look.
        """
        backoff = Backoff()
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                await self._session()
            except _HEALED_BY_A_NEW_SESSION as error:
                _RETRIES.labels(self._cursors).inc()
                _log.warning("beginning again", extra={"cursor": self._cursors, "cause": type(error).__name__})
                if time.monotonic() - began > LONGEST_S:
                    backoff = Backoff()
                await self._pause(backoff.next_s())
            finally:
                self._active = False
                _ACTIVE.labels(self._cursors).set(0)

    async def _session(self) -> None:
        async with asyncio.timeout(CONNECT_TIMEOUT_S + 1):
            connection = await connect(self._conninfo, self._name)
        try:
            session = Session(connection, self._source, self._cursors)
            while not await session.try_lock():
                self._heard_at = time.monotonic()
                await self._pause(STANDBY_PAUSE_S)
                if self._stop.is_set():
                    return
            await session.begin()
            self._active = True
            _ACTIVE.labels(self._cursors).set(1)
            _log.info("following", extra={"table": self._source.table, "cursor": self._cursors})
            while not self._stop.is_set():
                rows, drained = await session.run_once(self._act)
                self._heard_at = time.monotonic()
                _ROWS.labels(self._cursors).inc(rows)
                if drained:
                    await self._pause(POLL_PAUSE_S)
            await session.keep()
        finally:
            await connection.close()

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)
