"""Seat maps: the status string and versions of every block that the projector has in memory. Pure.

A change is applied when its version is higher than the seat's, and only then: replaying rows, and loading a snapshot
that is newer than the feed, both end in the same state. Version and counters of a view follow from the seats alone, so
that a rebuilt view is equal to the old one.
"""

from array import array
from collections import OrderedDict
from typing import Final

from contracts.seat_status import AVAILABLE
from contracts.views import BlockView, EventView, block_key
from sync_service.events import event_facts
from sync_service.feed import BlockState, EventFacts, EventState
from sync_service.sales import FIGURE, Category, Figures, Tally

MAX_SEATS_IN_MEMORY: Final = 6_000_000
"""Bound of what is kept between batches: six bytes a seat, some 36 MB. Events beyond it are read again when needed, so
it should hold all that are sold at the same time: when 2.8 million seats were, and there was room for 2, the view fell
behind at half of what all else could sustain, since each batch brought most of its halls back."""

_FREE: Final = ord(AVAILABLE)


class Block:
    """One block: a byte of status, one of category and four of version a seat.

    Its seats are counted in ``figures``, which all blocks of an event share.
    """

    __slots__ = ("_categories", "_figures", "available", "section", "status", "version", "versions")

    def __init__(self, state: BlockState, figures: Figures) -> None:
        self.section = state.section
        self.status = bytearray(state.status, "ascii")
        self.versions = array("I", state.versions)
        self.version = sum(state.versions) + 1
        self.available = self.status.count(AVAILABLE.encode())
        self._categories = bytearray(len(self.status))
        kinds = [Category(state.category, state.price_minor, state.currency)]
        for number, (name, price_minor, positions) in enumerate(state.priced, 1):
            kinds.append(Category(name, price_minor, state.currency))
            for position in positions:
                self._categories[position] = number
        self._figures = [figures.setdefault(kind, [0, 0, 0, 0]) for kind in kinds]
        for number, status in zip(self._categories, self.status, strict=True):
            self._figures[number][FIGURE[status]] += 1

    def change(self, position: int, status: str, version: int) -> None:
        """Let a seat become ``status`` at ``version``, unless it is at that version or beyond."""
        before = self.versions[position]
        if version <= before:
            return
        former, now = self.status[position], ord(status)
        self.available += (now == _FREE) - (former == _FREE)
        figures = self._figures[self._categories[position]]
        figures[FIGURE[former]] -= 1
        figures[FIGURE[now]] += 1
        self.status[position] = now
        self.versions[position] = version
        self.version += version - before


class Event:
    """An event that is shown, with all its blocks. ``tally`` is None while nothing is known to have been counted."""

    __slots__ = ("_shown", "blocks", "facts", "figures", "seats_total", "tally")

    def __init__(self, state: EventState) -> None:
        self.figures: Figures = {}
        self.tally: Tally | None = None
        self.blocks = {block.block: Block(block, self.figures) for block in state.blocks}
        self.seats_total = sum(len(block.status) for block in self.blocks.values())
        state.blocks.clear()
        self.facts = state.facts
        self._shown = event_facts(state.facts)

    def restate(self, facts: EventFacts) -> None:
        """Let the event be what these say; its seats are as they are."""
        self.facts = facts
        self._shown = event_facts(facts)

    def view(self) -> EventView:
        """Return the event's document."""
        blocks = self.blocks.values()
        return {
            **self._shown,
            "seats_total": self.seats_total,
            "seats_available": sum(block.available for block in blocks),
            "version": self.facts.own_version + sum(block.version for block in blocks),
        }

    def block_view(self, number: int) -> BlockView:
        """Return one block's document."""
        block = self.blocks[number]
        return {
            "_id": block_key(self.facts.event_id, number),
            "event_id": self.facts.event_id,
            "block": number,
            "section": block.section,
            "status": block.status.decode("ascii").lower(),
            "version": block.version,
        }


class SeatMaps:
    """The events in memory, the one used last kept longest."""

    def __init__(self, max_seats: int = MAX_SEATS_IN_MEMORY) -> None:
        self._max_seats = max_seats
        self._seats = 0
        self._events: OrderedDict[str, Event] = OrderedDict()

    def get(self, event_id: str) -> Event | None:
        """Return the event if it is in memory."""
        event = self._events.get(event_id)
        if event is not None:
            self._events.move_to_end(event_id)
        return event

    def put(self, event: Event) -> None:
        """Keep the event, in place of what was kept of it."""
        self.forget(event.facts.event_id)
        self._events[event.facts.event_id] = event
        self._seats += event.seats_total

    def forget(self, event_id: str) -> None:
        """Keep the event no longer."""
        event = self._events.pop(event_id, None)
        if event is not None:
            self._seats -= event.seats_total

    def trim(self) -> None:
        """Forget the events that were not used for longest until the rest is within the bound, but never the last."""
        while self._seats > self._max_seats and len(self._events) > 1:
            self.forget(next(iter(self._events)))
