"""Wait for a promise to come true: the only way in which our tests wait."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

PAUSE_S = 0.02
WITHIN_S = 30.0
"""Nothing is proved by giving up sooner, and a busy machine takes long; what is promised sooner has its own bound."""


def eventually(assertion: Callable[[], T], *, within_s: float = WITHIN_S) -> T:
    """Return what ``assertion`` returns as soon as it raises no ``AssertionError``; else raise its last one."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            return assertion()
        except AssertionError:
            if time.monotonic() >= deadline:
                raise
        time.sleep(PAUSE_S)


async def eventually_async(assertion: Callable[[], Awaitable[T]], *, within_s: float = WITHIN_S) -> T:
    """Do the same in an event loop."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            return await assertion()
        except AssertionError:
            if time.monotonic() >= deadline:
                raise
        await asyncio.sleep(PAUSE_S)
