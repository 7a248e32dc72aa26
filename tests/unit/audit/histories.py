"""A small healthy history, made by hand the way the services would have made it, for tests to break."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from audit.history import (
    Account,
    DecidedTo,
    Headers,
    History,
    Ledger,
    LedgerBlock,
    LedgerBooking,
    LedgerEvent,
    LedgerOutcome,
    LedgerSeat,
    Log,
    Message,
    SeatCount,
    ShownBooking,
    ShownCommand,
    View,
)
from audit.replay import RulesReplay
from contracts.commands import AddSeats, BookSeats, Command, CreateEvent, EventCommand, PublishEvent, Row, Tick, encode
from contracts.topics import COMMAND_ID_HEADER, partition_of
from contracts.views import BlockView, EventView, LayoutView, SalesView

PARTITIONS = 2
EVENT = "concert1"
PARTITION = partition_of(EVENT, PARTITIONS)
START_MS = 1_800_000_000_000
DATE = "2027-05-01T19:00:00Z"
NOWHERE = DecidedTo(0, 0)
SEATS = ("A1", "A2", "A3", "A4")


def booking_id(number: int) -> str:
    return f"bk_{number:036d}"


def command_id(number: int) -> str:
    return f"cm_{number:036d}"


def book(number: int, *seat_ids: str, issued_at_ms: int = START_MS) -> BookSeats:
    return BookSeats(
        event_id=EVENT, command_id=booking_id(number), seat_ids=seat_ids, principal="p_1", issued_at_ms=issued_at_ms
    )


def hall() -> list[EventCommand]:
    create = CreateEvent(
        event_id=EVENT,
        command_id=command_id(1),
        issued_at_ms=START_MS,
        name="A concert",
        event_kind="concert",
        venue="The hall",
        time_zone="Europe/Vienna",
        date=DATE,
    )
    rows = (Row(row="A", seat_ids=SEATS),)
    seats = AddSeats(
        event_id=EVENT, command_id=command_id(2), issued_at_ms=START_MS, block=0, section="stalls", rows=rows
    )
    return [create, seats, PublishEvent(event_id=EVENT, command_id=command_id(3), issued_at_ms=START_MS, blocks=1)]


def latest_states(outcomes: Sequence[LedgerOutcome]) -> dict[str, LedgerOutcome]:
    """Map each booking that has a life to the last outcome that says what became of it."""
    return {outcome.booking_id or outcome.command_id: outcome for outcome in outcomes if outcome.booking is not None}


def with_latest_states(outcomes: Sequence[LedgerOutcome]) -> list[LedgerOutcome]:
    """Return the outcomes of commands by id, a booking's with its latest state."""
    latest = latest_states(outcomes)
    named = sorted((outcome for outcome in outcomes if outcome.command_id), key=lambda outcome: outcome.command_id)
    return [
        outcome._replace(booking=last.booking, decided_at_ms=last.decided_at_ms)
        if (last := latest.get(outcome.command_id))
        else outcome
        for outcome in named
    ]


@dataclass
class Parts:
    """The lists of a history, open to be broken; ``history()`` closes them."""

    messages: list[Message] = field(default_factory=list)
    outcomes: list[LedgerOutcome] = field(default_factory=list)
    former: list[LedgerOutcome] = field(default_factory=list)
    dead_letters: set[tuple[int, int]] = field(default_factory=set)
    seats: list[LedgerSeat] = field(default_factory=list)
    event: LedgerEvent = field(
        default_factory=lambda: LedgerEvent(
            EVENT, "A concert", "concert", "The hall", "Europe/Vienna", DATE, "on_sale", PARTITION, 3
        )
    )
    decided_to: DecidedTo = NOWHERE
    first: int = 0
    end: int = 0
    incarnation: str = "one"
    event_view: EventView | None = None
    layout: LayoutView | None = None
    block: BlockView | None = None
    bookings: list[ShownBooking] = field(default_factory=list)
    commands: list[ShownCommand] = field(default_factory=list)
    accepted: set[str] = field(default_factory=set)
    seat_counts: list[SeatCount] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    people: dict[str, Account] = field(default_factory=dict)
    people_moved: bool = False
    sales: dict[str, SalesView] | None = None
    """None: as the seats and outcomes make them."""
    moved: bool = False
    shown_to_ms: dict[int, int] = field(default_factory=dict)
    not_shown_ms: dict[int, int] = field(default_factory=dict)

    def history(self) -> History:
        log = Log({PARTITION: self.messages}, {PARTITION: self.first}, {PARTITION: self.end})
        ledger = Ledger(
            incarnation="one",
            decided_to={PARTITION: self.decided_to},
            outcomes=sorted(self.outcomes, key=lambda outcome: (outcome.log_partition, outcome.log_offset)),
            outcomes_by_id=with_latest_states([*self.former, *self.outcomes]),
            dead_letters=frozenset(self.dead_letters),
            events=[self.event],
            blocks=[LedgerBlock(EVENT, 0, "stalls", (("A", SEATS),), None, None)],
            seats=self.seats,
            bookings=[
                LedgerBooking(booking_id, EVENT, outcome.booking)
                for booking_id, outcome in latest_states([*self.former, *self.outcomes]).items()
                if outcome.booking
            ],
            seat_counts=self.seat_counts,
            not_shown_ms=self.not_shown_ms,
            former=self.former,
            accounts=self.accounts,
        )
        view = View(
            incarnation=self.incarnation,
            events={EVENT: self.event_view} if self.event_view else {},
            layouts={f"{EVENT}:0": self.layout} if self.layout else {},
            blocks={f"{EVENT}:0": self.block} if self.block else {},
            bookings=sorted(self.bookings),
            commands=sorted(self.commands),
            moved=lambda: self.moved,
            shown_to_ms=self.shown_to_ms,
            people=self.people,
            people_moved=lambda: self.people_moved,
            sales=self.sales if self.sales is not None else {EVENT: sales_of(self)},
        )
        return History(log, ledger, view, frozenset(self.accepted))


def sales_of(parts: Parts) -> SalesView:
    """Return what is told of the hall's sales, counted by hand: all of its seats cost nothing in particular."""
    owners = [seat.booking_id or "" for seat in parts.seats]
    kept = sum(owner.startswith("cm_") for owner in owners)
    status = [seat.status for seat, owner in zip(parts.seats, owners, strict=True) if not owner.startswith("cm_")]
    sold: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for outcome in (*parts.former, *parts.outcomes):
        if outcome.status == "rejected" and outcome.reason:
            refused[outcome.reason] += 1
        for change in outcome.changes:
            sold[str(outcome.decided_at_ms // 60_000)] += change.status == "b"
    return {
        "_id": EVENT,
        "event_id": EVENT,
        "categories": [
            {
                "category": None,
                "price_minor": None,
                "currency": None,
                "available": status.count("a"),
                "held": status.count("h"),
                "booked": status.count("b"),
                "blocked": kept,
            }
        ],
        "sold": dict(+sold),
        "sold_earlier": 0,
        "refused": dict(refused),
        "counted": 0,
        "position": "0-0",
        "since": None,
        "version": 1,
    }


def message(offset: int, command: Command | Tick, *, at_ms: int = START_MS + 10) -> Message:
    return Message(PARTITION, offset, at_ms, EVENT.encode(), encode(command))


def poison(offset: int, *, named: str | None = None) -> Message:
    headers: Headers = [(COMMAND_ID_HEADER, named)] if named else ()
    return Message(PARTITION, offset, START_MS + 10, EVENT.encode(), b"no command", headers)


def healthy(*bookings: BookSeats | Tick) -> Parts:
    """Return the history of a hall on sale and of these messages after it."""
    return made_of([message(offset, command) for offset, command in enumerate([*hall(), *bookings])])


def made_of(messages: Sequence[Message]) -> Parts:
    """Return the healthy history of these messages."""
    parts = Parts(messages=list(messages), end=len(messages))
    replay = RulesReplay(PARTITIONS)
    seats = [LedgerSeat(EVENT, 0, n, seat_id, "a", None, 0) for n, seat_id in enumerate(SEATS)]
    for each in messages:
        replayed = replay.apply(each)
        if replayed.dead_letter:
            parts.dead_letters.add((each.partition, each.offset))
        for outcome in replayed.outcomes:
            parts.outcomes.append(outcome)
            for change in outcome.changes:
                owner = None if change.status == "a" else outcome.booking_id or outcome.command_id
                seats[change.position] = seats[change.position]._replace(
                    status=change.status, booking_id=owner, version=change.version
                )
    parts.seats = seats
    parts.decided_to = DecidedTo(len(messages), max(each.log_time_ms for each in messages))
    parts.shown_to_ms = {PARTITION: parts.decided_to.log_time_ms}
    _show(parts)
    return parts


def made_anew(former: Sequence[BookSeats | Tick], present: Sequence[BookSeats | Tick]) -> Parts:
    """Return the healthy history of a hall whose topic was made anew between these messages."""
    parts = healthy(*former, *present)
    begin = len(hall()) + len(former)
    parts.former = [outcome for outcome in parts.outcomes if outcome.log_offset < begin]
    parts.outcomes = [
        outcome._replace(log_offset=outcome.log_offset - begin)
        for outcome in parts.outcomes
        if outcome.log_offset >= begin
    ]
    parts.messages = [each._replace(offset=each.offset - begin) for each in parts.messages[begin:]]
    parts.end = len(parts.messages)
    parts.decided_to = parts.decided_to._replace(next_offset=parts.end)
    return parts


def _show(parts: Parts) -> None:
    status = "".join(seat.status for seat in parts.seats)
    version = 1 + sum(seat.version for seat in parts.seats)
    parts.layout = {
        "_id": f"{EVENT}:0",
        "event_id": EVENT,
        "block": 0,
        "section": "stalls",
        "rows": [{"row": "A", "seat_ids": list(SEATS)}],
        "price_minor": None,
        "currency": None,
    }
    parts.block = {
        "_id": f"{EVENT}:0",
        "event_id": EVENT,
        "block": 0,
        "section": "stalls",
        "status": status,
        "version": version,
    }
    parts.event_view = {
        "_id": EVENT,
        "event_id": EVENT,
        "name": "A concert",
        "kind": "concert",
        "venue": "The hall",
        "time_zone": "Europe/Vienna",
        "date": DATE,
        "seats_total": len(SEATS),
        "seats_available": status.count("a"),
        "partition": PARTITION,
        "version": 3 + version,
    }
    for outcome in with_latest_states(parts.outcomes):
        if outcome.kind == "book_seats":
            state = outcome.booking
            parts.bookings.append(
                ShownBooking(
                    outcome.command_id,
                    outcome.event_id,
                    outcome.principal,
                    state.seat_ids if state else outcome.seat_ids,
                    state.status if state else outcome.status,
                    state.reason if state else outcome.reason,
                    outcome.conflicts,
                    outcome.requested_at_ms,
                    outcome.decided_at_ms,
                    state.expires_at_ms if state else None,
                    state.version if state else 1,
                )
            )
        else:
            parts.commands.append(
                ShownCommand(
                    outcome.command_id,
                    outcome.kind,
                    outcome.booking_id or outcome.event_id,
                    outcome.status,
                    outcome.reason,
                )
            )
