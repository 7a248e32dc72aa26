"""Deciding logs and following the feed, step by step, for tests of what is told."""

import json
import secrets
from collections.abc import Sequence
from typing import Any

import psycopg

from contracts.commands import Command, Tick
from contracts.webhooks import TOLD
from runtime.feed_session import Session, connect
from tests.eventually import eventually_async
from tests.unit.worker.logs import NOW_MS
from webhooks.ledger import SOURCE
from webhooks.telling import Telling
from worker.batch import settle
from worker.entries import Entry
from worker.ledger import Ledger

TOPIC_ID = "some-topic-id"
CURSOR = "webhooks.feed_cursor"

Sql = psycopg.Connection[tuple[Any, ...]]
Document = dict[str, Any]


class Decided:
    """The log of one partition, as far as it is decided."""

    def __init__(self, writer: Ledger) -> None:
        self._writer = writer
        self.start_again()

    def start_again(self) -> None:
        self._positions = dict(self._writer.positions(TOPIC_ID, "topic", [0]))
        self._offset = 0

    def log(self, *log: Command | Tick, batches_of: int = 1_000, ms_a_message: int = 1) -> None:
        """Decide these messages."""
        entries = []
        for command in log:
            entries.append(Entry(0, self._offset, NOW_MS + self._offset * ms_a_message, command))
            self._offset += 1
        for start in range(0, len(entries), batches_of):
            batch = entries[start : start + batches_of]
            self._positions |= settle(self._writer, TOPIC_ID, batch, self._positions).positions


def add_webhook(
    sql: Sql,
    *types: str,
    principal: str = "p_organiser",
    all_events: bool = False,
    event_id: str | None = None,
    url: str = "http://127.0.0.1:9/",
) -> str:
    """Leave a webhook of everything that can be told, or of these types; returns its id."""
    webhook_id = f"wh_{secrets.token_hex(11)}"
    sql.execute(
        """INSERT INTO webhooks.endpoints (webhook_id, principal, all_events, event_id, url, types, secret)
        VALUES (%s, %s, %s, %s, %s, %s, '')""",
        (webhook_id, principal, all_events, event_id, url, list(types or TOLD)),
    )
    return webhook_id


async def told(conninfo: str, sql: Sql) -> None:
    """Follow the feed to its end, as the room's own role."""
    connection = await connect(conninfo, "test")
    try:
        session = Session(connection, SOURCE, CURSOR)
        await session.begin()

        async def all_of_it() -> None:
            while not (await session.run_once(Telling(lambda: None).act))[1]:
                pass
            await session.keep()
            last = "SELECT tx::text, id FROM outcomes ORDER BY tx DESC, id DESC LIMIT 1"
            cursor = sql.execute("SELECT tx::text, id FROM webhooks.feed_cursor").fetchone()
            assert cursor == (sql.execute(last).fetchone() or ("0", 0))

        await eventually_async(all_of_it)
    finally:
        await connection.close()


def deliveries(sql: Sql, webhook_id: str) -> list[Document]:
    """Return the bodies of a webhook's deliveries, in order."""
    rows = sql.execute("SELECT body FROM webhooks.deliveries WHERE webhook_id = %s ORDER BY n", (webhook_id,))
    return [json.loads(body) for (body,) in rows.fetchall()]


def said(sql: Sql, webhook_id: str) -> list[tuple[str, str | None, Sequence[str]]]:
    """Return of each delivery its type, whose booking and which seats it is about."""
    return [
        (body["type"], body["data"].get("booking_id"), tuple(body["data"].get("seat_ids", ())))
        for body in deliveries(sql, webhook_id)
    ]
