"""How slow the machine is, for reasons that are not the platform's: what a test's bound of time must allow for.

It may stand still, or have more to do than its processors can: other tests, other people's work.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

STEP_S = 0.02
NOTICED_S = 0.1
"""What oversleeps by less is only late."""


class Stalls:
    """Sleeps in small steps beside what is measured, and notes by how much the steps were overslept.

    A wait for the interpreter's lock, while a test starts its threads, counts as well: what is timed waits for it too.
    """

    def __init__(self) -> None:
        self._stood_still: list[tuple[float, float]] = []
        self._done = threading.Event()
        self._sleeping = threading.Thread(target=self._sleep, daemon=True)

    def __enter__(self) -> Self:
        self._sleeping.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._done.set()
        self._sleeping.join()

    @property
    def seconds(self) -> float:
        """For how long the machine stood still, so far."""
        return sum(seconds for _began, seconds in self._stood_still)

    def seconds_between(self, began: float, ended: float) -> float:
        """For how long it did in the steps that touch this time, on the monotonic clock."""
        return sum(seconds for at, seconds in self._stood_still if at < ended and at + STEP_S + seconds > began)

    def _sleep(self) -> None:
        is_done = False
        while not is_done:
            before = time.monotonic()
            is_done = self._done.wait(STEP_S)
            overslept = time.monotonic() - before - STEP_S
            if overslept > NOTICED_S:
                self._stood_still.append((before, overslept))


def stretched(seconds: float) -> float:
    """Return a bound that is promised on a machine that keeps up, for this one.

    It is as many times longer as processes wait for each processor (the load average of a minute, getloadavg(3)).
    """
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail unless what is done here is done within so many seconds of a machine that runs."""
    began = time.monotonic()
    with Stalls() as stalls:
        yield
        took_s = time.monotonic() - began
    assert took_s - stalls.seconds < seconds, (
        f"took {took_s:.2f} s, of which the machine stood still {stalls.seconds:.2f}"
    )
