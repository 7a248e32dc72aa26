"""The bench's own database: made empty, migrated, watched while a worker fills it, dropped.

Enters the server as its superuser, since it makes and drops databases; never the database of a platform in use.
"""

import time
import uuid
from collections import Counter
from typing import Final, Self

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from infra.postgres.migrate import migrate

_POLL_S: Final = 0.02
"""How exactly the end of a drain is seen; a drain lasts several seconds."""


class BenchLedger:
    """A freshly migrated database of a random name; a context manager that drops it again.

    ``admin``: conninfo of a superuser, password included where the server wants one.
    """

    def __init__(self, admin: str) -> None:
        self.name = f"bench_{uuid.uuid4().hex[:12]}"
        self._admin = admin
        self._conninfo = make_conninfo(admin, dbname=self.name)

    def __enter__(self) -> Self:
        with psycopg.connect(self._admin, autocommit=True) as server:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.name)))
        migrate(self._conninfo, {})
        self._connection = psycopg.connect(self._conninfo, autocommit=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        with psycopg.connect(self._admin, autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(self.name)))

    def wait_until_decided(self, topic: str, ends: dict[int, int], within_s: float) -> float:
        """Return ``time.monotonic()`` of the moment when every partition was seen decided up to its end.

        Raises:
            TimeoutError: that did not happen in time; the message says how far it got.
        """
        deadline = time.monotonic() + within_s
        while True:
            done = self._next_offsets(topic)
            now = time.monotonic()
            if all(done.get(partition, 0) >= end for partition, end in ends.items()):
                return now
            if now > deadline:
                left = {partition: end - done.get(partition, 0) for partition, end in ends.items()}
                msg = f"after {within_s:.0f} s these many messages were still undecided, by partition: {left}"
                raise TimeoutError(msg)
            time.sleep(_POLL_S)

    def bookings(self, events: list[str]) -> Counter[str]:
        """Return how many bookings of these events ended how."""
        rows = self._connection.execute(
            "SELECT status, count(*) FROM outcomes WHERE kind = 'book_seats' AND event_id = ANY(%s) GROUP BY 1",
            [events],
        ).fetchall()
        return Counter(dict(rows))

    def booked_seats(self, events: list[str]) -> int:
        """Return how many seats of these events have an owner."""
        row = self._connection.execute(
            "SELECT count(*) FROM seats WHERE event_id = ANY(%s) AND status = 'b'", [events]
        ).fetchone()
        return int(row[0]) if row else 0

    def broken(self, events: list[str], expected: Counter[str]) -> list[str]:
        """Return in words what of these events' bookings did not end as it should have."""
        broken = []
        if (bookings := self.bookings(events)) != expected:
            broken.append(f"outcomes are {dict(bookings)} and should be {dict(expected)}")
        if (seats := self.booked_seats(events)) != expected["confirmed"]:
            broken.append(f"{seats} seats have an owner and {expected['confirmed']} should")
        return broken

    def settle(self) -> None:
        """Do what a database in use has long had done: statistics, dead rows, the dirty pages on disk."""
        self._connection.execute("VACUUM ANALYZE")
        self._connection.execute("CHECKPOINT")

    def checkpoint(self) -> None:
        """Write the dirty pages now, so that no measurement pays for what came before it."""
        self._connection.execute("CHECKPOINT")

    def _next_offsets(self, topic: str) -> dict[int, int]:
        rows = self._connection.execute(
            "SELECT log_partition, next_offset FROM kafka_offsets WHERE topic = %s", [topic]
        ).fetchall()
        return dict(rows)
