"""Backoff: how long to wait before a failed attempt is made again.

Whoever must try until a store is there enters here; what can be done without is left alone by ``runtime.breaker``.
"""

from typing import Final

FIRST_S: Final = 0.05
LONGEST_S: Final = 1.0
"""A store that is back is noticed within a second; one that is away is asked no more often."""


class Backoff:
    """Gives pauses that double, up to ``longest_s``."""

    def __init__(self, first_s: float = FIRST_S, longest_s: float = LONGEST_S) -> None:
        self._next_s = first_s
        self._longest_s = longest_s

    def next_s(self) -> float:
        """Return how long to wait before the next attempt."""
        pause_s = self._next_s
        self._next_s = min(pause_s * 2, self._longest_s)
        return pause_s
