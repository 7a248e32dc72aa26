"""Reads where log and ledger stand, partition by partition, and changes nothing.

``restore_check`` enters here, and ``python -m audit position``, which a backup asks before and after. A store away is
raised, and told by ``__main__``.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import psycopg

from audit.load_ledger import CONNECT_TIMEOUT_S, Connection
from audit.load_log import LogReader
from audit.settings import CheckSettings
from audit.tail import Kept, Place, Restored, Tail
from runtime.settings import load
from worker.marks import mark_of

_PLACES: Final = "SELECT log_partition, next_offset, mark FROM kafka_offsets WHERE topic_id = %s ORDER BY log_partition"
_TOPICS: Final = "SELECT DISTINCT topic_id FROM kafka_offsets WHERE next_offset > 0"
_RESTORED: Final = "SELECT backed_up_at AT TIME ZONE 'UTC', topic_id, undecided FROM restores ORDER BY n DESC LIMIT 1"
_ACCOUNTS: Final = "SELECT principal FROM accounts WHERE principal IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Positions:
    """Log and ledger beside each other. ``decided``: ids of the topics of which the ledger decided anything."""

    topic_id: str
    incarnation: str
    places: dict[int, Place]
    kept: dict[int, Kept]
    decided: frozenset[str]
    restored: Restored | None
    tail: Tail
    outcomes: int


@contextmanager
def ledger(settings: CheckSettings) -> Iterator[Connection]:
    """Open the ledger in one snapshot, as a role that may only read."""
    with psycopg.connect(
        settings.ledger_conninfo, connect_timeout=CONNECT_TIMEOUT_S, application_name="frontrow audit", autocommit=True
    ) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield connection


def positions(connection: Connection, log: LogReader) -> Positions:
    """Return where both stand; the log as far as it goes now.

    Raises:
        LogAwayError, psycopg.Error: one of them cannot be read.
    """
    first, end = log.bounds()
    places = {partition: Place(*at) for partition, *at in connection.execute(_PLACES, (log.topic_id,))}
    accounts = frozenset(principal for (principal,) in connection.execute(_ACCOUNTS))
    restored = connection.execute(_RESTORED).fetchone()
    outcomes = connection.execute("SELECT count(command_id) FROM outcomes").fetchone()
    incarnation = connection.execute("SELECT incarnation::text FROM ledger").fetchone()
    kept, tail = {}, Tail()
    for partition in log.partitions:
        begin = places[partition].next_offset if partition in places else 0
        mark = None
        if first[partition] < begin <= end[partition]:
            mark = next((mark_of(m.log_time_ms, m.value) for m in log.read(partition, begin - 1, begin)), None)
        kept[partition] = Kept(first[partition], end[partition], mark)
        if first[partition] <= begin < end[partition]:
            tail.take(log.read(partition, begin, end[partition]), len(log.partitions), accounts)
    return Positions(
        log.topic_id,
        incarnation[0] if incarnation else "",
        places,
        kept,
        frozenset(topic_id for (topic_id,) in connection.execute(_TOPICS)),
        Restored(*restored) if restored else None,
        tail,
        int(outcomes[0]) if outcomes else 0,
    )


def main() -> int:
    """Print where both stand as JSON; returns the process' exit status."""
    settings = load(CheckSettings)
    with ledger(settings) as connection:
        at = positions(connection, LogReader(settings.kafka_bootstrap, settings.topic))
    said = {
        "topic_id": at.topic_id,
        "incarnation": at.incarnation,
        "undecided": at.tail.kinds.total(),
        "outcomes": at.outcomes,
        "partitions": {
            str(partition): {
                "decided": at.places[partition].next_offset if partition in at.places else 0,
                "end": kept.end,
            }
            for partition, kept in at.kept.items()
        },
    }
    print(json.dumps(said))
    return 0
