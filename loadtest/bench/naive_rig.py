"""Naive rig: the naive system beside Frontrow, on the same servers, and how far it is.

Its topic, its database and its view are made anew; nothing that is Frontrow's is touched.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import quote

import psycopg
from confluent_kafka import Consumer, TopicPartition
from pymongo import MongoClient

from infra.native.instance import Instance
from infra.native.ports import LOOPBACK
from infra.secrets.files import read
from loadtest.bench import naive, rig
from loadtest.bench.closed_loop import Seats
from loadtest.bench.log import BenchTopic

SEATS: Final = Seats("naive-", 10, 15_000)
DATABASE: Final = "bench_naive"
PARTITIONS: Final = 1
"""One consumer reads them all in any case."""
_POLL_S: Final = 0.02
_ANSWER_WITHIN_S: Final = 5.0


@contextmanager
def running(instance: Instance, where: rig.Addresses) -> Iterator["NaiveProgress"]:
    """Have the naive system running, with its seats on sale; gives how far it is."""
    with ExitStack() as stack:
        topic = stack.enter_context(BenchTopic(where.bootstrap, PARTITIONS))
        stores = _stores(instance, where, topic.name)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="frontrow-bench-")))
        file = folder / "stores"
        stores.to_file(file)
        environment = {naive.STORES_FILE: str(file)}
        for role in ("worker", "poller"):
            stack.enter_context(rig.process(naive.__name__, environment, role))
        stack.enter_context(rig.serving(naive.__name__, rig.NAIVE_PORT, environment, "api", str(rig.NAIVE_PORT)))
        yield stack.enter_context(NaiveProgress(stores))


class NaiveProgress:
    """A context manager with a connection to the naive system's log, tables and view; only reads."""

    def __init__(self, stores: naive.Stores) -> None:
        self.view = stores.mongo
        self.view_database = stores.database
        self._stores = stores

    def __enter__(self) -> Self:
        self._log = Consumer({"bootstrap.servers": self._stores.bootstrap, "group.id": "bench"})
        self._tables = psycopg.connect(self._stores.postgres, autocommit=True)
        self._view: MongoClient[dict[str, Any]] = MongoClient(self._stores.mongo)
        return self

    def __exit__(self, *_: object) -> None:
        self._log.close()
        self._tables.close()
        self._view.close()

    def wait_until_shown(self, within_s: float) -> float:
        """Return ``time.monotonic()`` of when every booking on the log was seen in the view.

        Raises:
            TimeoutError: that did not happen in time.
        """
        deadline = time.monotonic() + within_s
        while (shown := self.bookings()) < (accepted := self._accepted()):
            if time.monotonic() > deadline:
                msg = f"after {within_s:.0f} s the naive system showed {shown} of {accepted} bookings"
                raise TimeoutError(msg)
            time.sleep(_POLL_S)
        return time.monotonic()

    def bookings(self) -> int:
        """Return how many bookings the view shows."""
        return int(self._view[self.view_database][naive.BOOKINGS].estimated_document_count())

    def confirmed(self) -> int:
        """Return how many bookings the tables have as confirmed."""
        row = self._tables.execute("SELECT count(*) FROM naive_bookings WHERE status = 'confirmed'").fetchone()
        return int(row[0]) if row else 0

    def _accepted(self) -> int:
        """Return how many messages are on the log: each is a booking."""
        partition = TopicPartition(self._stores.topic, 0)
        ends: tuple[int, int] | None = self._log.get_watermark_offsets(partition, timeout=_ANSWER_WITHIN_S)
        return ends[1] if ends else 0


def _stores(instance: Instance, where: rig.Addresses, topic: str) -> naive.Stores:
    """Make tables and an empty view; returns where everything is, with the rights of whoever runs the servers."""
    ports = instance.ports
    root = quote(read(instance.home, "mongo", "mongo_password"), safe="")
    mongo = f"mongodb://root:{root}@{LOOPBACK}:{ports.mongo}/?replicaSet=rs0"
    anybody = quote(read(instance.home, "redis", "redis_password"), safe="")
    postgres = rig.new_database(where, DATABASE)
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(naive.SCHEMA)
        connection.execute(naive.HALLS, asdict(SEATS))
        connection.execute("VACUUM ANALYZE")
    with MongoClient[dict[str, Any]](mongo) as client:
        client.drop_database(DATABASE)
        for name in (naive.BOOKINGS, naive.SEATS):
            client[DATABASE].create_collection(name)
    return naive.Stores(
        where.bootstrap, topic, postgres, f"redis://:{anybody}@{LOOPBACK}:{ports.redis}/0", mongo, DATABASE
    )
