"""Waiting: the outcome of a command, told by the worker while its sender is still there. Best effort.

One subscription a process, to a channel of its own that its commands name (``reply_to``): it is there before anything
is produced, costs a request nothing, and each process hears only what its own clients wait for. A subscription for each
request would be a round trip and a connection's bookkeeping each; one channel for all would send every outcome to every
process. Order: expect, produce, look at the key, wait (test: ``test_an_outcome_that_was_announced_unheard_is_found``).

Redis away, or this process about to stop: those who wait are let go at once, with nothing.
"""

import asyncio
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import redis
import redis.asyncio

from contracts.announcements import Announced, channel_of, decode, key_of
from runtime.breaker import Breaker
from runtime.redis import TIMEOUT_S

ASK_EVERY_S: Final = 1.0
"""After so long without a word Redis is asked whether it is there; after as long again without an answer it is not."""
CONNECT_EVERY_S: Final = 0.5

_AWAY: Final = (redis.RedisError, OSError, TimeoutError)

_log = logging.getLogger(__name__)

Waiting = asyncio.Future[Announced | None]


class Outcomes:
    """The outcomes that this process' clients wait for. Belongs to one event loop."""

    def __init__(self, client: "redis.asyncio.Redis", breaker: Breaker) -> None:
        self.reply_to = secrets.token_hex(8)
        """What commands say so that this process is told."""
        self._redis = client
        self._breaker = breaker
        self._waiting: dict[str, set[Waiting]] = {}
        self._listening = False
        self._stopped = False

    @property
    def listening(self) -> bool:
        """Whether this process would be told now; who is not told must not wait."""
        return self._listening and not self._stopped

    async def start(self) -> None:
        """Begin to listen; Redis need not be there."""
        self._task = asyncio.create_task(self._run())

    def let_go(self) -> None:
        """Let everybody who waits go, and nobody wait any more: this process is about to stop."""
        self._stopped = True
        self._release()

    async def stop(self) -> None:
        """Listen no longer."""
        self.let_go()
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    @contextmanager
    def expected(self, command_id: str) -> Iterator[Waiting]:
        """Keep what is announced for ``command_id`` from now on; enter before producing it."""
        waiting: Waiting = asyncio.get_running_loop().create_future()
        same = self._waiting.setdefault(command_id, set())
        same.add(waiting)
        try:
            yield waiting
        finally:
            same.discard(waiting)
            if not same:
                self._waiting.pop(command_id, None)

    async def outcome(self, command_id: str, waiting: Waiting, within_s: float) -> Announced | None:
        """Return the outcome, or None when it was not told in time."""
        if not waiting.done():
            # It may have been announced while the subscription was being made again; the key is what is left of it.
            found = await self._look(command_id)
            if found is not None:
                return found
        done, _ = await asyncio.wait({waiting}, timeout=max(within_s, 0))
        return waiting.result() if done else None

    async def _look(self, command_id: str) -> Announced | None:
        if self._breaker.resting:
            return None
        try:
            async with asyncio.timeout(TIMEOUT_S):
                found: bytes | None = await self._redis.get(key_of(command_id))  # type: ignore[assignment]  # not decoded
        except _AWAY as error:
            self._breaker.failed()
            _log.warning("Redis is away; outcomes are not looked up", extra={"cause": type(error).__name__})
            return None
        return decode(found) if found is not None else None

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except _AWAY as error:
                if self._listening:
                    _log.warning("Redis is away; nobody waits for outcomes", extra={"cause": type(error).__name__})
            finally:
                self._listening = False
                self._release()
            await asyncio.sleep(CONNECT_EVERY_S)

    async def _listen(self) -> None:
        async with self._redis.pubsub() as subscription:
            await subscription.subscribe(channel_of(self.reply_to))
            asked = False
            while True:
                message: dict[str, Any] | None = await subscription.get_message(timeout=ASK_EVERY_S)
                if message is not None:
                    asked = False
                    self._heard(message)
                elif asked:
                    msg = "Redis does not answer"
                    raise TimeoutError(msg)
                else:
                    await subscription.ping()
                    asked = True

    def _heard(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe":
            self._listening = True
        elif message["type"] == "message":
            decided = decode(message["data"])
            for waiting in self._waiting.get(decided["_id"], ()):
                if not waiting.done():
                    waiting.set_result(decided)

    def _release(self) -> None:
        for same in self._waiting.values():
            for waiting in same:
                if not waiting.done():
                    waiting.set_result(None)
