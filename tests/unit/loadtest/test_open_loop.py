"""The open loop against a little server of our own."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from loadtest.bench import open_loop

ANSWER = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok"
STALL_S = 0.3


class _Server(asyncio.Protocol):
    """Answers every request; stalls once, or hangs up once, when it gets the body that says so."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if data.endswith(b"hang up"):
            self._transport.abort()
            return
        if data.endswith(b"stall"):
            time.sleep(STALL_S)  # the whole server stands still, as it would in a long collection of garbage
        self._transport.write(ANSWER)


@contextmanager
def _serving() -> Iterator[str]:
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(_Server, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def test_every_click_is_answered_in_its_place() -> None:
    with _serving() as url:
        answers = open_loop.post(url, "/api/book", [b"click"] * 200, per_s=1_000)
    assert [answer.status for answer in answers] == [202] * 200
    assert {answer.body for answer in answers} == {b"ok"}
    dues = [answer.due for answer in answers]
    assert dues == sorted(dues)
    assert 0.198 < dues[-1] - dues[0] < 0.2


def test_a_stall_shows_in_every_click_that_fell_into_it() -> None:
    with _serving() as url:
        answers = open_loop.post(url, "/api/book", [b"click"] * 50 + [b"stall"] + [b"click"] * 149, per_s=1_000)
    assert all(answer.status == 202 for answer in answers)
    # Clicks that were due while the server stood still waited for its end, although no client was waiting to send them.
    assert answers[100].latency_s > STALL_S - 0.1
    assert sum(answer.latency_s > STALL_S / 3 for answer in answers) > 140


def test_a_click_that_gets_no_answer_says_so() -> None:
    with _serving() as url:
        answers = open_loop.post(url, "/api/book", [b"click", b"hang up", b"click"], per_s=1_000)
    assert [answer.status for answer in answers] == [202, 0, 202]
