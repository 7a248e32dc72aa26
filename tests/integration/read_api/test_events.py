"""The public views of events, from a real MongoDB."""

import json

import httpx
import pytest

from read_api.seat_lists import SeatLists
from read_api.view import View
from tests.eventually import eventually_async
from tests.integration.read_api.conftest import AS_OF, AS_OF_MS, Shown


@pytest.fixture(autouse=True)
async def _watermark(shown: Shown) -> None:
    await shown.watermark({"0": AS_OF_MS, "1": AS_OF_MS - 3_000})


async def test_events_are_listed_by_date_then_id_without_seats(client: httpx.AsyncClient, shown: Shown) -> None:
    await shown.event("b", "aa")
    await shown.event("a", "aa")
    await shown.event("earlier", "abh", date="2026-12-01T19:00:00Z")
    answer = await client.get("/api/events")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert [event["event_id"] for event in answer.json()] == ["earlier", "a", "b"]
    assert answer.json()[0] == {
        "_id": "earlier",
        "event_id": "earlier",
        "date": "2026-12-01T19:00:00Z",
        "name": "Event earlier",
        "kind": "concert",
        "venue": "Hall",
        "time_zone": "Europe/Vienna",
        "seats_total": 3,
        "seats_available": 1,
        "version": 9,
        "status": "on_sale",
        "hold_seconds": 0,
        **dict.fromkeys(
            ("local_date", "place", "production_id", "production_name", "origin", "destination", "departure", "arrival")
        ),
        **dict.fromkeys(("on_sale_at", "off_sale_at", "max_seats_per_user")),
    }


async def test_an_empty_view_lists_no_events(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/events")
    assert (answer.status_code, answer.json()) == (200, [])


async def test_an_event_shows_its_seats_in_map_order(client: httpx.AsyncClient, shown: Shown) -> None:
    await shown.event("concert123", "ab", "h")
    body = (await client.get("/api/events/concert123")).json()
    assert body["seats"] == [
        {"seat_id": "A1", "status": "available", "user_id": None},
        {"seat_id": "A2", "status": "booked", "user_id": None},
        {"seat_id": "B1", "status": "held", "user_id": None},
    ]
    assert (body["_id"], body["seats_total"], body["seats_available"], body["version"]) == ("concert123", 3, 1, 9)


async def test_a_changed_block_changes_the_list_that_was_kept(client: httpx.AsyncClient, shown: Shown) -> None:
    await shown.event("concert123", "aa")
    await client.get("/api/events/concert123")
    await shown.event("concert123", "ab", version=10, block_version=4)
    body = (await client.get("/api/events/concert123")).json()
    assert [seat["status"] for seat in body["seats"]] == ["available", "booked"]


async def test_a_section_shows_only_its_seats(client: httpx.AsyncClient, shown: Shown) -> None:
    await shown.event("concert123", "ab", "ha")
    answer = await client.get("/api/events/concert123/sections/section-B")
    assert answer.json() == {
        "event_id": "concert123",
        "section": "section-B",
        "price_minor": 4500,
        "currency": "EUR",
        "prices": [{"category": None, "price_minor": 4500, "seat_ids": None}],
        "seats_total": 2,
        "seats_available": 1,
        "version": 3,
        "seats": [
            {"seat_id": "B1", "status": "held", "user_id": None},
            {"seat_id": "B2", "status": "available", "user_id": None},
        ],
    }


async def test_availability_is_one_character_a_seat(client: httpx.AsyncClient, shown: Shown) -> None:
    await shown.event("concert123", "ab", "ha")
    assert (await client.get("/api/events/concert123/availability")).json() == {
        "event_id": "concert123",
        "version": 9,
        "sections": [
            {"section": "section-A", "seats_total": 2, "seats_available": 1, "version": 3, "status": "ab"},
            {"section": "section-B", "seats_total": 2, "seats_available": 1, "version": 3, "status": "ha"},
        ],
    }


async def test_a_hall_of_over_fifty_thousand_seats_lists_none_but_its_sections_do(
    client: httpx.AsyncClient, shown: Shown
) -> None:
    await shown.event("arena", "aa", "ab", seats_total=50_001)
    assert (await client.get("/api/events/arena")).json()["seats"] is None
    assert len((await client.get("/api/events/arena/sections/section-B")).json()["seats"]) == 2
    assert len((await client.get("/api/events/arena/availability")).json()["sections"]) == 2


PAGES = (
    "/api/events",
    "/api/events/concert123",
    "/api/events/concert123/sections/section-A",
    "/api/events/concert123/availability",
)


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_that_the_caller_has_is_not_sent_again(client: httpx.AsyncClient, shown: Shown, path: str) -> None:
    await shown.event("concert123", "ab")
    first = await client.get(path)
    tag = first.headers["etag"]
    assert tag.startswith('"')
    assert first.headers["cache-control"].startswith("public, max-age=1")
    for condition in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await client.get(path, headers={"If-None-Match": condition})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["frontrow-as-of"]
    assert (await client.get(path, headers={"If-None-Match": '"other"'})).status_code == 200
    await shown.event("concert123", "bb", version=10, block_version=4)
    changed = await client.get(path, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.headers["etag"] != tag) == (200, True)


@pytest.mark.parametrize("path", PAGES)
async def test_head_answers_as_get_does(client: httpx.AsyncClient, shown: Shown, path: str) -> None:
    await shown.event("concert123", "ab")
    got, head = await client.get(path), await client.head(path)
    assert (head.status_code, head.headers["etag"]) == (200, got.headers["etag"])
    assert head.headers["content-length"] == got.headers["content-length"]


async def test_a_page_says_how_complete_it_is(client: httpx.AsyncClient, shown: Shown) -> None:
    await shown.event("concert123", "ab")
    assert (await client.get("/api/events/concert123")).headers["frontrow-as-of"] == AS_OF
    assert (await client.get("/api/events")).headers["frontrow-as-of"] == "2027-01-02T03:04:07.678Z"


@pytest.mark.parametrize(
    "path",
    [
        "/api/events/nothing",
        "/api/events/nothing/availability",
        "/api/events/nothing/sections/section-A",
        "/api/events/concert123/sections/nothing",
        "/api/events/%00",
        "/api/events/a%20b",
        "/api/events/" + "x" * 65,
        "/api/events/concert123/sections/$ne",
        "/api/events/concert123/elsewhere",
        "/api/events/",
    ],
)
async def test_what_is_not_there_is_a_problem(client: httpx.AsyncClient, shown: Shown, path: str) -> None:
    await shown.event("concert123", "ab")
    answer = await client.get(path, headers={"X-Request-Id": "r-1"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["type"], answer.json()["instance"]) == ("/problems/not-found", "r-1")


async def test_another_method_is_a_problem(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/events")
    assert (answer.status_code, answer.json()["type"]) == (405, "/problems/method-not-allowed")
    assert {method.strip() for method in answer.headers["allow"].split(",")} == {"GET", "HEAD"}


async def test_layouts_of_another_ledger_are_forgotten(client: httpx.AsyncClient, shown: Shown) -> None:
    await shown.event("concert123", "aa")
    tag = (await client.get("/api/events/concert123")).headers["etag"]
    await shown.watermark({"0": AS_OF_MS}, incarnation="ledger-2")
    await shown.mongo.drop("layouts")
    layout = {
        "_id": "concert123:0",
        "rows": [{"row": "Z", "seat_ids": ["Z1", "Z2"]}],
        "price_minor": 1,
        "currency": "EUR",
    }
    await shown.mongo.insert_new("layouts", [layout])

    async def shows_the_new_ones() -> None:
        answer = await client.get("/api/events/concert123")
        assert [seat["seat_id"] for seat in answer.json()["seats"]] == ["Z1", "Z2"]
        assert answer.headers["etag"] != tag

    await eventually_async(shows_the_new_ones)


async def test_only_so_many_seats_are_kept_in_memory(shown: Shown) -> None:
    await shown.event("one", "aa", "aa")
    await shown.event("two", "ab", "hb")
    view = View(shown.mongo)
    lists = SeatLists(view, max_seats=3)
    for _ in range(2):
        for event_id, statuses in (("one", ["available"] * 4), ("two", ["available", "booked", "held", "booked"])):
            found = await view.event(event_id)
            assert found is not None
            body = json.loads((await lists.load(found[1], "ledger-1")).after({"event_id": event_id}))
            assert [seat["status"] for seat in body["seats"]] == statuses
    assert lists.seats_kept <= 3
