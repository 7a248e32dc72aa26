"""Deliveries: which are due, what became of attempts, and what is forgotten. SQL over this room's own rows.

``deliverer`` enters here, one short transaction a call. A result is written only where the delivery still stands as it
was when the attempt began: whoever was overtaken changes nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, cast

from runtime.feed import Connection

KEEP_DELIVERED_DAYS: Final = 7
"""Long enough to ask what was delivered last week; the checker looks no further back either."""
KEEP_DAYS: Final = 30
"""Of everything, dead or of a disabled webhook: a month to come back and have it replayed."""
FORGET_AT_ONCE: Final = 1_000
"""Rows a statement, some 10 ms: it must not hold the feed's horizon."""


class Due(NamedTuple):
    """A delivery whose time has come. ``secrets``: sealed, the current one first."""

    delivery_id: str
    webhook_id: str
    url: str
    secrets: list[bytes]
    type: str
    body: str
    attempts: int


class Result(NamedTuple):
    """What an attempt came to. ``next_at``: when the next one is; None with a status that is not ``pending``."""

    delivery_id: str
    webhook_id: str
    attempts: int
    status: str
    next_at: datetime | None
    attempted_at: datetime
    response_status: int | None
    error: str | None


class Effect(NamedTuple):
    """What attempts say of an endpoint as a whole: it took something, or failed, asks for peace, or is gone."""

    webhook_id: str
    well: bool
    failed_at: datetime | None
    left_alone_until: datetime | None
    gone: bool


async def due(connection: Connection, under_way: Mapping[str, Sequence[str]], bounds: tuple[int, int]) -> list[Due]:
    """Return deliveries that are due, the longest first within an endpoint.

    ``under_way``: attempts that are being made, by webhook. ``bounds``: how many at once for an endpoint, and how many
    now in all; one that fails is asked one delivery at a time.
    """
    for_one, now_in_all = bounds
    values = {
        "webhook_ids": list(under_way),
        "counts": [len(ids) for ids in under_way.values()],
        "under_way": [delivery_id for ids in under_way.values() for delivery_id in ids],
        "for_one": for_one,
        "in_all": now_in_all,
    }
    cursor = await connection.execute(_DUE, values)
    return [Due(*columns) for columns in await cursor.fetchall()]


async def now(connection: Connection) -> datetime:
    """Return the time by which deliveries are due."""
    ((moment,),) = await (await connection.execute("SELECT now()")).fetchall()
    return cast("datetime", moment)


async def settle(
    connection: Connection, results: Sequence[Result], effects: Sequence[Effect], failing_before: datetime
) -> list[tuple[str, str]]:
    """Write what attempts came to; returns the webhooks that are disabled from now on, each with its reason.

    ``failing_before``: an endpoint that has only failed since before then is disabled.
    """
    await connection.execute(_SETTLE, [list(column) for column in zip(*results, strict=True)])
    values: list[Any] = [list(column) for column in zip(*sorted(effects), strict=True)]
    cursor = await connection.execute(_EFFECTS, [*values, failing_before])
    return [(webhook_id, reason) for webhook_id, reason in await cursor.fetchall() if reason is not None]


async def next_due_in_s(connection: Connection) -> float | None:
    """Return in how many seconds the next delivery is due, if there is one that waits."""
    cursor = await connection.execute(_NEXT)
    ((seconds,),) = await cursor.fetchall()
    return float(seconds) if seconds is not None else None


async def forget(connection: Connection) -> int:
    """Forget old deliveries; returns how many. Call again while there are ``FORGET_AT_ONCE``."""
    values = {"delivered": KEEP_DELIVERED_DAYS, "any": KEEP_DAYS, "limit": FORGET_AT_ONCE}
    return (await connection.execute(_FORGET, values)).rowcount


_DUE: Final = """
    SELECT d.delivery_id, w.webhook_id, w.url,
        CASE WHEN w.former_secret_until > now() THEN ARRAY[w.secret, w.former_secret] ELSE ARRAY[w.secret] END,
        d.type, d.body, d.attempts
    FROM webhooks.endpoints AS w
    LEFT JOIN unnest(%(webhook_ids)s::text[], %(counts)s::int[]) AS u (webhook_id, count) USING (webhook_id)
    CROSS JOIN LATERAL (
        SELECT * FROM webhooks.deliveries AS d
        WHERE d.webhook_id = w.webhook_id AND d.due_at <= now() AND d.delivery_id <> ALL (%(under_way)s::text[])
        ORDER BY d.due_at, d.n
        LIMIT greatest(0, CASE WHEN w.failing_since IS NULL THEN %(for_one)s ELSE 1 END - coalesce(u.count, 0))
    ) AS d
    WHERE w.disabled_at IS NULL AND (w.left_alone_until IS NULL OR w.left_alone_until <= now())
    ORDER BY coalesce(u.count, 0), d.due_at LIMIT %(in_all)s"""

_SETTLE: Final = """
    UPDATE webhooks.deliveries AS d SET status = r.status, due_at = r.next_at, attempts = r.attempts,
        attempted_at = r.attempted_at, response_status = r.response_status, error = r.error
    FROM unnest(%s::text[], %s::text[], %s::int[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::int[],
        %s::text[])
        AS r (delivery_id, webhook_id, attempts, status, next_at, attempted_at, response_status, error)
    WHERE d.delivery_id = r.delivery_id AND d.attempts = r.attempts - 1 AND d.status = 'pending'"""

# Only what changes is written: an endpoint that is well has nothing to note.
_EFFECTS: Final = """
    UPDATE webhooks.endpoints AS w SET
        failing_since = CASE WHEN e.well THEN NULL ELSE coalesce(w.failing_since, e.failed_at) END,
        left_alone_until = greatest(w.left_alone_until, e.left_alone_until),
        disabled_at = CASE WHEN s.reason IS NOT NULL THEN now() END,
        disabled_reason = s.reason
    FROM unnest(%s::text[], %s::boolean[], %s::timestamptz[], %s::timestamptz[], %s::boolean[])
        AS e (webhook_id, well, failed_at, left_alone_until, gone)
    JOIN webhooks.endpoints AS former ON former.webhook_id = e.webhook_id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN e.gone THEN 'gone' WHEN NOT e.well AND former.failing_since < %s THEN 'failing' END
    ) AS s (reason)
    WHERE w.webhook_id = e.webhook_id AND w.disabled_at IS NULL AND (NOT e.well OR w.failing_since IS NOT NULL)
    RETURNING w.webhook_id, w.disabled_reason"""

_NEXT: Final = """
    SELECT extract(epoch FROM min(greatest(d.due_at, w.left_alone_until)) - now())
    FROM webhooks.endpoints AS w CROSS JOIN LATERAL (
        SELECT due_at FROM webhooks.deliveries AS d WHERE d.webhook_id = w.webhook_id AND d.due_at IS NOT NULL
        ORDER BY d.due_at, d.n LIMIT 1
    ) AS d
    WHERE w.disabled_at IS NULL"""

_FORGET: Final = """
    DELETE FROM webhooks.deliveries WHERE delivery_id IN (
        SELECT delivery_id FROM webhooks.deliveries
        WHERE created_at < now() - %(delivered)s * '1 day'::interval
            AND (status = 'delivered' OR created_at < now() - %(any)s * '1 day'::interval)
        ORDER BY created_at LIMIT %(limit)s)"""
