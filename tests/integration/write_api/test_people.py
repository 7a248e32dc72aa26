"""The write API's own counting, and what it takes from whom: with a real PostgreSQL and Redis, without a gateway."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from psycopg.conninfo import make_conninfo

from tests.integration.conftest import PARTITIONS
from tests.integration.write_api.conftest import Log
from tests.integration.write_api.process import WriteApi, environment
from tests.people import Somebody, register, somebody

NOBODY = "192.0.2.0/24"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@contextmanager
def running(folder: Path, log: Log, ledger: str, redis_url: str, **more: str) -> Iterator[WriteApi]:
    postgres_url = make_conninfo(ledger, user="frontrow_write_api")
    env = environment(folder, log.bootstrap, log.topic, PARTITIONS, redis_url, postgres_url)
    with WriteApi({**env, **more}, folder / "log") as process:
        process.wait_until_ready()
        yield process


@contextmanager
def serving(folder: Path, log: Log, ledger: str, redis_url: str, **more: str) -> Iterator[httpx.Client]:
    with (
        running(folder, log, ledger, redis_url, **more) as process,
        httpx.Client(base_url=process.url, timeout=10) as client,
    ):
        yield client


def commands(client: httpx.Client, who: Somebody, count: int) -> list[httpx.Response]:
    booked = client.post("/api/book", json={"eventId": "concert123", "seatId": "A2"}, headers=who.headers).json()
    path = f"/api/bookings/{booked['booking_id']}"
    return [client.delete(path, headers=who.headers) for _ in range(count - 1)]


def test_an_account_is_slowed_down_wherever_it_comes_from_and_a_guest_is_the_gateways(
    folder: Path, requests: Log, ledger: str, redis_url: str
) -> None:
    with serving(folder, requests, ledger, redis_url, FRONTROW_UNLIMITED_ADDRESSES=NOBODY) as client:
        anna, bert = somebody(client), somebody(client)
        answers = commands(client, anna, 101)
        assert [answer.status_code for answer in answers[:-1]] == [202] * 99
        assert answers[-1].json()["type"] == "/problems/too-many-requests"
        assert 0 < int(answers[-1].headers["retry-after"]) <= 10
        assert commands(client, bert, 2)[-1].status_code == 202
        guest = client.post("/api/book", json={"userId": "g", "eventId": "concert123", "seatId": "A3"})
        assert guest.status_code == 202


def test_one_address_registers_thirty_people_an_hour(folder: Path, requests: Log, ledger: str, redis_url: str) -> None:
    with serving(folder, requests, ledger, redis_url, FRONTROW_UNLIMITED_ADDRESSES=NOBODY) as client:
        address = {"X-Forwarded-For": f"2001:db8:{folder.stat().st_ino % 65_535:x}::1"}  # one that no other test has
        client.headers.update(address)
        answers = [register(client, f"user-{n}").status_code for n in range(31)]
        assert answers == [201] * 30 + [429]


def test_where_guests_are_not_taken_a_session_is_needed(
    folder: Path, requests: Log, ledger: str, redis_url: str
) -> None:
    with serving(folder, requests, ledger, redis_url, FRONTROW_GUEST_BOOKING="off") as client:
        guest = client.post("/api/book", json={"userId": "anna", "eventId": "concert123", "seatId": "A2"})
        assert (guest.status_code, guest.json()["type"]) == (401, "/problems/unauthenticated")
        assert guest.headers["www-authenticate"].startswith("Bearer")
        anna = somebody(client)
        mine = client.post("/api/book", json={"eventId": "concert123", "seatId": "A2"}, headers=anna.headers)
        assert mine.status_code == 202


def test_without_redis_each_process_counts_for_itself(folder: Path, requests: Log, ledger: str) -> None:
    with serving(folder, requests, ledger, "redis://127.0.0.1:9/0") as client:
        register(client, "anna")
        wrong = {"user_id": "anna", "password": "a wrong password"}
        answers = [client.post("/api/sessions", json=wrong).status_code for _ in range(11)]
        assert answers == [401] * 10 + [429]


@pytest.mark.parametrize("by_cookie", [False, True])
def test_what_a_process_that_stood_still_was_asked_for_ends_no_session(
    folder: Path, requests: Log, ledger: str, redis_url: str, *, by_cookie: bool
) -> None:
    """Whoever asked gave up, and refreshed twice elsewhere: the used token, read late, is no thief's."""

    def ask(client: httpx.Client, token: str) -> httpx.Response:
        if by_cookie:
            return client.post("/api/sessions/refresh", headers={"Cookie": f"frontrow_refresh={token}"})
        return client.post("/api/sessions/refresh", json={"refresh_token": token})

    with (
        running(folder, requests, ledger, redis_url) as frozen,
        running(folder, requests, ledger, redis_url) as other,
        httpx.Client(base_url=other.url, timeout=10) as client,
    ):
        token = first = somebody(client).tokens["refresh_token"]
        with frozen.standing_still():
            with httpx.Client(base_url=frozen.url, timeout=1) as gives_up, pytest.raises(httpx.ReadTimeout):
                ask(gives_up, first)
            for _ in range(2):
                client.cookies.clear()
                token = ask(client, token).json()["refresh_token"]
        frozen.wait_until_ready()
        for _ in range(2):
            client.cookies.clear()
            answer = ask(client, token)
            assert answer.status_code == httpx.codes.OK
            token = answer.json()["refresh_token"]
