"""The projector: polls the feed, keeps the seat maps, writes the view, moves the cursor. One is active.

It holds one session with the ledger, in which the lock was taken. PostgreSQL away ends it: ``LedgerAwayError``.
MongoDB away does not: the batch is kept, and written again until it is there (test:
``test_the_view_catches_up_after_mongodb_was_away``).
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from runtime.backoff import Backoff
from runtime.mongo import MongoAwayError
from sync_service import metrics, projection
from sync_service.feed import Cursor, Poll, Position
from sync_service.ledger import Ledger
from sync_service.projection import Batch, Changed
from sync_service.sales import Tally, sales_view
from sync_service.seat_maps import Event, SeatMaps
from sync_service.stores import Stores
from sync_service.times import from_milliseconds
from sync_service.view import View

ROWS_A_BATCH: Final = 2_000
"""About 0.1 s of work when catching up, so that a stop is quick and a block is written once for many bookings."""
HEARTBEAT_S: Final = 1.0
"""How often an idle projector says that the view is complete, so that somebody can tell idle from dead."""

_log = logging.getLogger(__name__)

CrashPoint = Callable[[], Awaitable[None]]


class Start(NamedTuple):
    """Which ledger is projected, and after which row."""

    incarnation: str
    cursor: Cursor


class StartAgainError(Exception):
    """What is in memory is not to be trusted any more: open a new session and begin at the view's cursor."""


async def nothing() -> None:
    """Do what happens before a write outside of tests."""


class Projector:
    """The active projector. ``before_write`` is where a test kills it: memory has changed, MongoDB has not."""

    def __init__(
        self, ledger: Ledger, view: View, start: Start, stores: Stores, *, before_write: CrashPoint = nothing
    ) -> None:
        self._ledger = ledger
        self._view = view
        self._incarnation, self._cursor = start
        self._stores = stores
        self._before_write = before_write
        self._maps = SeatMaps()
        self._lag = metrics.Lag()
        self._age = metrics.Age()
        self._told_ms: dict[int, int] = {}
        self._told_at = 0.0

    @property
    def cursor(self) -> Cursor:
        """Up to where the view is complete."""
        return self._cursor

    async def run_once(self, wanted: Callable[[], bool], until: Position | None = None) -> bool:
        """Poll once and project what came, no row beyond ``until``; returns whether the feed was drained.

        ``wanted`` says whether to go on trying while MongoDB is away; when not, ``MongoAwayError`` comes through, and
        nothing is lost, since the cursor has not moved.
        """
        poll = await self._ledger.poll(self._cursor.position, ROWS_A_BATCH)
        if until is not None:
            poll = poll.up_to(until)
        self._stores.ledger_answered()
        if poll.incarnation != self._incarnation:
            msg = "the ledger is another one than a moment ago"
            raise StartAgainError(msg)
        started = time.perf_counter()
        batch = projection.read(poll.rows) if poll.rows else None
        if batch is not None:
            self._lag.pending_since(batch.oldest_decided_ms)
            await self._load(batch)
        await self._until_written(poll, batch, wanted)
        if batch is not None:
            self._maps.trim()
            metrics.ROWS.inc(len(poll.rows))
            metrics.BATCH_SIZE.observe(len(poll.rows))
            metrics.BATCH_SECONDS.observe(time.perf_counter() - started)
        if poll.drained:
            self._lag.pending_since(None)
        return poll.drained

    async def _load(self, batch: Batch) -> None:
        """Have every event of the batch in memory as the ledger has it now, which is at least as new as the rows."""
        for event_id in projection.touched(batch):
            if event_id in batch.reread or self._maps.get(event_id) is None:
                self._maps.forget(event_id)
                state = await self._ledger.event(event_id)
                if state is not None:
                    self._maps.put(Event(state))
            elif event_id in batch.restated:
                facts, event = await self._ledger.facts(event_id), self._maps.get(event_id)
                if facts is not None and event is not None:
                    event.restate(facts)
        new = [event for event in map(self._maps.get, projection.touched(batch)) if event and event.tally is None]
        if new:
            known = await self._view.sales([event.facts.event_id for event in new])
            for event in new:
                if event.facts.event_id in known:
                    event.tally = Tally.of(known[event.facts.event_id])

    async def fill_in_sales(self) -> None:
        """Begin to count the sales of events that were shown before sales were: from the view's own time on."""
        for event_id, since_ms in await self._view.events_without_sales():
            state = await self._ledger.event(event_id)
            if state is not None:
                event = Event(state)
                tally = Tally(from_milliseconds(since_ms), self._cursor.position)
                sales = sales_view(event_id, event.view()["version"], event.figures, tally)
                await self._view.write_sales([sales])

    async def _until_written(self, poll: Poll, batch: Batch | None, wanted: Callable[[], bool]) -> None:
        backoff = Backoff()
        changed = projection.apply(batch, self._maps) if batch is not None else None
        if batch is not None:
            await self._before_write()
        while True:
            try:
                if batch is not None and changed is not None:
                    await self._write(batch, changed)
                await self._advance(poll, batch)
            except MongoAwayError as away:
                if not wanted():
                    raise
                metrics.RETRIES.labels("mongo").inc()
                _log.warning("MongoDB is away, the batch is kept", extra={"cause": str(away)})
                await asyncio.sleep(backoff.next_s())
                await self._ledger.incarnation()  # keeps the session, or finds that lock and session are lost
                self._stores.ledger_answered()
            else:
                return

    async def _write(self, batch: Batch, changed: Changed) -> None:
        """Write what the batch made, each thing after what it rests on."""
        for event_id in batch.published:
            async for layouts in self._ledger.layouts(event_id):
                await self._view.add_layouts(layouts)
        await self._view.write_blocks(changed.blocks)
        # Neither rests on the other, and nobody waits longer for a booking to be shown because sales are counted.
        await asyncio.gather(self._view.write_events(changed.events), self._view.write_sales(changed.sales))
        await self._view.add_bookings(batch.bookings)
        await self._view.change_bookings(batch.changed_bookings.values())
        await self._view.add_commands(batch.commands)

    async def _advance(self, poll: Poll, batch: Batch | None) -> None:
        """Move the cursor and the partitions' times, where there is something to say."""
        times = dict(batch.reached_ms) if batch is not None else {}
        if poll.drained:
            for partition, decided_ms in poll.decided_ms.items():
                times[partition] = max(decided_ms, times.get(partition, 0))
        times = {partition: ms for partition, ms in times.items() if ms > self._told_ms.get(partition, -1)}
        now = time.monotonic()
        if batch is None and not times and now - self._told_at < HEARTBEAT_S:
            return
        cursor = batch.last if batch is not None else self._cursor
        now_ms = time.time_ns() // 1_000_000
        before = self._cursor.position
        if not await self._view.advance(self._incarnation, before, cursor, times_ms=times, now_ms=now_ms):
            msg = "the view's cursor is not where this projector left it"
            raise StartAgainError(msg)
        self._stores.view_answered()
        self._cursor = cursor
        self._told_ms |= times
        if self._told_ms:
            self._age.told(min(self._told_ms.values()))
        self._told_at = now
