"""Waiting: callers who would rather be told when a booking is shown than ask again and again.

One question to the view for all who wait, every ``POLL_S`` while somebody does: a thousand waiting callers cost MongoDB
as much as one. MongoDB away: the next question is asked as if nothing had been, and who waited in vain is told by the
page itself. A process that is about to stop lets everybody go.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from read_api.view import View
from runtime.mongo import MongoAwayError

POLL_S: Final = 0.05
"""Pause between two questions: half of it is what waiting costs on average, and 20 a second cost MongoDB nothing."""
LONGEST_POLL_S: Final = 0.2
"""The pause grows to this while nothing comes."""
MAX_ASKED: Final = 1_000
"""How many bookings one question names; with more callers than this the oldest come first."""

_log = logging.getLogger(__name__)

Waiting = asyncio.Future[None]


class BookingWaits:
    """Who waits for which booking. Belongs to one event loop."""

    def __init__(self, view: View, stopping: asyncio.Event) -> None:
        self._view = view
        self._stopping = stopping
        self._waiting: dict[str, set[Waiting]] = {}
        self._poller: asyncio.Task[None] | None = None

    async def until_shown(self, booking_id: str, within_s: float) -> bool:
        """Return whether waiting is over: the booking came into the view in time, or this process is to stop."""
        if self._stopping.is_set():
            return True
        waiting: Waiting = asyncio.get_running_loop().create_future()
        same = self._waiting.setdefault(booking_id, set())
        same.add(waiting)
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())
        try:
            done, _ = await asyncio.wait({waiting}, timeout=within_s)
        finally:
            same.discard(waiting)
            if not same:
                self._waiting.pop(booking_id, None)
        return bool(done)

    async def _poll(self) -> None:
        pause_s = POLL_S
        while self._waiting and not self._stopping.is_set():
            shown = await self._ask(list(islice(self._waiting, MAX_ASKED)))
            self._tell(shown)
            pause_s = POLL_S if shown else min(pause_s * 1.5, LONGEST_POLL_S)
            await asyncio.sleep(pause_s)
        self._tell(set(self._waiting))

    def _tell(self, booking_ids: Iterable[str]) -> None:
        for booking_id in booking_ids:
            for waiting in self._waiting.get(booking_id, ()):
                if not waiting.done():
                    waiting.set_result(None)

    async def _ask(self, booking_ids: Sequence[str]) -> set[str]:
        try:
            return await self._view.shown(booking_ids)
        except MongoAwayError as away:
            _log.debug("the view is away while somebody waits", extra={"cause": str(away)})
            return set()
