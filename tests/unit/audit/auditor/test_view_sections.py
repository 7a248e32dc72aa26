"""The view's sections: what is not asked for is never missing, and what cannot be read is told like all else."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from audit.auditor.ledger import Position
from audit.auditor.sections import LAST_ID, MOST_ROWS, Look, Piece, World
from audit.auditor.view import Document, View
from audit.auditor.view_sections import ShownHallsSection, ShownIdsSection
from audit.auditor.violations import Violation
from contracts import views
from tests.unit.audit.histories import EVENT, START_MS, Parts, book, booking_id, command_id, healthy

GROWN = MOST_ROWS + 500
MOMENT = "2027-01-15T08:00:00.000Z"
Rows = list[tuple[Any, ...]]


class _Collection:
    """As much of a collection as a section asks for."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = sorted(documents, key=lambda document: str(document["_id"]))

    def find(
        self, query: dict[str, dict[str, Any]], sort: Sequence[tuple[str, int]] = (), limit: int = 0
    ) -> list[Document]:
        assert sort in ((), [("_id", 1)])
        asked = query["_id"]
        found = [
            document
            for document in self._documents
            if document["_id"] in asked.get("$in", [document["_id"]])
            and asked.get("$gt", "") < document["_id"] <= asked.get("$lte", LAST_ID)
        ]
        return found[:limit] if limit else found


class _Reader:
    def __init__(self, **documents: Sequence[Document]) -> None:
        self.database = {name: _Collection(some) for name, some in documents.items()}


class _View(View):
    """A view that shows everything already."""

    def wait_until_shown(self, *_: object) -> None: ...


class _Ledger:
    """As much of the ledger: ``answer`` to a question and its values."""

    def __init__(self, answer: Callable[[str, Sequence[Any]], Rows]) -> None:
        self._answer = answer

    def snapshot(self) -> AbstractContextManager[None]:
        return nullcontext()

    def last(self) -> Position:
        return Position(0, 0)

    def rows(self, query: str, *values: Any) -> Rows:  # noqa: ANN401 - as psycopg takes them
        return self._answer(query, values)


def world(ledger: _Ledger, reader: _Reader) -> World:
    of: Any = None
    return World(of, cast("Any", ledger), _View(cast("Any", reader)), of)


def decided(number: int) -> tuple[Any, ...]:
    some_id = booking_id(number)
    about: tuple[Any, ...] = ("book_seats", EVENT, "p_1", "confirmed", None, ["A1"], [], None)
    return (some_id, *about, 0, number, START_MS, START_MS, 1, None, None, None)


def shown(some_id: str) -> Document:
    return {
        "_id": some_id,
        "event_id": EVENT,
        "principal": "p_1",
        "seat_ids": ["A1"],
        "status": "confirmed",
        "reason": None,
        "conflicts": [],
        "requested_at": MOMENT,
        "decided_at": MOMENT,
        "expires_at": None,
        "version": 1,
    }


def of_bookings(rows: Rows, documents: Sequence[Document], commands: Sequence[Document] = ()) -> World:
    def answer(_query: str, values: Sequence[Any]) -> Rows:
        after, to, *most = values
        found = [row for row in rows if after < row[0] <= to]
        return found[: most[0]] if most else found

    return world(_Ledger(answer), _Reader(bookings=documents, commands=commands))


def grown() -> tuple[Rows, list[Document]]:
    numbers = range(1, GROWN + 1)
    return [decided(number) for number in numbers], [shown(booking_id(number)) for number in numbers]


def look(world: World) -> tuple[list[Violation], Look]:
    """Look at everything from the beginning on; return what is found, with the last part's look."""
    section: Any = ShownIdsSection("", LAST_ID)
    found: list[Violation] = []
    while True:
        one = section.look(world)
        found += one.found
        if one.rest is None:
            return found, one
        section = one.rest


def test_a_range_that_grew_is_looked_at_in_parts() -> None:
    assert datetime.fromisoformat(MOMENT).timestamp() * 1000 == START_MS
    rows, documents = grown()
    first = ShownIdsSection("", LAST_ID).look(of_bookings(rows, documents))
    assert list(first.found) == []
    assert first.rest == ShownIdsSection(booking_id(MOST_ROWS), LAST_ID)
    assert look(of_bookings(rows, documents))[0] == []


@pytest.mark.parametrize("number", [1, MOST_ROWS, MOST_ROWS + 1, GROWN])
def test_what_is_missing_of_a_range_that_grew_is_told_wherever_it_is(number: int) -> None:
    rows, documents = grown()
    del documents[number - 1]
    (violation,) = look(of_bookings(rows, documents))[0]
    assert (violation.what, violation.booking_id) == ("it is decided and not shown", booking_id(number))
    assert violation.event_id == EVENT


def test_what_nobody_decided_hides_nothing_and_makes_nothing_look_missing() -> None:
    rows, documents = grown()
    foreign = [shown(f"bk_-{number:035d}") for number in range(MOST_ROWS + 10)]
    found, _last = look(of_bookings(rows, [*foreign, *documents[:-1]]))
    told = {(one.what, one.booking_id) for one in found}
    nobodys = {("it is shown and was never decided", document["_id"]) for document in foreign}
    assert told == nobodys | {("it is decided and not shown", booking_id(GROWN))}


def test_a_booking_that_cannot_be_read_is_told_once_and_all_else_is_looked_at() -> None:
    rows, documents = [decided(number) for number in (1, 2, 3)], [shown(booking_id(number)) for number in (1, 2)]
    del documents[0]["status"]
    unasked = {"_id": command_id(7), "kind": "cancel_booking"}
    found, _last = look(of_bookings(rows, documents, [unasked]))
    assert [(one.what, one.event_id, one.booking_id) for one in found] == [
        ("its document cannot be read", EVENT, booking_id(1)),
        ("its document cannot be read", "", command_id(7)),
        ("it is decided and not shown", EVENT, booking_id(3)),
    ]


def of_a_hall(parts: Parts) -> World:
    event = parts.event._replace(date=cast("Any", datetime(2027, 5, 1, 19, tzinfo=UTC)))
    assert parts.layout is not None
    status = "".join(seat.status for seat in parts.seats)
    versions = sum(seat.version for seat in parts.seats)
    block: tuple[Any, ...] = (EVENT, 0, "stalls", parts.layout["rows"], None, None, [], False, None, [])

    def answer(query: str, _values: Sequence[Any]) -> Rows:
        if "unnest" in query:
            return [(status, versions, *block)]
        return [(len(status), status.count("a"), versions, 1, *event)]

    documents = {views.EVENTS: parts.event_view, views.BLOCKS: parts.block, views.LAYOUTS: dict(parts.layout)}
    return world(_Ledger(answer), _Reader(**{name: [cast("Document", one)] for name, one in documents.items()}))


def hall_found(parts: Parts) -> list[str]:
    return [one.what for one in ShownHallsSection((Piece(EVENT, None), Piece(EVENT, 0))).look(of_a_hall(parts)).found]


def test_a_hall_as_it_is_is_no_violation() -> None:
    assert hall_found(healthy(book(1, "A1", "A2"))) == []


def test_a_block_without_its_status_cannot_be_read_and_all_else_is_looked_at() -> None:
    parts = healthy(book(1, "A1", "A2"))
    assert parts.block is not None
    assert parts.event_view is not None
    cast("Document", parts.block).pop("status")
    parts.event_view["seats_available"] = 4
    assert hall_found(parts) == ["it is shown as it is not", "block 0 cannot be read"]


def test_a_layout_and_an_event_that_are_something_else_cannot_be_read() -> None:
    parts = healthy(book(1, "A1", "A2"))
    assert parts.layout is not None
    assert parts.event_view is not None
    world = of_a_hall(parts)
    cast("Document", parts.event_view)["version"] = "three"
    (layout,) = cast("Any", world.view)._reader.database[views.LAYOUTS]._documents  # noqa: SLF001 - this test's own
    layout["rows"] = 3
    found = ShownHallsSection((Piece(EVENT, None), Piece(EVENT, 0))).look(world).found
    assert [one.what for one in found] == ["its document cannot be read", "the layout of block 0 cannot be read"]
