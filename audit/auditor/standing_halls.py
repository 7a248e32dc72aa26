"""The standing's halls: events and their seats as the log has made them, in the standing's database.

``standing`` enters here. Of seats only those that a message names come into memory, and go again after it: halls of any
number and size are sold at once at the same cost a booking. An event whose best seats are asked for is the exception,
since the rules choose from all of them: it stays in memory as a whole, while there is room (``SEATS_IN_MEMORY``).
"""

import pickle
import sqlite3
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, Final

from contracts.outcomes import SeatChange
from contracts.seat_status import AVAILABLE
from worker.hall import Hall, Seat

SEATS_IN_MEMORY: Final = 250_000
"""Seats kept in memory between messages, about 400 bytes each: at most 100 MB. They should hold all events whose best
seats are asked for at the same time: another one takes some milliseconds for each thousand of its seats to come back,
so beyond these the auditor falls behind in a rush, and says so (``behind``). One hall is always kept whole, so the
largest event may take more: a million seats, 0.4 GB."""
_ALONE: Final = 10
"""What an event takes without its seats, in seats. Each of its blocks is one more, each of its people where they are
counted, and each seat that has a price of its own."""

SCHEMA: Final = """
    CREATE TABLE halls (event_id TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
    CREATE TABLE plans (hall INTEGER, block INTEGER, value BLOB, PRIMARY KEY (hall, block)) WITHOUT ROWID;
    CREATE TABLE seats (
        hall INTEGER, block INTEGER, position INTEGER, id TEXT, status TEXT, version INTEGER, owner TEXT,
        PRIMARY KEY (hall, block, position)
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX seat_ids ON seats (hall, id);
"""
_SEAT: Final = "SELECT block, position, status, version, owner FROM seats WHERE hall = ? AND id = ?"
_SEATS: Final = "SELECT id, block, position, status, version, owner FROM seats WHERE hall = ?"
_OWNED: Final = f"{_SEATS} AND block = ? AND owner IS NOT NULL"
_OF_BLOCK: Final = "SELECT id, status, owner, version FROM seats WHERE hall = ? AND block = ? ORDER BY position"
_CHANGE: Final = """
    UPDATE seats SET status = ?, version = ?, owner = ? WHERE hall = ? AND block = ? AND position = ?"""


class Halls:
    """Halls by event, those used last in memory, the rest in the database; each seat's last state always there."""

    def __init__(self, database: sqlite3.Connection, seats_in_memory: int) -> None:
        self._database = database
        self._bound = seats_in_memory
        self._numbers: dict[str, int] = {}
        """Of events that have seats: short in the database, where there are many of each."""
        self._sizes: dict[str, int] = {}
        self._size = 0
        self._whole: set[str] = set()
        self._used: set[str] = set()
        """Of which seats are in memory until the message is done."""
        self.in_memory: OrderedDict[str, Hall] = OrderedDict()

    def take(self, event_id: str) -> Hall:
        """Return a hall, in memory from now on; a new one where there is none."""
        hall = self.in_memory.get(event_id)
        if hall is None:
            found = self._database.execute("SELECT value FROM halls WHERE event_id = ?", (event_id,)).fetchone()
            hall = pickle.loads(found[0]) if found is not None else Hall()  # noqa: S301 - our own bytes, of this process
            self.in_memory[event_id] = hall
        self.in_memory.move_to_end(event_id)
        self._used.add(event_id)
        return hall

    def take_seats(self, event_id: str, seat_ids: Iterable[str]) -> None:
        """Have these seats of a hall in memory, as far as it has them."""
        hall = self.take(event_id)
        number = self._numbers.get(event_id)
        if number is None or event_id in self._whole:
            return
        for seat_id in seat_ids:
            if seat_id not in hall.seats:
                found = self._database.execute(_SEAT, (number, seat_id)).fetchone()
                if found is not None:
                    hall.seats[seat_id] = Seat(*found)

    def take_owned(self, event_id: str) -> Hall:
        """Return a hall that has in memory who has seats in the block that is to be cleared next."""
        hall = self.take(event_id)
        if event_id not in self._whole:
            self._load(hall, _OWNED, self._numbers.get(event_id), hall.clearing or 0)
        return hall

    def take_all(self, event_id: str) -> None:
        """Have a hall in memory as a whole, for as long as there is room."""
        hall = self.take(event_id)
        number = self._numbers.get(event_id)
        if number is None or event_id in self._whole:
            return
        self._whole.add(event_id)
        plans = self._database.execute("SELECT block, value FROM plans WHERE hall = ? ORDER BY block", (number,))
        hall.plan.update((block, pickle.loads(value)) for block, value in plans)  # noqa: S301 - as above
        self._load(hall, _SEATS, number)

    def _load(self, hall: Hall, query: str, *values: object) -> None:
        # A seat that is there already may be another one by now than the database's; the message is not done.
        for seat_id, *seat in self._database.execute(query, values):
            hall.seats.setdefault(seat_id, Seat(*seat))

    def add(self, event_id: str, block: int) -> None:
        """Keep a block that was added to a hall in memory."""
        hall, number = self.in_memory[event_id], self._numbers.setdefault(event_id, len(self._numbers))
        plan = hall.plan[block]
        seat_ids = (seat_id for row in plan.block.rows for seat_id in row)
        rows = ((number, block, position, seat_id, AVAILABLE, 0, None) for position, seat_id in enumerate(seat_ids))
        self._database.executemany("INSERT INTO seats VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        value = pickle.dumps(plan, pickle.HIGHEST_PROTOCOL)
        self._database.execute("INSERT INTO plans VALUES (?, ?, ?)", (number, block, value))

    def change(self, event_id: str, changes: Iterable[SeatChange], owner: str) -> None:
        """Keep what became of seats that are now ``owner``'s, or nobody's."""
        number = self._numbers[event_id]
        for block, position, status, version in changes:
            whose = None if status == AVAILABLE else owner
            self._database.execute(_CHANGE, (status, version, whose, number, block, position))

    def seats(self, event_id: str, block: int) -> list[tuple[Any, ...]]:
        """Return id, status, owner and version of a block's seats, in map order."""
        return self._database.execute(_OF_BLOCK, (self._numbers.get(event_id), block)).fetchall()

    def forget(self, event_id: str) -> Hall:
        """Keep a hall no longer in memory."""
        self._size -= self._sizes.pop(event_id, 0)
        self._whole.discard(event_id)
        return self.in_memory.pop(event_id)

    def let_go(self, *, spoilt: bool = False) -> None:
        """Let the seats go that a message has needed, and halls that were used longest ago, until the bound is kept.

        ``spoilt``: not to be believed, whole or not; the database has what is right.
        """
        for event_id in self._used & self.in_memory.keys():
            hall = self.in_memory[event_id]
            if hall.status is None:
                self.forget(event_id)  # whoever asks for events that never were costs us nothing
                continue
            if spoilt:
                self._whole.discard(event_id)
            if event_id not in self._whole:
                _empty(hall)
            priced = sum(len(prices.of_seats) for prices in hall.prices.values())
            size = len(hall.seats) + len(hall.counts) + len(hall.blocks) + priced + _ALONE
            self._size += size - self._sizes.get(event_id, 0)
            self._sizes[event_id] = size
        self._used.clear()
        while self._size > self._bound and len(self.in_memory) > 1:
            event_id = next(iter(self.in_memory))
            hall = self.forget(event_id)
            _empty(hall)
            value = pickle.dumps(hall, pickle.HIGHEST_PROTOCOL)
            self._database.execute("REPLACE INTO halls VALUES (?, ?)", (event_id, value))


def _empty(hall: Hall) -> None:
    hall.seats.clear()
    hall.plan.clear()
    hall.seating = None
