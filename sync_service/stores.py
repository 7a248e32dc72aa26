"""Stores: when PostgreSQL and MongoDB last answered this process, which is what its readiness says."""

import time
from typing import Final

READY_WITHIN_S: Final = 3.0
"""A store that last answered longer ago counts as away. An idle projector asks both at least every second."""


class Stores:
    """Noted by the event loop, asked by the thread that serves health."""

    def __init__(self) -> None:
        self._ledger_at = self._view_at = -READY_WITHIN_S

    def ledger_answered(self) -> None:
        """Note that PostgreSQL answered just now."""
        self._ledger_at = time.monotonic()

    def view_answered(self) -> None:
        """Note that MongoDB answered just now."""
        self._view_at = time.monotonic()

    async def ledger_answers(self) -> bool:
        """Whether PostgreSQL answered lately."""
        return time.monotonic() - self._ledger_at < READY_WITHIN_S

    async def view_answers(self) -> bool:
        """Whether MongoDB answered lately."""
        return time.monotonic() - self._view_at < READY_WITHIN_S
