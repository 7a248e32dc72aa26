"""The ledger's sections: the feed's rows, events, the seats of a block, bookings. ``sweep`` enters here.

Everything but the feed is compared at one exact place: a section is read in one snapshot together with the offsets up
to which that snapshot is decided, and the replay goes on until it is exactly there. So neither can have moved, whatever
is booked meanwhile. The feed never changes: a row that is another one than when it was first read, or is gone, was
changed by a hand, or by the restoration of a backup, which puts the same rows elsewhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from audit.auditor.doubts import said
from audit.auditor.follower import BeginAgainError
from audit.auditor.ledger import BookingRow, EventRow, Position, SeatRow
from audit.auditor.sections import MOST_ROWS, SECTION_ROWS, Look, Piece, World, cut, named
from audit.auditor.standing import SeatStanding, Seen
from audit.auditor.violations import Violation
from contracts.outcomes import BookingState
from contracts.seat_status import WORDS
from contracts.topics import partition_of

_TERMS: Final = (
    "status",
    "version",
    "hold_seconds",
    "organiser",
    "max_seats_per_user",
    "on_sale_at_ms",
    "off_sale_at_ms",
    "clearing",
)
"""What the rules look at of an event."""
_HIDDEN: Final = frozenset({"organiser"})
"""Who people are is nobody's business."""


@dataclass(frozen=True, slots=True)
class LogSection:
    """The ends of the log's partitions: it must begin at its beginning and have what is decided."""

    key: str = "the log's ends"

    def look(self, world: World) -> Look:
        """See that the log still has all that was decided."""
        decided = world.ledger.offsets()
        first, end = world.log.bounds()
        found = [
            Violation(f"partition {partition} begins at offset {offset}: what was before cannot be replayed")
            for partition, offset in first.items()
            if offset > 0
        ]
        found += [
            Violation(
                f"partition {partition} has lost its end",
                log_says=f"it goes to offset {end.get(partition, 0)}",
                ledger_says=f"it is decided up to {offset}",
            )
            for partition, offset in decided.items()
            if offset > end.get(partition, 0)
        ]
        return Look(found, len(first))


@dataclass(frozen=True, slots=True)
class FeedSection:
    """Rows of the feed behind the ``after``-th that was read: each must still be there, and say the same."""

    after: int

    @property
    def key(self) -> str:
        """Its name."""
        return f"rows {self.after + 1:,} to {self.after + SECTION_ROWS:,} of the feed"

    def look(self, world: World) -> Look:
        """Hold the digests of now against those of then."""
        known = [seen for _n, seen in world.standing.seen(self.after, SECTION_ROWS)]
        if not known:
            return Look((), 0)
        first, last = (Position(seen.tx, seen.row) for seen in (known[0], known[-1]))
        there = world.ledger.digests(first, last)
        if there == [(seen.tx, seen.row, seen.digest) for seen in known]:
            return Look((), len(known))
        digests = {(tx, row): digest for tx, row, digest in there}
        wrong = [seen for seen in known if digests.get((seen.tx, seen.row)) != seen.digest]
        return Look([self._violation(seen, world, digests) for seen in wrong], len(known))

    def _violation(self, seen: Seen, world: World, digests: Mapping[tuple[int, int], int]) -> Violation:
        now = world.ledger.outcomes_of(seen.about)
        if any(row.digest == seen.digest for row in now):
            msg = f"the outcome of {seen.about} lies elsewhere than it did"
            raise BeginAgainError(msg)
        here = [row.outcome for row in now if tuple(row.position) == (seen.tx, seen.row)]
        seats = world.standing.seats_of(seen.about)
        missing = (seen.tx, seen.row) not in digests
        return Violation(
            "its outcome is gone" if missing else "its outcome was changed",
            event_id=seen.event_id,
            booking_id=seen.about,
            seat_id=seats[0] if seats else "",
            log_says=f"it asks for {', '.join(seats)}" if seats else "it was decided",
            ledger_says="nothing" if missing else "; ".join(map(said, here)),
        )


@dataclass(frozen=True, slots=True)
class HallsSection:
    """Events' own rows, and the seats of blocks."""

    pieces: tuple[Piece, ...]

    @property
    def key(self) -> str:
        """Its name."""
        return f"events {named(self.pieces)}"

    def look(self, world: World) -> Look:
        """Hold events and seats against what the log makes of them."""
        ids = sorted({piece.event_id for piece in self.pieces})
        with world.ledger.snapshot():
            events = world.ledger.events(ids)
            counts = world.ledger.counts([piece.event_id for piece in self.pieces if piece.block is None])
            seats = world.ledger.seats([piece for piece in self.pieces if piece.block is not None])
            offsets = world.ledger.offsets()
        partitions = {partition_of(event_id, len(world.follower.positions)) for event_id in ids}
        world.follower.reach({partition: offsets.get(partition, 0) for partition in partitions})
        found: list[Violation] = []
        for event_id, block in self.pieces:
            if event_id in world.standing.former.events:
                continue  # it cannot be replayed; that the view agrees is seen all the same
            if block is None:
                found += _event(event_id, events.get(event_id), counts.get(event_id, {}), world)
            else:
                found += _seats(event_id, seats.get((event_id, block), []), world.standing.seats(event_id, block))
        return Look(found, len(ids) + sum(map(len, seats.values())) + sum(map(len, counts.values())))


def _event(event_id: str, row: EventRow | None, counts: Mapping[str, int], world: World) -> Iterator[Violation]:
    hall = world.standing.hall(event_id)
    if row is None or hall is None:
        if row is not None or hall is not None:
            what = "it is not in the ledger" if row is None else "no command on the log made it"
            yield Violation(what, event_id)
        return
    for term in _TERMS:
        is_, should = getattr(row, term), getattr(hall, term)
        if is_ != should and term not in _HIDDEN:
            yield Violation(f"its {term} is another one", event_id, log_says=str(should), ledger_says=str(is_))
        elif is_ != should:
            yield Violation(f"its {term} is another one", event_id)
    if set(row.blocks) != hall.blocks:
        log, ledger = (f"{len(blocks)} blocks" for blocks in (hall.blocks, row.blocks))
        yield Violation("it has other blocks", event_id, log_says=log, ledger_says=ledger)
    should_be = {who: seats for who, seats in hall.counts.items() if seats} if hall.max_seats_per_user else {}
    if counts != should_be:
        wrong = {who for who in counts.keys() | should_be.keys() if counts.get(who) != should_be.get(who)}
        log, ledger = (str(sum(of.get(who, 0) for who in wrong)) for of in (should_be, counts))
        yield Violation("people's seats are counted wrongly", event_id, log_says=log, ledger_says=ledger)


def _seats(event_id: str, seats: Sequence[SeatRow], should: Sequence[SeatStanding]) -> Iterator[Violation]:
    if [seat[:4] for seat in seats] == should:
        return
    known = {seat.seat_id: seat for seat in seats}
    for standing in should:
        seat = known.pop(standing.seat_id, None)
        if seat is None or seat[:4] != standing:
            yield Violation(
                "the seat is not what its changes make it",
                event_id,
                standing.booking_id or (seat.booking_id if seat else None) or "",
                standing.seat_id,
                log_says=_seat(*standing[1:]),
                ledger_says=_seat(*seat[1:4]) if seat else "there is no such seat",
            )
    for seat in known.values():
        what = "no command on the log made this seat"
        yield Violation(what, event_id, seat.booking_id or "", seat.seat_id, ledger_says=_seat(*seat[1:4]))


@dataclass(frozen=True, slots=True)
class BookingsSection:
    """Bookings that have a life, those with ``after`` < id ≤ ``to``."""

    after: str
    to: str

    @property
    def key(self) -> str:
        """Its name."""
        return f"bookings behind {self.after or 'the beginning'}"

    def look(self, world: World) -> Look:
        """Hold each booking against what its commands and the ticks made of it."""
        with world.ledger.snapshot():
            rows = world.ledger.bookings(self.after, self.to, MOST_ROWS + 1)
            offsets = world.ledger.offsets()
        positions = world.follower.positions
        world.follower.reach({partition: offset for partition, offset in offsets.items() if partition in positions})
        former = world.standing.former.events
        should = world.standing.bookings(self.after, self.to, MOST_ROWS + 1)
        to = min(cut([row.booking_id for row in rows], self.to), cut(list(should), self.to))
        rows = [row for row in rows if row.booking_id <= to]
        should = {booking_id: state for booking_id, state in should.items() if booking_id <= to}
        found = [
            _booking(row, state)
            for row in rows
            if row.event_id not in former and (state := should.pop(row.booking_id, None)) != row.state
        ]
        found += [
            Violation(
                "the booking is not in the ledger",
                world.standing.event_of(booking_id),
                booking_id,
                state.seat_ids[0] if state.seat_ids else "",
                log_says=_state(state),
                ledger_says="nothing",
            )
            for booking_id, state in should.items()
        ]
        return Look(found, len(rows), BookingsSection(to, self.to) if to < self.to else None)


def _booking(row: BookingRow, should: BookingState | None) -> Violation:
    return Violation(
        "the booking is not what its commands make it",
        row.event_id,
        row.booking_id,
        row.state.seat_ids[0] if row.state.seat_ids else "",
        log_says=_state(should) if should else "nothing became of it",
        ledger_says=_state(row.state),
    )


def _state(state: BookingState) -> str:
    why = f" {state.reason}" if state.reason else ""
    return f"{state.status}{why}, seats {', '.join(state.seat_ids)}, version {state.version}"


def _seat(status: str, booking_id: str | None, version: int) -> str:
    return f"{WORDS.get(status, status)}{f' by {booking_id}' if booking_id else ''}, version {version}"
