"""The ledger and this room's endpoints, as the follower asks them: one bounded question for all rows of a page.

``telling`` enters here, in the follower's transaction. Nothing of the ledger is written. Every question is answered
from history that does not change any more, but ``halls``, which says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from contracts.outcomes import BookingStatus
from contracts.positions import Position
from contracts.webhooks import NoticeType
from runtime.feed import Connection, Source
from webhooks.availability import HAVING, Hall
from webhooks.rows import Outcome

# A page without a webhook that hears of anything in it costs a look. tx: see Listener.
SOURCE: Final = Source(
    "outcomes",
    Outcome._fields,
    Outcome._make,
    # First whether anybody is told of anything: asked once a page, and where nobody is, it halves what a row costs.
    """EXISTS (SELECT FROM webhooks.endpoints)
    AND (changes <> '[]' OR booking ->> 'status' = 'taken' OR kind = 'publish_event' AND status = 'done') AND (
        EXISTS (
            SELECT FROM webhooks.endpoints AS w WHERE w.all_events AND w.created_tx < outcomes.tx
        ) OR EXISTS (
            SELECT FROM events AS e JOIN webhooks.endpoints AS w ON w.principal = e.organiser
            WHERE e.event_id = outcomes.event_id AND w.created_tx < outcomes.tx
        ))""",
)


class Listener(NamedTuple):
    """A webhook that hears of an event.

    It hears of what was decided by transactions that began to write after the one that made it (``created_tx``), so of
    everything that was accepted after its 201. A row is read below the horizon: an earlier transaction has ended by
    then, and its webhook is seen (test: ``test_a_webhook_hears_of_exactly_what_was_decided_after_it_was_made``).
    """

    event_id: str
    webhook_id: str
    created_tx: int
    types: list[str]

    def hears(self, row: Outcome, kind: NoticeType) -> bool:
        """Whether it is told of ``kind`` when ``row`` is the reason."""
        return self.event_id == row.event_id and kind in self.types and self.created_tx < int(row.tx)


async def listeners(connection: Connection, event_ids: Iterable[str]) -> tuple[str, list[Listener]]:
    """Return the ledger's incarnation and who hears of these events; nobody can take such a webhook away meanwhile."""
    cursor = await connection.execute(_LISTENERS, {"event_ids": sorted(set(event_ids))})
    found = [Listener(event, webhook, int(tx), types) for event, webhook, tx, types in await cursor.fetchall()]
    cursor = await connection.execute(_HOLD, (sorted({listener.webhook_id for listener in found}),))
    held = {webhook_id for (webhook_id,) in await cursor.fetchall()}
    cursor = await connection.execute("SELECT incarnation::text FROM ledger")
    ((incarnation,),) = await cursor.fetchall()
    return incarnation, [listener for listener in found if listener.webhook_id in held]


async def principals(connection: Connection, booking_ids: Sequence[str]) -> dict[str, str | None]:
    """Return whose bookings these are."""
    cursor = await connection.execute(_PRINCIPALS, (booking_ids,))
    return dict(await cursor.fetchall())


async def confirmed(connection: Connection, booking_ids: Sequence[str]) -> frozenset[str]:
    """Return which of these bookings were confirmed at some time."""
    cursor = await connection.execute(_CONFIRMED, {"booking_ids": booking_ids})
    return frozenset(booking_id for (booking_id,) in await cursor.fetchall())


async def prices(
    connection: Connection, seats: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], tuple[int | None, str | None]]:
    """Return what seats, named by event and seat id, cost: minor units and currency."""
    cursor = await connection.execute(_PRICES, ([event for event, _ in seats], [seat for _, seat in seats]))
    return {(event, seat): (minor, currency) for event, seat, minor, currency in await cursor.fetchall()}


async def had_seats(connection: Connection, rows: Sequence[Outcome]) -> set[Position]:
    """Return the positions of those of ``rows`` whose bookings had their seats just before."""
    values = {
        "booking_ids": [row.booking_id for row in rows],
        "tx": [row.tx for row in rows],
        "ids": [row.id for row in rows],
        "having": [str(status) for status in HAVING],
    }
    cursor = await connection.execute(_HAD_SEATS, values)
    return {(int(tx), row_id) for tx, row_id in await cursor.fetchall()}


async def offer_taken_just_before(connection: Connection, row: Outcome) -> bool:
    """Whether the outcome before ``row`` is the end of the offer that it took: a page may end between the two."""
    cursor = await connection.execute(_JUST_BEFORE, (row.tx, row.id))
    return await cursor.fetchone() == (str(BookingStatus.TAKEN), row.log_partition, row.log_offset)


async def hall_now(connection: Connection, first: Outcome) -> tuple[Hall, list[Outcome]]:
    """Return an event's seats as they are now, and its outcomes from ``first`` on that they have: of one snapshot."""
    values = {"event_id": first.event_id, "tx": first.tx, "id": first.id}
    cursor = await connection.execute(_HALL_NOW, values)
    found = await cursor.fetchall()
    total, available = found[0][:2]
    return Hall(total, available), [Outcome._make(columns) for _total, _available, *columns in found if columns[0]]


async def halls(connection: Connection, webhook_ids: Iterable[str]) -> Mapping[tuple[str, str], Hall]:
    """Return the seats of events at the cursor, as they are kept, by webhook and event id."""
    cursor = await connection.execute(_HALLS, (sorted(set(webhook_ids)),))
    return {(webhook_id, event_id): Hall(*counts) for webhook_id, event_id, *counts in await cursor.fetchall()}


def by_event(found: Iterable[Listener]) -> Mapping[str, list[Listener]]:
    """Return listeners by event id."""
    grouped: dict[str, list[Listener]] = defaultdict(list)
    for listener in found:
        grouped[listener.event_id].append(listener)
    return grouped


_LISTENERS: Final = """
    SELECT e.event_id, w.webhook_id, w.created_tx, w.types
    FROM unnest(%(event_ids)s::text[]) AS e (event_id) JOIN webhooks.endpoints AS w ON w.all_events
    WHERE w.event_id IS NULL OR w.event_id = e.event_id
    UNION
    SELECT e.event_id, w.webhook_id, w.created_tx, w.types
    FROM events AS e JOIN webhooks.endpoints AS w ON w.principal = e.organiser
    WHERE e.event_id = ANY (%(event_ids)s::text[]) AND (w.event_id IS NULL OR w.event_id = e.event_id)
    ORDER BY 1, 2"""

# Whoever deletes one waits for the end of this transaction, some milliseconds.
_HOLD: Final = """
    SELECT webhook_id FROM webhooks.endpoints WHERE webhook_id = ANY (%s::text[]) ORDER BY webhook_id FOR KEY SHARE"""

_PRINCIPALS: Final = "SELECT command_id, principal FROM outcomes WHERE command_id = ANY (%s::text[])"

_CONFIRMED: Final = """
    SELECT command_id FROM outcomes WHERE command_id = ANY (%(booking_ids)s::text[]) AND status = 'confirmed'
    UNION
    SELECT booking_id FROM outcomes
    WHERE booking_id = ANY (%(booking_ids)s::text[]) AND booking ->> 'status' = 'confirmed'"""

_PRICES: Final = """
    SELECT event_id, seat_id, p.price_minor, p.currency
    FROM unnest(%s::text[], %s::text[]) AS w (event_id, seat_id) JOIN seat_prices AS p USING (event_id, seat_id)"""

# A booking that no outcome before names was what its own request came to.
_HAD_SEATS: Final = """
    SELECT r.tx, r.id
    FROM unnest(%(booking_ids)s::text[], %(tx)s::xid8[], %(ids)s::bigint[]) AS r (booking_id, tx, id)
    LEFT JOIN LATERAL (
        SELECT o.booking ->> 'status' AS status FROM outcomes AS o
        WHERE o.booking_id = r.booking_id AND (o.tx, o.id) < (r.tx, r.id) AND o.booking IS NOT NULL
        ORDER BY o.tx DESC, o.id DESC LIMIT 1
    ) AS former ON true
    LEFT JOIN outcomes AS request ON request.command_id = r.booking_id
    WHERE coalesce(former.status, request.status) = ANY (%(having)s::text[])"""

_JUST_BEFORE: Final = """
    SELECT booking ->> 'status', log_partition, log_offset FROM outcomes WHERE (tx, id) < (%s::xid8, %s)
    ORDER BY tx DESC, id DESC LIMIT 1"""

_HALL_NOW: Final = f"""
    SELECT s.total, s.available, {", ".join(f"o.{column}" for column in Outcome._fields)}
    FROM (
        SELECT count(*) AS total, count(*) FILTER (WHERE status = 'a') AS available
        FROM seats WHERE event_id = %(event_id)s
    ) AS s
    LEFT JOIN outcomes AS o ON o.event_id = %(event_id)s AND (o.tx, o.id) >= (%(tx)s::xid8, %(id)s::bigint)
        AND (o.changes <> '[]' OR o.booking ->> 'status' = 'taken')
    ORDER BY o.tx, o.id"""  # noqa: S608 - our own column names

_HALLS: Final = """
    SELECT webhook_id, event_id, seats_total, seats_available FROM webhooks.availability
    WHERE webhook_id = ANY (%s::text[])"""
