"""The guards of the view: nothing in it ever gets older, and what is there already is success."""

from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import BulkWriteError

from contracts import views
from contracts.views import BlockView, BookingView
from runtime.mongo import Mongo
from sync_service.feed import START, Cursor, Position
from sync_service.view import View
from tests.integration.sync_service.conftest import Shown


def _block(version: int, status: str) -> BlockView:
    return {"_id": "e:0", "event_id": "e", "block": 0, "section": "s", "status": status, "version": version}


def _booking(booking_id: str, status: str = "confirmed") -> BookingView:
    return {
        "_id": booking_id,
        "event_id": "e",
        "principal": None,
        "seat_ids": ["A1"],
        "status": status,
        "reason": None,
        "conflicts": [],
        "requested_at": "2027-01-02T03:04:05.678Z",
        "decided_at": "2027-01-02T03:04:05.678Z",
        "expires_at": None,
        "version": 1,
        "position": "7-1",
    }


@pytest.fixture
async def view(mongo: Mongo) -> View:
    made = View(mongo)
    await made.prepare()
    return made


async def test_an_older_block_never_replaces_a_newer_one(view: View, shown: Shown) -> None:
    for version, status in ((2, "bb"), (1, "ab"), (2, "hh"), (3, "ba")):
        await view.write_blocks([_block(version, status)])
        newest = (await shown.all(views.BLOCKS))["e:0"]
        assert (newest["version"], newest["status"]) == ((3, "ba") if version == 3 else (2, "bb"))


async def test_a_booking_that_is_there_stays_and_the_others_are_added(view: View, shown: Shown) -> None:
    await view.add_bookings([_booking("bk_1")])
    await view.add_bookings([_booking("bk_0"), _booking("bk_1", "rejected"), _booking("bk_2")])
    bookings = await shown.all(views.BOOKINGS)
    assert {key: booking["status"] for key, booking in bookings.items()} == dict.fromkeys(
        ("bk_0", "bk_1", "bk_2"), "confirmed"
    )


async def test_a_write_that_fails_for_another_reason_is_no_success(mongo: Mongo) -> None:
    with pytest.raises(BulkWriteError):
        await mongo.insert_new(views.BOOKINGS, [{"_id": ["no", "key"]}])


async def test_a_new_view_begins_before_the_first_row_and_only_once(view: View) -> None:
    await view.begin("ledger")
    await view.begin("other")
    assert await view.cursor() == ("ledger", Cursor(START))


async def test_the_cursor_moves_only_from_where_it_was_left(view: View, shown: Shown) -> None:
    await view.begin("ledger")
    here, there = Position(9, 5), Position(10, 1)
    assert await view.advance("ledger", START, Cursor(here), times_ms={0: 100, 1: 100}, now_ms=1)
    assert not await view.advance("ledger", START, Cursor(there), times_ms={0: 200}, now_ms=2)
    assert not await view.advance("other", here, Cursor(there), times_ms={0: 200}, now_ms=2)
    assert await view.advance("ledger", here, Cursor(there), times_ms={0: 50, 1: 150}, now_ms=3)
    assert await view.cursor() == ("ledger", Cursor(there))
    assert (await shown.watermark())["partitions"] == {"0": 100, "1": 150}


async def test_a_view_may_be_prepared_twice(view: View) -> None:
    await view.prepare()


async def test_a_list_of_bookings_is_read_by_its_index_and_guests_are_not_in_it(
    view: View, mongo_database: tuple[str, str]
) -> None:
    await view.add_bookings(
        [{**_booking(f"bk_{n}"), "principal": "ac_anna" if n % 10 == 0 else "p_guest"} for n in range(200)]
    )
    query = {"principal": "ac_anna", "requested_at": {"$lt": "2028"}}
    with MongoClient[dict[str, Any]](mongo_database[0]) as client:
        found = client[mongo_database[1]][views.BOOKINGS].find(query).sort([("requested_at", -1), ("_id", -1)])
        plan = found.explain()["executionStats"]
    assert (plan["nReturned"], plan["totalKeysExamined"], plan["totalDocsExamined"]) == (20, 20, 20)
    assert "SORT" not in str(plan["executionStages"])


async def test_names_are_found_by_their_beginning_without_a_look_at_the_others(
    view: View, mongo_database: tuple[str, str]
) -> None:
    await view.forget_people()  # what is written anew has the index as well
    await view.write_people(
        {"_id": f"ac_{n}", "user_id": f"{'anna' if n % 10 == 0 else 'bert'}-{n:03}", "version": 1} for n in range(200)
    )
    query = {"user_id": {"$gte": "anna", "$lt": "anna\uffff"}}
    with MongoClient[dict[str, Any]](mongo_database[0]) as client:
        found = client[mongo_database[1]][views.PEOPLE].find(query).sort([("user_id", 1)])
        plan = found.explain()["executionStats"]
    assert (plan["nReturned"], plan["totalDocsExamined"]) == (20, 20)
    assert "SORT" not in str(plan["executionStages"])
