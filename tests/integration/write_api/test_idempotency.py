"""Sent again under the same key: the same booking, whoever is away; another request under it is told so."""

import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from contracts.commands import BookSeats
from contracts.ids import KEYED_MS
from tests.eventually import eventually_async
from tests.integration.conftest import PARTITIONS, Stores
from tests.integration.proxy import Proxy
from tests.integration.write_api.conftest import Log
from tests.integration.write_api.process import WriteApi, environment
from tests.stalls import within

REDIS_AWAY_WITHIN_S = 3.0


@pytest.fixture(scope="module")
def api(module_requests: Log, stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WriteApi]:
    """A write API with a Redis."""
    folder = tmp_path_factory.mktemp("write_api")
    env = environment(folder, module_requests.bootstrap, module_requests.topic, PARTITIONS, stores.redis)
    with WriteApi(env, folder / "log") as started:
        started.wait_until_ready()
        yield started


@pytest.fixture(scope="module")
def http(api: WriteApi) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=api.url, timeout=5) as opened:
        yield opened


def request(**changed: object) -> dict[str, object]:
    return {"userId": "user-123", "eventId": f"event-{uuid.uuid4().hex[:12]}", "seatId": "A2"} | changed


def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid.uuid4().hex}


def test_the_same_request_under_the_same_key_is_the_same_booking(http: httpx.Client, module_requests: Log) -> None:
    asked, under = request(), key()
    first, second = (http.post("/api/book", json=asked, headers=under) for _ in range(2))

    assert first.status_code == second.status_code == 202
    assert first.json() == second.json()
    assert first.headers["location"] == second.headers["location"]
    logged = [one.command for one in module_requests.read() if one.command_id == first.json()["booking_id"]]
    assert len(logged) == 2, "the worker drops the second"
    for command in logged:
        assert isinstance(command, BookSeats)
        assert command.keyed
        assert command.issued_at_ms > KEYED_MS


def test_a_key_in_quotes_is_the_same_key(http: httpx.Client) -> None:
    asked, under = request(), key()
    quoted = {"Idempotency-Key": f'"{under["Idempotency-Key"]}"'}
    first = http.post("/api/book", json=asked, headers=under)
    assert http.post("/api/book", json=asked, headers=quoted).json() == first.json()


def test_a_seat_named_in_another_way_is_the_same_request(http: httpx.Client) -> None:
    asked, under = request(), key()
    first = http.post("/api/book", json=asked, headers=under)
    again = {"user_id": asked["userId"], "event_id": asked["eventId"], "seat_ids": [asked["seatId"]]}
    assert http.post("/api/book", json=again, headers=under).json() == first.json()


@pytest.mark.parametrize("changed", [{"seatId": "A3"}, {"seatIds": ["A2", "A3"]}])
def test_another_request_under_the_same_key_is_told_so_and_not_accepted(
    http: httpx.Client, module_requests: Log, changed: dict[str, object]
) -> None:
    asked, under = request(), key()
    booking_id = http.post("/api/book", json=asked, headers=under).json()["booking_id"]
    other = {"userId": asked["userId"], "eventId": asked["eventId"], **changed}
    answer = http.post("/api/book", json=other, headers=under)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert len([one for one in module_requests.read() if one.command_id == booking_id]) == 1


def test_another_caller_or_event_or_key_is_another_booking(http: httpx.Client) -> None:
    asked, under = request(), key()
    made = {
        http.post("/api/book", json=body, headers=headers).json()["booking_id"]
        for body, headers in (
            (asked, under),
            (asked | {"userId": "user-124"}, under),
            (request(), under),
            (asked, key()),
            (asked, {}),
        )
    }
    assert len(made) == 5


def test_a_key_that_is_none_is_refused_before_anything_happens(http: httpx.Client) -> None:
    answer = http.post("/api/book", json=request(), headers={"Idempotency-Key": "too short"})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-request")
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


def test_a_write_api_that_was_started_anew_finds_the_same_booking(
    api: WriteApi, http: httpx.Client, module_requests: Log, tmp_path: Path
) -> None:
    asked, under = request(), key()
    first = http.post("/api/book", json=asked, headers=under).json()
    # The same secrets, another process, and no Redis.
    folder = tmp_path
    for name in ("booking_id_keys", "principal_key", "derivation_key", "keyed_id_key", "payment_token_key"):
        (folder / f"frontrow_{name}").write_text(api.secret(name))
    env = environment(folder, module_requests.bootstrap, module_requests.topic, PARTITIONS)
    with WriteApi(env, tmp_path / "log") as other:
        other.wait_until_ready()
        assert httpx.post(other.url + "/api/book", json=asked, headers=under, timeout=5).json() == first


@pytest.fixture
async def proxy(stores: Stores) -> AsyncIterator[Proxy]:
    async with Proxy.before(stores.redis) as proxy:
        yield proxy


@pytest.mark.parametrize("how", ["cut", "frozen"])
async def test_while_redis_is_away_the_first_booking_counts_and_nobody_waits(
    how: str, module_requests: Log, stores: Stores, tmp_path: Path, proxy: Proxy
) -> None:
    address = stores.redis.rpartition(":")[0] + f":{proxy.port}/0"
    env = environment(tmp_path, module_requests.bootstrap, module_requests.topic, PARTITIONS, address)
    with WriteApi(env, tmp_path / "log") as api:
        async with httpx.AsyncClient(base_url=api.url, timeout=5) as http:
            await _until_ready(http)
            asked, under = request(), key()
            first = await http.post("/api/book", json=asked, headers=under)
            if how == "cut":
                await proxy.cut()
            else:
                proxy.freeze()
            with within(REDIS_AWAY_WITHIN_S):
                again = await http.post("/api/book", json=asked, headers=under)
            with within(REDIS_AWAY_WITHIN_S):
                other = await http.post("/api/book", json=asked | {"seatId": "A3"}, headers=under)
    assert first.status_code == again.status_code == other.status_code == 202
    assert first.json() == again.json() == other.json()


async def _until_ready(http: httpx.AsyncClient) -> None:
    async def ready() -> None:
        try:
            assert (await http.get("/health/ready")).status_code == 200
        except httpx.TransportError as error:
            raise AssertionError from error

    await eventually_async(ready)
