"""Observers: when an outcome was seen committed in the ledger, and when its booking was seen in the view.

Each looks from a process of its own, so that neither slows the load generator. The ledger is asked every 5 ms by the
feed's own statement, so "decided" means committed and below the feed's horizon; the view is watched by a change
stream, so "visible" means acknowledged by the majority. Times are ``time.monotonic()``, which all processes share.
"""

import time
from collections.abc import Iterable
from multiprocessing.connection import Connection
from typing import Any, Final

import psycopg
from pymongo import MongoClient

from contracts.views import BOOKINGS
from loadtest.bench.apart import Apart

_LEDGER_POLL_S: Final = 0.005
_VIEW_AWAIT_MS: Final = 100
_ANSWER_WITHIN_S: Final = 20.0
_GIVE_UP_S: Final = 300.0
"""An observer that is asked nothing ends by itself after this long, whatever becomes of the process that started it."""

_FEED: Final = """
    SELECT tx::text, id, command_id FROM outcomes
    WHERE (tx, id) > (%s::xid8, %s) AND tx < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY tx, id
    LIMIT 10000
"""
_NEWEST: Final = "SELECT tx::text, id FROM outcomes ORDER BY outcomes.tx DESC, id DESC LIMIT 1"


class Observer(Apart):
    """A context manager around one observing process."""

    def collect(self, booking_ids: Iterable[str], deadline: float) -> dict[str, float]:
        """Wait until it has seen each of these, or for ``time.monotonic()`` to be ``deadline``, and end it.

        Returns when each booking was seen. Their number would say nothing: bookings of clients that left before they
        were answered may be among them.
        """
        within_s = max(deadline - time.monotonic(), 0.0) + _ANSWER_WITHIN_S
        seen: dict[str, float] = self.ask((list(booking_ids), deadline), within_s)
        return seen


class Sight:
    """What an observer has seen so far, in its own process, and what it is asked for."""

    def __init__(self, pipe: Connection) -> None:
        self.seen: dict[str, float] = {}
        self._pipe = pipe
        self._missing: list[str] | None = None
        self._until = time.monotonic() + _GIVE_UP_S

    def goes_on(self) -> bool:
        """Return whether there is more to be seen; tells what was seen once that is over and somebody has asked."""
        if self._missing is None and self._pipe.poll():
            self._missing, self._until = self._pipe.recv()
        while self._missing and self._missing[-1] in self.seen:
            self._missing.pop()
        if self._missing != [] and time.monotonic() < self._until:
            return True
        if self._missing is not None:
            self._pipe.send(self.seen)
        return False


def observe_ledger(pipe: Connection, conninfo: str) -> None:
    """Note when each outcome that is new from now on is seen committed."""
    sight = Sight(pipe)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        position: tuple[Any, ...] = connection.execute(_NEWEST).fetchone() or ("0", 0)
        pipe.send("ready")
        while sight.goes_on():
            rows = connection.execute(_FEED, position).fetchall()
            now = time.monotonic()
            for tx, number, command_id in rows:
                sight.seen[command_id] = now
                position = (tx, number)
            time.sleep(_LEDGER_POLL_S)


def observe_view(pipe: Connection, uri: str, database: str) -> None:
    """Note when each booking that is new from now on is seen in the view."""
    sight = Sight(pipe)
    client: MongoClient[dict[str, Any]] = MongoClient(uri)
    only_keys = [{"$project": {"documentKey": 1}}]
    with client, client[database][BOOKINGS].watch(only_keys, max_await_time_ms=_VIEW_AWAIT_MS) as stream:
        pipe.send("ready")
        while sight.goes_on():
            while (change := stream.try_next()) is not None:
                sight.seen.setdefault(change["documentKey"]["_id"], time.monotonic())
