"""The session: the worker's one connection to PostgreSQL, and how a transaction travels on it.

``ledger`` enters here and knows what is said; nothing of the domain is known in this room. A connection that broke is
opened anew at the next question. No answer is waited for without a bound
(test: ``test_a_frozen_postgresql_is_away_and_the_worker_polls_on``).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from runtime.connecting import leaving_nothing_open, watched
from worker.watchdog import Watchdog

CONNECT_TIMEOUT_S = 2
"""How long one attempt to connect may take; the loop tries again for as long as it is told to."""

ANSWER_WITHIN_S = 8.0
"""How long PostgreSQL may take to answer. Above two waits for a lock of the role's 3 s each (offsets, seats), which are
no outage; below a supervisor's 15 s for a stop, which is heard only between two answers, and below the group's 60 s
between polls."""

SESSION_OPTIONS = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off"
"""All statements here look a bounded number of rows up by a key, so an index is right whatever the tables' statistics
say; on a fresh install they say that the tables are empty (docs/decisions/0002-batches.md)."""

Connection = psycopg.Connection[tuple[Any, ...]]


class Session:
    """One connection, opened when first needed and again after it broke. Not for two threads."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._connection: Connection | None = None
        self._watchdog: Watchdog | None = None

    def close(self) -> None:
        """Let go of the connection; safe to call twice."""
        if self._watchdog is not None:
            self._watchdog.close()
            self._watchdog = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def answering(self) -> Iterator[tuple[Connection, Watchdog]]:
        """Yield the connection, opened if it must be, while its watchdog watches."""
        connection = self._connected()
        if self._watchdog is None:
            self._watchdog = Watchdog(connection.fileno(), ANSWER_WITHIN_S)
        with self._watchdog.waiting():
            yield connection, self._watchdog

    def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self.close()
            with leaving_nothing_open():
                self._connection = psycopg.connect(
                    watched(self._conninfo),
                    autocommit=True,
                    connect_timeout=CONNECT_TIMEOUT_S,
                    options=SESSION_OPTIONS,
                    application_name="frontrow worker",
                    prepare_threshold=1,
                )
        return self._connection


@contextmanager
def transaction(connection: Connection) -> Iterator[tuple[Connection, psycopg.Pipeline]]:
    """Yield a pipeline inside a transaction, committed when the block ends well and rolled back when it does not.

    Unlike psycopg's own ``transaction()``, whose BEGIN is a round trip of its own, BEGIN travels with what follows.
    """
    try:
        with connection.pipeline() as pipeline:
            connection.execute("BEGIN")
            yield connection, pipeline
            connection.execute("COMMIT")
    except BaseException:
        try:
            connection.rollback()
        except psycopg.Error:
            connection.close()
        raise
