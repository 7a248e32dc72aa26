"""The view as the auditor asks it: its watermark, and documents by id. Reads only; ``view_sections`` enters here.

MongoDB away, or slower than the client's bounds, raises ``PyMongoError``; the client finds its way back by itself.
"""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Final

from audit.auditor.follower import Follower, NotReachedError
from audit.auditor.ledger import Ledger, Position
from audit.load_view import ViewReader, Watermark
from contracts import views

SHOWN_WITHIN_S: Final = 5.0
"""How long a section waits for the view to show what the ledger has. A view that is later is told of by its age, and
the section is looked at another time."""
LOOK_AGAIN_S: Final = 0.05

Document = dict[str, Any]


class View(AbstractContextManager["View"]):
    """The view, and whether it is of the ledger."""

    def __init__(self, reader: ViewReader) -> None:
        self._reader = reader
        self._of_this_ledger: tuple[str, Position] | None = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader.__exit__(kind, error, trace)

    def watermark(self) -> Watermark:
        """Return how far the view is complete."""
        return self._reader.watermark()

    def is_of(self, ledger: Ledger, follower: Follower, shown: Watermark) -> bool:
        """Whether the view is of this ledger: as ``sync_service`` asks it before it projects on top of one.

        A last row that the follower has read was there, also where somebody has taken it away since.
        """
        place = shown.incarnation, shown.cursor
        if place != self._of_this_ledger:
            start = shown.cursor == Position(0, 0)
            known = start or follower.standing.has_seen(shown.cursor) or ledger.has(shown.cursor, shown.outcome)
            if not known or ledger.incarnation() != shown.incarnation:
                return False
            self._of_this_ledger = place
        return True

    def wait_until_shown(self, position: Position, ledger: Ledger, follower: Follower) -> None:
        """Wait until all that the ledger has up to ``position`` is shown; the follower goes on meanwhile.

        Raises:
            NotReachedError: it is not in time, or the view is of another ledger, until somebody rebuilds it.
        """
        deadline = time.monotonic() + SHOWN_WITHIN_S
        while True:
            shown = self.watermark()
            if not self.is_of(ledger, follower, shown):
                raise NotReachedError
            if shown.cursor >= position:
                return
            if time.monotonic() > deadline:
                raise NotReachedError
            if not follower.step(LOOK_AGAIN_S):
                time.sleep(LOOK_AGAIN_S / 5)  # a look at the feed alone does not wait

    def some(self, collection: str, ids: Sequence[str]) -> dict[str, Document]:
        """Return documents by their ids."""
        found = self._reader.database[collection].find({"_id": {"$in": list(ids)}})
        return {document["_id"]: document for document in found}

    def range(self, collection: str, after: str, to: str, most: int) -> list[Document]:
        """Return the first ``most`` of the documents with ``after`` < id ≤ ``to``, in order."""
        query = {"_id": {"$gt": after, "$lte": to}}
        return list(self._reader.database[collection].find(query, sort=[("_id", 1)], limit=most))

    def event_ids(self) -> set[str]:
        """Return the ids of all events that are shown; one that is no text is none: no ledger has it."""
        texts = {"_id": {"$type": "string"}}
        return {document["_id"] for document in self._reader.database[views.EVENTS].find(texts, {"_id": 1})}

    def ends(self, collection: str) -> list[object]:
        """Return the first and the last id of a collection; what is no text is before all texts, or behind them."""
        found = self._reader.database[collection]
        return [one["_id"] for way in (1, -1) for one in found.find({}, {"_id": 1}, sort=[("_id", way)], limit=1)]
