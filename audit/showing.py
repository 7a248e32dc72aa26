"""Showing: the view held against the ledger. Pure.

When the view moved on while it was being read, it may be newer than the ledger's snapshot, never older. It shows events
that are, were or will be on sale; what is still being set up is nobody's yet.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import TypeVar
from zoneinfo import ZoneInfo, available_timezones

from audit.findings import Findings, Invariant
from audit.history import DecidedTo, Ledger, LedgerBlock, LedgerEvent, LedgerOutcome, ShownBooking, ShownCommand, View
from contracts.moments import moment_text_of
from contracts.outcomes import BookingState, BookingStatus, Reason
from contracts.seat_status import available_in
from contracts.views import BlockView, EventView, LayoutView, block_key

_SAME = (
    "status",
    "organiser",
    "description",
    "place",
    "hold_seconds",
    "max_seats_per_user",
    "production_id",
    "production_name",
    "origin",
    "destination",
    "departure",
    "arrival",
)
_LATER = frozenset({*_SAME, "on_sale_at", "off_sale_at", "local_date", "local_day"})

S = TypeVar("S", ShownBooking, ShownCommand)

_BOOKING = "book_seats"
_CHECK_IN = "check_in"
_DRAFT = "draft"


def compare(ledger: Ledger, by_id: Iterable[LedgerOutcome], view: View, findings: Findings) -> None:
    """Hold the view's documents against the ledger, and the other way round; ``by_id``: its outcomes in order of id."""
    comparison = _Comparison(ledger, view, findings)
    comparison.watermark()
    comparison.events()
    comparison.bookings_and_commands(by_id)
    comparison.people()


class _Comparison:
    def __init__(self, ledger: Ledger, view: View, findings: Findings) -> None:
        self._ledger = ledger
        self._view = view
        self._findings = findings
        self._public = {event.event_id: event for event in ledger.events if event.status != _DRAFT}

    def watermark(self) -> None:
        """``never_accepted`` and ``Frontrow-As-Of`` rest on it: a time told too early fails what is yet to be shown."""
        for partition, shown_ms in self._view.shown_to_ms.items():
            self._findings.checked[Invariant.WATERMARK] += 1
            decided_ms = self._ledger.decided_to.get(partition, DecidedTo(0, 0)).log_time_ms
            first_ms = self._ledger.not_shown_ms.get(partition, shown_ms)
            said = f"partition {partition} was said to be shown up to {shown_ms} ms"
            if shown_ms > decided_ms:
                self._findings.complain(Invariant.WATERMARK, f"{said}, but is decided up to {decided_ms} ms")
            elif first_ms < shown_ms:
                self._findings.complain(Invariant.WATERMARK, f"{said}, before an outcome of {first_ms} ms was")

    def events(self) -> None:
        if self._view.incarnation != self._ledger.incarnation:
            self._complain(
                f"the view is of ledger {self._view.incarnation or 'none'}, the ledger is {self._ledger.incarnation}"
            )
        layouts = {}
        for block in self._ledger.blocks:
            if block.event_id not in self._public:
                continue
            layouts[block_key(block.event_id, block.block)] = block.section
            self._layout(block)
        self._unexpected("layout", self._view.layouts.keys() - layouts.keys())
        self._blocks_and_events(layouts)

    def _layout(self, block: LedgerBlock) -> None:
        self._findings.checked[Invariant.VIEW] += 1
        key = block_key(block.event_id, block.block)
        shown = self._view.layouts.get(key)
        if shown is None:
            self._complain(f"block {key} has no layout in the view")
        elif layout_of(shown) != block:
            self._complain(f"the layout of block {key} differs from the ledger's")

    def _blocks_and_events(self, sections: dict[str, str]) -> None:
        totals: dict[str, list[int]] = {}
        seen = set()
        for (event_id, number), seats in groupby(self._ledger.seats, attrgetter("event_id", "block")):
            if event_id not in self._public:
                continue
            status, version = "", 1
            for seat in seats:
                status += seat.status
                version += seat.version
            key = block_key(event_id, number)
            seen.add(key)
            total = totals.setdefault(event_id, [0, 0, 0])
            total[0] += len(status)
            total[1] += available_in(status)
            total[2] += version
            self._block(key, sections.get(key, ""), status, version)
        self._unexpected("block", self._view.blocks.keys() - seen)
        for event in self._public.values():
            self._event(event, *totals.get(event.event_id, (0, 0, 0)))
        self._unexpected("event", self._view.events.keys() - self._public.keys())

    def _block(self, key: str, section: str, status: str, version: int) -> None:
        self._findings.checked[Invariant.VIEW] += 1
        shown: BlockView | None = self._view.blocks.get(key)
        if shown is None:
            self._complain(f"block {key} is not in the view")
        elif self._newer(shown["version"], version):
            return
        elif (shown["version"], shown["section"]) != (version, section):
            self._complain(
                f"block {key} is {shown['section']} at version {shown['version']} in the view, "
                f"{section} at {version} in the ledger"
            )
        elif shown["status"] != status:
            wrong = [n for n, pair in enumerate(zip(shown["status"], status, strict=False)) if pair[0] != pair[1]]
            self._complain(f"block {key} shows another status than the ledger's seats at positions {wrong[:10]}")

    def _event(self, event: LedgerEvent, seats: int, available: int, blocks_version: int) -> None:
        self._findings.checked[Invariant.VIEW] += 1
        shown: EventView | None = self._view.events.get(event.event_id)
        version = event.version + blocks_version
        if shown is None:
            self._complain(f"event {event.event_id} is not in the view")
            return
        if self._newer(shown["version"], version):
            return
        for name, should, is_ in event_differences(event, seats, available, version, shown):
            self._complain(f"event {event.event_id} shows {name} {is_!r}, the ledger makes it {should!r}")

    def people(self) -> None:
        known = set()
        for account in self._ledger.accounts:
            self._findings.checked[Invariant.NAMES] += 1
            known.add(account.principal)
            shown = self._view.people.get(account.principal)
            if shown is not None and shown.version > account.version and self._view.people_moved():
                continue
            # Never the name itself: what the checker prints is kept.
            if (
                shown is None
                or shown.version != account.version
                or (shown.user_id is None) != (account.user_id is None)
            ):
                what = "has no name" if account.user_id is None else "has a name"
                self._findings.complain(Invariant.NAMES, f"{account.principal} {what}, which the view does not show so")
            elif shown.user_id != account.user_id:
                self._findings.complain(Invariant.NAMES, f"{account.principal} is shown under another name")
        for principal in sorted(self._view.people.keys() - known):
            if not self._view.people_moved():
                self._findings.complain(Invariant.NAMES, f"{principal} is shown and was never an account")

    def bookings_and_commands(self, by_id: Iterable[LedgerOutcome]) -> None:
        bookings, commands = iter(self._view.bookings), iter(self._view.commands)
        booking, command = next(bookings, None), next(commands, None)
        for outcome in by_id:
            self._findings.checked[Invariant.VIEW] += 1
            if outcome.kind == _BOOKING:
                booking = self._one(booking_of(outcome), booking, bookings)
            else:
                command = self._one(command_of(outcome), command, commands)
        self._rest(booking, bookings)
        self._rest(command, commands)

    def _one(self, should: S, shown: S | None, following: Iterator[S]) -> S | None:
        """Hold one document against what it should be; return the next one that is not yet looked at."""
        while shown is not None and shown[0] < should[0]:
            self._unasked(shown[0])
            shown = next(following, None)
        if shown is None or shown[0] != should[0]:
            self._complain(f"{should[0]} is decided but not in the view")
            return shown
        if shown != should and not self._moved_on(shown, should):
            different = [
                f"{name} {is_!r} instead of {was!r}"
                for name, is_, was in zip(should._fields, shown, should, strict=True)
                if is_ != was
            ]
            self._complain(f"{should[0]} shows {'; '.join(different)}")
        return next(following, None)

    def _moved_on(self, shown: S, should: S) -> bool:
        newer = isinstance(shown, ShownBooking) and isinstance(should, ShownBooking) and shown.version > should.version
        return newer and self._view.moved()

    def _rest(
        self, shown: ShownBooking | ShownCommand | None, following: Iterator[ShownBooking | ShownCommand]
    ) -> None:
        while shown is not None:
            self._unasked(shown[0])
            shown = next(following, None)

    def _unasked(self, command_id: str) -> None:
        if not self._view.moved():
            self._complain(f"{command_id} is in the view but has no outcome in the ledger")

    def _unexpected(self, what: str, keys: Iterable[str]) -> None:
        if not self._view.moved():
            for key in sorted(keys):
                self._complain(f"{what} {key} is in the view but not in the ledger")

    def _newer(self, shown: int, ledger: int) -> bool:
        return shown > ledger and self._view.moved()

    def _complain(self, sentence: str) -> None:
        self._findings.complain(Invariant.VIEW, sentence)


def event_differences(
    event: LedgerEvent, seats: int, available: int, version: int, shown: Mapping[str, object]
) -> list[tuple[str, object, object]]:
    """Return in what a document does not show an event as it is: name, what it should say, and what it says.

    ``seats``, ``available``, ``version``: the sums over its blocks.
    """
    should: dict[str, object] = {
        "event_id": event.event_id,
        "name": event.name,
        "kind": event.kind,
        "venue": event.venue,
        "time_zone": event.time_zone,
        "date": event.date,
        "seats_total": seats,
        "seats_available": available,
        "partition": event.log_partition,
        "version": version,
        **_facts_of(event),
    }
    return [
        (name, value, shown.get(name))
        for name, value in should.items()
        # What is not there and came later was written by a version that did not know it.
        if shown.get(name) != value and (name in shown or name not in _LATER)
    ]


def _facts_of(event: LedgerEvent) -> dict[str, object]:
    """Return what the view says of an event since there are organisers."""
    local = datetime.fromisoformat(event.date).astimezone(_zone(event.time_zone))
    return {
        **{name: getattr(event, name) for name in _SAME},
        "on_sale_at": _moment(event.on_sale_at_ms),
        "off_sale_at": _moment(event.off_sale_at_ms),
        "local_date": local.isoformat(timespec="seconds"),
        "local_day": local.isoformat()[:10],
    }


def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name if name in _zones() else "UTC")


@cache
def _zones() -> frozenset[str]:
    """Return all there are. To find them Python walks through its files of zones: as much work as a hundred events."""
    return frozenset(available_timezones())


def _moment(ms: int | None) -> str | None:
    return moment_text_of(ms / 1000) if ms is not None else None


def layout_of(layout: LayoutView) -> LedgerBlock:
    """Return what a layout says, in the ledger's shape."""
    return LedgerBlock(
        layout["event_id"],
        layout["block"],
        layout["section"],
        tuple((row["row"], tuple(row["seat_ids"])) for row in layout["rows"]),
        layout["price_minor"],
        layout["currency"],
        tuple(layout.get("accessible", ())),
        layout.get("general_admission", False),
        layout.get("category"),
        tuple((some["category"], some["price_minor"], tuple(some["seat_ids"])) for some in layout.get("priced", ())),
    )


def booking_of(outcome: LedgerOutcome) -> ShownBooking:
    """Return how a booking must be shown; ``outcome``: its request's, with its latest state."""
    as_decided = BookingState(BookingStatus(outcome.status), None, outcome.seat_ids, None, 1)
    now = outcome.booking or as_decided._replace(reason=Reason(outcome.reason) if outcome.reason else None)
    return ShownBooking(
        outcome.command_id,
        outcome.event_id,
        outcome.principal,
        now.seat_ids,
        str(now.status),
        str(now.reason) if now.reason is not None else None,
        outcome.conflicts,
        outcome.requested_at_ms,
        outcome.decided_at_ms,
        now.expires_at_ms,
        now.version,
        now.offer,
        now.check_ins,
    )


def command_of(outcome: LedgerOutcome) -> ShownCommand:
    """Return how a command must be shown."""
    target = outcome.booking_id or outcome.event_id
    seat_id = outcome.seat_ids[0] if outcome.kind == _CHECK_IN and outcome.seat_ids else None
    return ShownCommand(outcome.command_id, outcome.kind, target, outcome.status, outcome.reason, seat_id)
