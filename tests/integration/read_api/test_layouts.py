"""The layout page, from a real MongoDB."""

import httpx
import pytest

from tests.integration.read_api.conftest import AS_OF, AS_OF_MS, Shown

LAYOUT = "/api/events/concert123/layout"


@pytest.fixture(autouse=True)
async def _watermark(shown: Shown) -> None:
    await shown.watermark({"0": AS_OF_MS})


async def test_a_layout_shows_rows_and_prices_and_no_status(client: httpx.AsyncClient, shown: Shown) -> None:
    await shown.event("concert123", "ab", "h")
    answer = await client.get(LAYOUT)
    assert answer.headers["frontrow-as-of"] == AS_OF
    about = {
        "general_admission": False,
        "currency": "EUR",
        "prices": [{"category": None, "price_minor": 4500, "seat_ids": None}],
        "accessible": [],
    }
    assert answer.json() == {
        "event_id": "concert123",
        "sections": [
            {"section": "section-A", "seats_total": 2, **about, "rows": [{"row": "A", "seat_ids": ["A1", "A2"]}]},
            {"section": "section-B", "seats_total": 1, **about, "rows": [{"row": "B", "seat_ids": ["B1"]}]},
        ],
    }


async def test_a_layout_stays_the_same_when_seats_change(client: httpx.AsyncClient, shown: Shown) -> None:
    await shown.event("concert123", "aa")
    tag = (await client.get(LAYOUT)).headers["etag"]
    await shown.event("concert123", "ab", version=10, block_version=4)
    assert (await client.get(LAYOUT, headers={"If-None-Match": tag})).status_code == 304
    await shown.event("concert123", "ab", "a", version=11, block_version=4)
    assert (await client.get(LAYOUT, headers={"If-None-Match": tag})).status_code == 200


async def test_a_hall_of_over_fifty_thousand_seats_shows_no_layout(client: httpx.AsyncClient, shown: Shown) -> None:
    await shown.event("concert123", "aa", seats_total=50_001)
    assert (await client.get(LAYOUT)).json() == {"event_id": "concert123", "sections": None}


@pytest.mark.parametrize("path", ["/api/events/nothing/layout", "/api/events/a%20b/layout"])
async def test_what_is_not_there_has_no_layout(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
