"""What is decided is shown: the feed becomes the view, in commit order."""

from typing import Any

import pytest

from contracts import views
from sync_service.service import SyncService
from tests.eventually import eventually_async
from tests.integration.sync_service.conftest import Shown
from tests.integration.sync_service.seeding import (
    AT_MS,
    Connection,
    add_event,
    add_outcome,
    book,
    decide_until,
    open_ledger,
)

pytestmark = pytest.mark.usefixtures("service")


PLAIN = (
    "_id",
    "event_id",
    "name",
    "kind",
    "venue",
    "time_zone",
    "date",
    "seats_total",
    "seats_available",
    "partition",
    "version",
)


async def test_a_published_event_is_shown_with_its_blocks_and_layouts(sql: Connection, shown: Shown) -> None:
    add_event(sql, "concert123", seats=4, blocks=2, partition=3)

    async def is_shown() -> None:
        everything = await shown.everything()
        assert {key: {name: event[name] for name in PLAIN} for key, event in everything["events"].items()} == {
            "concert123": {
                "_id": "concert123",
                "event_id": "concert123",
                "name": "Event concert123",
                "kind": "concert",
                "venue": "Hall",
                "time_zone": "Europe/Vienna",
                "date": "2027-05-01T19:00:00Z",
                "seats_total": 8,
                "seats_available": 8,
                "partition": 3,
                "version": 6,
            }
        }
        assert everything["blocks"]["concert123:1"] == {
            "_id": "concert123:1",
            "event_id": "concert123",
            "block": 1,
            "section": "section-B",
            "status": "aaaa",
            "version": 1,
        }
        assert everything["layouts"]["concert123:0"] == {
            "_id": "concert123:0",
            "event_id": "concert123",
            "block": 0,
            "section": "section-A",
            "rows": [{"row": "A", "seat_ids": ["A1", "A2", "A3", "A4"]}],
            "price_minor": 4500,
            "currency": "EUR",
            "accessible": [],
            "general_admission": False,
            "category": None,
            "priced": [],
        }
        assert len(everything["commands"]) == 4

    await eventually_async(is_shown)


async def test_a_draft_is_not_shown(sql: Connection, shown: Shown) -> None:
    add_event(sql, "draft", status="draft")
    add_event(sql, "later")

    async def later_is_shown() -> None:
        assert list(await shown.all(views.EVENTS)) == ["later"]

    await eventually_async(later_is_shown)
    assert list(await shown.all(views.BLOCKS)) == ["later:0"]


async def test_a_booking_is_shown_with_its_seat(sql: Connection, shown: Shown) -> None:
    add_event(sql, "concert123")
    booking_id = book(sql, "concert123", "A2", "A3")

    async def is_shown() -> dict[str, Any]:
        return await shown.booking(booking_id)

    shown_booking = await eventually_async(is_shown)
    ((tx, row_id),) = sql.execute("SELECT tx::text, id FROM outcomes WHERE command_id = %s", (booking_id,)).fetchall()
    assert shown_booking == {
        "_id": booking_id,
        "event_id": "concert123",
        "principal": "p_somebody",
        "seat_ids": ["A2", "A3"],
        "status": "confirmed",
        "reason": None,
        "conflicts": [],
        "requested_at": "2027-01-02T03:04:05.678Z",
        "decided_at": "2027-01-02T03:04:05.678Z",
        "expires_at": None,
        "version": 1,
        "position": f"{tx}-{row_id}",
    }
    blocks = await shown.all(views.BLOCKS)
    assert (blocks["concert123:0"]["status"], blocks["concert123:0"]["version"]) == ("abba", 3)
    event = (await shown.all(views.EVENTS))["concert123"]
    assert (event["seats_available"], event["version"]) == (2, 6)


async def test_a_refusal_names_its_conflicts(sql: Connection, shown: Shown) -> None:
    add_event(sql, "concert123")
    booking_id = add_outcome(
        sql, "concert123", status="rejected", reason="seat_taken", seat_ids=["A2"], conflicts=["A2"]
    )

    async def is_shown() -> None:
        booking = await shown.booking(booking_id)
        assert (booking["status"], booking["reason"], booking["conflicts"]) == ("rejected", "seat_taken", ["A2"])

    await eventually_async(is_shown)


async def test_a_transaction_that_commits_late_is_still_projected(ledger: str, sql: Connection, shown: Shown) -> None:
    add_event(sql, "concert123")
    with open_ledger(ledger) as late, late.transaction():
        late_id = book(late, "concert123", "A1")
        # Begun later and committed earlier: were the cursor to pass it now, the first one would never be read.
        early_id = book(sql, "concert123", "A2")
        decide_until(sql, 0, AT_MS + 1_000_000)

        async def event_is_shown() -> None:
            assert await shown.all(views.EVENTS)
            assert (await shown.watermark())["partitions"] == {"0": AT_MS}

        await eventually_async(event_is_shown)
        assert not await shown.all(views.BOOKINGS)

    async def both_are_shown() -> None:
        assert set(await shown.all(views.BOOKINGS)) == {late_id, early_id}
        assert (await shown.all(views.BLOCKS))["concert123:0"]["status"] == "bbaa"
        assert (await shown.watermark())["partitions"] == {"0": AT_MS + 1_000_000}

    await eventually_async(both_are_shown)


async def test_a_partition_without_bookings_moves_on_with_its_ticks(sql: Connection, shown: Shown) -> None:
    decide_until(sql, 5, 1_000)

    async def is_at(ms: int) -> None:
        assert (await shown.watermark())["partitions"] == {"5": ms}

    await eventually_async(lambda: is_at(1_000))
    decide_until(sql, 5, 2_000)
    await eventually_async(lambda: is_at(2_000))


async def test_of_a_topic_that_was_made_again_the_new_one_dates_the_view(sql: Connection, shown: Shown) -> None:
    decide_until(sql, 0, 1_000, topic_id="old")
    decide_until(sql, 0, 3_000, topic_id="new")

    async def is_dated() -> None:
        assert (await shown.watermark())["partitions"] == {"0": 3_000}

    await eventually_async(is_dated)


async def test_the_service_is_ready_once_both_stores_answered(service: SyncService) -> None:
    async def is_ready() -> None:
        assert await service.stores.ledger_answers()
        assert await service.stores.view_answers()
        assert await service.view_is_of_this_ledger()

    await eventually_async(is_ready)


async def test_what_becomes_of_a_booking_is_shown_by_version_however_the_rows_come(
    sql: Connection, shown: Shown
) -> None:
    add_event(sql, "concert123")
    booking_id = book(sql, "concert123", "A1", "A2")
    fewer = {"status": "confirmed", "reason": None, "seat_ids": ["A2"], "expires_at_ms": None, "version": 2}
    gone = fewer | {"status": "cancelled", "reason": "by_customer", "version": 3}
    command_id = add_outcome(sql, "concert123", kind="cancel_booking", booking=(booking_id, fewer))
    add_outcome(sql, "concert123", kind="cancel_booking", booking=(booking_id, gone))
    add_outcome(sql, "concert123", kind="cancel_booking", booking=(booking_id, fewer))

    async def is_shown() -> None:
        everything = await shown.everything()
        assert booking_id in everything["bookings"]
        booking = everything["bookings"][booking_id]
        assert (booking["status"], booking["reason"], booking["version"]) == ("cancelled", "by_customer", 3)
        assert (booking["seat_ids"], booking["event_id"], booking["expires_at"]) == (["A2"], "concert123", None)
        assert everything["commands"].get(command_id) == {
            "_id": command_id,
            "kind": "cancel_booking",
            "target": booking_id,
            "status": "done",
            "reason": None,
        }

    await eventually_async(is_shown)


async def test_an_ended_hold_is_shown_without_a_command(sql: Connection, shown: Shown) -> None:
    add_event(sql, "concert123")
    held = {"status": "held", "reason": None, "seat_ids": ["A1"], "expires_at_ms": AT_MS + 2_000, "version": 1}
    booking_id = add_outcome(sql, "concert123", status="held", seat_ids=["A1"], booking=(None, held))

    async def is_held() -> None:
        bookings = (await shown.everything())["bookings"]
        assert booking_id in bookings
        booking = bookings[booking_id]
        assert (booking["status"], booking["expires_at"]) == ("held", "2027-01-02T03:04:07.678Z")

    await eventually_async(is_held)
    ended = held | {"status": "expired", "reason": "hold_expired", "expires_at_ms": None, "version": 2}
    add_outcome(sql, "concert123", kind="expire", command_id="", booking=(booking_id, ended))

    async def is_ended() -> None:
        everything = await shown.everything()
        assert booking_id in everything["bookings"]
        booking = everything["bookings"][booking_id]
        assert (booking["status"], booking["reason"], booking["expires_at"]) == ("expired", "hold_expired", None)
        assert "expire" not in {command["kind"] for command in everything["commands"].values()}

    await eventually_async(is_ended)
