"""Unread: how long a request waited between the gateway and us, and from when on that is too long. Pure.

``overload`` enters here for each booking, with the moment at which the gateway passed it on. That may be the clock of
another machine: what counts is by how much longer a request took than the fastest of late, so that the clocks may
differ by anything. A clock that is put right, by whatever, refuses nobody for long.
"""

from typing import Final

READ_WITHIN_S: Final = 1.5
"""Half of the gateway's patience, which is 2.9 s (tests/integration/gateway/test_overload.py compares). The log
acknowledges within milliseconds: the other half is for the answers to a crowd."""
GIVEN_UP_S: Final = 3.0
"""Nothing waits for longer than the gateway does: such a step is a clock's, or the whole process stood still."""
FORGETS: Final = 0.02
"""By how much a second the fastest way is taken for slower, until a faster one is seen: after a step of two seconds,
which looks like a crowd, bookings are taken again within 25 s; a crowd of a minute may wait for a second more."""


class Unread:
    """Says of each request whether it waited for too long. Times are seconds, of the gateway's clock and of ours."""

    def __init__(self) -> None:
        self._fastest = float("inf")
        self._seen_at = 0.0

    def is_too_late(self, passed_on: float, now: float) -> bool:
        """Note a request; ``now`` and ``passed_on`` are of clocks that may differ by a constant."""
        took = now - passed_on
        self._fastest = min(took, self._fastest + FORGETS * max(0.0, now - self._seen_at))
        self._seen_at = now
        waited = took - self._fastest
        if waited >= GIVEN_UP_S:
            self._fastest = took
            return False
        return waited > READ_WITHIN_S
