"""The service: stands by, becomes the active projector, and begins again when a store was away.

Before it projects, it holds the view's cursor against the ledger. A view of another ledger, or one that has seen a row
which the ledger does not have (restored from a backup, a promoted standby that lost its tail), is refused: nothing is
projected on top of it until somebody ran the rebuild.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from runtime.backoff import LONGEST_S, Backoff
from runtime.mongo import MongoAwayError
from sync_service import metrics
from sync_service.feed import START
from sync_service.ledger import Ledger, LedgerAwayError
from sync_service.people import People
from sync_service.projector import CrashPoint, Projector, Start, StartAgainError, nothing
from sync_service.stores import Stores
from sync_service.view import View

POLL_PAUSE_S: Final = 0.05
"""Between polls of a drained feed: twenty looks a second cost little, and nobody waits for one noticeably."""
STANDBY_PAUSE_S: Final = 0.5
"""How often one that stands by looks whether it is needed."""
REFUSAL_PAUSE_S: Final = 2.0
"""How often a refused view is looked at again, and the refusal said again."""
REBUILD_LOOK_S: Final = 1.0
"""How often the active projector looks whether a rebuild asks it to step aside."""

REMEDY: Final = "run ./start-services.sh rebuild (python -m sync_service rebuild)"

_CAUSES: Final[dict[type[Exception], str]] = {
    LedgerAwayError: "postgres",
    MongoAwayError: "mongo",
    StartAgainError: "start_again",
}
"""What a new session heals, by the name that it has in the metric. Everything else is a bug and ends the process."""

_log = logging.getLogger(__name__)


class ViewRefusedError(Exception):
    """The view does not belong to this ledger; the text says what to do."""


async def check(ledger: Ledger, view: View) -> Start:
    """Return where to begin; a view that is not there yet is begun.

    Raises:
        ViewRefusedError: the view is of another ledger, or of a later state of this one.
    """
    incarnation = await ledger.incarnation()
    await view.begin(incarnation)
    shown, cursor = await view.cursor()
    if shown != incarnation:
        msg = f"the view shows ledger {shown} and this is ledger {incarnation}: {REMEDY}"
        raise ViewRefusedError(msg)
    # Not the place alone: a ledger that was restored and has decided its lost tail anew may have another outcome there
    # (test: ``test_a_view_whose_last_row_is_another_outcome_in_the_ledger_is_refused``).
    if cursor.position != START and not await ledger.has(cursor):
        tx, row = cursor.position
        msg = f"the view has seen row {row} of transaction {tx}, which the ledger does not have: {REMEDY}"
        raise ViewRefusedError(msg)
    return Start(incarnation, cursor)


class SyncService:
    """Projects until told to stop. ``open_ledger`` opens one session with the ledger."""

    def __init__(
        self, open_ledger: Callable[[], Awaitable[Ledger]], view: View, *, before_write: CrashPoint = nothing
    ) -> None:
        self.stores = Stores()
        self._open_ledger = open_ledger
        self._view = view
        self._before_write = before_write
        self._stop = asyncio.Event()
        self._accepted = True

    def stop(self) -> None:
        """Ask for the end: the batch under way is finished. Safe to call twice."""
        self._stop.set()

    async def view_is_of_this_ledger(self) -> bool:
        """Whether the view was not refused; may be asked from another thread."""
        return self._accepted

    async def run(self) -> None:
        """Stand by or project until ``stop``; a store that is away is waited for."""
        backoff = Backoff()
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                await self._session()
            except ViewRefusedError as refused:
                self._accepted = False
                _log.error("%s", refused)
                await self._pause(REFUSAL_PAUSE_S)
            except tuple(_CAUSES) as error:
                cause = _CAUSES[type(error)]
                metrics.RETRIES.labels(cause).inc()
                _log.warning("beginning again", extra={"cause": cause, "error": str(error)})
                if time.monotonic() - began > LONGEST_S:
                    backoff = Backoff()
                await self._pause(backoff.next_s())
            finally:
                metrics.ACTIVE.set(0)

    async def _session(self) -> None:
        """Do all that one session with the ledger can: wait for the lock, check the view, project."""
        ledger = await self._open_ledger()
        try:
            while not await ledger.try_lock():
                self._accepted = True  # whether the view is of this ledger is for the one to say who projects it
                self.stores.ledger_answered()
                await self._view.ping()
                self.stores.view_answered()
                await self._pause(STANDBY_PAUSE_S)
                if self._stop.is_set():
                    return
            self.stores.ledger_answered()
            await self._view.prepare()
            self.stores.view_answered()
            start = await check(ledger, self._view)
            self._accepted = True
            metrics.ACTIVE.set(1)
            _log.info("projecting", extra={"tx": str(start.cursor.position.tx), "row": start.cursor.position.id})
            projector = Projector(ledger, self._view, start, self.stores, before_write=self._before_write)
            await projector.fill_in_sales()
            await self._project(ledger, projector, People(ledger, self._view))
        finally:
            await ledger.close()

    async def _project(self, ledger: Ledger, projector: Projector, people: People) -> None:
        looked = time.monotonic()
        while not self._stop.is_set():
            drained = await projector.run_once(lambda: not self._stop.is_set())
            await people.run_when_due()
            if time.monotonic() - looked >= REBUILD_LOOK_S:
                looked = time.monotonic()
                if await ledger.rebuild_waits():
                    _log.info("stepping aside for a rebuild")
                    return
            if drained:
                await self._pause(POLL_PAUSE_S)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)
