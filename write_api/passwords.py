"""Passwords: hashed and verified beside the event loop, one at a time, so that people who log in delay no booking.

``accounts``, ``sessions`` and ``password_resets`` enter here. Parameters are OWASP's for argon2id; one hash takes some
20 ms of one core. A crowd waits in a bounded queue and the rest is told to come again. Nothing here may keep, log or
show a password.
"""

import asyncio
import os
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import SecretStr

from contracts import problems
from runtime.problems import ProblemError

T = TypeVar("T")

MEMORY_KIB: Final = 19_456
PASSES: Final = 2
LANES: Final = 1
"""OWASP's password storage cheat sheet: at least 19 MiB, two passes, one lane. More of either would buy the defence of
weak passwords with what an on-sale has least of: on two cores, RFC 9106's 64 MiB took 94 ms a log-in instead of 21."""
MOST_WAITING: Final = 100
"""Two seconds' worth; who comes then is told so at once."""
NICENESS: Final = 5
"""Of the hashing thread: while a core is wanted by both, the event loop has three quarters of it."""

_hasher: Final = PasswordHasher(
    time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, hash_len=32, salt_len=16, type=Type.ID
)


class Passwords:
    """Hashes passwords. Belongs to one event loop."""

    def __init__(self, most_waiting: int = MOST_WAITING) -> None:
        self._most_waiting = most_waiting
        self._thread = ThreadPoolExecutor(1, "passwords", _step_back)
        self._waiting = 0
        self._nobodys: str | None = None

    async def hash(self, password: SecretStr) -> str:
        """Return what to keep of a new password."""
        return await self._apart(lambda: _hasher.hash(_text(password)))

    async def verify(self, kept: str | None, password: SecretStr) -> bool:
        """Whether the password is the one of which ``kept`` is the hash.

        Without an account (None) the same work is done in vain, so that the time tells nobody which names there are.
        """
        if kept is None and self._nobodys is None:
            self._nobodys = await self._apart(lambda: _hasher.hash("nobody's"))
        return await self._apart(lambda: _matches(kept or self._nobodys or "", _text(password))) and kept is not None

    def outdated(self, kept: str) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return _hasher.check_needs_rehash(kept)

    def stop(self) -> None:
        """Let go of the thread; safe to call twice."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _apart(self, work: Callable[[], T]) -> T:
        if self._waiting >= self._most_waiting:
            raise ProblemError(problems.OVERLOADED, "Too many people are logging in at this moment.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        finally:
            self._waiting -= 1


def _text(password: SecretStr) -> str:
    # However the keyboard composed it (NIST SP 800-63B, 3.1.1.2).
    return unicodedata.normalize("NFKC", password.get_secret_value())


def _matches(kept: str, password: str) -> bool:
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def _step_back() -> None:
    # Linux takes a thread's id here; where it is none, all threads stay equal.
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
