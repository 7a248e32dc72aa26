"""Standing: what the log has made of everything up to where it was replayed; the replay's memory.

``follower`` puts message after message in, ``ledger_sections`` asks what the ledger must hold. The rules are the
worker's and are asked about one message at a time, so that nothing of its batches is repeated here.

Bookings grow without end, so they are not in memory: what later messages may ask of a command, a request or a booking
lies in a temporary SQLite database, which is this process' alone, begins empty at each start and is gone with it. A
replay that went on from what an earlier process had kept would have to be believed. SQLite keeps small ones in memory
and puts the rest on disk, some 250 bytes a booking and 150 a seat (``SQLITE_TMPDIR`` says where). Events and seats are
there as well (``standing_halls``): a message brings into memory those that it names.
"""

import sqlite3
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import orjson

from audit.auditor.standing_halls import SCHEMA as HALLS_SCHEMA
from audit.auditor.standing_halls import SEATS_IN_MEMORY, Halls
from audit.former import Former
from audit.history import LedgerOutcome, Message
from audit.invariants import Replayed
from audit.replay import RulesReplay
from contracts.commands import AddSeats, BookingCommand, BookSeats, Command, Tick
from contracts.event_commands import seats_named_by
from contracts.outcomes import BookingState, BookingStatus, Reason, SeatCheckIn, Status
from worker.deciding import EXPIRIES_PER_TICK, Request, State
from worker.entries import unreadable
from worker.hall import Hall, bookings_in
from worker.life_cycle import Booking

CACHE_KB: Final = 10_240
"""SQLite's own memory; what is asked again soon is there, and the operating system's cache holds the rest."""

_SCHEMA: Final = """
    CREATE TABLE decided (id TEXT PRIMARY KEY, request BLOB) WITHOUT ROWID;
    CREATE TABLE bookings (id TEXT PRIMARY KEY, partition INTEGER, due INTEGER, value BLOB) WITHOUT ROWID;
    CREATE INDEX due ON bookings (partition, due, id) WHERE due IS NOT NULL;
    CREATE TABLE former (id TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE rows (n INTEGER PRIMARY KEY, tx INTEGER, row INTEGER, digest INTEGER, about TEXT, event_id TEXT);
    CREATE UNIQUE INDEX places ON rows (tx, row);
"""


class Seen(NamedTuple):
    """A row of the feed as it was first read. ``digest``: of all that it says; ``about``: the command or booking."""

    tx: int
    row: int
    digest: int
    about: str
    event_id: str


class SeatStanding(NamedTuple):
    """What a seat must be. ``version``: 0 while it was never changed."""

    seat_id: str
    status: str
    booking_id: str | None
    version: int


def temporary() -> sqlite3.Connection:
    """Return a new temporary database: no name, no other reader, no journal, gone with the process."""
    database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("PRAGMA synchronous = OFF")
    database.execute(f"PRAGMA cache_size = -{CACHE_KB}")
    database.executescript(_SCHEMA + HALLS_SCHEMA)
    database.execute("BEGIN")  # for good: statements by themselves would each write what they changed
    return database


class Standing:
    """What everything must be after the messages that were put in."""

    def __init__(self, partitions: int, *, seats_in_memory: int = SEATS_IN_MEMORY) -> None:
        self._database = temporary()
        self._halls = Halls(self._database, seats_in_memory)
        self._replay = RulesReplay(partitions)
        self._clearing: dict[int, set[str]] = {}
        self.former = Former()
        self.former.ids = _Ids(self._database)
        self._replay.begin_after(self.former)
        self.partition_of_event: dict[str, int] = {}
        """Of every event that the log made; small beside its seats."""

    def close(self) -> None:
        """Let go of everything."""
        self._database.close()

    def apply(self, message: Message) -> Replayed:
        """Return what the ledger must hold for the next message of a partition, and make it true."""
        command = self._replay.read(message)
        known = self._known(message, command)
        replayed = self._replay.decide(message, command)
        self._keep(message.partition, command, known)
        self._keep_seats(command, replayed)
        # Where the rules raised half way, what is in memory may be half changed.
        self._halls.let_go(spoilt=replayed.dead_letter and command is not None)
        return replayed

    # ------------------------------------------------------------------------------------------ one message's worth

    def _known(self, message: Message, command: Command | Tick | None) -> dict[str, Booking]:
        """Put into the replay what this message may ask for; returns the bookings as they were."""
        state = self._replay.state = State()
        state.halls = self._halls.in_memory
        if isinstance(command, Tick):
            self._know_what_a_tick_ends(state, message)
        elif command is None:
            poison = unreadable(message.key, message.headers, "")
            self._know_decided(state, poison.command_id or "")
            self._halls.take(poison.event_id)  # the rules look there
        else:
            self._know_decided(state, command.command_id)
            if isinstance(command, BookingCommand):
                self._know_booking(state, command.booking_id)
            elif isinstance(command, BookSeats):
                self._know_what_is_asked_for(state, command)
            else:
                self._halls.take_seats(command.event_id, seats_named_by(command))
        return dict(state.bookings)

    def _know_what_is_asked_for(self, state: State, command: BookSeats) -> None:
        if command.best is not None or command.offer:
            self._halls.take_all(command.event_id)
        else:
            self._halls.take_seats(command.event_id, command.seat_ids)
        if command.offer_id is not None:
            self._know_booking(state, command.offer_id)

    def _know_what_a_tick_ends(self, state: State, message: Message) -> None:
        due = self._database.execute(
            "SELECT id, value FROM bookings WHERE partition = ? AND due <= ? ORDER BY due, id LIMIT ?",
            (message.partition, self._replay.time_at(message), EXPIRIES_PER_TICK),
        ).fetchall()
        for booking_id, value in due:
            self._know(state, _booking(booking_id, value))
        waiting = self._clearing.get(message.partition)
        if not waiting:
            return
        for event_id in waiting:
            state.clear(event_id, message.partition)
        event_id = min(waiting)
        hall = self._halls.take_owned(event_id)
        ended = {booking_id for booking_id, _value in due}
        for booking_id in bookings_in(hall, hall.clearing or 0):
            if booking_id not in ended:
                self._know_booking(state, booking_id)

    def _know_decided(self, state: State, command_id: str) -> None:
        if self._database.execute("SELECT 1 FROM decided WHERE id = ?", (command_id,)).fetchone():
            state.decided.add(command_id)

    def _know_booking(self, state: State, booking_id: str) -> None:
        found = self._database.execute("SELECT value FROM bookings WHERE id = ?", (booking_id,)).fetchone()
        if found is not None:
            self._know(state, _booking(booking_id, found[0]))
            return
        found = self._database.execute("SELECT request FROM decided WHERE id = ?", (booking_id,)).fetchone()
        if found is not None and found[0] is not None:
            request = _request(found[0])
            state.requests[booking_id] = request
            self._halls.take_seats(request.event_id, request.seat_ids)

    def _know(self, state: State, booking: Booking) -> None:
        state.know(booking)
        self._halls.take_seats(booking.event_id, booking.seat_ids)

    def _keep(self, partition: int, command: Command | Tick | None, before: dict[str, Booking]) -> None:
        """Keep what the message has changed, and forget the rest of what it asked for."""
        state = self._replay.state
        for booking_id, booking in state.bookings.items():
            if before.get(booking_id) is not booking:
                self._database.execute(
                    "REPLACE INTO bookings VALUES (?, ?, ?, ?)",
                    (booking_id, booking.partition, booking.due_at_ms, _packed_booking(booking)),
                )
        command_id = getattr(command, "command_id", None)
        if command is None:
            command_id = next(iter(state.decided), None)
        if command_id is not None and command_id in state.decided:
            request = state.requests.get(command_id)
            self._database.execute(
                "INSERT OR IGNORE INTO decided VALUES (?, ?)",
                (command_id, _packed_request(request) if request is not None else None),
            )
        if isinstance(command, Tick):
            waiting = self._clearing.get(partition)
            if waiting and self._halls.in_memory[min(waiting)].clearing is None:
                waiting.discard(min(waiting))
        elif command is not None and not isinstance(command, BookingCommand):
            self._keep_event(partition, command.event_id)

    def _keep_seats(self, command: Command | Tick | None, replayed: Replayed) -> None:
        """Keep what became of seats: what is said of them is all there is to know."""
        for outcome in replayed.outcomes:
            if outcome.changes:
                self._halls.change(outcome.event_id, outcome.changes, outcome.booking_id or outcome.command_id)
            elif isinstance(command, AddSeats) and outcome.status == Status.DONE:
                self._halls.add(command.event_id, command.block)

    def _keep_event(self, partition: int, event_id: str) -> None:
        hall = self._halls.in_memory[event_id]
        if hall.status is None:
            return
        self.partition_of_event[event_id] = partition
        if hall.clearing is not None:
            self._clearing.setdefault(partition, set()).add(event_id)

    # ------------------------------------------------------------------------------------------ what must be

    def hall(self, event_id: str) -> Hall | None:
        """Return what an event must be, without its seats; None where the log made none."""
        if event_id not in self.partition_of_event:
            return None
        hall = self._halls.take(event_id)
        self._halls.let_go()
        return hall

    def seats(self, event_id: str, block: int) -> list[SeatStanding]:
        """Return what the seats of a block must be, in map order."""
        if event_id not in self.partition_of_event:
            return []
        return [SeatStanding._make(row) for row in self._halls.seats(event_id, block)]

    def bookings(self, after: str, to: str, most: int) -> dict[str, BookingState]:
        """Return what bookings that have a life must be, the first ``most`` with ``after`` < id ≤ ``to``, in order."""
        query = "SELECT id, value FROM bookings WHERE id > ? AND id <= ? ORDER BY id LIMIT ?"
        rows = self._database.execute(query, (after, to, most))
        return {booking_id: _booking(booking_id, value).state for booking_id, value in rows}

    def seats_of(self, some_id: str) -> tuple[str, ...]:
        """Return the seats of a booking, by its id; none where it is none."""
        return about.seat_ids if (about := self._about(some_id)) else ()

    def event_of(self, some_id: str) -> str:
        """Return the event of a booking, by its id; empty where it is none."""
        return about.event_id if (about := self._about(some_id)) else ""

    def _about(self, some_id: str) -> Booking | Request | None:
        state = State()
        self._know_booking(state, some_id)
        self._halls.let_go()
        return state.bookings.get(some_id) or state.requests.get(some_id)

    # ------------------------------------------------------------------------------------------ former logs

    def rest(self, outcome: LedgerOutcome, *, of_former: bool) -> None:
        """Take in an outcome that is of a former log, or rests on one: it cannot be replayed."""
        if of_former and outcome.event_id:
            self.former.events.add(outcome.event_id)
        self.former.take(outcome)

    # ------------------------------------------------------------------------------------------ the feed's rows

    def see(self, seen: Iterable[Seen]) -> None:
        """Remember rows of the feed as they are now: they never change."""
        self._database.executemany("INSERT INTO rows (tx, row, digest, about, event_id) VALUES (?, ?, ?, ?, ?)", seen)

    def seen(self, after: int, limit: int) -> list[tuple[int, Seen]]:
        """Return the rows behind the ``after``-th, with their numbers, in the feed's order."""
        found = self._database.execute(
            "SELECT n, tx, row, digest, about, event_id FROM rows WHERE n > ? ORDER BY n LIMIT ?", (after, limit)
        )
        return [(n, Seen(*rest)) for n, *rest in found]

    def has_seen(self, position: tuple[int, int]) -> bool:
        """Return whether a row was seen at this position."""
        return self._database.execute("SELECT 1 FROM rows WHERE tx = ? AND row = ?", position).fetchone() is not None

    def rows_seen(self) -> int:
        """Return how many rows were seen."""
        return int(self._database.execute("SELECT coalesce(max(n), 0) FROM rows").fetchone()[0])


class _Ids(set[str]):
    """Ids of former logs, in the database: they may be as many as those of the present one."""

    def __init__(self, database: sqlite3.Connection) -> None:
        super().__init__()
        self._database = database
        self._any = False

    def __contains__(self, command_id: object) -> bool:
        if not self._any:
            return False
        return self._database.execute("SELECT 1 FROM former WHERE id = ?", (command_id,)).fetchone() is not None

    def update(self, *ids: Iterable[str]) -> None:
        """Take in more."""
        self._any = True
        self._database.executemany("INSERT OR IGNORE INTO former VALUES (?)", ((one,) for some in ids for one in some))


def _packed_request(request: Request) -> bytes:
    return orjson.dumps((request.partition, request.event_id, request.principal, request.seat_ids, request.status))


def _request(value: bytes) -> Request:
    partition, event_id, principal, seat_ids, status = orjson.loads(value)
    return Request(partition, event_id, principal, tuple(seat_ids), Status(status))


def _packed_booking(booking: Booking) -> bytes:
    # Check-ins are named tuples, which orjson takes for nothing that it knows.
    return orjson.dumps([getattr(booking, name) for name in _BOOKING], default=tuple)


def _booking(booking_id: str, value: bytes) -> Booking:
    said: dict[str, Any] = dict(zip(_BOOKING, orjson.loads(value), strict=True))
    said |= {"status": BookingStatus(said["status"]), "seat_ids": tuple(said["seat_ids"])}
    said["reason"] = Reason(said["reason"]) if said["reason"] is not None else None
    said["check_ins"] = tuple(SeatCheckIn(*one) for one in said["check_ins"])
    return Booking(booking_id, **said)


_BOOKING: Final = tuple(name for name in Booking.__slots__ if name != "booking_id")
