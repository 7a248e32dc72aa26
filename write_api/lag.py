"""Lag: how long a booking that is accepted now will wait to be decided, and from when on no more are taken. Pure.

``overload`` enters here a few times a second, with how long the log is and how far the ledger has decided it. Two
machines' clocks would disagree, so there is one: this process notes when it first knew the log to be so long, and sees
when the ledger has come as far. No message is looked at, and whoever decides is asked nothing.

What waits is decided too late: no more is taken until it would be in time again. Nothing is decided at all (the worker
or the ledger is away, for a moment as a rule): the log keeps what comes, as it is there for, but not for ever.
"""

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

BOUND_S: Final = 2.0
"""How long a booking may have to wait to be decided; normal are 40 ms. At five times the pace of deciding, what waits
grows by four seconds' worth each second, and it is noticed half a second late: whoever was accepted has an outcome
within five seconds all the same (``test_what_comes_five_times_too_fast_...``)."""
NOTICED_S: Final = 0.5
"""What has waited for less is no lag, whatever the pace: between two batches all numbers are small and say nothing."""
STANDSTILL_S: Final = 30.0
"""For how long bookings are taken while nothing is decided. After all that the fault runs do to them, worker and ledger
are back within 13 s; and a hold's time runs from its place in the log, so that after more the short ones would be over
before their owners know of them."""
MOST_UNDECIDED: Final = 10_000
"""How many messages of a partition may wait for somebody to decide again: what the whole platform decides and shows in
four seconds on two cores, so that a crowd that came meanwhile soon has its outcomes."""
PACE_OVER_S: Final = 1.0
"""Over how long the pace of deciding is measured: some batches."""
REMEMBERED: Final = 160
"""How many lengths of the log are kept: one a look, every 250 ms, for ten seconds longer than a standstill is borne."""
UNKNOWN_S: Final = 10
"""When to come again where nobody knows: it spares the platform the crowd, and whoever waits is not much late."""


@dataclass(frozen=True, slots=True)
class Excess:
    """Why no more is taken; ``retry_after_s``: what waits now will be decided by then, as far as one can tell."""

    why: str
    retry_after_s: int


class Lag:
    """One partition's. Times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self.wait_s = 0.0
        """How long what comes now will wait to be decided, by the present pace."""
        self.excess: Excess | None = None
        self._lengths: deque[tuple[float, int]] = deque(maxlen=REMEMBERED)
        """When the log was first known to be so long; ascending, and only what is not decided yet."""
        self._decided: deque[tuple[float, int]] = deque()
        """How far it was decided when, over the last ``PACE_OVER_S``."""
        self._moved_at = float("-inf")

    def look(self, now: float, length: int, decided: int | None) -> None:
        """Note the offset after the newest message that we know of, and the next one to be decided; None: not known."""
        if self._lengths and length < self._lengths[-1][1]:
            self._lengths.clear()  # another log
        if decided is None:
            decided = self._decided[-1][1] if self._decided else length
        moved = self._note(now, decided)
        if length > decided and (not self._lengths or length > self._lengths[-1][1]):
            self._lengths.append((now, length))
        while self._lengths and self._lengths[0][1] <= decided:
            self._lengths.popleft()
        if not self._lengths:
            self.wait_s, self.excess = 0.0, None
        elif moved:
            self._judge_pace(now, length - decided)
        else:
            self._judge_standstill(now, length - decided)

    def _note(self, now: float, decided: int) -> bool:
        """Return whether anything was decided since the last look."""
        before = self._decided[-1][1] if self._decided else decided
        if decided < before:
            self._decided.clear()  # another ledger, or another log
        self._decided.append((now, decided))
        while len(self._decided) > 1 and self._decided[1][0] <= now - PACE_OVER_S:
            self._decided.popleft()
        if decided > before:
            self._moved_at = now
        return decided > before

    def _judge_pace(self, now: float, waiting: int) -> None:
        """Judge by how long what comes now will wait; not by how long others waited, who may be the last ones."""
        then, before = self._decided[0]
        _, decided = self._decided[-1]
        noticed = now - self._lengths[0][0] >= NOTICED_S
        self.wait_s = waiting * (now - then) / (decided - before) if noticed else 0.0
        late = f"bookings would wait {self.wait_s:.1f} s for their outcome"
        self.excess = Excess(late, math.ceil(self.wait_s)) if self.wait_s > BOUND_S else None

    def _judge_standstill(self, now: float, waiting: int) -> None:
        """Let what was said last hold between two batches and for some time after, as long as not too much waits."""
        still_s = now - max(self._moved_at, self._lengths[0][0])
        if still_s >= STANDSTILL_S or (still_s >= PACE_OVER_S and waiting >= MOST_UNDECIDED):
            self.excess = Excess(f"nothing was decided for {still_s:.0f} s", UNKNOWN_S)
