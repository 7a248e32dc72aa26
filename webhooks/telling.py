"""Telling: what is to be done about a page of the feed: its deliveries are written down, and the counts moved.

The follower enters here, in the transaction that moves its cursor: after a crash the page is either told or read again.
A delivery's id comes from what it is about, so a page that is told twice says nothing new (test:
``test_a_page_that_is_read_again_makes_no_second_delivery``). Nothing is sent from here.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import orjson

from contracts.positions import Position
from contracts.webhooks import NoticeType
from runtime.feed import Connection
from webhooks import availability, ledger, metrics, notices
from webhooks.availability import Hall, Move
from webhooks.ledger import Listener
from webhooks.notices import Facts
from webhooks.rows import Outcome

PUBLISHED: Final = "publish_event"
ROWS_AT_ONCE: Final = 200
"""Between two statements of the transaction: some 10 ms of work, so that a machine on which everything takes a hundred
times as long is not taken for one that froze (``idle_in_transaction_session_timeout``), page after page."""


class Delivery(NamedTuple):
    """One notice to one webhook, as it is written down."""

    delivery_id: str
    webhook_id: str
    type: str
    event_id: str
    tx: str
    row_id: int
    body: str


class Telling:
    """Acts upon pages. ``told``: called after each that has deliveries, though they are not committed yet."""

    def __init__(self, told: Callable[[], None]) -> None:
        self._told = told

    async def act(self, connection: Connection, rows: Sequence[Outcome]) -> None:
        """Write down what is to be told of ``rows``, in their order."""
        incarnation, found = await ledger.listeners(connection, {row.event_id for row in rows})
        if not found:
            return
        listening = ledger.by_event(found)
        sold_out = await self._sold_out(connection, rows, found)
        facts = await _facts(connection, [row for row in rows if row.event_id in listening])
        for start in range(0, len(rows), ROWS_AT_ONCE):
            made = []
            for row in rows[start : start + ROWS_AT_ONCE]:
                if row.event_id in listening:
                    made += _deliveries(incarnation, row, facts, listening[row.event_id], sold_out)
            if made:
                await connection.execute(_ADD, (orjson.dumps([one._asdict() for one in made]).decode(),))
                metrics.told(delivery.type for delivery in made)
                self._told()

    async def _sold_out(
        self, connection: Connection, rows: Sequence[Outcome], found: Sequence[Listener]
    ) -> dict[tuple[str, Position], Hall]:
        """Move the counts of events whose sell-out somebody wants to hear of; returns which webhook hears of which."""
        wanting = [listener for listener in found if NoticeType.EVENT_SOLD_OUT in listener.types]
        if not wanting:
            return {}
        kept = dict(await ledger.halls(connection, (listener.webhook_id for listener in wanting)))
        sold_out: dict[tuple[str, Position], Hall] = {}
        moved = []
        for listener in wanting:
            heard = [row for row in rows if listener.hears(row, NoticeType.EVENT_SOLD_OUT)]
            key = listener.webhook_id, listener.event_id
            if any(row.kind == PUBLISHED for row in heard):
                # Seats were added until now. What is kept of before is of another hall.
                heard = heard[max(n for n, row in enumerate(heard) if row.kind == PUBLISHED) + 1 :]
                await connection.execute(_FORGET, key)
                kept.pop(key, None)
            if not heard:
                continue
            hall = kept.get(key) or await _hall_before(connection, heard[0])
            hall, rows_that_did = availability.follow(hall, await _moves(connection, heard))
            moved.append((*key, *hall))
            sold_out |= {(listener.webhook_id, row.position): hall for row in rows_that_did}
        if moved:
            await connection.execute(_KEEP, [list(column) for column in zip(*moved, strict=True)])
        return sold_out


async def _hall_before(connection: Connection, first: Outcome) -> Hall:
    """Return an event's seats as they were before its outcome ``first``: as they are now, less all since."""
    now, since = await ledger.hall_now(connection, first)
    return availability.before(now, await _moves(connection, since))


async def _moves(connection: Connection, rows: Sequence[Outcome]) -> list[Move]:
    """Return how one event's outcomes, one after the other, move its available seats."""
    asked = [row for row in rows if availability.needs_former_state(row)]
    had_seats = await ledger.had_seats(connection, asked) if asked else set()
    taking = {row.message for row in rows if availability.takes_an_offer(row)}
    if rows and rows[0].is_request and await ledger.offer_taken_just_before(connection, rows[0]):
        taking.add(rows[0].message)
    return [
        availability.move(row, had_seats=row.position in had_seats or (row.is_request and row.message in taking))
        for row in rows
    ]


async def _facts(connection: Connection, rows: Sequence[Outcome]) -> Facts:
    """Ask the ledger for what the rows that are told do not say themselves."""
    asked = sorted({row.about for row in rows if row.about is not None and notices.gives_back(row)})
    confirmed = await ledger.confirmed(connection, asked) if asked else frozenset()
    told = [row for row in rows if notices.type_of(row, confirmed) is not None]
    owned = sorted({row.about for row in told if row.about is not None and not row.is_request})
    seats = sorted({(row.event_id, seat_id) for row in told for seat_id in row.seat_ids})
    return Facts(
        await ledger.principals(connection, owned) if owned else {},
        confirmed,
        await ledger.prices(connection, seats) if seats else {},
    )


def _deliveries(
    incarnation: str,
    row: Outcome,
    facts: Facts,
    listening: Sequence[Listener],
    sold_out: Mapping[tuple[str, Position], Hall],
) -> list[Delivery]:
    """Return what is to be told because of ``row``: the same bytes to everybody who hears of the same."""
    told = []
    notice = notices.booking_notice(row, facts)
    if notice is not None:
        told += [(notice, [one for one in listening if one.hears(row, notice.type)])]
    if any((one.webhook_id, row.position) in sold_out for one in listening):
        hearing = [one for one in listening if (one.webhook_id, row.position) in sold_out]
        total = sold_out[hearing[0].webhook_id, row.position].seats_total
        told += [(notices.sold_out_notice(row, total), hearing)]
    made = []
    for notice, hearing in told:
        body = notices.body_of(notice) if hearing else ""
        for listener in hearing:
            delivery_id = notices.delivery_id(incarnation, row.position_text, notice.type, listener.webhook_id)
            about = (notice.type.value, row.event_id, row.tx, row.id, body)
            made.append(Delivery(delivery_id, listener.webhook_id, *about))
    return made


# As JSON: psycopg's arrays are written by a regular expression, which takes ten times as long over bodies full of
# quotes.
_ADD: Final = """
    INSERT INTO webhooks.deliveries (delivery_id, webhook_id, type, event_id, tx, row_id, body)
    SELECT delivery_id, webhook_id, type, event_id, tx::xid8, row_id, body
    FROM json_to_recordset(%s::json) AS d (
        delivery_id text, webhook_id text, type text, event_id text, tx text, row_id bigint, body text)
    ON CONFLICT (delivery_id) DO NOTHING"""

_FORGET: Final = "DELETE FROM webhooks.availability WHERE webhook_id = %s AND event_id = %s"

_KEEP: Final = """
    INSERT INTO webhooks.availability (webhook_id, event_id, seats_total, seats_available)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::int[], %s::int[])
    ON CONFLICT (webhook_id, event_id) DO UPDATE SET
        seats_total = excluded.seats_total, seats_available = excluded.seats_available"""
