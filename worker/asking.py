"""Asking: what a batch must know of the ledger, and what more once it knows that. Pure.

``worker.batch`` enters here. A plain booking is asked for at once. Bookings that are named or due lead to their seats
and events, a limited event to how many seats somebody has there, a cancelled one to whoever has seats in its next
block: so what was found is looked at, and asked on from, until nothing is missing (``MOST_ROUNDS``).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from contracts.commands import (
    BlockSeats,
    BookingCommand,
    BookSeats,
    Command,
    ReleaseSeats,
    StartPayment,
    Tick,
)
from contracts.event_commands import CancelEvent, seats_named_by
from contracts.outcomes import BookingStatus
from worker.deciding import EXPIRIES_PER_TICK
from worker.decisions import Unreadable
from worker.entries import Entry
from worker.hall import blocks_a_seat
from worker.records import Blocks, Due, Found, Wanted

MOST_ROUNDS: Final = 4
"""Cancelled events, then who has seats in their next block, then the bookings of those, then all the seats of them."""


class Timed(NamedTuple):
    """A message that is to be decided, with the log's time at it."""

    entry: Entry
    command: Command | Unreadable | Tick
    log_time_ms: int


class Questions:
    """What is asked for one batch. Nothing is asked twice, also where the ledger knew no answer."""

    def __init__(self, timed: Sequence[Timed]) -> None:
        self._timed = timed
        self._seats: set[tuple[str, str]] = set()
        self._events: set[str] = set()
        self._bookings: set[str] = set()
        self._blocks: set[Blocks] = set()
        self._counts: set[tuple[str, str]] = set()
        self._ticks: Counter[int] = Counter()
        self._prices: set[str] = set()
        self._pays = False

    def first(self) -> Wanted:
        """Return what can be asked before anything is known."""
        ids: dict[str, None] = {}
        events: dict[str, None] = {}
        seats: dict[tuple[str, str], None] = {}
        blocks_of: dict[str, None] = {}
        others = _requests(self._timed, ids, events, seats)
        for entry, command, _time in others:
            if isinstance(command, Tick):
                self._ticks[entry.partition] += 1
                continue
            if command.command_id is not None:
                ids[command.command_id] = None
            if isinstance(command, Unreadable | BookingCommand | BookSeats):
                self._pays = self._pays or isinstance(command, StartPayment)
                continue
            events[command.event_id] = None
            seats.update(dict.fromkeys((command.event_id, seat_id) for seat_id in seats_named_by(command)))
            if not isinstance(command, BlockSeats | ReleaseSeats):
                blocks_of[command.event_id] = None
        bookings, plans_of = _bookings_and_plans(others)
        self._events.update(events)
        self._seats.update(seats)
        self._bookings.update(bookings)
        return Wanted(
            list(ids),
            list(events),
            list(seats),
            list(blocks_of),
            bookings,
            _due(others),
            plans_of,
            clearing_on=list(self._ticks),
            prices_of=self._events_to_price(events),
        )

    def more(self, found: Found) -> Wanted | None:
        """Return what is still missing once all of ``found`` is known, or None when nothing is."""
        bookings = self._new(self._bookings, self._owners(found))
        taken_in = self._new(self._blocks, self._blocks_to_clear(found))
        events = self._new(self._events, _events_of(found))
        seats = self._new(self._seats, _seats_of_bookings(found))
        counts = self._new(self._counts, self._people_counted(found))
        prices_of = self._events_to_price(booking.event_id for booking in found.bookings.values())
        if not (bookings or taken_in or events or seats or counts or prices_of):
            return None
        return Wanted(
            event_ids=events,
            seats=seats,
            booking_ids=bookings,
            taken_in=taken_in,
            counts=counts,
            prices_of=prices_of,
        )

    @staticmethod
    def _new(asked: set, wanted: Iterable) -> list:  # type: ignore[type-arg]  # of whatever it is
        new = list(dict.fromkeys(each for each in wanted if each not in asked))
        asked.update(new)
        return new

    def _events_to_price(self, events: Iterable[str]) -> list[str]:
        """Return those of ``events`` of which the prices are to be known: none, unless a payment starts."""
        return self._new(self._prices, events) if self._pays else []

    def _blocks_to_clear(self, found: Found) -> Iterator[Blocks]:
        """Yield the blocks that the batch's ticks may come to, a block a tick."""
        if not self._ticks:
            return
        looked_at: Counter[int] = Counter()
        for event_id, partition, block in sorted(found.clearing):
            # A tick clears a block of one event, so so many ticks come to the first so many events.
            if looked_at[partition] < self._ticks[partition]:
                looked_at[partition] += 1
                yield Blocks(event_id, block - self._ticks[partition] + 1, block)
        last: dict[str, int] = {}
        for event_id, block in found.blocks:
            last[event_id] = max(last.get(event_id, 0), block)
        for entry, command, _time in self._timed:
            if isinstance(command, CancelEvent) and (ticks := self._ticks[entry.partition]):
                # What is added in this very batch, in higher blocks, is not in the ledger.
                block = last.get(command.event_id, 0)
                yield Blocks(command.event_id, block - ticks + 1, block)

    def _owners(self, found: Found) -> Iterator[str]:
        """Yield the bookings and offers that have seats in the blocks that were asked for."""
        if not self._blocks:
            return
        for row in found.seats:
            self._seats.add((row.event_id, row.seat_id))
            if row.booking_id is None or blocks_a_seat(row.booking_id):
                continue
            if any(row.event_id == event_id and first <= row.block <= last for event_id, first, last in self._blocks):
                yield row.booking_id

    def _people_counted(self, found: Found) -> Iterator[tuple[str, str]]:
        """Yield whose seats are counted where: of limited events, who asks for seats and whose bookings change."""
        limited = {event_id for event_id, event in found.events.items() if event.max_seats_per_user is not None}
        if not limited:
            return
        for _entry, command, _time in self._timed:
            if isinstance(command, BookSeats) and command.event_id in limited:
                yield command.event_id, command.principal
        for booking in found.bookings.values():
            if booking.event_id in limited:
                yield booking.event_id, booking.principal or ""
        for request in found.requests:
            if request.event_id in limited:
                yield request.event_id, request.principal or ""


def _requests(
    timed: Iterable[Timed], ids: dict[str, None], events: dict[str, None], seats: dict[tuple[str, str], None]
) -> list[Timed]:
    """Note what booking requests name; return all others, and those of which there is more to ask.

    Nearly all messages are requests that name their seats: looked at here, and nowhere else in this room.
    """
    others: list[Timed] = []
    for each in timed:
        command = each.command
        if not isinstance(command, BookSeats):
            others.append(each)
            continue
        ids[command.command_id] = None
        event_id = command.event_id
        events[event_id] = None
        for seat_id in command.seat_ids:
            seats[event_id, seat_id] = None
        if command.offer or command.offer_id is not None or command.best is not None:
            others.append(each)
    return others


def _bookings_and_plans(timed: Iterable[Timed]) -> tuple[list[str], list[str]]:
    """Return the bookings and offers that are named, and the events of which seats are to be chosen."""
    bookings: dict[str, None] = {}
    plans_of: dict[str, None] = {}
    for _entry, command, _time in timed:
        if isinstance(command, BookingCommand):
            bookings[command.booking_id] = None
        elif isinstance(command, BookSeats):
            if command.offer_id is not None:
                bookings[command.offer_id] = None
            if command.offer or command.best is not None:
                plans_of[command.event_id] = None
    return list(bookings), list(plans_of)


def _due(timed: Iterable[Timed]) -> list[Due]:
    """Return what the ticks may end: each the first so many, and each command may take one of them away before."""
    ticks: dict[int, tuple[int, int]] = {}
    about_bookings: Counter[int] = Counter()
    for entry, command, now_ms in timed:
        if isinstance(command, Tick):
            ticks[entry.partition] = now_ms, ticks.get(entry.partition, (0, 0))[1] + 1
        elif isinstance(command, BookingCommand) or (isinstance(command, BookSeats) and command.offer_id is not None):
            about_bookings[entry.partition] += 1
    return [
        Due(partition, now_ms, EXPIRIES_PER_TICK * count + about_bookings[partition])
        for partition, (now_ms, count) in ticks.items()
    ]


def _events_of(found: Found) -> Iterator[str]:
    for booking in found.bookings.values():
        yield booking.event_id
    for request in found.requests:
        yield request.event_id
    for row in found.clearing:
        yield row.event_id


def _seats_of_bookings(found: Found) -> Iterator[tuple[str, str]]:
    for booking in found.bookings.values():
        for seat_id in booking.seat_ids:
            yield booking.event_id, seat_id
    for request in found.requests:
        if request.status == BookingStatus.CONFIRMED:
            for seat_id in request.seat_ids:
                yield request.event_id, seat_id
