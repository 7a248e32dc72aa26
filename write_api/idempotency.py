"""Retries without fear: the same caller, target and ``Idempotency-Key`` again is the same command, for good.

Every route that takes commands enters here. The key makes the command's id: whoever derives it again, after a crash or
on another machine, gets the same one, and the worker counts the first message of an id (test:
``test_a_retry_after_the_write_api_died_finds_the_same_booking``). So nothing is remembered that could be lost.

Redis only tells a repeated request from another one under the same key, by a fingerprint. Without Redis nobody is told:
the first request counts, and there is never a second booking (docs/decisions/0010-retries.md).
"""

import asyncio
import hashlib
import hmac
import logging
import re
from collections.abc import Iterable
from typing import Final

import redis
from prometheus_client import Counter

from contracts import problems
from contracts.commands import Command
from contracts.ids import derived_dice
from runtime.breaker import Breaker
from runtime.problems import ProblemError
from runtime.redis import TIMEOUT_S
from write_api.commands import CommandLog

HEADER: Final = b"idempotency-key"

MAX_KEY: Final = 255
MIN_GUEST_KEY: Final = 16
"""A guest is whoever says so: who guesses a short key of a known name would learn that guest's booking."""

REMEMBERED_S: Final = 24 * 3600
"""How long another request under the same key is told so; the booking itself is found for good."""
CALLS_AT_ONCE: Final = 64
"""Connections to Redis at most; more callers wait for their turn, and their time-out begins with it."""
PREFIX: Final = "frontrow:idempotency:"

_FINGERPRINT: Final = b"fingerprint:"
_NOT_ASKED: Final = {"command_id", "request_id", "issued_at_ms", "keyed", "reply_to"}
"""What a command says besides what was asked for; all else is the caller's."""

_PRINTABLE: Final = re.compile(r"[\x20-\x7e]+")
_QUOTED: Final = re.compile(r'"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"')

_KEYED: Final = Counter("frontrow_write_api_keyed_commands_total", "Commands with an Idempotency-Key", ["result"])

_log = logging.getLogger(__name__)


def key_of(headers: Iterable[tuple[bytes, bytes]], *, guest: bool) -> str | None:
    """Return the request's key, or None without the header; raise the problem when it is none that we take.

    ``"abc"`` in quotes (the IETF draft's form, a structured field's string) is the same key as ``abc``.
    """
    given = [value for name, value in headers if name == HEADER]
    if not given:
        return None
    text = given[0].decode("latin-1").strip()
    if text.startswith('"'):
        quoted = _QUOTED.fullmatch(text)
        text = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else ""
    shortest = MIN_GUEST_KEY if guest else 1
    if len(given) > 1 or not _PRINTABLE.fullmatch(text) or not shortest <= len(text) <= MAX_KEY:
        who = "a guest's " if guest else ""
        message = f"{who}key must be given once and have {shortest} to {MAX_KEY} printable ASCII characters"
        raise ProblemError(
            problems.INVALID_REQUEST,
            "The Idempotency-Key is not one that this call takes.",
            errors=[{"field": "Idempotency-Key", "message": message}],
        )
    return text


class Idempotency:
    """Derives ids and recognises requests. ``derivation_key`` is never changed."""

    def __init__(self, log: CommandLog, derivation_key: bytes, client: "redis.asyncio.Redis", breaker: Breaker) -> None:
        self._log = log
        self._key = derivation_key
        self._redis = client
        self._breaker = breaker
        self._turns = asyncio.Semaphore(CALLS_AT_ONCE)

    def id_of(self, key: str, *, prefix: str, partition: int, principal: str, scope: str) -> str:
        """Return the id of the command that ``principal`` names by ``key``.

        ``scope`` says for what: ``book:<event id>``, or ``<kind>:<id of what the command is about>``.
        """
        return self._log.derive(prefix, partition, derived_dice(self._key, principal, scope, key))

    def dice_of(self, *parts: str) -> bytes:
        """Return the dice that these parts always give, for a name that is to be found again."""
        return derived_dice(self._key, *parts)

    async def recognise(self, command: Command) -> None:
        """Remember what was asked for under a derived id; raise the problem when it was something else before."""
        await self.recognise_as(command.command_id, command.model_dump_json(exclude=_NOT_ASKED, exclude_defaults=True))

    async def recognise_as(self, command_id: str, asked: str) -> None:
        """Do the same for a request of several commands: ``asked`` stands for all, ``command_id`` is the first's."""
        fingerprint = hmac.digest(self._key, _FINGERPRINT + asked.encode(), hashlib.sha256)[:16]
        before = await self._first(PREFIX + command_id, fingerprint)
        if before is not None and before != fingerprint:
            _KEYED.labels("reused").inc()
            detail = "Another request was made under this Idempotency-Key. Use a new key for a new request."
            raise ProblemError(problems.IDEMPOTENCY_KEY_REUSED, detail)
        _KEYED.labels("unchecked" if before is None else "checked").inc()

    async def _first(self, name: str, fingerprint: bytes) -> bytes | None:
        """Return the fingerprint that was first under ``name``: this one, or an earlier; None when nobody knows."""
        async with self._turns:
            if self._breaker.resting:
                return None
            try:
                async with asyncio.timeout(TIMEOUT_S), self._redis.pipeline(transaction=False) as pipeline:
                    pipeline.set(name, fingerprint, ex=REMEMBERED_S, nx=True)
                    pipeline.get(name)
                    found: bytes | None = (await pipeline.execute())[1]
            except (redis.RedisError, OSError, TimeoutError) as error:
                self._breaker.failed()
                _log.warning("Redis is away; keys are not checked", extra={"cause": type(error).__name__})
                return None
            return found
