"""The ledger, read only: one session that holds the projector's lock and reads the feed.

Lock and feed share the session on purpose: a poll that was answered was answered while the lock was held, and a
session that is lost has lost both. What is still on its way to MongoDB then meets the version guards there and is
harmless (test: ``test_two_projectors_at_once_leave_the_view_right``).

PostgreSQL away, or slower than the bounds below, raises ``LedgerAwayError``; the session is then of no more use, and
whoever wants to go on opens another and takes the lock again.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Self

import orjson
import psycopg
from psycopg.types.json import set_json_loads

from contracts.views import LayoutView, block_key
from runtime.connecting import leaving_nothing_open, watched
from sync_service import statements
from sync_service.feed import AccountChange, BlockState, Cursor, EventFacts, EventState, FeedRow, Poll, Position

CONNECT_TIMEOUT_S: Final = 5
ANSWER_WITHIN_S: Final = 35.0
"""Above the session's ``statement_timeout``: reached only when the server has vanished without a word."""
LAYOUTS_AT_ONCE: Final = 20
"""How many blocks' layouts are in memory at once: 20,000 seats, some 2 MB."""

Connection = psycopg.AsyncConnection[tuple[Any, ...]]


class LedgerAwayError(Exception):
    """PostgreSQL cannot be reached, did not answer in time, or ended the session."""


class Ledger:
    """One session with PostgreSQL. Not for two tasks at once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @classmethod
    async def connect(cls, conninfo: str) -> Self:
        """Open a session.

        Raises:
            LedgerAwayError: PostgreSQL is not there.
        """
        async with _reaching(CONNECT_TIMEOUT_S + 1):
            with leaving_nothing_open():
                connection = await psycopg.AsyncConnection.connect(
                    watched(conninfo),
                    autocommit=True,
                    prepare_threshold=0,
                    connect_timeout=CONNECT_TIMEOUT_S,
                    options=statements.SESSION_OPTIONS,
                    application_name="frontrow sync_service",
                )
        set_json_loads(orjson.loads, connection)
        return cls(connection)

    async def close(self) -> None:
        """End the session and with it the lock; safe to call twice."""
        await self._connection.close()

    async def try_lock(self) -> bool:
        """Become the one active projector, unless another one is."""
        return bool(await self._one(statements.TRY_LOCK, (statements.PROJECTOR,)))

    async def rebuild_waits(self) -> bool:
        """Whether a rebuild has asked the active projector to step aside."""
        return not await self._one(statements.TRY_LOCK_SHARED_BRIEFLY, (statements.REBUILD,))

    async def try_rebuild(self) -> bool:
        """Become the one rebuild at work, unless there is one."""
        return bool(await self._one(statements.TRY_LOCK, (statements.REBUILD_AT_WORK,)))

    async def take_over(self) -> None:
        """Ask the active projector to step aside, wait until it has, and hold its lock."""
        await self._one(statements.LOCK, (statements.REBUILD,))
        await self._one(statements.LOCK, (statements.PROJECTOR,))

    async def incarnation(self) -> str:
        """Return which ledger this is."""
        return str(await self._one(statements.INCARNATION, ()))

    async def has(self, cursor: Cursor) -> bool:
        """Whether the feed has that row, with that outcome where the cursor knows which."""
        position = cursor.position
        return bool(await self._one(statements.HAS_ROW, (str(position.tx), position.id, cursor.outcome)))

    async def poll(self, after: Position, limit: int) -> Poll:
        """Return at most ``limit`` rows after a position, in commit order, and what their snapshot says."""
        said, *found = await self._all(statements.POLL, {"tx": str(after.tx), "id": after.id, "limit": limit})
        rows = [FeedRow(int.from_bytes(row[0]), *row[1:]) for row in found]
        return Poll(rows, len(rows) < limit, said[7], dict(said[10] or ()))

    async def event(self, event_id: str) -> EventState | None:
        """Return an event and its blocks, or None when it is not shown (a draft)."""
        facts = await self.facts(event_id)
        if facts is None:
            return None
        return EventState(facts, [BlockState(*row) for row in await self._all(statements.BLOCKS, (event_id,))])

    async def facts(self, event_id: str) -> EventFacts | None:
        """Return what an event is, or None when it is not shown (a draft)."""
        known = await self._all(statements.EVENT, (event_id,))
        return EventFacts(*known[0]) if known else None

    async def event_ids(self, after: str, limit: int) -> list[str]:
        """Return the next events that are shown, in order of id."""
        return [event_id for (event_id,) in await self._all(statements.EVENT_IDS, (after, limit))]

    async def counts(self, at: Position) -> tuple[int, int]:
        """Return how many outcomes of booking requests, and of other commands, there are up to a position."""
        ((bookings, commands),) = await self._all(statements.COUNTS, (str(at.tx), at.id))
        return bookings, commands

    async def account_changes(self, after: Position, limit: int) -> list[AccountChange]:
        """Return at most ``limit`` changes of accounts after a position, in commit order, with the names of now."""
        rows = await self._all(statements.ACCOUNT_CHANGES, (str(after.tx), after.id, limit))
        return [AccountChange(int.from_bytes(row[0]), *row[1:]) for row in rows]

    async def has_account_change(self, position: Position) -> bool:
        """Whether there is that change."""
        return bool(await self._one(statements.HAS_ACCOUNT_CHANGE, (str(position.tx), position.id)))

    async def layouts(self, event_id: str) -> AsyncIterator[list[LayoutView]]:
        """Yield the event's layouts, ``LAYOUTS_AT_ONCE`` at a time."""
        first = 0
        while rows := await self._all(statements.LAYOUTS, (event_id, first, LAYOUTS_AT_ONCE)):
            yield [
                {
                    "_id": block_key(event_id, row[0]),
                    "event_id": event_id,
                    "block": row[0],
                    "section": row[1],
                    "rows": row[2],
                    "price_minor": row[3],
                    "currency": row[4],
                    "accessible": row[5],
                    "general_admission": row[6],
                    "category": row[7],
                    "priced": row[8],
                }
                for row in rows
            ]
            first = rows[-1][0] + 1

    async def _one(self, statement: str, values: Sequence[Any]) -> object:
        return (await self._all(statement, values))[0][0]

    async def _all(self, statement: str, values: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
        async with _reaching(ANSWER_WITHIN_S):
            cursor = self._connection.cursor(binary=True)
            await cursor.execute(statement, values)
            return await cursor.fetchall()


@asynccontextmanager
async def _reaching(within_s: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(within_s):
            yield
    except (psycopg.OperationalError, psycopg.InterfaceError, TimeoutError) as error:
        raise LedgerAwayError(type(error).__name__) from error
