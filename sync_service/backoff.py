"""Backoff: how long to wait before a failed attempt is made again."""

from typing import Final

FIRST_S: Final = 0.05
LONGEST_S: Final = 1.0
"""A store that is back is noticed within a second; one that is away is asked no more often."""


class Backoff:
    """Gives pauses that double, up to ``LONGEST_S``."""

    def __init__(self) -> None:
        self._next_s = FIRST_S

    def next_s(self) -> float:
        """Return how long to wait before the next attempt."""
        pause_s = self._next_s
        self._next_s = min(pause_s * 2, LONGEST_S)
        return pause_s
