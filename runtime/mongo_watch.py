"""Watch: follows the changes of a few collections without a gap, and tells them to an event loop in MongoDB's order.

``runtime.mongo`` makes it. It reads MongoDB's change stream on a thread of its own, with PyMongo's blocking client:
motor costs a hop between threads for each change. The event loop is handed one call per burst.

MongoDB away: the thread tries again, and goes on after the last change that it was told. Where that is impossible (the
server does not have it any more, a collection was put in place of another, the loop did not take what was waiting) it
tells ``MISSED``: whoever keeps something must read it again. It never tells a change twice, and never skips one without
saying so (test: ``test_what_changed_while_mongodb_was_away_is_told_in_order``).
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final

from pymongo import MongoClient  # noqa: TC002 - as everywhere, names are there at run time
from pymongo.errors import InvalidOperation, OperationFailure, PyMongoError

Document = dict[str, Any]

AWAIT_MS: Final = 500
"""How long the server may keep a question for the next change; a stop takes as long at most."""
AWAY_AFTER_S: Final = 3.0
"""A server that has not answered for so long, ``AWAIT_MS`` included, is asked anew."""
RETRY_EVERY_S: Final = 0.5
MAX_WAITING: Final = 20_000
"""Changes that the loop has not taken yet; some 500 bytes each, so 10 MB. More are dropped, and that is told."""
STOP_WITHIN_S: Final = 5.0

_LOST: Final = frozenset({136, 222, 260, 280, 286})
"""CappedPositionLost, a closed stream, an unusable resume token, ChangeStreamFatalError and ChangeStreamHistoryLost."""
_OF_A_DOCUMENT: Final = frozenset({"insert", "update", "replace"})
"""What can be told as a change. A document or a collection that goes, or is put in place of another, cannot."""

_log = logging.getLogger(__name__)


class Missed(Enum):
    """From here on something may have changed that was not told."""

    MISSED = "missed"


MISSED: Final = Missed.MISSED


@dataclass(frozen=True, slots=True)
class Change:
    """``fields``: what was set in the document ``key``: all of a new one, of an older one what is different.

    ``at_s``: the server's clock, in seconds since the epoch.
    """

    collection: str
    key: str
    fields: Mapping[str, Any]
    at_s: float


Told = Callable[[Sequence[Change | Missed]], None]


class Watch:
    """Follows collections of one database from ``start`` on. ``told`` is called in the loop that started it."""

    def __init__(self, client: "MongoClient[Document]", database: str, collections: Sequence[str], told: Told) -> None:
        self._client = client
        self._database = database
        self._pipeline = _pipeline(collections)
        self._told = told
        self._opened = asyncio.Event()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._waiting: list[Change | Missed] = []
        self._heard_at = time.monotonic()
        self._token: Mapping[str, Any] | None = None
        self._missed = False
        self._thread = threading.Thread(target=self._run, name="mongo-watch", daemon=True)

    @property
    def silent_s(self) -> float:
        """How long the server has not been heard of; below a second while all is well."""
        return time.monotonic() - self._heard_at

    def start(self) -> None:
        """Begin; MongoDB need not be there."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def opened(self, within_s: float) -> bool:
        """Return whether changes are followed now: whatever is read from now on is the past of what will be told."""
        try:
            await asyncio.wait_for(self._opened.wait(), within_s)
        except TimeoutError:
            return False
        return True

    async def stop(self) -> None:
        """End the thread; safe to call twice, and before ``start``."""
        self._stopping.set()
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join, STOP_WITHIN_S)
        self._client.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._follow()
            except OperationFailure as refused:
                if refused.code in _LOST or refused.has_error_label("NonResumableChangeStreamError"):
                    _log.warning("MongoDB does not know what came next", extra={"cause": str(refused.code)})
                    self._token, self._missed = None, True
                else:
                    _log.warning("MongoDB refuses to be watched", extra={"cause": str(refused.code)})
            except InvalidOperation:
                return  # the client is closed
            except PyMongoError as away:
                _log.warning("MongoDB is away from its watcher", extra={"cause": type(away).__name__})
            self._stopping.wait(RETRY_EVERY_S)

    def _follow(self) -> None:
        database = self._client[self._database]
        with database.watch(self._pipeline, resume_after=self._token, max_await_time_ms=AWAIT_MS) as stream:
            self._heard(stream.resume_token)
            if self._missed:
                self._missed = False
                self._put(MISSED)
            self._loop.call_soon_threadsafe(self._opened.set)
            while not self._stopping.is_set() and stream.alive:
                change = stream.try_next()
                if change is not None:
                    self._put(_read(change))
                self._heard(stream.resume_token)
        # A database that was dropped ends its stream, which cannot be resumed after that.
        if not self._stopping.is_set():
            self._token, self._missed = None, True

    def _heard(self, token: Mapping[str, Any] | None) -> None:
        self._heard_at = time.monotonic()
        self._token = token

    def _put(self, change: Change | Missed) -> None:
        with self._lock:
            first = not self._waiting
            if len(self._waiting) >= MAX_WAITING:
                self._waiting.clear()
                self._waiting.append(MISSED)
            self._waiting.append(change)
        if first:
            self._loop.call_soon_threadsafe(self._hand_over)

    def _hand_over(self) -> None:
        with self._lock:
            burst, self._waiting = self._waiting, []
        self._told(burst)


def _pipeline(collections: Sequence[str]) -> list[dict[str, Any]]:
    wanted = {"$in": list(collections)}
    whole = {"operationType": {"$in": ["dropDatabase", "invalidate"]}}
    return [
        {"$match": {"$or": [{"ns.coll": wanted}, {"to.coll": wanted}, whole]}},
        {
            "$project": {
                "operationType": 1,
                "ns.coll": 1,
                "documentKey": 1,
                "fullDocument": 1,
                "updateDescription.updatedFields": 1,
                "wallTime": 1,
            }
        },
    ]


def _read(change: Mapping[str, Any]) -> Change | Missed:
    if change["operationType"] not in _OF_A_DOCUMENT:
        return MISSED
    fields = change.get("fullDocument") or change.get("updateDescription", {}).get("updatedFields", {})
    at: datetime = change["wallTime"]
    return Change(change["ns"]["coll"], str(change["documentKey"]["_id"]), fields, at.replace(tzinfo=UTC).timestamp())
