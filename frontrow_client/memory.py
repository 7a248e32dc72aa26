"""Memory: what a client keeps between calls: the highest position it was told, and its session's tokens.

The calls enter here, from any thread. Nothing of it is needed: who forgets reads older views and logs in again.
"""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

POSITION_HEADER: Final = "Frontrow-Position"
MIN_POSITION_HEADER: Final = "Frontrow-Min-Position"

_POSITION: Final = re.compile(r"([0-9]{1,20})-([0-9]{1,19})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tokens:
    """A session: what is sent as ``Authorization``, and what renews it."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)


class Memory:
    """One client's. ``tokens`` is None without a session."""

    def __init__(self) -> None:
        self.tokens: Tokens | None = None
        self._highest = (0, 0)
        self._lock = threading.Lock()

    def note(self, headers: Mapping[str, str]) -> None:
        """Keep the position that an answer told, if it is the highest so far."""
        found = _POSITION.fullmatch(headers.get(POSITION_HEADER, ""))
        if found:
            # Positions are ordered as pairs of numbers, not as text (test: test_positions_are_compared_as_numbers).
            with self._lock:
                self._highest = max(self._highest, (int(found[1]), int(found[2])))

    @property
    def position(self) -> str | None:
        """The highest position so far, as the header has it."""
        tx, number = self._highest
        return f"{tx}-{number}" if tx else None
