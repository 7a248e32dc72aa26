"""Seeding: what the worker leaves in the ledger, written by plain SQL into a real PostgreSQL."""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg

Connection = psycopg.Connection[tuple[Any, ...]]

AT = datetime(2027, 1, 2, 3, 4, 5, 678_000, UTC)
AT_MS = 1_798_859_045_678
TOPIC_ID = "topic-1"


def open_ledger(conninfo: str) -> Connection:
    """Return a session that commits each statement."""
    return psycopg.connect(conninfo, autocommit=True)


def add_event(
    connection: Connection,
    event_id: str,
    *,
    seats: int = 4,
    blocks: int = 1,
    status: str = "on_sale",
    partition: int = 0,
) -> None:
    """Leave an event with ``seats`` seats (A1…) in each block, and the outcomes of the commands that made it."""
    connection.execute(
        """INSERT INTO events (event_id, name, kind, venue, time_zone, date, status, log_partition, version)
        VALUES (%s, %s, 'concert', 'Hall', 'Europe/Vienna', '2027-05-01T19:00:00Z', %s, %s, %s)""",
        (event_id, f"Event {event_id}", status, partition, blocks + (2 if status == "on_sale" else 1)),
    )
    add_outcome(connection, event_id, kind="create_event", partition=partition)
    for block in range(blocks):
        letter = chr(ord("A") + block)
        names = [f"{letter}{n + 1}" for n in range(seats)]
        connection.execute(
            """INSERT INTO blocks (event_id, block, section, layout, price_minor, currency)
            VALUES (%s, %s, %s, %s, 4500, 'EUR')""",
            (event_id, block, f"section-{letter}", json.dumps([{"row": letter, "seat_ids": names}])),
        )
        connection.execute(
            """INSERT INTO seats (event_id, seat_id, block, position)
            SELECT %s, name, %s, n - 1 FROM unnest(%s::text[]) WITH ORDINALITY AS s (name, n)""",
            (event_id, block, names),
        )
        add_outcome(connection, event_id, kind="add_seats", partition=partition)
    if status == "on_sale":
        add_outcome(connection, event_id, kind="publish_event", partition=partition)


def book(connection: Connection, event_id: str, *seat_ids: str, booking_id: str | None = None) -> str:
    """Let a booking be confirmed, in the transaction of the session if it is in one; returns its id."""
    booking_id = booking_id or new_id("bk")
    changed = connection.execute(
        """UPDATE seats SET status = 'b', booking_id = %s, version = version + 1
        WHERE event_id = %s AND seat_id = ANY(%s) AND status = 'a' RETURNING block, position, 'b', version""",
        (booking_id, event_id, list(seat_ids)),
    ).fetchall()
    assert len(changed) == len(seat_ids)
    add_outcome(
        connection, event_id, command_id=booking_id, seat_ids=seat_ids, changes=sorted(changed), status="confirmed"
    )
    return booking_id


def add_outcome(  # noqa: PLR0913 - a row has these columns
    connection: Connection,
    event_id: str,
    *,
    command_id: str | None = None,
    kind: str = "book_seats",
    status: str = "done",
    reason: str | None = None,
    seat_ids: Sequence[str] = (),
    conflicts: Sequence[str] = (),
    changes: Sequence[Sequence[object]] = (),
    partition: int = 0,
    at: datetime = AT,
    booking: tuple[str | None, Mapping[str, object]] | None = None,
) -> str:
    """Leave one row of the feed; returns the command's id. ``booking``: whose state it says, and the state.

    An empty ``command_id`` is none: nobody asked for it.
    """
    if command_id is None:
        command_id = new_id("bk" if kind == "book_seats" else "cm")
    connection.execute(
        """INSERT INTO outcomes (command_id, kind, event_id, principal, status, reason, seat_ids, conflicts, changes,
            log_partition, log_offset, requested_at, decided_at, rules_version, booking_id, booking)
        VALUES (%s, %s, %s, 'p_somebody', %s, %s, %s, %s, %s, %s, 0, %s, %s, 1, %s, %s)""",
        (
            command_id or None,
            kind,
            event_id,
            status,
            reason,
            list(seat_ids),
            list(conflicts),
            json.dumps(changes),
            partition,
            at,
            at,
            booking[0] if booking else None,
            json.dumps(booking[1]) if booking else None,
        ),
    )
    return command_id


def decide_until(connection: Connection, partition: int, log_time_ms: int, *, topic_id: str = TOPIC_ID) -> None:
    """Say that everything on a partition is decided up to this time of the log."""
    connection.execute(
        """INSERT INTO kafka_offsets (topic_id, topic, log_partition, next_offset, log_time_ms)
        VALUES (%s, 'booking_requests', %s, 1, %s)
        ON CONFLICT (topic_id, log_partition) DO UPDATE SET
            log_time_ms = excluded.log_time_ms, next_offset = kafka_offsets.next_offset + 1,
            tx = pg_current_xact_id()""",
        (topic_id, partition, log_time_ms),
    )


async def is_below_the_horizon(connection: Connection) -> None:
    """Assert that every row is in the feed: no transaction of the whole server that began before them still runs."""
    query = "SELECT coalesce(max(tx::text::numeric), 0) < pg_snapshot_xmin(pg_current_snapshot())::text::numeric"
    assert connection.execute(f"{query} FROM outcomes").fetchone() == (True,)


def new_id(prefix: str) -> str:
    """Return an id of an id's form; nobody checks it here."""
    return f"{prefix}_{uuid.uuid4().hex}0000"
