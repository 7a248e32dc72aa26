"""Who asks too often is told so, and when to come again; this machine is not counted unless that is wanted."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from contracts import problems
from tests.eventually import eventually
from tests.integration.gateway.conftest import Gateway, serving, started
from tests.integration.gateway.problem import assert_problem

NOBODY = "192.0.2.0/24"
MANY = 300


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway that counts everybody's requests, ours too."""
    with started(tmp_path, unlimited=NOBODY) as gateway:
        yield gateway


@pytest.mark.parametrize(
    ("method", "path", "burst"),
    [
        ("POST", "/api/book", 40),
        ("DELETE", "/api/bookings/bk_1", 40),
        ("POST", "/api/bookings/bk_1/extension", 40),
        ("POST", "/api/sessions", 20),
        ("POST", "/api/accounts", 20),
        ("POST", "/api/password-resets", 20),
        ("GET", "/api/accounts/me", 20),
    ],
)
def test_what_changes_something_or_costs_a_hash_is_taken_in_bursts_and_then_slowed_down(
    strict: Gateway, method: str, path: str, burst: int
) -> None:
    with httpx.Client(base_url=strict.url, timeout=10) as client, serving(strict.write_api) as services:
        answers = [client.request(method, path, headers={"X-Request-Id": "a"}) for _ in range(MANY)]
        passed = [answer for answer in answers if answer.status_code == httpx.codes.OK]
        assert burst < len(passed) < MANY
        assert len(services.received) == len(passed), "what was refused never reached the service"
        for answer in answers:
            if answer not in passed:
                assert_problem(answer, problems.TOO_MANY_REQUESTS)


def test_reading_is_slowed_down_only_far_above_what_a_page_asks(strict: Gateway) -> None:
    with httpx.Client(base_url=strict.url, timeout=10) as client, serving(strict.read_api) as _service_of_reads:
        answers = [client.get("/api/bookings/bk_1").status_code for _ in range(200)]
    assert set(answers) == {200}


def test_this_machine_is_not_counted(gateway: Gateway, client: httpx.Client) -> None:
    with serving(gateway.write_api) as _services:
        assert {client.post("/api/sessions").status_code for _ in range(MANY)} == {200}


def test_who_sends_bodies_slowly_keeps_the_places_of_one_address_and_no_more(strict: Gateway) -> None:
    with (
        ExitStack() as stack,
        httpx.Client(base_url=strict.url, timeout=10) as client,
        serving(strict.read_api) as services,
    ):

        def full() -> None:
            # So few that the limit a second lets them pass, so many that the first are not let go before the last come.
            for _ in range(10):
                slow = stack.enter_context(socket.create_connection(("127.0.0.1", strict.port)))
                slow.sendall(b"GET /api/bookings/bk_1 HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx")
            answer = client.get("/api/bookings/bk_1")
            assert answer.json().get("type") == problems.OVERLOADED.type

        eventually(full)
        passed = len(services.received)
        with httpx.Client(base_url=strict.url, transport=httpx.HTTPTransport(local_address="127.0.0.2")) as other:
            assert other.get("/api/bookings/bk_1").status_code == httpx.codes.OK
        assert len(services.received) == passed + 1, "what is not whole reaches nobody"
