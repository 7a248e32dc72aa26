"""Clients that mean no good, byte by byte: nothing of theirs becomes a request that they did not send.

Nobody waits for them either, and what they hold open costs little.
"""

import asyncio
import re
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import httpx
import pytest

from tests.integration.gateway.conftest import Gateway
from tests.integration.gateway.service import Service
from tests.stalls import within

HEAD = b"POST /api/book HTTP/1.1\r\nHost: a\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
CHUNKED = b"3\r\nabc\r\n0\r\n\r\n"
IDLE = 10_000
FILES_BESIDE = 500
LETS_GO_AFTER_S = 10
"""The gateway's bound between two bytes of a head's or body's client."""
SLACK_S = 4


@contextmanager
def connected(gateway: Gateway, *, within_s: float = 15) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=within_s) as connection:
        yield connection


def say(gateway: Gateway, raw: bytes) -> bytes:
    """Return everything that is answered to some bytes until the gateway hangs up."""
    answer = b""
    with connected(gateway) as connection:
        connection.sendall(raw)
        with suppress(ConnectionError):  # it hangs up on what it has not read
            while received := connection.recv(65536):
                answer += received
    return answer


def statuses(answer: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 3\r\nContent-Length: 39\r\n\r\nabc",
        b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        b"Content-Length: 3, 3\r\n\r\nabc",
        b"Content-Length: +3\r\n\r\nabc",
        b"Content-Length: -3\r\n\r\nabc",
        b"Content-Length: 0x3\r\n\r\nabc",
        b"Content-Length: 99999999999999999999\r\n\r\nabc",
        b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKED,
        b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n" + CHUNKED,
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + CHUNKED,
        b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKED,
        b"Transfer-Encoding: chunked, identity\r\n\r\n" + CHUNKED,
        b"Transfer-Encoding: xchunked\r\n\r\n" + CHUNKED,
        b"Transfer-Encoding: \x0bchunked\r\n\r\n" + CHUNKED,
        b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\nabc\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
    ],
)
def test_where_a_body_ends_is_said_once_and_clearly_or_nothing_is_passed_on(
    gateway: Gateway, write_api: Service, framing: bytes
) -> None:
    answer = say(gateway, HEAD + framing + SMUGGLED)
    assert statuses(answer)[:1] in ([400], [413], [431]), answer
    assert b"/problems/" in answer
    assert write_api.received == []


@pytest.mark.parametrize(
    "odd",
    [
        b"Transfer-Encoding : chunked\r\nContent-Length: 3\r\n\r\nabc",
        b"X-Folded: one\r\n Content-Length: 39\r\nContent-Length: 3\r\n\r\nabc",
        b"X-Folded: one\r\n\tTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc",
        b"X\rTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc",
        b"Content_Length: 39\r\nContent-Length: 3\r\n\r\nabc",
        b"X: a\nContent-Length: 3\n\nabc",
        b"Content-Length: 3\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nConnection: Upgrade\r\n\r\nabc",
        b"Content-Length: 3\r\nConnection: X-Request-Id, Content-Length\r\n\r\nabc",
        b"Content-Length: 3\r\nExpect: 100-continue\r\n\r\nabc",
        b"Transfer-Encoding: chunked\r\n\r\n3;" + b"x" * 9_000 + b"\r\nabc\r\n0\r\n\r\n",
    ],
)
def test_an_odd_head_is_refused_or_means_to_the_service_what_it_meant_to_the_gateway(
    gateway: Gateway, write_api: Service, odd: bytes
) -> None:
    answer = say(gateway, HEAD + odd + SMUGGLED)
    passed = [(one.method, one.target, one.body) for one in write_api.received]
    assert passed in ([], [("POST", "/api/book", b"abc")]), "neither the other length nor the second request"
    assert not any("transfer-encoding" in one.headers for one in write_api.received)
    # A 404 is the gateway's own word about /smuggled: it saw where the first one ends.
    assert [status for status in statuses(answer) if status != 100] in ([400], [200, 404], [404, 404]), answer


@pytest.mark.parametrize(
    "target",
    [
        "/_problem/internal",
        "/_organising/api/events",
        "/_changing/api/events/e",
        "/_waiting/api/book",
        "/_cancel/bk_1",
        "/_streams/api/events/e/stream",
        "/_of_organisers/api/events/e/bookings",
        "/_asked/api/events",
        "/_alive",
        "/api/../_alive",
        "/api/%2e%2e/_alive",
        "/api/events/..%2f..%2f_alive",
        "/api/events/e%00",
        "/api/events/e;x=1",
        "/api/events/..;/_alive",
        "/api/events/e/../../../../etc/passwd",
        "/api/events/%ff",
        "/api/events/\xff",
        "/api/events/e%0d%0aX-Injected:%201",
        "/api/events/e\\..\\bookings",
        "/health/live",
        "/metrics",
        "/api/openapi.json/..%2f..%2fnginx.conf",
        "/api/docs/../../nginx.conf",
    ],
)
def test_no_path_leads_where_none_is_meant_to_lead(
    gateway: Gateway, read_api: Service, write_api: Service, target: str
) -> None:
    answer = say(gateway, f"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode("latin-1"))
    assert statuses(answer) in ([400], [404]), answer
    assert b"/problems/" in answer
    assert b"X-Injected" not in answer.partition(b"\r\n\r\n")[0]
    assert read_api.received == write_api.received == []


@pytest.mark.parametrize(
    "target",
    ["//api//events", "/api/./events", "/api/x/../events", "/api/%65vents", "/api/events/e%2f..%2f..%2fevents"],
)
def test_another_spelling_of_a_path_is_that_path_to_the_service_as_well(
    gateway: Gateway, read_api: Service, target: str
) -> None:
    answer = say(gateway, f"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    assert statuses(answer) == [200]
    assert {one.target for one in read_api.received} <= {"/api/events"}


@pytest.mark.parametrize("target", ["//api//book", "/api/./book", "/api/x/../book", "/api/%62ook"])
def test_another_spelling_of_booking_is_no_other_way_around_its_limits(
    gateway: Gateway, write_api: Service, target: str
) -> None:
    head = f"POST {target} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}"
    assert statuses(say(gateway, head.encode())) == [200]
    assert [one.target for one in write_api.received] == [target], "the service has no such path, and says so"


def test_http_1_0_is_answered_and_the_connection_closed(gateway: Gateway, read_api: Service) -> None:
    answer = say(gateway, b"GET /api/bookings/bk_1 HTTP/1.0\r\n\r\n")
    assert statuses(answer) == [200]
    assert b"Transfer-Encoding" not in answer
    assert len(read_api.received) == 1


def test_http_0_9_books_nothing(gateway: Gateway, write_api: Service) -> None:
    assert b"/problems/bad-request" in say(gateway, b"POST /api/book\r\n\r\n")
    assert write_api.received == []


def test_requests_in_a_row_are_answered_in_their_order(gateway: Gateway, write_api: Service, read_api: Service) -> None:
    booking = HEAD + b"Content-Length: 2\r\n\r\n{}"
    reads = b"".join(b"GET /api/bookings/bk_%d HTTP/1.1\r\nHost: a\r\n\r\n" % n for n in range(3))
    last = HEAD + b"Content-Length: 2\r\nConnection: close\r\n\r\n{}"
    assert statuses(say(gateway, booking + reads + last)) == [200] * 5
    assert [one.target for one in read_api.received] == [
        "/api/bookings/bk_0",
        "/api/bookings/bk_1",
        "/api/bookings/bk_2",
    ]
    assert [one.body for one in write_api.received] == [b"{}", b"{}"]


@pytest.mark.parametrize("value", [b"\xff\xfe", b"a\x01b", b"%s%n", b"\xc3\x28", b"a" * 65, b'"}\\'])
def test_a_request_id_that_is_no_text_is_replaced_everywhere(
    gateway: Gateway, write_api: Service, value: bytes
) -> None:
    answer = say(gateway, HEAD + b"Content-Length: 2\r\nX-Request-Id: " + value + b"\r\nConnection: close\r\n\r\n{}")
    assert statuses(answer) in ([200], [400])
    for one in write_api.received:
        assert re.fullmatch(r"[0-9a-f]{32}", one.headers["x-request-id"])
    assert value not in answer.partition(b"\r\n\r\n")[0]


async def test_who_sends_a_head_or_a_body_too_slowly_is_let_go_and_delays_nobody(
    gateway: Gateway, write_api: Service
) -> None:
    slow = [
        asyncio.create_task(_dribble(gateway.port, b"POST /api/book HTTP/1.1\r\nHost: a\r\nX-Slow: ", again_after_s=1)),
        asyncio.create_task(_dribble(gateway.port, HEAD + b"Content-Length: 500\r\n\r\nabc", again_after_s=60)),
    ]
    with within(LETS_GO_AFTER_S / 2):
        async with httpx.AsyncClient(base_url=gateway.url) as client:
            answer = await client.post("/api/book", json={})
    assert answer.status_code == 200
    for answered in await asyncio.wait_for(asyncio.gather(*slow), LETS_GO_AFTER_S + SLACK_S):
        assert statuses(answered) in ([], [408]), answered
    assert len(write_api.received) == 1, "a request that is not whole reaches nobody"


async def _dribble(port: int, begin: bytes, *, again_after_s: float) -> bytes:
    """Send a byte now and then, and return what was said when the other side hung up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(begin)
    answer = asyncio.create_task(reader.read())
    try:
        while not (await asyncio.wait({answer}, timeout=again_after_s))[0]:
            writer.write(b"x")
        return answer.result()
    except ConnectionError:
        return b""
    finally:
        writer.close()


def test_ten_thousand_who_connect_and_say_nothing_delay_nobody(gateway: Gateway, write_api: Service) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard == resource.RLIM_INFINITY or hard > IDLE + FILES_BESIDE, "this test needs so many open files"
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        with ExitStack() as stack:
            for _ in range(IDLE):
                stack.enter_context(socket.create_connection(("127.0.0.1", gateway.port), timeout=5))
            with within(LETS_GO_AFTER_S / 2):
                assert httpx.post(f"{gateway.url}/api/book", json={}).status_code == 200
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert len(write_api.received) == 1
