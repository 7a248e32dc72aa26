"""Wait for a promise to come true: the only way in which our tests wait."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

PAUSE_S = 0.02


def eventually(assertion: Callable[[], T], *, within_s: float) -> T:
    """Return what ``assertion`` returns as soon as it raises no ``AssertionError``; else raise its last one."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            return assertion()
        except AssertionError:
            if time.monotonic() >= deadline:
                raise
        time.sleep(PAUSE_S)


async def eventually_async(assertion: Callable[[], Awaitable[T]], *, within_s: float) -> T:
    """Do the same in an event loop."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            return await assertion()
        except AssertionError:
            if time.monotonic() >= deadline:
                raise
        await asyncio.sleep(PAUSE_S)
