"""Endpoints: organisers' webhooks and their deliveries, as their owners manage them. SQL over this room's own rows.

``calls`` enters here, one short transaction a call. ``owner`` is the principal whose webhooks may be seen; None is an
operator, who sees all. What is another's is not there.
"""

from datetime import datetime
from typing import Final, NamedTuple

from runtime.feed import Connection

MOST_OF_ONE: Final = 20
"""Webhooks of one principal: each is one more delivery for every booking."""
REPLAYED_AT_ONCE: Final = 1_000
"""Dead deliveries that one call makes due: some 50 ms, which hold the feed's horizon."""


class Endpoint(NamedTuple):
    """A webhook. ``n`` orders them as they were made."""

    webhook_id: str
    n: int
    url: str
    types: list[str]
    event_id: str | None
    failing_since: datetime | None
    former_secret_until: datetime | None
    disabled_at: datetime | None
    disabled_reason: str | None
    created_at: datetime


class DeliveryRow(NamedTuple):
    """A delivery. ``n`` orders them as they were made; ``tx`` and ``row_id`` are the outcome's place."""

    delivery_id: str
    n: int
    type: str
    event_id: str | None
    tx: str | None
    row_id: int | None
    status: str
    attempts: int
    response_status: int | None
    error: str | None
    created_at: datetime
    attempted_at: datetime | None
    due_at: datetime | None


class NewEndpoint(NamedTuple):
    """What is asked for."""

    webhook_id: str
    principal: str
    all_events: bool
    event_id: str | None
    url: str
    types: list[str]
    secret: bytes


async def organiser_of(connection: Connection, event_id: str) -> str | None:
    """Return whose an event is, empty for nobody's; None when there is no such event."""
    found = await (await connection.execute("SELECT organiser FROM events WHERE event_id = %s", (event_id,))).fetchone()
    return str(found[0]) if found is not None else None


async def add(connection: Connection, new: NewEndpoint) -> Endpoint | None:
    """Add a webhook; None when its principal has as many as one may have."""
    # One at a time for a principal, or two requests at once would both find room.
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 40))", (new.principal,))
    cursor = await connection.execute(_ADD, {**new._asdict(), "most": MOST_OF_ONE})
    found = await cursor.fetchone()
    return Endpoint(*found) if found is not None else None


async def page(connection: Connection, owner: str | None, after: int, limit: int) -> list[Endpoint]:
    """Return webhooks in the order in which they were made, after the one of ``after``."""
    cursor = await connection.execute(_PAGE, {"owner": owner, "after": after, "limit": limit})
    return [Endpoint(*columns) for columns in await cursor.fetchall()]


async def get(connection: Connection, owner: str | None, webhook_id: str) -> Endpoint | None:
    """Return a webhook."""
    return await _one(connection, _GET, owner, webhook_id)


async def delete(connection: Connection, owner: str | None, webhook_id: str) -> bool:
    """Take a webhook away with all its deliveries; returns whether it was there."""
    cursor = await connection.execute(_DELETE, {"owner": owner, "webhook_id": webhook_id})
    return cursor.rowcount == 1


async def change_secret(connection: Connection, owner: str | None, webhook_id: str, secret: bytes) -> Endpoint | None:
    """Let the (sealed) secret take the place of the one that is there, which stays good for a day."""
    return await _one(connection, _CHANGE_SECRET, owner, webhook_id, secret=secret)


async def activate(connection: Connection, owner: str | None, webhook_id: str) -> Endpoint | None:
    """Let a webhook be sent to again; what waited goes on."""
    return await _one(connection, _ACTIVATE, owner, webhook_id)


async def deliveries(
    connection: Connection, webhook_id: str, status: str | None, before: int, limit: int
) -> list[DeliveryRow]:
    """Return a webhook's deliveries, the newest first, before the one of ``before``."""
    values = {"webhook_id": webhook_id, "status": status, "before": before, "limit": limit}
    cursor = await connection.execute(_DELIVERIES, values)
    return [DeliveryRow(*columns) for columns in await cursor.fetchall()]


async def add_test(connection: Connection, webhook_id: str, delivery_id: str, body: str) -> DeliveryRow | None:
    """Add a test's delivery; None while another test waits."""
    values = {"webhook_id": webhook_id, "delivery_id": delivery_id, "body": body}
    found = await (await connection.execute(_ADD_TEST, values)).fetchone()
    return DeliveryRow(*found) if found is not None else None


async def replay(connection: Connection, webhook_id: str, delivery_id: str) -> DeliveryRow | None:
    """Make a delivery due now, with all its attempts before it again."""
    found = await (await connection.execute(_REPLAY, (webhook_id, delivery_id))).fetchone()
    return DeliveryRow(*found) if found is not None else None


async def replay_dead(connection: Connection, webhook_id: str) -> int:
    """Make dead deliveries due, the oldest first, at most ``REPLAYED_AT_ONCE``; returns how many."""
    return (await connection.execute(_REPLAY_DEAD, (webhook_id, REPLAYED_AT_ONCE))).rowcount


async def _one(
    connection: Connection, statement: str, owner: str | None, webhook_id: str, **more: object
) -> Endpoint | None:
    values = {"owner": owner, "webhook_id": webhook_id, **more}
    found = await (await connection.execute(statement.encode(), values)).fetchone()
    return Endpoint(*found) if found is not None else None


_COLUMNS: Final = ", ".join(Endpoint._fields)
_ROW: Final = ", ".join(DeliveryRow._fields)
_OWN: Final = "webhook_id = %(webhook_id)s AND (%(owner)s::text IS NULL OR principal = %(owner)s)"

_ADD: Final = f"""
    INSERT INTO webhooks.endpoints (webhook_id, principal, all_events, event_id, url, types, secret)
    SELECT %(webhook_id)s, %(principal)s, %(all_events)s, %(event_id)s, %(url)s, %(types)s, %(secret)s
    WHERE (SELECT count(*) FROM webhooks.endpoints WHERE principal = %(principal)s) < %(most)s
    RETURNING {_COLUMNS}"""  # noqa: S608 - our own names, here and below

_PAGE: Final = f"""
    SELECT {_COLUMNS} FROM webhooks.endpoints
    WHERE (%(owner)s::text IS NULL OR principal = %(owner)s) AND n > %(after)s ORDER BY n LIMIT %(limit)s"""  # noqa: S608

_GET: Final = f"SELECT {_COLUMNS} FROM webhooks.endpoints WHERE {_OWN}"  # noqa: S608

_DELETE: Final = f"DELETE FROM webhooks.endpoints WHERE {_OWN}"  # noqa: S608

_CHANGE_SECRET: Final = f"""
    UPDATE webhooks.endpoints SET former_secret = secret, former_secret_until = now() + interval '1 day',
        secret = %(secret)s
    WHERE {_OWN} RETURNING {_COLUMNS}"""  # noqa: S608

_ACTIVATE: Final = f"""
    UPDATE webhooks.endpoints SET disabled_at = NULL, disabled_reason = NULL, failing_since = NULL,
        left_alone_until = NULL
    WHERE {_OWN} RETURNING {_COLUMNS}"""  # noqa: S608

_DELIVERIES: Final = f"""
    SELECT {_ROW} FROM webhooks.deliveries
    WHERE webhook_id = %(webhook_id)s AND (%(status)s::text IS NULL OR status = %(status)s) AND n < %(before)s
    ORDER BY n DESC LIMIT %(limit)s"""  # noqa: S608

_ADD_TEST: Final = f"""
    INSERT INTO webhooks.deliveries (delivery_id, webhook_id, type, body)
    SELECT %(delivery_id)s, %(webhook_id)s, 'webhook.test', %(body)s
    WHERE NOT EXISTS (
        SELECT FROM webhooks.deliveries
        WHERE webhook_id = %(webhook_id)s AND due_at IS NOT NULL AND type = 'webhook.test')
    RETURNING {_ROW}"""  # noqa: S608

_REPLAY: Final = f"""
    UPDATE webhooks.deliveries
    SET status = 'pending', due_at = now(), attempts = CASE WHEN status = 'pending' THEN attempts ELSE 0 END
    WHERE webhook_id = %s AND delivery_id = %s RETURNING {_ROW}"""  # noqa: S608

_REPLAY_DEAD: Final = """
    UPDATE webhooks.deliveries SET status = 'pending', due_at = now(), attempts = 0 WHERE delivery_id IN (
        SELECT delivery_id FROM webhooks.deliveries WHERE webhook_id = %s AND status = 'dead' ORDER BY n LIMIT %s)"""
