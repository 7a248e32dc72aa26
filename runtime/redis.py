"""Redis: how our clients of it are set. It only ever helps, so nobody waits for it.

A call has about 100 ms and is not tried again; redis-py's own defaults are seconds, and several attempts. Who enters
brings a ``runtime.breaker.Breaker`` and says in words what happens without Redis.
"""

from typing import Any, Final

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

TIMEOUT_S: Final = 0.1
"""How long Redis may take to connect or answer: twenty times what it takes, and little against a booking's 100 ms."""


def client(url: str, password: str) -> redis.Redis:
    """Return a client of the Redis at ``url``, for one thread; nothing is sent yet. An empty password means none."""
    return redis.Redis.from_url(url, **_options(password), retry=Retry(NoBackoff(), 0))


def async_client(url: str, password: str) -> redis.asyncio.Redis:
    """Return a client for one event loop; nothing is sent yet."""
    return redis.asyncio.Redis.from_url(url, **_options(password), retry=AsyncRetry(NoBackoff(), 0))


def _options(password: str) -> dict[str, Any]:
    return {
        "password": password or None,
        "socket_timeout": TIMEOUT_S,
        "socket_connect_timeout": TIMEOUT_S,
    }
