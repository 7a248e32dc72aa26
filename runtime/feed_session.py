"""One session of a follower with PostgreSQL: the lock, a page of rows, and the cursor. ``feed`` enters here.

Rows are read below the horizon, the oldest transaction still open: none that sorts before a row that was read can
still appear, which a sequence or ``id >`` alone cannot promise (test:
``test_a_transaction_that_commits_late_is_still_acted_upon``). Lock and feed share the session on purpose: a session
that is lost has lost both. No answer is waited for without a bound.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, LiteralString, NamedTuple, TypeVar

import psycopg
from psycopg import sql

from runtime.connecting import leaving_nothing_open, watched

ROWS_A_PAGE: Final = 2_000
"""How many rows are looked at in one statement: some 10 ms, so that a stop is quick and the horizon moves on."""
KEEP_CURSOR_EVERY_S: Final = 5.0
"""How often the cursor is kept when nothing was to be done: what a restart looks at in vain, for a commit saved."""
CONNECT_TIMEOUT_S: Final = 5
ANSWER_WITHIN_S: Final = 15.0
"""Above the session's ``statement_timeout``: reached only when the server has vanished without a word."""

SESSION_OPTIONS: Final = (
    # Rows are looked up by a key or in the feed's order, so an index is right whatever the tables' statistics say: on a
    # fresh install, that the tables are empty. What is switched off counts as dear, and dear plans would get compiled.
    "-c enable_seqscan=off -c enable_bitmapscan=off -c enable_sort=off -c jit=off"
    " -c TimeZone=UTC"
    # A follower that froze loses its session, with it the lock, and the one that stands by takes over.
    " -c idle_session_timeout=10s -c idle_in_transaction_session_timeout=4s"
    " -c lock_timeout=3s -c statement_timeout=10s"
)

_LOCKS: Final = 1179799383
"""Upper half of our advisory locks' keys, apart from anybody else's; the lower half is the cursor table's own oid."""

Connection = psycopg.AsyncConnection[tuple[Any, ...]]
Query = LiteralString | sql.Composed
R = TypeVar("R")
Act = Callable[[Connection, Sequence[R]], Awaitable[None]]


class Position(NamedTuple):
    """A row's place: ``tx`` is PostgreSQL's xid8, ``id`` orders the rows of one transaction."""

    tx: int
    id: int


@dataclass(frozen=True, slots=True)
class Source(Generic[R]):
    """Which rows are followed. ``table`` has ``tx xid8`` and ``id bigint``, a unique index on both, and only inserts.

    ``columns`` are what ``make`` is given of each row, in this order; ``wanted`` is SQL over the table's columns that
    says which rows matter, so that the others cost no more than a look.
    """

    table: str
    columns: Sequence[str]
    make: Callable[[Sequence[Any]], R]
    wanted: LiteralString = "true"


class CursorError(Exception):
    """The table does not have the row that the cursor names: it is another table, or was restored to before it."""


class OvertakenError(psycopg.OperationalError):
    """The cursor is not where this follower left it: another one is active. What was done is rolled back."""


class Session(Generic[R]):
    """One session with PostgreSQL. Not for two tasks at once."""

    def __init__(self, connection: Connection, source: Source[R], cursors: str) -> None:
        self._connection = connection
        self._source = source
        self._cursors = cursors
        self._page = statement_of(PAGE, source, cursors)
        self._keep = statement_of(_KEEP, source, cursors)
        self._kept = self._read = Position(0, 0)
        self._kept_at = time.monotonic()

    async def try_lock(self) -> bool:
        """Become the active follower, unless another one is."""
        ((locked,),) = await self._all(_TRY_LOCK, {"locks": _LOCKS, "cursors": self._cursors})
        return bool(locked)

    async def begin(self) -> None:
        """Take the cursor up where it was kept.

        Raises:
            CursorError: the table does not have its row.
        """
        ((tx, row_id, there),) = await self._all(statement_of(_BEGIN, self._source, self._cursors), {})
        if not there:
            msg = f"{self._cursors} names row {row_id} of transaction {tx}, which {self._source.table} does not have"
            raise CursorError(msg)
        self._kept = self._read = Position(tx, row_id)

    async def run_once(self, act: Act[R]) -> tuple[int, bool]:
        """Look at one page and act upon its rows; returns how many, and whether the feed was read to its end."""
        page = await self._all(self._page, {"tx": str(self._read.tx), "id": self._read.id, "limit": ROWS_A_PAGE})
        rows = [self._source.make(columns) for _tx, _id, _looked_at, wanted, *columns in page if wanted]
        if page:
            self._read = Position(*page[-1][:2])
        if rows:
            async with asyncio.timeout(ANSWER_WITHIN_S), self._connection.transaction():
                await act(self._connection, rows)
                await self._keep_cursor()
            self._kept = self._read
        elif time.monotonic() - self._kept_at > KEEP_CURSOR_EVERY_S:
            await self.keep()
        return len(rows), not page or page[-1][2] < ROWS_A_PAGE

    async def keep(self) -> None:
        """Keep the cursor, where only rows were passed about which nothing was to be done."""
        if self._kept != self._read:
            async with asyncio.timeout(ANSWER_WITHIN_S), self._connection.transaction():
                await self._keep_cursor()
            self._kept = self._read
        self._kept_at = time.monotonic()

    async def _keep_cursor(self) -> None:
        """Move the kept cursor, which must be where it was left.

        Raises:
            OvertakenError: it is not.
        """
        values = {
            "from_tx": str(self._kept.tx),
            "from_id": self._kept.id,
            "tx": str(self._read.tx),
            "id": self._read.id,
        }
        moved = await self._connection.execute(self._keep, values)
        if moved.rowcount != 1:
            msg = f"{self._cursors} is not at {self._kept}"
            raise OvertakenError(msg)

    async def _all(self, statement: Query, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            cursor = await self._connection.execute(statement, values, prepare=True)
            return await cursor.fetchall()


async def connect(conninfo: str, name: str) -> Connection:
    """Open a session; raises what psycopg says when PostgreSQL is not there."""
    with leaving_nothing_open():
        return await psycopg.AsyncConnection.connect(
            watched(conninfo),
            autocommit=True,
            connect_timeout=CONNECT_TIMEOUT_S,
            options=SESSION_OPTIONS,
            application_name=f"frontrow {name}",
        )


def statement_of(text: LiteralString, source: Source[Any], cursors: str) -> sql.Composed:
    """Return a statement of this module for a source and its cursor."""
    return sql.SQL(text).format(
        table=sql.Identifier(*source.table.split(".")),
        cursors=sql.Identifier(*cursors.split(".")),
        columns=sql.SQL(", ").join(map(sql.Identifier, source.columns)),
        wanted=sql.SQL(source.wanted),
    )


_TRY_LOCK: Final = "SELECT pg_try_advisory_lock(%(locks)s::bigint << 32 | %(cursors)s::regclass::oid::bigint)"

_BEGIN: Final = """
    SELECT c.tx::text::bigint, c.id,
        c.id = 0 OR EXISTS (SELECT FROM {table} AS t WHERE t.tx = c.tx AND t.id = c.id)
    FROM {cursors} AS c"""

# The rows that are wanted, and the last one that was looked at, so that the cursor passes all of them.
PAGE: Final = """
    SELECT at_tx::text::bigint, at_id, looked_at, is_wanted, {columns} FROM (
        SELECT *, count(*) OVER () AS looked_at, lead(at_id) OVER (ORDER BY at_tx, at_id) IS NULL AS is_last
        FROM (
            SELECT tx AS at_tx, id AS at_id, ({wanted}) IS TRUE AS is_wanted, {columns} FROM {table}
            WHERE (tx, id) > (%(tx)s::xid8, %(id)s::bigint) AND tx < pg_snapshot_xmin(pg_current_snapshot())
            ORDER BY tx, id LIMIT %(limit)s
        ) AS looked
    ) AS page
    WHERE is_wanted OR is_last ORDER BY page.at_tx, page.at_id"""

_KEEP: Final = """
    UPDATE {cursors} SET tx = %(tx)s::xid8, id = %(id)s
    WHERE tx = %(from_tx)s::xid8 AND id = %(from_id)s"""
