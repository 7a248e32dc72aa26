"""Lifecycle: one start and stop discipline for every long-running process that is not an HTTP API.

A part has ``start``, ``run_once`` and ``stop``; stopping twice is safe. SIGTERM and SIGINT ask for a stop, which
finishes what ``run_once`` is at: what was accepted is then decided, or still in the log.
"""

import signal
import threading
from types import FrameType
from typing import Protocol


class Part(Protocol):
    """Something that runs until it is told to stop. Errors that escape ``run_once`` end the process, loudly."""

    def start(self) -> None:
        """Acquire what is needed."""

    def run_once(self) -> None:
        """Do one bounded piece of work; must come back within a few seconds, idle or not."""

    def stop(self) -> None:
        """Release everything; may be called twice."""


class StopRequest:
    """A process-wide wish to stop, settable from a signal handler and waitable by any thread."""

    def __init__(self) -> None:
        self._event = threading.Event()

    @property
    def wanted(self) -> bool:
        """Whether somebody asked this process to stop."""
        return self._event.is_set()

    def ask(self) -> None:
        """Ask for the stop."""
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Wait at most so long; returns whether the stop is wanted."""
        return self._event.wait(seconds)

    def on_signals(self) -> None:
        """Let SIGTERM and SIGINT ask for the stop. Only the main thread may call this."""

        def handle(_signal: int, _frame: FrameType | None) -> None:
            self._event.set()

        signal.signal(signal.SIGTERM, handle)
        signal.signal(signal.SIGINT, handle)


def run(part: Part, stop: StopRequest) -> None:
    """Run the part until a stop is wanted; its ``stop`` is called whatever happens."""
    try:
        part.start()
        while not stop.wanted:
            part.run_once()
    finally:
        part.stop()
