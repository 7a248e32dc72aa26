"""A rebuild says that two views are the same only where both were compared as a whole."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Final

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection

from contracts import views
from runtime.mongo import Mongo
from sync_service import checking, service
from sync_service.checking import Check, drained
from sync_service.feed import START, Cursor
from sync_service.ledger import Ledger
from sync_service.projector import Projector, Start
from sync_service.rebuild import rebuild
from sync_service.stores import Stores
from sync_service.view import View
from tests.eventually import eventually_async
from tests.integration.sync_service.conftest import Document
from tests.integration.sync_service.seeding import Connection, add_event, book, is_below_the_horizon

MOST: Final = 2
BOOKINGS: Final = [f"bk_{number:036d}" for number in range(4)]

OpenSession = Callable[[], Awaitable[Ledger]]


@pytest.fixture
def bookings(mongo_database: tuple[str, str]) -> Iterator[Collection[Document]]:
    """Those of the old view, for somebody's hand."""
    url, name = mongo_database
    with MongoClient[Document](url) as client:
        yield client[name][views.BOOKINGS]


@pytest.fixture
async def check(
    sql: Connection, mongo: Mongo, open_session: OpenSession, monkeypatch: pytest.MonkeyPatch
) -> tuple[Check, Projector]:
    """The check of a new view beside an old one of the same row, and the old one's projector."""
    monkeypatch.setattr(checking, "MOST_SUSPECTS", MOST)
    monkeypatch.setattr(checking, "PAGE", 1)
    add_event(sql, "concert123")
    for seat, booking_id in enumerate(BOOKINGS, 1):
        book(sql, "concert123", f"A{seat}", booking_id=booking_id)
    await eventually_async(lambda: is_below_the_horizon(sql))
    old = View(mongo)
    assert (await rebuild(open_session, old)).switched
    ledger = await open_session()
    incarnation = await ledger.incarnation()
    await old.shadow.prepare()
    await old.shadow.begin(incarnation)
    projector = Projector(ledger, old.shadow, Start(incarnation, Cursor(START)), Stores())
    await drained(projector)
    return Check(ledger, old.shadow, projector, old), Projector(ledger, old, await service.check(ledger, old), Stores())


async def settled(
    check: tuple[Check, Projector], bookings: Collection[Document], differ: int, *, settle: int
) -> list[str]:
    """Return what differs of the bookings, of which so many differed at first, and so many of those do no more."""
    checking_it, old = check
    for booking_id in BOOKINGS[:differ]:
        bookings.update_one({"_id": booking_id}, {"$set": {"status": "held"}})
    await checking_it.suspect()
    for booking_id in BOOKINGS[:settle]:
        bookings.update_one({"_id": booking_id}, {"$set": {"status": "confirmed"}})
    return await checking_it.settle(old)


async def test_more_suspects_than_are_looked_at_are_a_difference_though_those_settle(
    check: tuple[Check, Projector], bookings: Collection[Document]
) -> None:
    (said,) = await settled(check, bookings, 4, settle=MOST + 1)
    assert said == "more than 2 documents differed while both views moved: the rest was not compared"


async def test_suspects_that_settle_are_no_difference(
    check: tuple[Check, Projector], bookings: Collection[Document]
) -> None:
    assert await settled(check, bookings, MOST, settle=MOST) == []


async def test_suspects_that_do_not_settle_are_told(
    check: tuple[Check, Projector], bookings: Collection[Document]
) -> None:
    (said,) = await settled(check, bookings, MOST, settle=MOST - 1)
    assert said == f"bookings {BOOKINGS[1]}: status is 'held' in the old view, 'confirmed' in the new view"
