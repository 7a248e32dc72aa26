"""What NGINX refuses by itself: always a problem, never a page of its own, and nothing of it reaches a service."""

import socket
from collections.abc import Iterator

import httpx
import pytest

from contracts import problems
from contracts.problems import Problem
from tests.integration.gateway.conftest import Gateway
from tests.integration.gateway.problem import assert_problem
from tests.integration.gateway.service import Service

LIMIT_BYTES = 64 * 1024


def _chunks(size: int) -> Iterator[bytes]:
    for start in range(0, size, 4096):
        yield b"x" * min(4096, size - start)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_64_kb_passes(client: httpx.Client, write_api: Service, *, chunked: bool) -> None:
    body = _chunks(LIMIT_BYTES) if chunked else b"x" * LIMIT_BYTES
    assert client.post("/api/book", content=body).status_code == 200
    assert len(write_api.received[0].body) == LIMIT_BYTES


@pytest.mark.parametrize("chunked", [False, True])
def test_a_larger_body_is_refused(client: httpx.Client, write_api: Service, *, chunked: bool) -> None:
    body = _chunks(LIMIT_BYTES + 1) if chunked else b"x" * (LIMIT_BYTES + 1)
    assert_problem(client.post("/api/book", content=body), problems.PAYLOAD_TOO_LARGE)
    assert write_api.received == []


def test_too_long_an_address_is_refused(client: httpx.Client) -> None:
    assert_problem(client.get("/api/events?q=" + "x" * 9000), problems.URI_TOO_LONG)


@pytest.mark.parametrize("headers", [{"X-One": "x" * 9000}, {f"X-{number}": "x" * 7000 for number in range(6)}])
def test_too_large_headers_are_refused(client: httpx.Client, headers: dict[str, str]) -> None:
    assert_problem(client.get("/api/events", headers=headers), problems.HEADERS_TOO_LARGE)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"GARBAGE\r\n\r\n", problems.BAD_REQUEST),
        (b"GET /api/events HTTP/1.1\r\n\r\n", problems.BAD_REQUEST),
        (b"GET /api/events HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", problems.BAD_REQUEST),
        (b"GET /api/events HTTP/3.1\r\nHost: a\r\n\r\n", problems.BAD_REQUEST),
        (b"GET /api/%zz HTTP/1.1\r\nHost: a\r\n\r\n", problems.BAD_REQUEST),
        (b"GET /api/../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", problems.BAD_REQUEST),
        (b"POST /api/book HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n", problems.BAD_REQUEST),
        (b"POST /api/book HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: odd\r\n\r\n", problems.BAD_REQUEST),
        (
            b"POST /api/book HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
            problems.BAD_REQUEST,
        ),
        (b"POST /api/book HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", problems.BAD_REQUEST),
        (b"CONNECT example.org:443 HTTP/1.1\r\nHost: a\r\n\r\n", problems.BAD_REQUEST),
    ],
)
def test_what_is_not_http_is_a_bad_request(gateway: Gateway, write_api: Service, raw: bytes, problem: Problem) -> None:
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=5) as connection:
        connection.sendall(raw)
        answer = b""
        while received := connection.recv(65536):
            answer += received
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert_problem(httpx.Response(int(first.split(" ")[1]), headers=headers, content=body), problem)
    assert write_api.received == []
