"""Progress: how far the bench's platform has decided and shown what is on its log."""

import time
from typing import Any, Final, Self

import psycopg
from confluent_kafka import Consumer, TopicPartition
from pymongo import MongoClient

from contracts.views import BOOKINGS, WATERMARK, WATERMARK_ID
from loadtest.bench.rig import Addresses

_POLL_S: Final = 0.01
_ANSWER_WITHIN_S: Final = 5.0


class Progress:
    """A context manager with a connection to log, ledger and view; only reads."""

    def __init__(self, where: Addresses, partitions: int) -> None:
        self._where = where
        self._partitions = partitions

    def __enter__(self) -> Self:
        # A consumer that subscribes to nothing: it is only asked where the partitions end. It tells nobody of its
        # troubles: a platform that is stopped and started again under it is one.
        self._log = Consumer({"bootstrap.servers": self._where.bootstrap, "group.id": "bench", "log_level": 0})
        self._ledger = psycopg.connect(self._where.ledger, autocommit=True)
        self._view: MongoClient[dict[str, Any]] = MongoClient(self._where.view)
        return self

    def __exit__(self, *_: object) -> None:
        self._log.close()
        self._ledger.close()
        self._view.close()

    def reconnect(self) -> None:
        """Connect anew, once the platform was stopped and started again."""
        self.__exit__()
        self.__enter__()

    def wait_until_shown(self, within_s: float) -> float:
        """Return ``time.monotonic()`` of when everything on the log was seen decided and shown.

        Raises:
            TimeoutError: that did not happen in time.
        """
        deadline = time.monotonic() + within_s
        while not (self._is_decided() and self._is_shown()):
            if time.monotonic() > deadline:
                msg = f"after {within_s:.0f} s the platform had not decided and shown everything on its log"
                raise TimeoutError(msg)
            time.sleep(_POLL_S)
        return time.monotonic()

    def bookings(self) -> int:
        """Return how many bookings the view shows."""
        return int(self._view[self._where.view_database][BOOKINGS].estimated_document_count())

    def some_bookings(self, most: int) -> list[str]:
        """Return the ids of at most so many bookings that the view shows."""
        found = self._view[self._where.view_database][BOOKINGS].find({}, {"_id": 1}, limit=most)
        return [booking["_id"] for booking in found]

    def confirmed(self) -> int:
        """Return how many bookings the ledger has confirmed."""
        row = self._ledger.execute(
            "SELECT count(*) FROM outcomes WHERE kind = 'book_seats' AND status = 'confirmed'"
        ).fetchone()
        return int(row[0]) if row else 0

    def _is_decided(self) -> bool:
        rows = self._ledger.execute(
            "SELECT log_partition, next_offset FROM kafka_offsets WHERE topic = %s", [self._where.topic]
        ).fetchall()
        decided: dict[int, int] = dict(rows)
        return all(decided.get(partition, 0) >= self._end(partition) for partition in range(self._partitions))

    def _is_shown(self) -> bool:
        newest = self._ledger.execute(
            "SELECT tx::text, id FROM outcomes ORDER BY outcomes.tx DESC, id DESC LIMIT 1"
        ).fetchone()
        watermark = self._view[self._where.view_database][WATERMARK].find_one({"_id": WATERMARK_ID})
        if newest is None or watermark is None:
            return newest is None
        cursor = watermark["cursor"]
        return (int(cursor["tx"]), cursor["id"]) >= (int(newest[0]), newest[1])

    def _end(self, partition: int) -> int:
        topic = TopicPartition(self._where.topic, partition)
        ends: tuple[int, int] | None = self._log.get_watermark_offsets(topic, timeout=_ANSWER_WITHIN_S)
        return ends[1] if ends else 0
