"""The events that somebody organises, from a real MongoDB."""

import httpx

from contracts import views
from contracts.callers import Role
from tests.integration.read_api.conftest import AS_OF_MS, Shown, session_of

ANNA, BEN = "ac_anna", "ac_ben"
PATH = "/api/accounts/me/events"


async def _organised(shown: Shown, event_id: str, organiser: str, date: str) -> None:
    await shown.event(event_id, "aa", date=date)
    await shown.mongo.update(views.EVENTS, {"_id": event_id}, {"$set": {"organiser": organiser}})


async def test_an_organiser_sees_their_own_events_by_date_and_nobody_elses(
    client: httpx.AsyncClient, shown: Shown
) -> None:
    await shown.watermark({"0": AS_OF_MS})
    await _organised(shown, "later", ANNA, "2027-06-01T19:00:00Z")
    await _organised(shown, "sooner", ANNA, "2027-05-01T19:00:00Z")
    await _organised(shown, "bens", BEN, "2027-05-02T19:00:00Z")
    await shown.event("nobodys", "aa")
    headers = session_of("anna", ANNA, Role.ORGANISER)
    answer = await client.get(PATH, headers=headers)
    assert [event["event_id"] for event in answer.json()] == ["sooner", "later"]
    assert answer.headers["cache-control"] == "no-store"
    first = await client.get(f"{PATH}?limit=1", headers=headers)
    assert [event["event_id"] for event in first.json()] == ["sooner"]
    following = await client.get(first.links["next"]["url"], headers=headers)
    assert [event["event_id"] for event in following.json()] == ["later"]
    assert "next" not in following.links
    assert (await client.get(PATH, headers=session_of("carl", "ac_carl"))).json() == []


async def test_without_a_session_nobody_organises(client: httpx.AsyncClient) -> None:
    answer = await client.get(PATH)
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated")
