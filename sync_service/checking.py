"""Checking: a new view is held against the ledger and against the old one before it takes its place.

``rebuild`` enters here, first beside the active projector and then, for what was different, as the active one: hot
halls move while they are compared, so what differs is only suspected until both views stand at the same row. Everything
that was in either view when the comparison began is compared; of what was decided since, the number.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from contracts import views
from sync_service.comparison import Document, Key, Pages, behind, different, sentence
from sync_service.feed import EventState
from sync_service.ledger import Ledger
from sync_service.projector import Projector
from sync_service.seat_maps import Event
from sync_service.view import COLLECTIONS, View

PAGE: Final = 1_000
"""Documents of one look; the new view catches up after each, so that few are suspected for nothing."""
MOST_SUSPECTS: Final = 1_000
"""Each is looked at again while the projector stands aside, for a millisecond. More are no moving halls: it is another
view. The rest is not looked for, which is said as a difference: a person decides
(test: ``test_more_suspects_than_are_looked_at_are_a_difference_though_those_settle``)."""
MOST_TOLD: Final = 20
ROUNDS: Final = 5
"""How often what is suspected is looked at again. An event that was just loaded may be a moment ahead of its row of the
feed, once; more rounds than two are for a machine that is busy."""

ROUND_PAUSE_S: Final = 0.2
"""For the horizon: a transaction that began earlier may hold back for some milliseconds what is committed."""

OLD, NEW, LEDGER = "the old view", "the new view", "the ledger"
_COMPARED: Final = tuple(name for name in COLLECTIONS if name != views.WATERMARK)


class Check:
    """The new view, which ``projector`` keeps, against the ledger and the ``old`` one; ``None``: there is none."""

    def __init__(self, ledger: Ledger, new: View, projector: Projector, old: View | None) -> None:
        self._ledger = ledger
        self._new = new
        self._projector = projector
        self._old = old
        self._suspects: list[Key] = []
        self._suspected = 0
        self._events: dict[str, dict[str, int]] = {}
        """Events that the new view does not show as the ledger has them, and which versions the ledger had last."""

    async def suspect(self) -> None:
        """Compare everything once, while both views move."""
        if self._old is not None:
            for collection in _COMPARED:
                if not self._too_many:
                    await self._pages(self._old, collection)
        async for event_id, shown, state in self._all_events():
            late, wrong = behind(shown, _made_of(state))
            if late or wrong:
                self._events[event_id] = late

    async def settle(self, old: Projector | None) -> list[str]:
        """Return what differs with the views standing still but for us; ``old`` projects the old one, if it may."""
        if self._old is None or old is None:
            self._suspects.clear()
        said: list[str] = []
        for _round in range(ROUNDS):
            await drained(self._projector)
            if old is not None:
                await reached(old, self._projector)
            said = await self._against_old(old) + await self._against_ledger()
            if not said:
                break
            await asyncio.sleep(ROUND_PAUSE_S)
        if self._too_many and old is not None:
            said.append(
                f"more than {MOST_SUSPECTS:,} documents differed while both views moved: the rest was not compared"
            )
        return said

    async def _against_old(self, old: Projector | None) -> list[str]:
        if self._old is None or old is None:
            return []
        said, left = [], []
        for key in self._suspects:
            was = await self._old.document(*key)
            now = await self._new.document(*key)
            if was != now:
                left.append(key)
                said.append(sentence(key, was, now, names=(OLD, NEW)))
        self._suspects = left
        for collection in _COMPARED:
            numbers = [await view.count(collection) for view in (self._old, self._new)]
            if numbers[0] != numbers[1] and not any(key.collection == collection for key in left):
                said.append(f"{collection}: {numbers[0]:,} documents in {OLD}, {numbers[1]:,} in {NEW}")
        return said

    async def _against_ledger(self) -> list[str]:
        said = []
        for event_id, before in sorted(self._events.items()):
            shown = await self._new.of_event(event_id)
            late, wrong = behind(shown, _made_of(await self._ledger.event(event_id)))
            # What is late now only moves; what the ledger had a round ago is to be shown by now.
            versions = {document["_id"]: document["version"] for document in shown}
            wrong |= {key for key in late.keys() & before.keys() if versions.get(key, 0) < before[key]}
            said += [f"event {event_id}: {key} is not what {LEDGER} makes of it" for key in sorted(wrong)]
            self._events[event_id] = late
        bookings, commands = await self._ledger.counts(self._projector.cursor.position)
        for collection, should in ((views.BOOKINGS, bookings), (views.COMMANDS, commands)):
            if (number := await self._new.count(collection)) != should:
                said.append(f"{collection}: {number:,} documents in {NEW}, {should:,} outcomes in {LEDGER}")
        return said

    @property
    def _too_many(self) -> bool:
        return self._suspected > MOST_SUSPECTS

    async def _pages(self, old: View, collection: str) -> None:
        pages = Pages(PAGE)
        while not pages.done:
            found = [await view.page(collection, pages.after, PAGE) for view in (old, self._new)]
            suspects = [Key(collection, key) for key in different(*pages.take(*found))]
            self._suspects += suspects
            self._suspected += len(suspects)
            await self._projector.run_once(once)
            if self._too_many:
                return

    async def _all_events(self) -> AsyncIterator[tuple[str, Sequence[Document], EventState | None]]:
        after = ""
        while event_ids := await self._ledger.event_ids(after, PAGE):
            for event_id in event_ids:
                yield event_id, await self._new.of_event(event_id), await self._ledger.event(event_id)
                await self._projector.run_once(once)
            after = event_ids[-1]


def _made_of(state: EventState | None) -> list[Document]:
    if state is None:
        return []
    event = Event(state)
    documents: list[Any] = [event.view(), *map(event.block_view, event.blocks)]
    return documents


async def drained(projector: Projector) -> None:
    """Project until nothing more is below the horizon."""
    while not await projector.run_once(once):
        pass


async def reached(projector: Projector, other: Projector) -> None:
    """Project up to the row where the other one stands."""
    until = other.cursor.position
    while projector.cursor.position < until:
        await projector.run_once(once, until)


def once() -> bool:
    """Whether to go on while MongoDB is away: whoever started the rebuild is told, and starts it again."""
    return False
