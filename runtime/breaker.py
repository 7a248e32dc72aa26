"""Breaker: leaves something that failed alone for a while, so that its absence costs little and its return is noticed.

For helpers that one can do without (Redis, here): who enters asks ``resting`` before a call and goes on without while
it is so. Not for what must be tried until it is there. One thread or event loop may share one breaker between its
clients of the same server: what one found out spares the others the wait.
"""

import time
from collections.abc import Callable
from typing import Final

REST_S: Final = 2.0
"""How long a server is left alone after it failed: its absence costs one time-out in so long, its return is missed by
at most this."""


class Breaker:
    """``clock``: monotonic seconds."""

    def __init__(self, rest_s: float = REST_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._rest_s = rest_s
        self._clock = clock
        self._rest_until = float("-inf")

    @property
    def resting(self) -> bool:
        """Whether it failed a moment ago."""
        return self._clock() < self._rest_until

    def failed(self) -> None:
        """Note that it failed; it rests from now on."""
        self._rest_until = self._clock() + self._rest_s
