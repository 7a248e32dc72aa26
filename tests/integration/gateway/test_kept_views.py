"""Public views are kept for a second: fetched once for everybody, never too old, never when something is wrong."""

import asyncio
import time
import uuid

import httpx
import pytest

from contracts import problems
from tests.eventually import eventually
from tests.integration.gateway.conftest import Gateway
from tests.integration.gateway.problem import assert_problem
from tests.integration.gateway.service import VIEW, Answer, Service

MAX_AGE_S = 3
"""NGINX counts whole seconds: max-age=1 and stale-while-revalidate=1 end at the latest three after the fetch."""
TRIES = 3
"""Who has waited for 50 ms fetches for himself: on a machine that is busy for a moment, more than one does."""


@pytest.fixture
def event() -> str:
    """Return the path of an event that nobody has asked for yet."""
    return f"/api/events/{uuid.uuid4().hex}"


def test_one_fetch_serves_everybody(gateway: Gateway, read_api: Service) -> None:
    read_api.answer = Answer(headers=VIEW, hold_s=0.02)

    async def everybody(event: str) -> list[int]:
        async with httpx.AsyncClient(base_url=gateway.url, timeout=10) as client:
            variants = ({"Authorization": "Bearer x"}, {"Cookie": "a=b"}, {"Accept-Encoding": "gzip"})
            calls = [client.get(event, params={"n": n}, headers=variants[n % 3]) for n in range(100)]
            return [answer.status_code for answer in await asyncio.gather(*calls)]

    fetches: list[int] = []
    while 1 not in fetches and len(fetches) < TRIES:
        read_api.received.clear()
        event = f"/api/events/{uuid.uuid4().hex}"
        assert asyncio.run(everybody(event)) == [200] * 100
        assert {got.target for got in read_api.received} == {event}
        assert not any({"authorization", "cookie"} & got.headers.keys() for got in read_api.received)
        fetches.append(len(read_api.received))
    assert 1 in fetches, fetches


def test_clients_are_told_one_second_and_get_their_own_request_id(
    client: httpx.Client, read_api: Service, event: str
) -> None:
    read_api.answer = Answer(headers={**VIEW, "X-Request-Id": "of-the-fetch", "Frontrow-As-Of": "now"})
    for request_id in ("first", "second"):
        answer = client.get(event, headers={"X-Request-Id": request_id})
        assert answer.headers.get_list("X-Request-Id") == [request_id]
        assert answer.headers["Cache-Control"] == "public, max-age=1"
        assert answer.headers["Frontrow-As-Of"] == "now"
    assert len(read_api.received) == 1


def test_who_has_the_version_already_gets_304(client: httpx.Client, read_api: Service, event: str) -> None:
    read_api.answer = Answer(headers=VIEW)
    for tag in ('"1"', 'W/"1"', '"0", "1"', "*"):
        answer = client.get(event, headers={"If-None-Match": tag})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["ETag"] == '"1"'
    assert client.get(event, headers={"If-None-Match": '"2"'}).status_code == 200
    assert len(read_api.received) == 1
    assert "if-none-match" not in read_api.received[0].headers


def test_a_large_view_travels_compressed_and_its_tag_still_works(
    client: httpx.Client, read_api: Service, event: str
) -> None:
    read_api.answer = Answer(headers=VIEW, body=b"[" + b'"seat",' * 1000 + b"0]")
    answer = client.get(event, headers={"Accept-Encoding": "gzip"})
    assert (answer.headers["Content-Encoding"], answer.headers["Vary"]) == ("gzip", "Accept-Encoding")
    again = client.get(event, headers={"Accept-Encoding": "gzip", "If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_quiet_hour_does_not_show_an_old_map(client: httpx.Client, read_api: Service, event: str) -> None:
    read_api.answer = Answer(headers=VIEW, body=b'"old"')
    assert client.get(event).json() == "old"
    fetched = time.monotonic()
    read_api.answer = Answer(headers=VIEW, body=b'"new"')

    def long_quiet() -> None:
        assert time.monotonic() - fetched > MAX_AGE_S

    eventually(long_quiet, within_s=MAX_AGE_S + 1)
    assert client.get(event).json() == "new"


def test_under_load_the_next_view_is_fetched_behind_the_readers_back(
    client: httpx.Client, read_api: Service, event: str
) -> None:
    read_api.answer = Answer(headers=VIEW, body=b'"old"')
    assert client.get(event).json() == "old"
    read_api.answer = Answer(headers=VIEW, body=b'"new"', hold_s=0.7)
    slowest = 0.0

    def new() -> None:
        nonlocal slowest
        started = time.monotonic()
        body = client.get(event).json()
        slowest = max(slowest, time.monotonic() - started)
        assert body == "new"

    eventually(new, within_s=MAX_AGE_S + 10)
    assert slowest < 0.7


def test_when_the_view_is_away_readers_are_told_so(client: httpx.Client, read_api: Service, event: str) -> None:
    read_api.answer = Answer(headers=VIEW)
    assert client.get(event).status_code == 200
    headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store", "Retry-After": "1"}
    read_api.answer = Answer(503, headers, b'{"type": "/problems/view-unavailable"}')

    def told() -> None:
        answer = client.get(event)
        assert answer.status_code == 503
        assert answer.headers["Cache-Control"] == "no-store"

    eventually(told, within_s=MAX_AGE_S + 1)
    read_api.answer = Answer(headers=VIEW)
    assert client.get(event).status_code == 200


def test_when_the_read_api_is_away_readers_are_told_so(gateway: Gateway, client: httpx.Client, event: str) -> None:
    service = Service()
    service.port = gateway.read_api
    service.answer = Answer(headers=VIEW)
    service.start()
    assert client.get(event).status_code == 200
    service.stop()
    eventually(lambda: assert_problem(client.get(event), problems.VIEW_UNAVAILABLE), within_s=MAX_AGE_S + 1)


@pytest.mark.parametrize("path", ["/api/bookings/bk_1", "/health"])
def test_bookings_and_health_are_never_kept(client: httpx.Client, read_api: Service, audit: Service, path: str) -> None:
    # Even when the service said that they may be.
    read_api.answer = audit.answer = Answer(headers=VIEW)
    for _ in range(3):
        assert client.get(path).status_code == 200
    assert len(read_api.received) + len(audit.received) == 3


def test_an_event_that_is_not_there_is_asked_for_again(client: httpx.Client, read_api: Service, event: str) -> None:
    read_api.answer = Answer(404, {"Content-Type": "application/problem+json"}, b"{}")
    assert client.get(event).status_code == 404
    read_api.answer = Answer(headers=VIEW)
    assert client.get(event).status_code == 200


def test_what_the_auditor_tells_is_kept_for_a_second_and_is_the_same_for_everybody(
    client: httpx.Client, audit: Service
) -> None:
    audit.answer = Answer(headers=VIEW)
    for token in ("one", "two", "three"):
        assert client.get("/api/audit", headers={"Authorization": token}).status_code == 200
    assert len(audit.received) == 1
    assert "authorization" not in audit.received[0].headers
