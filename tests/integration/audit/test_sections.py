"""Sections of real stores: what is not asked for is never missing, and what cannot be read is told like all else."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from audit.auditor import ledger_sections, report, sections, sweep, view_sections
from audit.auditor.follower import Follower
from audit.auditor.ledger import Ledger
from audit.auditor.ledger_sections import BookingsSection
from audit.auditor.sections import LAST_ID, Look, Piece, Section, World
from audit.auditor.standing import Standing
from audit.auditor.view import View
from audit.auditor.view_sections import ShownHallsSection, ShownIdsSection, ShownTextsSection
from audit.auditor.violations import Violation
from audit.load_view import ViewReader
from audit.settings import ReadSettings
from contracts import views
from contracts.commands import CreateEvent
from runtime.mongo import Mongo
from sync_service.ledger import Ledger as ProjectedLedger
from sync_service.rebuild import rebuild
from sync_service.view import View as ProjectedView
from tests.eventually import eventually_async
from tests.integration.sync_service import seeding
from tests.integration.sync_service.seeding import Connection, add_event, add_outcome, is_below_the_horizon
from tests.unit.audit.histories import EVENT, SEATS, START_MS, book, hall, message

MOST: Final = 5
IDS: Final = [f"bk_{first}{'0' * 35}" for first in "-09AZ_az"]
"""More than are asked for at once, in the order of their bytes, which all stores must agree about."""
Document = dict[str, Any]


@pytest.fixture(autouse=True)
def _few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sections, ledger_sections, view_sections):
        monkeypatch.setattr(module, "MOST_ROWS", MOST)


@dataclass(frozen=True, slots=True)
class Both:
    """A ledger and a view, and what the auditor makes of them."""

    conninfo: str
    sql: Connection
    mongo: tuple[str, str]
    documents: Database[Document]

    async def show(self) -> None:
        """Let the projector show all that the ledger has."""
        await eventually_async(lambda: is_below_the_horizon(self.sql))
        client = Mongo(*self.mongo, timeout_s=5)
        try:
            made = await rebuild(self._ledger_of_the_projector, ProjectedView(client))
        finally:
            await client.close()
        assert made.switched

    async def _ledger_of_the_projector(self) -> ProjectedLedger:
        return await ProjectedLedger.connect(f"{self.conninfo} user=frontrow_sync_service")

    def set(self, collection: str, key: str, **fields: object) -> None:
        """Put these fields into a document, with somebody's hand."""
        assert self.documents[collection].update_one({"_id": key}, {"$set": fields}).matched_count == 1

    @contextmanager
    def world(self) -> Iterator[World]:
        settings = ReadSettings(
            kafka_bootstrap="", topic="", postgres_url="", mongo_url=self.mongo[0], mongo_database=self.mongo[1]
        )
        log: Any = None  # no section here asks it
        with ExitStack() as opened:
            follower = Follower(Standing(1), [0])
            opened.callback(follower.standing.close)
            ledger = opened.enter_context(Ledger(f"{self.conninfo} user=frontrow_audit", "no topic"))
            yield World(log, ledger, opened.enter_context(View(ViewReader(settings))), follower)

    def look(self, section: Section) -> tuple[list[Violation], list[Section]]:
        """Look at a section and at its rest; return what is found, and the parts that it was looked at in."""
        with self.world() as world:
            return in_parts(section, world)

    def of_ids(self) -> list[Violation]:
        return self.look(ShownIdsSection("", LAST_ID))[0]

    def of_the_hall(self) -> list[str]:
        found, _parts = self.look(ShownHallsSection((Piece(EVENT, None), Piece(EVENT, 0))))
        assert list(map(report.broken, found)), "the public can be told"
        return [one.what for one in found]


def in_parts(section: Section, world: World) -> tuple[list[Violation], list[Section]]:
    found: list[Violation] = []
    parts = [section]
    while True:
        look: Look = parts[-1].look(world)
        found += look.found
        if look.rest is None:
            return found, parts
        parts.append(look.rest)


@pytest.fixture
def both(ledger: str, mongo_database: tuple[str, str]) -> Iterator[Both]:
    url, name = mongo_database
    with seeding.open_ledger(ledger) as sql, MongoClient[Document](url) as client:
        add_event(sql, EVENT)
        yield Both(ledger, sql, mongo_database, client[name])


@pytest.fixture
async def grown(both: Both) -> Both:
    """More bookings than are asked for at once."""
    for booking_id in reversed(IDS):
        add_outcome(both.sql, EVENT, command_id=booking_id, status="confirmed", seat_ids=["A1"])
    await both.show()
    return both


def told(found: list[Violation]) -> list[tuple[str, str, str]]:
    assert list(map(report.broken, found)), "the public can be told"
    return [(one.what, one.event_id, one.booking_id) for one in found]


async def test_a_range_that_grew_is_looked_at_in_parts(grown: Both) -> None:
    found, parts = grown.look(ShownIdsSection("", LAST_ID))
    assert found == []
    assert parts == [ShownIdsSection("", LAST_ID), ShownIdsSection(IDS[MOST - 1], LAST_ID), *parts[2:]]


@pytest.mark.parametrize("number", [0, MOST - 1, MOST, len(IDS) - 1])
async def test_what_is_missing_of_a_range_that_grew_is_told_wherever_it_is(grown: Both, number: int) -> None:
    grown.documents[views.BOOKINGS].delete_one({"_id": IDS[number]})
    assert told(grown.of_ids()) == [("it is decided and not shown", EVENT, IDS[number])]


async def test_what_nobody_decided_hides_nothing_and_makes_nothing_look_missing(grown: Both) -> None:
    bookings = grown.documents[views.BOOKINGS]
    (shown,) = bookings.find({"_id": IDS[0]})
    foreign = [f"bk_+{number:035d}" for number in range(MOST + 2)]
    bookings.insert_many([{**shown, "_id": some_id} for some_id in foreign])
    bookings.delete_one({"_id": IDS[-1]})
    assert told(grown.of_ids()) == [
        *(("it is shown and was never decided", EVENT, some_id) for some_id in foreign),
        ("it is decided and not shown", EVENT, IDS[-1]),
    ]


async def test_a_document_that_cannot_be_read_is_told_once_and_all_else_is_looked_at(grown: Both) -> None:
    bookings = grown.documents[views.BOOKINGS]
    bookings.update_one({"_id": IDS[0]}, {"$unset": {"status": 1}})
    bookings.delete_one({"_id": IDS[2]})
    unasked = f"cm_{'z' * 36}"
    grown.documents[views.COMMANDS].insert_one({"_id": unasked, "kind": "cancel_booking"})
    assert told(grown.of_ids()) == [
        ("its document cannot be read", EVENT, IDS[0]),
        ("it is decided and not shown", EVENT, IDS[2]),
        ("its document cannot be read", "", unasked),
    ]


@pytest.mark.parametrize(
    "damage",
    [{"version": None}, {"version": "two"}, {"version": 2.5}, {"status": 5}, {"event_id": 7}, {"seat_ids": "A1"}],
)
async def test_a_booking_that_holds_something_else_is_told_whether_it_was_decided_or_not(
    grown: Both, damage: Document
) -> None:
    bookings = grown.documents[views.BOOKINGS]
    (shown,) = bookings.find({"_id": IDS[0]})
    foreign = f"bk_{'~' * 36}"
    grown.set(views.BOOKINGS, IDS[0], **damage)
    bookings.insert_one({**shown, **damage, "_id": foreign})
    (name,) = damage
    found = grown.of_ids()
    assert told(found) == [
        ("its document cannot be read", EVENT, IDS[0]),
        ("its document cannot be read", "", foreign),
    ]
    assert all(one.view_says.startswith(f"its {name} is of the type ") for one in found)


async def test_a_document_whose_id_is_no_text_is_told_and_nothing_is_asked_for_it(grown: Both) -> None:
    assert grown.look(ShownTextsSection())[0] == []
    grown.documents[views.EVENTS].insert_one({"name": "somebody's"})
    grown.documents[views.COMMANDS].insert_one({"_id": 7})
    found, _parts = grown.look(ShownTextsSection())
    assert [one.what for one in found] == [
        f"a document of {name} has an id that is no text" for name in (views.EVENTS, views.COMMANDS)
    ]
    with grown.world() as world:
        pieces = [piece for piece, _size in sweep._pieces(world)]  # noqa: SLF001 - what a round goes through
        assert pieces == [Piece(EVENT, None), Piece(EVENT, 0)]
        assert ShownHallsSection(tuple(pieces)).look(world).found == []


async def test_a_hall_as_it_is_is_no_violation(both: Both) -> None:
    seeding.book(both.sql, EVENT, "A1", "A2")
    await both.show()
    assert both.look(ShownHallsSection((Piece(EVENT, None), Piece(EVENT, 0))))[0] == []


async def test_a_block_without_its_status_cannot_be_read_and_all_else_is_looked_at(both: Both) -> None:
    await both.show()
    both.documents[views.BLOCKS].update_one({"_id": f"{EVENT}:0"}, {"$unset": {"status": 1}})
    both.set(views.EVENTS, EVENT, seats_available=3)
    assert both.of_the_hall() == ["it is shown as it is not", "block 0 cannot be read"]


@pytest.mark.parametrize("status", [None, 4, ["a", "a", "a", 5], ["a", "a", "a", {"b": 1}]])
async def test_a_status_that_is_something_else_cannot_be_read(both: Both, status: object) -> None:
    await both.show()
    both.set(views.BLOCKS, f"{EVENT}:0", status=status)
    assert both.of_the_hall() == ["block 0 cannot be read"]


async def test_a_layout_and_an_event_that_are_something_else_cannot_be_read(both: Both) -> None:
    await both.show()
    both.set(views.EVENTS, EVENT, version="three")
    both.set(views.LAYOUTS, f"{EVENT}:0", rows=3)
    assert both.of_the_hall() == ["its document cannot be read", "the layout of block 0 cannot be read"]


MADE_BY_THE_LOG: Final = [IDS[number] for number in (0, 2, 5, 7)]
"""One for each seat."""


@contextmanager
def replayed(both: Both) -> Iterator[World]:
    """Yield the world of a log with a booking of each seat, all of which the ledger has."""
    create, *rest = hall()
    assert isinstance(create, CreateEvent)
    bookings = [
        book(1, seat_id).model_copy(update={"command_id": booking_id})
        for booking_id, seat_id in zip(MADE_BY_THE_LOG, SEATS, strict=True)
    ]
    commands = [create.model_copy(update={"hold_seconds": 60}), *rest, *bookings]
    with both.world() as world:
        for offset, command in enumerate(commands):
            world.standing.apply(message(offset, command)._replace(partition=0))
        for booking_id, state in world.standing.bookings("", LAST_ID, 100).items():
            _leave(both.sql, booking_id, state.status, state.seat_ids, state.expires_at_ms)
        yield world


def _leave(
    sql: Connection, booking_id: str, status: str, seat_ids: tuple[str, ...] = (), due: int | None = START_MS
) -> None:
    sql.execute(
        """INSERT INTO bookings (booking_id, event_id, log_partition, principal, hold_seconds, status, seat_ids,
            expires_at_ms, due_at_ms, extended, attempt, version)
        VALUES (%s, %s, 0, 'p_1', 60, %s, %s, %s, %s, false, 0, 1)""",
        (booking_id, EVENT, status, list(seat_ids), due, due),
    )


def test_bookings_with_a_life_that_grew_are_looked_at_in_parts(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sections, ledger_sections):
        monkeypatch.setattr(module, "MOST_ROWS", 2)
    with replayed(both) as world:
        found, parts = in_parts(BookingsSection("", LAST_ID), world)
        assert found == []
        assert parts[:2] == [BookingsSection("", LAST_ID), BookingsSection(MADE_BY_THE_LOG[1], LAST_ID)]


@pytest.mark.parametrize("number", range(4))
def test_a_booking_with_a_life_that_is_missing_is_told_among_those_that_nobody_made(
    both: Both, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    for module in (sections, ledger_sections):
        monkeypatch.setattr(module, "MOST_ROWS", 2)
    foreign = [some_id for some_id in IDS if some_id not in MADE_BY_THE_LOG]
    with replayed(both) as world:
        both.sql.execute("DELETE FROM bookings WHERE booking_id = %s", (MADE_BY_THE_LOG[number],))
        for some_id in foreign:
            _leave(both.sql, some_id, "held", ("A1",))
        found, _parts = in_parts(BookingsSection("", LAST_ID), world)
    assert {(one.what, one.booking_id) for one in found} == {
        ("the booking is not in the ledger", MADE_BY_THE_LOG[number]),
        *(("the booking is not what its commands make it", some_id) for some_id in foreign),
    }
    assert len(found) == 1 + len(foreign)
