"""Projection: rows of the feed become documents of the view. Pure.

A row that is read again changes no seat in memory, yet its block is written again: the process may have died between
reading the row and writing the block (test: ``test_a_projector_killed_before_its_write_leaves_nothing_stale``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from contracts.ids import OFFER_PREFIX
from contracts.positions import position_text
from contracts.views import BlockView, BookingChange, BookingView, CommandView, EventView, SalesView
from sync_service.feed import Cursor, FeedRow
from sync_service.sales import Counted, counted, sales_view, tallied
from sync_service.seat_maps import SeatMaps
from sync_service.times import from_milliseconds, milliseconds, to_millisecond

BOOKING: Final = "book_seats"
CHECK_IN: Final = "check_in"
PUBLISHED: Final = "publish_event"
BLOCKED: Final = "block_seats"
OF_SEATS: Final = frozenset({BLOCKED, "release_seats"})
"""They change seats, and their rows say which; the event is as it was."""
OF_FACTS: Final = frozenset({"change_event", "open_sale", "close_sale", "suspend_sales", "cancel_event"})
"""They change the event and no seat: a large hall is not read again for a new date."""
_DONE: Final = "done"
_OF_AN_OFFER: Final = f"{OFFER_PREFIX}_"
"""An offer is shown with the booking that it was made for; what becomes of it shows in the seats."""


@dataclass(slots=True)
class Batch:
    """What one poll says, as far as the rows themselves say it.

    ``reread`` are the events that a command changed, so that the ledger must be asked for all of them; ``restated``
    those that have other facts but the same blocks; ``published`` those whose layouts are new. ``changes`` maps an
    event id to ``(block, position, status, version)`` in feed order.
    ``changed_bookings`` maps a booking id to its latest version here. ``counted`` maps an event id to what its rows add
    to its sales. ``reached_ms`` maps a partition to the log's time
    of its last row here.
    """

    last: Cursor
    oldest_decided_ms: int
    bookings: list[BookingView] = field(default_factory=list)
    changed_bookings: dict[str, BookingChange] = field(default_factory=dict)
    commands: list[CommandView] = field(default_factory=list)
    changes: dict[str, list[tuple[int, int, str, int]]] = field(default_factory=dict)
    reread: set[str] = field(default_factory=set)
    restated: set[str] = field(default_factory=set)
    published: list[str] = field(default_factory=list)
    reached_ms: dict[int, int] = field(default_factory=dict)
    counted: dict[str, list[Counted]] = field(default_factory=dict)


class Changed(NamedTuple):
    """The documents that a batch makes anew."""

    blocks: list[BlockView]
    events: list[EventView]
    sales: list[SalesView]


def read(rows: list[FeedRow]) -> Batch:
    """Return what ``rows`` (at least one, in feed order) say."""
    batch = Batch(rows[-1].cursor, milliseconds(rows[0].decided_at))
    latest = {}
    for row in rows:
        latest[row.log_partition] = row.decided_at
        if row.kind == BOOKING:
            batch.bookings.append(_booking(row))
        elif row.booking_id is not None:
            if row.booking is not None and not row.booking_id.startswith(_OF_AN_OFFER):
                change = _change(row.booking_id, row.booking, row)
                known = batch.changed_bookings.get(row.booking_id)
                if known is None or known["version"] < change["version"]:
                    batch.changed_bookings[row.booking_id] = change
            if row.command_id is not None:
                batch.commands.append(_command(row.command_id, row.booking_id, row))
        else:
            batch.commands.append(_command(row.command_id or "", row.event_id, row))
            if row.status == _DONE:
                _note_changed(batch, row)
        if row.changes:
            blocked = row.kind == BLOCKED
            changes = [(b, p, s.upper(), v) for b, p, s, v in row.changes] if blocked else row.changes
            batch.changes.setdefault(row.event_id, []).extend(changes)
        adds = counted(row)
        if adds is not None:
            batch.counted.setdefault(row.event_id, []).append(adds)
    batch.reached_ms = {partition: milliseconds(at) for partition, at in latest.items()}
    return batch


def _note_changed(batch: Batch, row: FeedRow) -> None:
    """Note what a command to an event changed."""
    if row.kind in OF_FACTS:
        batch.restated.add(row.event_id)
    elif row.kind not in OF_SEATS:
        batch.reread.add(row.event_id)
        if row.kind == PUBLISHED:
            batch.published.append(row.event_id)


def apply(batch: Batch, maps: SeatMaps) -> Changed:
    """Apply the batch's changes to the maps; returns the documents of all blocks and events that it touches.

    Every event that the batch touches and that is shown is in ``maps``; a draft is not shown.
    """
    changed = Changed([], [], [])
    for event_id in sorted(touched(batch)):
        event = maps.get(event_id)
        if event is None:
            continue
        dirty = set(event.blocks) if event_id in batch.reread else set()
        for block, position, status, version in batch.changes.get(event_id, ()):
            event.blocks[block].change(position, status, version)
            dirty.add(block)
        event.tally = tallied(event.tally, batch.counted.get(event_id, ()))
        changed.blocks.extend(map(event.block_view, sorted(dirty)))
        view = event.view()
        if dirty or event_id in batch.restated:
            changed.events.append(view)
        if event.tally is not None:
            changed.sales.append(sales_view(event_id, view["version"], event.figures, event.tally))
    return changed


def touched(batch: Batch) -> set[str]:
    """Return the ids of the events that the batch needs in memory."""
    return batch.reread | batch.restated | batch.changes.keys() | batch.counted.keys()


def _booking(row: FeedRow) -> BookingView:
    shown: BookingView = {
        "_id": row.command_id or "",
        "event_id": row.event_id,
        "principal": row.principal,
        "seat_ids": row.seat_ids,
        "status": row.status,
        "reason": row.reason,
        "conflicts": row.conflicts,
        "requested_at": to_millisecond(row.requested_at),
        "decided_at": to_millisecond(row.decided_at),
        "expires_at": _expires_at(row.booking) if row.booking is not None else None,
        "version": 1,
        "position": position_text(row.tx, row.id),
    }
    offer = row.booking.get("offer") if row.booking is not None else None
    if offer is not None:
        shown["offer"] = {
            "offer_id": offer["offer_id"],
            "seat_ids": offer["seat_ids"],
            "expires_at": from_milliseconds(offer["expires_at_ms"]),
        }
    return shown


def _change(booking_id: str, booking: Mapping[str, Any], row: FeedRow) -> BookingChange:
    change: BookingChange = {
        "_id": booking_id,
        "seat_ids": booking["seat_ids"],
        "status": booking["status"],
        "reason": booking["reason"],
        "decided_at": to_millisecond(row.decided_at),
        "expires_at": _expires_at(booking),
        "version": booking["version"],
        "position": position_text(row.tx, row.id),
    }
    if "check_ins" in booking:
        change["check_ins"] = [
            {
                "seat_id": one["seat_id"],
                "checked_in_at": from_milliseconds(one["at_ms"]),
                "by": one["by"],
                "gate": one["gate"],
            }
            for one in booking["check_ins"]
        ]
    return change


def _expires_at(booking: Mapping[str, Any]) -> str | None:
    expires_at_ms = booking["expires_at_ms"]
    return from_milliseconds(expires_at_ms) if expires_at_ms is not None else None


def _command(command_id: str, target: str, row: FeedRow) -> CommandView:
    command: CommandView = {
        "_id": command_id,
        "kind": row.kind,
        "target": target,
        "status": row.status,
        "reason": row.reason,
    }
    if row.kind == CHECK_IN and row.seat_ids:
        command["seat_id"] = row.seat_ids[0]
    return command
