"""Sales: how an event sells, counted as the feed is read. Pure.

``seat_maps`` and ``projection`` enter here. Two kinds of figures. What seats are now, by category, is the sum of the
seat maps' blocks, and as right as they are. When seats became booked and why requests were refused is history: each row
of the feed counts once, since a tally knows the position of the last one that is in it, and is written to the view as a
whole. So a batch that is read again after a crash changes nothing, and a rebuilt view has the same figures (tests:
``test_a_row_that_is_read_again_is_counted_once``, ``test_a_rebuilt_view_has_the_same_sales``).

Counting begins with an event's publication: of what was asked for a draft nothing is told.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from contracts.outcomes import Reason, Status
from contracts.positions import position_of, position_text
from contracts.seat_status import AVAILABLE, BOOKED, HELD
from contracts.views import CategoryView, SalesView
from sync_service.feed import FeedRow

MAX_MINUTES: Final = 1_440
"""Minutes with sales that are told one by one: a day of them, some 20 kB. What sold before is one number."""

BLOCKED_HELD: Final = HELD.upper()
BLOCKED_BOOKED: Final = BOOKED.upper()
"""How a block keeps the status of a seat that its organiser keeps back; shown, it is as any other."""
FIGURE: Final = {ord(status): n for n, status in enumerate((AVAILABLE, HELD, BOOKED, BLOCKED_HELD))} | {
    ord(BLOCKED_BOOKED): 3
}
"""Which figure of a category a seat of this status is counted in: available, held, booked, blocked."""

_BOOK: Final = "book_seats"
_BLOCK: Final = "block_seats"
_PUBLISH: Final = "publish_event"
_REJECTED: Final = Status.REJECTED.value
_NOT_COUNTED: Final = {Reason.UNKNOWN_EVENT}


class Category(NamedTuple):
    """A name and a price."""

    name: str | None
    price_minor: int | None
    currency: str | None


Figures = dict[Category, list[int]]
"""How many seats of each category are available, held, booked and blocked, in order of their first seats."""


class Counted(NamedTuple):
    """What one row of the feed adds to its event's tally. ``begins``: the event was published, counting begins."""

    position: tuple[int, int]
    minute: int
    seats: int = 0
    refused: str | None = None
    begins: bool = False


def counted(row: FeedRow) -> Counted | None:
    """Return what a row adds, or None when it is nothing to its event's sales."""
    kind = row.kind
    if kind == _BOOK and row.status == _REJECTED:
        known = row.reason is not None and row.reason not in _NOT_COUNTED
        return Counted((row.tx, row.id), 0, refused=row.reason) if known else None
    if kind == _BLOCK:
        return None
    if kind == _PUBLISH:
        return Counted((row.tx, row.id), 0, begins=True) if row.status == Status.DONE else None
    seats = 0
    for change in row.changes:  # not ``sum``: every booking comes by here
        if change[2] == BOOKED:
            seats += 1
    return Counted((row.tx, row.id), int(row.decided_at.timestamp()) // 60, seats) if seats else None


class Tally:
    """What became of an event's requests; ``since``: the log's time from which on it was counted, None for all."""

    __slots__ = ("counted", "earlier", "position", "refused", "since", "sold")

    def __init__(self, since: str | None = None, position: tuple[int, int] = (0, 0)) -> None:
        self.sold: dict[int, int] = {}
        self.earlier = 0
        self.refused: dict[str, int] = {}
        self.counted = 0
        self.position = position
        self.since = since

    @classmethod
    def of(cls, view: SalesView) -> "Tally":
        """Return the tally that a document was made of."""
        tally = cls(view["since"], position_of(view["position"]) or (0, 0))
        tally.sold = {int(minute): seats for minute, seats in view["sold"].items()}
        tally.earlier = view["sold_earlier"]
        tally.refused = dict(view["refused"])
        tally.counted = view["counted"]
        return tally

    def add(self, rows: Iterable[Counted]) -> None:
        """Count rows, in feed order, that are not counted yet."""
        for row in rows:
            if row.position <= self.position:
                continue
            self.position = row.position
            self.counted += 1
            if row.begins:
                continue  # nothing was counted before
            if row.refused is not None:
                self.refused[row.refused] = self.refused.get(row.refused, 0) + 1
            else:
                self._sell(row.minute, row.seats)

    def _sell(self, minute: int, seats: int) -> None:
        if minute not in self.sold and len(self.sold) >= MAX_MINUTES:
            first = min(self.sold)
            if minute < first:
                self.earlier += seats
                return
            self.earlier += self.sold.pop(first)
        self.sold[minute] = self.sold.get(minute, 0) + seats


def tallied(tally: Tally | None, rows: Sequence[Counted]) -> Tally | None:
    """Return the tally with these rows; an event's first one begins with its publication, whatever was before."""
    if tally is None:
        begins = next((n for n, row in enumerate(rows) if row.begins), None)
        if begins is None:
            return None
        tally, rows = Tally(), rows[begins:]
    tally.add(rows)
    return tally


def sales_view(event_id: str, version: int, figures: Figures, tally: Tally) -> SalesView:
    """Return an event's document; ``version``: the event's."""
    return {
        "_id": event_id,
        "event_id": event_id,
        "categories": [_category(category, numbers) for category, numbers in figures.items()],
        "sold": {str(minute): seats for minute, seats in tally.sold.items()},
        "sold_earlier": tally.earlier,
        "refused": dict(tally.refused),
        "counted": tally.counted,
        "position": position_text(*tally.position),
        "since": tally.since,
        "version": version + tally.counted,
    }


def _category(category: Category, numbers: list[int]) -> CategoryView:
    available, held, booked, blocked = numbers
    return {
        "category": category.name,
        "price_minor": category.price_minor,
        "currency": category.currency,
        "available": available,
        "held": held,
        "booked": booked,
        "blocked": blocked,
    }
