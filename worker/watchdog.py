"""The watchdog: ends the wait for a PostgreSQL that is there and says nothing.

A frozen server, or one whose disk stands still, keeps its connections: the kernel acknowledges for it, so neither
keepalive nor ``tcp_user_timeout`` ends the wait, and libpq has no bound of its own. Here a thread shuts the socket down
when an answer is overdue, which the waiting thread meets as a broken connection, and ``faults`` calls AWAY.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

LOOK_EVERY_S: Final = 0.25

_log = logging.getLogger(__name__)


class Watchdog:
    """Watches one connection's answers. ``close`` ends its thread; safe to call twice."""

    def __init__(self, descriptor: int, within_s: float) -> None:
        # A descriptor of our own for the same socket: the connection's may be closed and given to somebody else.
        self._socket = socket.socket(fileno=os.dup(descriptor))
        self._within_s = within_s
        self._due_at: float | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._thread.start()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Shut the socket down if the block does not end, or ``heard`` is not called, within the bound."""
        self.heard()
        try:
            yield
        finally:
            self._due_at = None

    def heard(self) -> None:
        """Count the bound from now on: an answer came."""
        self._due_at = time.monotonic() + self._within_s

    def close(self) -> None:
        """Watch no more."""
        self._closed.set()
        self._thread.join()
        self._socket.close()

    def _watch(self) -> None:
        while not self._closed.wait(LOOK_EVERY_S):
            due_at = self._due_at
            if due_at is not None and time.monotonic() > due_at:
                _log.warning("PostgreSQL does not answer: cutting it off", extra={"within_s": self._within_s})
                try:
                    self._socket.shutdown(socket.SHUT_RDWR)
                except OSError:
                    _log.debug("the connection was gone already")
                return
