"""Seat locks: a hint in Redis that a seat is being decided, which spares the ledger work and decides nothing.

One Lua call an event takes the locks of all its seats in a batch (keys share the hash tag ``{event}``, so this works
on a cluster), all events in one pipeline. The token is the id of the booking that asks first; only its holder's token
frees a lock. A lock that is held already means "contended": it is counted, and PostgreSQL decides (test:
``test_a_held_lock_refuses_nobody``). Redis away: a short timeout, no retry, then it is left alone for a while and
bookings go on (test: ``test_bookings_go_on_without_redis``).
"""

import hashlib
import logging
import time
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final, Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from worker import metrics

TIMEOUT_S: Final = 0.1
"""How long Redis may take to connect or answer: twenty times what it takes, and little against a booking's 100 ms."""

REST_S: Final = 2.0
"""How long Redis is left alone after it failed, so that its absence costs a batch 0.1 s only once in a while."""

TTL_MS: Final = 15_000
"""When a lock frees itself: about three times the worst batch, which PostgreSQL's 4 s idle bound ends."""

PREFIX: Final = "frontrow:seat-lock:"

_TAKE: Final = """
local taken = 0
for i, key in ipairs(KEYS) do
  if redis.call('SET', key, ARGV[i + 1], 'NX', 'PX', ARGV[1]) then taken = taken + 1 end
end
return taken"""

_FREE: Final = """
local held, mine = redis.call('MGET', unpack(KEYS)), {}
for i, key in ipairs(KEYS) do
  if held[i] == ARGV[i] then mine[#mine + 1] = key end
end
return #mine > 0 and redis.call('DEL', unpack(mine)) or 0"""

MOST_KEYS_PER_CALL: Final = 4_000
"""Lua's ``unpack`` takes about 8,000 values; a busier event is locked in several calls of one pipeline."""

Tokens = Mapping[str, Mapping[str, str]]
"""Event id to seat id to the id of the booking that asks for it first."""

_log = logging.getLogger(__name__)


class SeatLocks:
    """The locks of one worker. Never raises for Redis' sake."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._rest_until = 0.0

    @classmethod
    def connect(cls, url: str, password: str) -> Self:
        """Return the locks in the Redis at ``url``; nothing is sent yet."""
        return cls(
            redis.Redis.from_url(
                url,
                password=password or None,
                socket_timeout=TIMEOUT_S,
                socket_connect_timeout=TIMEOUT_S,
                retry=Retry(NoBackoff(), 0),
            )
        )

    def take(self, tokens: Tokens) -> None:
        """Lock the seats as far as they are free; says nothing, since nothing may depend on it."""
        taken = self._run(_TAKE, tokens, leading=(str(TTL_MS),))
        if taken is None:
            metrics.LOCKS_UNAVAILABLE.inc()
        else:
            metrics.CONTENDED.inc(sum(map(len, tokens.values())) - taken)

    def free(self, tokens: Tokens) -> None:
        """Unlock what ``take`` locked under the same tokens; a lock that became another's stays."""
        self._run(_FREE, tokens)

    def close(self) -> None:
        """Let go of Redis."""
        self._client.close()

    def _run(self, script: str, tokens: Tokens, leading: tuple[str, ...] = ()) -> int | None:
        """Return the sum of the script's answers, or None when Redis is away."""
        if not tokens:
            return 0
        if time.monotonic() < self._rest_until:
            return None
        try:
            return self._call(script, tokens, leading)
        except redis.RedisError as error:
            self._rest_until = time.monotonic() + REST_S
            _log.warning("seat locks are away; going on without", extra={"cause": str(error)})
            return None

    def _call(self, script: str, tokens: Tokens, leading: tuple[str, ...], *, loaded: bool = False) -> int:
        pipeline = self._client.pipeline(transaction=False)
        for event_id, seats in tokens.items():
            prefix = f"{PREFIX}{{{event_id}}}:"
            for some in _slices(list(seats.items())):
                keys = [prefix + seat_id for seat_id, _token in some]
                pipeline.evalsha(_sha(script), len(keys), *keys, *leading, *[token for _seat_id, token in some])
        try:
            return sum(pipeline.execute())
        except redis.exceptions.NoScriptError:
            # A Redis that started anew knows no script. What ran before the error is only a lock taken or freed twice.
            # One that forgets it at once (it starts over and over, or something flushes it) is away.
            if loaded:
                raise
            self._client.script_load(script)
            return self._call(script, tokens, leading, loaded=True)


def _slices(seats: list[tuple[str, str]]) -> Iterable[list[tuple[str, str]]]:
    return (seats[i : i + MOST_KEYS_PER_CALL] for i in range(0, len(seats), MOST_KEYS_PER_CALL))


@cache
def _sha(script: str) -> str:
    return hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
