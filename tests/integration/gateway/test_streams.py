"""Streams pass the gateway as they come, are never kept, and are counted by whoever opens them."""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from contracts import problems
from tests.eventually import eventually
from tests.integration.gateway.conftest import Gateway, serving, started
from tests.integration.gateway.problem import assert_problem
from tests.integration.gateway.service import Answer, Service
from tests.stalls import within

PATHS = ["/api/events/concert123/stream", "/api/bookings/bk_1/stream"]
AT_MOST = 3
"""What this gateway is told, where 100 is the default."""
ELSEWHERE = "127.0.0.2"
"""An address that is not the one that the limit leaves out."""
LONGER_THAN_OTHER_ANSWERS_S = 6.0
ENOUGH = 3
"""So often is a server that failed tried again, and each time somebody might be sent there unasked."""


def streaming(again_after_s: float) -> Answer:
    headers = {"Content-Type": "text/event-stream"}
    return Answer(headers=headers, body=b": hello\n\n", unending=True, again_after_s=again_after_s)


@contextmanager
def opened(gateway: Gateway, path: str, from_: str = "127.0.0.1", header: str = "") -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", gateway.port), 10, source_address=(from_, 0)) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n{header}\r\n".encode())
        yield client


def head_and_text(client: socket.socket) -> str:
    text = ""
    while ": hello" not in text and "problems" not in text:
        more = client.recv(65_536)
        if not more:
            break
        text += more.decode()
    return text


@pytest.mark.parametrize("path", PATHS)
def test_a_stream_is_passed_on_at_once_and_for_longer_than_other_answers(
    gateway: Gateway, read_api: Service, path: str
) -> None:
    read_api.answer = streaming(again_after_s=LONGER_THAN_OTHER_ANSWERS_S)
    began = time.monotonic()
    with opened(gateway, path, header="Last-Event-ID: m-1\r\nCookie: a=b\r\nAuthorization: Bearer x\r\n") as client:
        with within(LONGER_THAN_OTHER_ANSWERS_S / 2):
            assert "HTTP/1.1 200" in head_and_text(client)
        assert ": hello" in client.recv(1_000).decode(), "the next message, after a quiet time"
        assert time.monotonic() - began >= LONGER_THAN_OTHER_ANSWERS_S
    received = read_api.received[0]
    assert (received.method, received.target) == ("GET", path)
    assert received.headers["last-event-id"] == "m-1"
    assert not {"cookie", "authorization"} & received.headers.keys(), "what is public ignores credentials"


def test_streams_are_not_kept(client: httpx.Client, read_api: Service) -> None:
    cached = {"Cache-Control": "public, max-age=1"}
    read_api.answer = Answer(headers=cached)
    for number in (1, 2):
        assert client.get(PATHS[0]).status_code == 200
        assert len(read_api.received) == number


@pytest.mark.parametrize("path", PATHS)
def test_a_client_that_goes_is_gone_for_the_service_too(gateway: Gateway, read_api: Service, path: str) -> None:
    read_api.answer = streaming(again_after_s=0.1)
    with opened(gateway, path) as client:
        head_and_text(client)
        assert read_api.open == 1

    def gone() -> None:
        assert read_api.open == 0

    eventually(gone)


@pytest.mark.parametrize("path", PATHS)
def test_only_reading_is_allowed(client: httpx.Client, read_api: Service, path: str) -> None:
    assert_problem(client.post(path), problems.METHOD_NOT_ALLOWED)
    assert client.post(path).headers["allow"] == "GET, HEAD"
    assert client.head(path).status_code == 200
    assert [received.method for received in read_api.received] == ["HEAD"]
    assert_problem(client.get("/_streams/api/events/concert123/stream"), problems.NOT_FOUND)
    assert_problem(client.get(f"{path}/more"), problems.NOT_FOUND)


def test_an_address_has_at_most_so_many_streams_and_the_machine_itself_any_number(
    gateway: Gateway, read_api: Service
) -> None:
    read_api.answer = streaming(again_after_s=0.1)
    path = PATHS[0]
    with (
        opened(gateway, path, ELSEWHERE) as first,
        opened(gateway, path, ELSEWHERE) as second,
        opened(gateway, path, ELSEWHERE) as third,
    ):
        for client in (first, second, third):
            assert "HTTP/1.1 200" in head_and_text(client)
        with opened(gateway, path, ELSEWHERE) as fourth:
            refused = head_and_text(fourth)
            assert "HTTP/1.1 429" in refused
            assert "/problems/too-many-requests" in refused
            assert re.search(r"Retry-After: [123]\r\n", refused)
        with opened(gateway, path) as local:
            assert "HTTP/1.1 200" in head_and_text(local)
        with opened(gateway, "/api/events/concert123", ELSEWHERE) as other:
            read_api.answer = Answer(body=b": hello\n\n")
            assert "HTTP/1.1 200" in head_and_text(other)
            read_api.answer = streaming(again_after_s=0.1)

    def again() -> None:
        with opened(gateway, path, ELSEWHERE) as client:
            assert "HTTP/1.1 200" in head_and_text(client)

    eventually(again)


def test_a_service_that_is_away_is_told_as_for_every_read(client: httpx.Client) -> None:
    assert_problem(client.get(PATHS[0]), problems.VIEW_UNAVAILABLE)


@pytest.mark.parametrize("path", PATHS)
def test_a_stream_of_a_service_that_is_frozen_does_not_hang_as_a_quiet_one_may(
    client: httpx.Client, read_api: Service, path: str
) -> None:
    read_api.answer = Answer(hold_s=30)
    with within(LONGER_THAN_OTHER_ANSWERS_S):
        assert_problem(client.get(path), problems.VIEW_UNAVAILABLE)
    assert read_api.received == []


def test_a_stream_is_never_asked_of_a_frozen_service_while_another_one_lives(tmp_path: Path) -> None:
    with (
        serving() as frozen,
        started(tmp_path, second_read_api=frozen.port) as gateway,
        serving(gateway.read_api) as living,
        httpx.Client(base_url=gateway.url, timeout=10) as client,
    ):
        frozen.answer = Answer(hold_s=30)

        def asked_again_and_again() -> None:
            answer = client.get(PATHS[0])
            if answer.status_code != httpx.codes.OK:
                assert_problem(answer, problems.VIEW_UNAVAILABLE)
            assert frozen.asked_whether_it_lives >= ENOUGH
            assert len(living.received) >= ENOUGH

        eventually(asked_again_and_again)
        assert frozen.received == []
