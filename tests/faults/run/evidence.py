"""Evidence: what log and ledger hold at the end of a round, in the few words that the checker needs.

Read directly, as whoever may read everything. ``checker`` never learns where it came from.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
from psycopg import IsolationLevel

from audit.load_log import LogReader
from contracts.topics import BOOKING_REQUESTS, REQUEST_ID_HEADER
from tests.frontrow import Frontrow


class Entry(NamedTuple):
    """A command on the log."""

    partition: int
    offset: int
    request_id: str
    command_id: str
    kind: str


class Outcome(NamedTuple):
    """One row of the ledger's feed. ``booking``: what it says became of ``booking_id``, or of the request itself."""

    partition: int
    offset: int
    command_id: str | None
    kind: str
    event_id: str
    status: str
    reason: str | None
    seat_ids: tuple[str, ...]
    conflicts: tuple[str, ...]
    booking_id: str | None
    booking: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """``log``: the run's commands in log order, its events' own aside; ``outcomes``: in the order of the feed of each
    partition; ``seats``: who has which, by event and seat."""  # noqa: D205, D209 - one sentence of orders

    log: Sequence[Entry]
    outcomes: Sequence[Outcome]
    seats: dict[tuple[str, str], str]


# A command about a booking that nobody knows has an outcome of no event.
_OUTCOMES = """
    SELECT log_partition, log_offset, command_id, kind, event_id, status, reason, seat_ids, conflicts,
        booking_id, booking
    FROM outcomes WHERE event_id = ANY (%s) OR event_id = '' ORDER BY log_partition, log_offset, id"""
_SEATS = "SELECT event_id, seat_id, booking_id FROM seats WHERE event_id = ANY (%s) AND booking_id IS NOT NULL"
_DECIDED_TO = "SELECT log_partition, next_offset FROM kafka_offsets WHERE topic_id = %s"


def gather(frontrow: Frontrow, run_id: str, event_ids: Iterable[str]) -> Evidence:
    """Read the ledger in one snapshot, since ticks go on, and the log as far as it is decided there."""
    reader = LogReader(frontrow.instance.environment_of("audit")["FRONTROW_KAFKA_BOOTSTRAP"], BOOKING_REQUESTS)
    ids = sorted(event_ids)
    with frontrow.ledger() as ledger:
        ledger.isolation_level = IsolationLevel.REPEATABLE_READ
        rows = ledger.execute(_OUTCOMES, (ids,)).fetchall()
        seats = {(event_id, seat_id): owner for event_id, seat_id, owner in ledger.execute(_SEATS, (ids,))}
        decided_to: dict[int, int] = dict(ledger.execute(_DECIDED_TO, (reader.topic_id,)).fetchall())
    log = list(_log(reader, run_id, decided_to))
    ours = {entry.command_id for entry in log}
    outcomes = [Outcome._make((*row[:7], tuple(row[7]), tuple(row[8]), *row[9:])) for row in rows]
    return Evidence(log, [outcome for outcome in outcomes if outcome.event_id or outcome.command_id in ours], seats)


def _log(reader: LogReader, run_id: str, end: Mapping[int, int]) -> Iterable[Entry]:
    first, _ = reader.bounds()
    for partition in end:
        for message in reader.read(partition, first[partition], end[partition]):
            request_id = dict(message.headers).get(REQUEST_ID_HEADER) or b""
            said = request_id.decode() if isinstance(request_id, bytes) else request_id
            if said.startswith(f"{run_id}."):
                command = orjson.loads(message.value or b"{}")
                yield Entry(partition, message.offset, said, command["command_id"], command["kind"])
