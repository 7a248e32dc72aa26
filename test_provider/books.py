"""The books: intents, refunds and webhooks to be sent, in tables of this provider's own role.

A call and the webhooks that tell of it are one transaction. What was asked under a key is done once; the same call
again finds it done.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, NamedTuple

from psycopg.types.json import Jsonb

from runtime.postgres import Connection, Postgres
from test_provider import intents
from test_provider.intents import PROCESSING, Intent
from test_provider.tokens import Behaviour, behaviour_of

AT_ONCE: Final = 50
"""Intents decided, or webhooks sent, in one round."""

_COLUMNS: Final = "id, amount, currency, metadata, status, amount_received, amount_refunded, token"
_MAKE: Final = """
    INSERT INTO test_provider.intents (id, key, asked, amount, currency, metadata, token, status, decides_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, now() + %s * '1 s'::interval) ON CONFLICT (key) DO NOTHING"""
_BY_KEY: Final = f"SELECT asked, {_COLUMNS} FROM test_provider.intents WHERE key = %s"  # noqa: S608 - our own names
_ONE: Final = f"SELECT {_COLUMNS} FROM test_provider.intents WHERE id = %s FOR UPDATE"  # noqa: S608
_DECIDING: Final = f"""
    SELECT {_COLUMNS} FROM test_provider.intents WHERE decides_at <= now()
    ORDER BY decides_at LIMIT {AT_ONCE} FOR UPDATE SKIP LOCKED"""  # noqa: S608
_CHANGE: Final = """
    UPDATE test_provider.intents SET status = %s, amount_received = %s, amount_refunded = %s,
        decides_at = CASE WHEN %s THEN decides_at END
    WHERE id = %s"""
_REFUND: Final = """
    INSERT INTO test_provider.refunds (key, intent_id, amount) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"""
_DELIVER: Final = """
    INSERT INTO test_provider.deliveries (webhook_id, payload, well_signed) VALUES (%s, %s, %s)"""
_DUE: Final = f"""
    SELECT n, webhook_id, payload, well_signed, attempts FROM test_provider.deliveries
    WHERE due_at <= now() ORDER BY due_at LIMIT {AT_ONCE}"""  # noqa: S608
_DELIVERED: Final = "DELETE FROM test_provider.deliveries WHERE n = %s"
_LATER: Final = """
    UPDATE test_provider.deliveries SET attempts = attempts + 1, due_at = now() + %s * '1 s'::interval WHERE n = %s"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call that makes an intent asks for."""

    amount: int
    currency: str
    metadata: Mapping[str, str]
    token: str


class Delivery(NamedTuple):
    """A webhook to be sent."""

    n: int
    webhook_id: str
    payload: str
    well_signed: bool
    attempts: int


class KeyReusedError(Exception):
    """Something else was asked under this key before."""


class Books:
    """All that this provider knows. Raises ``PostgresAwayError`` where it cannot know."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    async def make(self, key: str, asked: Asked, behaviour: Behaviour) -> Intent:
        """Return the intent that was made under ``key``, now or before.

        Raises:
            KeyReusedError: see there.
        """
        digest = {"amount": asked.amount, "currency": asked.currency, "token": asked.token, **asked.metadata}

        async def work(connection: Connection) -> Intent:
            intent = intents.made(_new_id("pi"), asked.amount, asked.currency, asked.metadata, behaviour)
            values = (intent.id, key, Jsonb(digest), intent.amount, intent.currency, Jsonb(dict(intent.metadata)))
            inserted = await connection.execute(_MAKE, (*values, asked.token, intent.status, behaviour.after_s))
            if inserted.rowcount == 1:
                await _announce(connection, intent, behaviour)
                return intent
            row = await (await connection.execute(_BY_KEY, (key,))).fetchone()
            if row is None or row[0] != digest:
                raise KeyReusedError
            return _intent(row[1:])[0]

        return await self._postgres.run(work)

    async def find(self, intent_id: str) -> Intent | None:
        """Return an intent as it stands."""

        async def work(connection: Connection) -> Intent | None:
            found = await _locked(connection, intent_id)
            return found[0] if found is not None else None

        return await self._postgres.run(work)

    async def change(self, intent_id: str, change: Callable[[Intent], Intent]) -> Intent | None:
        """Return the intent with ``change`` made true; what that raises comes through."""

        async def work(connection: Connection) -> Intent | None:
            found = await _locked(connection, intent_id)
            return await _changed(connection, *found, change) if found is not None else None

        return await self._postgres.run(work)

    async def refund(self, intent_id: str, amount: int, key: str) -> Intent | None:
        """Give so much back, once under this key."""

        async def work(connection: Connection) -> Intent | None:
            found = await _locked(connection, intent_id)
            if found is None:
                return None
            first = await connection.execute(_REFUND, (key, intent_id, amount))
            if first.rowcount == 0:
                return found[0]
            return await _changed(connection, *found, lambda intent: intents.refunded(intent, amount))

        return await self._postgres.run(work)

    async def decide(self) -> None:
        """Let the bank say what it thinks of the intents whose time has come."""

        async def work(connection: Connection) -> None:
            for row in await (await connection.execute(_DECIDING)).fetchall():
                intent, behaviour = _intent(row)
                await _changed(connection, intent, behaviour, partial(intents.decided, behaviour=behaviour))

        await self._postgres.run(work)

    async def due_deliveries(self) -> list[Delivery]:
        """Return the webhooks that are to be sent now."""

        async def work(connection: Connection) -> list[Delivery]:
            return [Delivery(*row) for row in await (await connection.execute(_DUE)).fetchall()]

        return await self._postgres.run(work)

    async def delivered(self, delivery: Delivery) -> None:
        """Note that a webhook was taken, or that it is given up."""

        async def work(connection: Connection) -> None:
            await connection.execute(_DELIVERED, (delivery.n,))

        await self._postgres.run(work)

    async def deliver_later(self, delivery: Delivery, after_s: float) -> None:
        """Note that a webhook was not taken."""

        async def work(connection: Connection) -> None:
            await connection.execute(_LATER, (after_s, delivery.n))

        await self._postgres.run(work)


async def _locked(connection: Connection, intent_id: str) -> tuple[Intent, Behaviour] | None:
    row = await (await connection.execute(_ONE, (intent_id,))).fetchone()
    return _intent(row) if row is not None else None


async def _changed(
    connection: Connection, intent: Intent, behaviour: Behaviour, change: Callable[[Intent], Intent]
) -> Intent:
    after = change(intent)
    waits = after.status == PROCESSING
    values = (after.status, after.amount_received, after.amount_refunded, waits, after.id)
    await connection.execute(_CHANGE, values)
    if after != intent:
        await _announce(connection, after, behaviour)
    return after


async def _announce(connection: Connection, intent: Intent, behaviour: Behaviour) -> None:
    """Put the webhook that tells of the intent in the books."""
    kind = intents.notice_of(intent)
    if kind is None:
        return
    payload = json.dumps(
        {"type": kind, "timestamp": datetime.now(UTC).isoformat(), "data": intents.shown(intent)}, default=dict
    )
    webhook_id = _new_id("msg")
    for _ in range(behaviour.copies):
        await connection.execute(_DELIVER, (webhook_id, payload, behaviour.well_signed))


def _intent(row: tuple[Any, ...]) -> tuple[Intent, Behaviour]:
    *fields, token = row
    return Intent(*fields), behaviour_of(token) or Behaviour()


def _new_id(prefix: str) -> str:
    return f"{prefix}_{uuid.uuid4().hex}"
