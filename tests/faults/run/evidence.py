"""Evidence: what log and ledger hold at the end of a round, in the few words that the checker needs.

Read directly, as whoever may read everything. ``checker`` never learns where it came from.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

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


_OUTCOMES = """
    SELECT log_partition, log_offset, command_id, kind, event_id, status, reason, seat_ids, conflicts,
        booking_id, booking
    FROM outcomes WHERE event_id = ANY (%s) OR command_id = ANY (%s) ORDER BY log_partition, log_offset, id"""
_SEATS = "SELECT event_id, seat_id, booking_id FROM seats WHERE event_id = ANY (%s) AND booking_id IS NOT NULL"


def gather(frontrow: Frontrow, run_id: str, event_ids: Iterable[str]) -> Evidence:
    """Read the log, then the ledger, so that whatever is on the log here may be decided there."""
    log = list(_log(frontrow, run_id))
    ids, commands = sorted(event_ids), [entry.command_id for entry in log]
    with frontrow.ledger() as ledger:
        rows = ledger.execute(_OUTCOMES, (ids, commands)).fetchall()
        seats = {(event_id, seat_id): owner for event_id, seat_id, owner in ledger.execute(_SEATS, (ids,))}
    outcomes = [Outcome._make((*row[:7], tuple(row[7]), tuple(row[8]), *row[9:])) for row in rows]
    return Evidence(log, outcomes, seats)


def _log(frontrow: Frontrow, run_id: str) -> Iterable[Entry]:
    reader = LogReader(frontrow.instance.environment_of("audit")["FRONTROW_KAFKA_BOOTSTRAP"], BOOKING_REQUESTS)
    first, end = reader.bounds()
    for partition in reader.partitions:
        for message in reader.read(partition, first[partition], end[partition]):
            request_id = dict(message.headers).get(REQUEST_ID_HEADER) or b""
            said = request_id.decode() if isinstance(request_id, bytes) else request_id
            if said.startswith(f"{run_id}."):
                command = orjson.loads(message.value or b"{}")
                yield Entry(partition, message.offset, said, command["command_id"], command["kind"])
