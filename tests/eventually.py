"""Wait for a promise to come true: the only way in which our tests wait."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from itertools import chain, repeat
from typing import TypeVar

T = TypeVar("T")

PAUSES_S = (*[0.01] * 2, 0.02, 0.03, *[0.05] * 20)
LAST_PAUSE_S = 0.15
"""Most promises come true within a tenth of a second; who waits for longer should not keep the machine from it."""
WITHIN_S = 60.0
"""Nothing is proved by giving up sooner, and a busy machine takes long; what is promised sooner has its own bound."""


def eventually(assertion: Callable[[], T], *, within_s: float = WITHIN_S) -> T:
    """Return what ``assertion`` returns as soon as it raises no ``AssertionError``; else raise its last one."""
    deadline, pauses = time.monotonic() + within_s, _pauses()
    while True:
        try:
            return assertion()
        except AssertionError:
            if time.monotonic() >= deadline:
                raise
        time.sleep(next(pauses))


async def eventually_async(assertion: Callable[[], Awaitable[T]], *, within_s: float = WITHIN_S) -> T:
    """Do the same in an event loop."""
    deadline, pauses = time.monotonic() + within_s, _pauses()
    while True:
        try:
            return await assertion()
        except AssertionError:
            if time.monotonic() >= deadline:
                raise
        await asyncio.sleep(next(pauses))


def _pauses() -> Iterator[float]:
    return chain(PAUSES_S, repeat(LAST_PAUSE_S))
