"""The throttle: how often somebody may try, by name, by address or by account. Counted in windows of fixed length.

Calls that people could use to guess, to flood or to annoy enter here. The counters are in Redis, so that all processes
count together; while Redis is away each process counts for itself, in a bounded table: guessing gets easier by the
number of processes, never free. Redis knows neither names nor addresses, only digests of them.
"""

import asyncio
import hashlib
import ipaddress
import logging
import time
from collections.abc import Callable
from typing import Final, NamedTuple

import redis
import redis.asyncio

from contracts import problems
from runtime.breaker import Breaker
from runtime.problems import ProblemError
from runtime.redis import TIMEOUT_S

PREFIX: Final = "frontrow:throttle:"
MOST_COUNTERS: Final = 10_000
"""Counters that a process keeps while Redis is away; the one that ends first makes room."""
IPV6_SITE: Final = 64
"""Bits: whoever has one IPv6 address has as many as they like below these."""

_log = logging.getLogger(__name__)


class Limit(NamedTuple):
    """At most ``most`` within ``window_s`` seconds."""

    name: str
    most: int
    window_s: int


class Count(NamedTuple):
    """A limit, and whom it is counted for."""

    limit: Limit
    whose: str


class Throttle:
    """Counts. ``free``: the network whose addresses are not limited; belongs to one event loop."""

    def __init__(
        self,
        client: "redis.asyncio.Redis",
        breaker: Breaker,
        free: ipaddress.IPv4Network | ipaddress.IPv6Network,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis = client
        self._breaker = breaker
        self._free = free
        self._clock = clock
        self._own: dict[str, tuple[int, float]] = {}

    def limits(self, address: str) -> bool:
        """Whether what comes from this address is limited by where it comes from."""
        try:
            return ipaddress.ip_address(address) not in self._free
        except ValueError:
            return True

    async def take(self, *counts: Count) -> None:
        """Count one more of each; raise the problem when any of them was the one too many."""
        found = await self._add(counts, 1)
        over = [left_s for (limit, _), (count, left_s) in zip(counts, found, strict=True) if count > limit.most]
        if over:
            retry_after_s = str(max(1, round(max(over))))
            detail = "That was too often. Wait, and try again."
            raise ProblemError(problems.TOO_MANY_REQUESTS, detail, headers={"Retry-After": retry_after_s})

    async def give_back(self, *counts: Count) -> None:
        """Take one away again: it was no attempt that counts."""
        await self._add(counts, -1)

    async def _add(self, counts: tuple[Count, ...], number: int) -> list[tuple[int, float]]:
        """Return each counter, and for how many seconds it still counts."""
        names = [(_key(limit, whose), limit.window_s) for limit, whose in counts]
        if not self._breaker.resting:
            try:
                return await self._add_in_redis(names, number)
            except (redis.RedisError, OSError, TimeoutError) as error:
                self._breaker.failed()
                _log.warning("Redis is away; this process counts alone", extra={"cause": type(error).__name__})
        return [self._add_here(name, window_s, number) for name, window_s in names]

    async def _add_in_redis(self, names: list[tuple[str, int]], number: int) -> list[tuple[int, float]]:
        async with asyncio.timeout(TIMEOUT_S), self._redis.pipeline(transaction=True) as pipeline:
            for name, window_s in names:
                # Not EXPIRE NX, which Redis has from version 7 on.
                pipeline.set(name, 0, ex=window_s, nx=True)
                pipeline.incrby(name, number)
                pipeline.ttl(name)
            done = await pipeline.execute()
        return [(int(count), float(ttl)) for count, ttl in zip(done[1::3], done[2::3], strict=True)]

    def _add_here(self, name: str, window_s: int, number: int) -> tuple[int, float]:
        now = self._clock()
        count, until = self._own.get(name, (0, 0.0))
        if until <= now:
            count, until = 0, now + window_s
            if len(self._own) >= MOST_COUNTERS and name not in self._own:
                del self._own[min(self._own, key=lambda other: self._own[other][1])]
        self._own[name] = count + number, until
        return count + number, until - now


def site_of(address: str) -> str:
    """Return what stands for everybody behind an address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(ipaddress.ip_network((parsed, IPV6_SITE), strict=False))


def _key(limit: Limit, whose: str) -> str:
    return f"{PREFIX}{limit.name}:{hashlib.blake2b(whose.encode(), digest_size=16).hexdigest()}"
