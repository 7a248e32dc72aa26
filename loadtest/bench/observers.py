"""Observers: when an outcome was seen committed in the ledger, and when its booking was seen in the view.

Each looks from a process of its own, so that neither slows the load generator. The ledger is asked every 5 ms by the
feed's own statement, so "decided" means committed and below the feed's horizon; the view is watched by a change
stream, so "visible" means acknowledged by the majority. Times are ``time.monotonic()``, which all processes share.
"""

import time
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
"""An observer ends by itself after this long, whatever becomes of the process that started it; longer than any round,
also the naive system's where the machine has other work."""

_FEED: Final = """
    SELECT tx::text, id, command_id FROM outcomes
    WHERE (tx, id) > (%s::xid8, %s) AND tx < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY tx, id
    LIMIT 10000
"""
_NEWEST: Final = "SELECT tx::text, id FROM outcomes ORDER BY outcomes.tx DESC, id DESC LIMIT 1"


class Observer(Apart):
    """A context manager around one observing process; ``collect`` ends it and returns what it saw, by booking id."""

    def count(self) -> int:
        """Return how many it has seen so far."""
        return int(self.ask("count", _ANSWER_WITHIN_S))

    def collect(self) -> dict[str, float]:
        """Return when each booking was seen."""
        seen: dict[str, float] = self.ask("collect", _ANSWER_WITHIN_S)
        return seen


def observe_ledger(pipe: Connection, conninfo: str) -> None:
    """Note when each outcome that is new from now on is seen committed."""
    seen: dict[str, float] = {}
    give_up = time.monotonic() + _GIVE_UP_S
    with psycopg.connect(conninfo, autocommit=True) as connection:
        position: tuple[Any, ...] = connection.execute(_NEWEST).fetchone() or ("0", 0)
        pipe.send("ready")
        while _goes_on(pipe, seen) and time.monotonic() < give_up:
            rows = connection.execute(_FEED, position).fetchall()
            now = time.monotonic()
            for tx, number, command_id in rows:
                seen[command_id] = now
                position = (tx, number)
            time.sleep(_LEDGER_POLL_S)


def observe_view(pipe: Connection, uri: str, database: str) -> None:
    """Note when each booking that is new from now on is seen in the view."""
    seen: dict[str, float] = {}
    give_up = time.monotonic() + _GIVE_UP_S
    client: MongoClient[dict[str, Any]] = MongoClient(uri)
    only_keys = [{"$project": {"documentKey": 1}}]
    with client, client[database][BOOKINGS].watch(only_keys, max_await_time_ms=_VIEW_AWAIT_MS) as stream:
        pipe.send("ready")
        while _goes_on(pipe, seen) and time.monotonic() < give_up:
            while (change := stream.try_next()) is not None:
                seen.setdefault(change["documentKey"]["_id"], time.monotonic())


def _goes_on(pipe: Connection, seen: dict[str, float]) -> bool:
    if not pipe.poll():
        return True
    question = pipe.recv()
    pipe.send(len(seen) if question == "count" else seen)
    return bool(question == "count")
