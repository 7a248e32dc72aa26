"""Evidence: what log and ledger hold at the end of a round, in the few words that the checker needs.

Read directly, as whoever may read everything. ``checker`` never learns where it came from.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import orjson
from psycopg import IsolationLevel

from audit.load_log import LogReader
from contracts.topics import BOOKING_REQUESTS, REQUEST_ID_HEADER
from tests.frontrow import Frontrow

HAS_SEATS: Final = frozenset({"held", "paying", "confirmed", "offered"})
"""What a booking or an offer is while its seats are its own."""


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

    @property
    def becomes(self) -> tuple[str, str, tuple[str, ...]]:
        """Which booking or offer this is about, what it is from now on, with which seats; no status: as it was."""
        if self.booking_id is not None:
            state = self.booking
            return self.booking_id, state["status"] if state else "", tuple(state["seat_ids"]) if state else ()
        return self.command_id or "", self.status if self.kind == "book_seats" else "", self.seat_ids


class Intent(NamedTuple):
    """One intent in the provider's books; amounts in minor units."""

    booking_id: str
    attempt: int
    status: str
    captured_minor: int
    refunded_minor: int


class Told(NamedTuple):
    """One delivery as the receiver got it, well signed. ``body``: its bytes, which are the same whenever it comes."""

    delivery_id: str
    kind: str
    event_id: str
    booking_id: str
    seat_ids: tuple[str, ...]
    body: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """``log``: the run's commands in log order, its events' own aside; ``outcomes``: in the order of the feed of each
    partition; ``seats``: who has which, by event and seat; ``halls``: how many seats each event has."""  # noqa: D205, D209 - one sentence of orders

    log: Sequence[Entry]
    outcomes: Sequence[Outcome]
    seats: dict[tuple[str, str], str]
    intents: Sequence[Intent] = ()
    told: Sequence[Told] = ()
    halls: Mapping[str, int] = field(default_factory=dict)


# A command about a booking that nobody knows has an outcome of no event.
_OUTCOMES = """
    SELECT log_partition, log_offset, command_id, kind, event_id, status, reason, seat_ids, conflicts,
        booking_id, booking
    FROM outcomes WHERE event_id = ANY (%s) OR event_id = '' ORDER BY log_partition, log_offset, id"""
_SEATS = "SELECT event_id, seat_id, booking_id FROM seats WHERE event_id = ANY (%s) AND booking_id IS NOT NULL"
_HALLS = "SELECT event_id, count(*) FROM seats WHERE event_id = ANY (%s) GROUP BY event_id"
# Also those of bookings that nobody knows: money for nothing.
_INTENTS = """
    SELECT i.metadata ->> 'booking_id', (i.metadata ->> 'attempt')::int, i.status, i.amount_received, i.amount_refunded
    FROM test_provider.intents AS i LEFT JOIN outcomes AS o ON o.command_id = i.metadata ->> 'booking_id'
    WHERE o.event_id IS NULL OR o.event_id = ANY (%s)"""
_DECIDED_TO = "SELECT log_partition, next_offset FROM kafka_offsets WHERE topic_id = %s"


def gather(frontrow: Frontrow, run_id: str, event_ids: Iterable[str], told: Sequence[Told] = ()) -> Evidence:
    """Read the ledger in one snapshot, since ticks go on, and the log as far as it is decided there.

    ``told``: what the receiver got by now, so that nothing is told that the snapshot does not know.
    """
    reader = LogReader(frontrow.instance.environment_of("audit")["FRONTROW_KAFKA_BOOTSTRAP"], BOOKING_REQUESTS)
    ids = sorted(event_ids)
    with frontrow.ledger() as ledger:
        ledger.isolation_level = IsolationLevel.REPEATABLE_READ
        rows = ledger.execute(_OUTCOMES, (ids,)).fetchall()
        seats = {(event_id, seat_id): owner for event_id, seat_id, owner in ledger.execute(_SEATS, (ids,))}
        halls: dict[str, int] = dict(ledger.execute(_HALLS, (ids,)).fetchall())
        intents = [Intent._make(row) for row in ledger.execute(_INTENTS, (ids,))]
        decided_to: dict[int, int] = dict(ledger.execute(_DECIDED_TO, (reader.topic_id,)).fetchall())
    log = list(_log(reader, run_id, decided_to))
    ours = {entry.command_id for entry in log}
    outcomes = [Outcome._make((*row[:7], tuple(row[7]), tuple(row[8]), *row[9:])) for row in rows]
    known = [outcome for outcome in outcomes if outcome.event_id or outcome.command_id in ours]
    return Evidence(log, known, seats, intents, told, halls)


def _log(reader: LogReader, run_id: str, end: Mapping[int, int]) -> Iterable[Entry]:
    first, _ = reader.bounds()
    for partition in end:
        for message in reader.read(partition, first[partition], end[partition]):
            request_id = dict(message.headers).get(REQUEST_ID_HEADER) or b""
            said = request_id.decode() if isinstance(request_id, bytes) else request_id
            if said.startswith(f"{run_id}."):
                command = orjson.loads(message.value or b"{}")
                yield Entry(partition, message.offset, said, command["command_id"], command["kind"])
