"""Both clients: the same calls, and what a socket does to them."""

import ast
import inspect
import socket
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

import frontrow_client
from frontrow_client import (
    Answer,
    AsyncClient,
    Client,
    NotFoundError,
    OutcomeUnknownError,
    Patience,
    Tokens,
    UnreachableError,
)
from frontrow_client.steps import Call, Stream

HASTE = Patience(within_s=10, attempt_s=5, first_pause_s=0.05, longest_pause_s=0.1)
NO_TIME = replace(HASTE, within_s=0.6, attempt_s=0.5)
"""For calls that are answered by nobody."""
FOLDER = Path(frontrow_client.__file__).parent
BODY = b'{"booking_id": "bk_1", "status": "confirmed"}'
HANGS_UP = b"Connection: close\r\n"
"""Said by whoever hangs up after its answer: the next request could be sent before the end of the line is seen."""
ANSWER = b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (HANGS_UP, len(BODY), BODY)


@contextmanager
def door(*told: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Answer each connection's request with the next bytes, the last ones again and again, and hang up."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for number in range(100):
                line, _ = server.accept()
                with line:
                    if closing.is_set():
                        return
                    heard.append(_request(line))
                    with suppress(OSError):  # who hung up hears nothing
                        line.sendall(told[min(number, len(told) - 1)])

        closing = threading.Event()
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}", heard
        finally:
            closing.set()
            socket.create_connection(server.getsockname()).close()
            thread.join()


def _request(line: socket.socket) -> bytes:
    """Read a request to the end of its body, which ends with a brace, or until whoever sent it has hung up."""
    received = b""
    while not received.endswith(b"}" if received.startswith(b"POST") else b"\r\n\r\n") and (more := line.recv(65_536)):
        received += more
    return received


def test_both_clients_have_the_same_calls() -> None:
    calls = {name for name, member in inspect.getmembers_static(Client) if isinstance(member, Call | Stream)}
    others = inspect.getmembers_static(AsyncClient)
    assert calls == {name for name, member in others if isinstance(member, Call | Stream)}
    assert {"events", "event", "section", "availability", "book", "booking", "bookings", "cancel", "extend"} <= calls
    own = {name for kind in (Client, AsyncClient) for name in vars(kind) if not name.startswith("_")}
    assert own == {"close", "run", "tell"}, "what a client can be asked is written once"


def test_a_call_keeps_its_name_and_its_words() -> None:
    assert Client.book.__doc__
    with Client() as client:
        assert client.book.__name__ == "book"
        assert client.book.__doc__ == Client.book.__doc__


def test_an_answer_that_breaks_off_is_asked_for_again_under_the_same_key() -> None:
    with door(b"", ANSWER[:20], ANSWER[:-5], ANSWER) as (url, heard), Client(url, patience=HASTE) as client:
        assert client.book("concert123", seats=["A1"], user_id="u").status == "confirmed"
    keys = {line for request in heard for line in request.split(b"\r\n") if line.lower().startswith(b"idempotency-key")}
    assert (len(heard), len(keys)) == (4, 1)


async def test_the_async_client_does_the_same() -> None:
    with door(b"", ANSWER[:-5], ANSWER) as (url, heard):
        async with AsyncClient(url, patience=HASTE) as client:
            booking = await client.book("concert123", seats=["A1"], user_id="u", wait_s=0)
    assert booking.status == "confirmed"
    assert len(heard) == 3


def test_every_answer_is_heard_as_it_came() -> None:
    heard: list[Answer] = []
    with door(ANSWER) as (url, _), Client(url, hears=heard.append) as client:
        client.booking("bk_1")
    assert [(answer.status, answer.content) for answer in heard] == [(200, BODY)]


async def test_by_the_async_client_too() -> None:
    heard: list[Answer] = []
    problem = b'{"type": "/problems/not-found"}'
    told = b"HTTP/1.1 404 Not Found\r\nContent-Length: %d\r\n\r\n%b" % (len(problem), problem)
    with door(ANSWER, told) as (url, _):
        async with AsyncClient(url, hears=heard.append) as client:
            await client.booking("bk_1")
            with pytest.raises(NotFoundError):
                await anext(client.follow_booking("bk_1"))
    assert [answer.content for answer in heard] == [BODY, problem]


def test_no_cookie_is_kept() -> None:
    # A session is its tokens: the cookies that browsers get with them would outlive a logout.
    told = ANSWER.replace(b"\r\n", b"\r\nSet-Cookie: session=old; Path=/\r\n", 1)
    with door(told) as (url, heard), Client(url, patience=HASTE) as client:
        client.booking("bk_1")
        client.booking("bk_1")
    assert len(heard) == 2
    assert b"cookie" not in heard[1].lower()


def test_after_the_last_attempt_it_is_unknown_unless_nothing_was_sent() -> None:
    with door(b"") as (url, _), Client(url, patience=NO_TIME) as client:
        with pytest.raises(OutcomeUnknownError):
            client.book("concert123", seats=["A1"], user_id="u", wait_s=0)
        with pytest.raises(UnreachableError):
            client.event("concert123")
    with Client(url, patience=NO_TIME) as client, pytest.raises(UnreachableError):
        client.book("concert123", seats=["A1"], user_id="u", wait_s=0)


async def test_the_async_client_says_the_same() -> None:
    with door(b"") as (url, _):
        async with AsyncClient(url, patience=NO_TIME) as client:
            with pytest.raises(OutcomeUnknownError):
                await client.book("concert123", seats=["A1"], user_id="u", wait_s=0)
    async with AsyncClient(url, patience=NO_TIME) as client:
        with pytest.raises(UnreachableError):
            await client.book("concert123", seats=["A1"], user_id="u", wait_s=0)


STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nretry: 10\n\n"
FIRST = STREAM + b'event: snapshot\nid: b-1\ndata: {"booking_id": "bk_1", "status": "paying"}\n\n'
LAST = STREAM + b'event: change\nid: b-2\ndata: {"booking_id": "bk_1", "status": "confirmed"}\n\n'


def test_a_stream_goes_on_after_a_lost_line() -> None:
    with door(FIRST, LAST) as (url, heard), Client(url) as client:
        told = [message.name for message in client.follow_booking("bk_1")]
    assert told == ["snapshot", "interrupted", "change"]
    assert [b"last-event-id: b-1" in request.lower() for request in heard] == [False, True]


async def test_a_stream_of_the_async_client_does_the_same() -> None:
    with door(FIRST, LAST) as (url, heard):
        async with AsyncClient(url) as client:
            told = [message.name async for message in client.follow_booking("bk_1")]
    assert told == ["snapshot", "interrupted", "change"]
    assert len(heard) == 2


def test_a_problem_of_a_stream_is_raised_with_its_words() -> None:
    body = b'{"type": "/problems/not-found", "detail": "No such booking."}'
    told = b"HTTP/1.1 404 Not Found\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    with door(told) as (url, _), Client(url) as client, pytest.raises(NotFoundError, match="No such booking"):
        next(client.follow_booking("bk_1"))


@contextmanager
def silent_door(*told: bytes) -> Iterator[str]:
    """Answer each connection with the next bytes, and then say nothing for as long as the block lasts."""
    with ExitStack() as lines, socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for words in told:
                line = lines.enter_context(server.accept()[0])
                _request(line)
                line.sendall(words)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join()


def test_a_line_that_says_nothing_is_lost() -> None:
    with silent_door(FIRST, LAST) as url, Client(url) as client:
        told = [message.name for message in client.follow_booking("bk_1", silent_s=0.2)]
    assert told == ["snapshot", "interrupted", "change"]


async def test_to_the_async_client_too() -> None:
    with silent_door(FIRST, LAST) as url:
        async with AsyncClient(url) as client:
            told = [message.name async for message in client.follow_booking("bk_1", silent_s=0.2)]
    assert told == ["snapshot", "interrupted", "change"]


def test_who_stops_listening_hangs_up() -> None:
    with silent_door(FIRST) as url, httpx.Client(base_url=url) as http, Client(http=http) as client:
        stream = client.follow_booking("bk_1")
        assert next(stream).mark == "b-1"
        assert len(lines_of(http)) == 1
        stream.close()
        assert lines_of(http) == []


def lines_of(http: httpx.Client) -> list[object]:
    """Return the open connections of an httpx client."""
    return list(http._transport._pool.connections)  # type: ignore[attr-defined]  # noqa: SLF001


def test_a_session_is_renewed_in_the_turn_that_was_given() -> None:
    turns: list[str] = []

    class Turn:
        def __enter__(self) -> None:
            turns.append("entered")

        def __exit__(self, *_: object) -> None:
            turns.append(client.tokens.access_token if client.tokens else "no session")

    over = b"HTTP/1.1 401 Unauthorized\r\n%bContent-Length: 0\r\n\r\n" % HANGS_UP
    body = b'{"access_token": "a2", "refresh_token": "r2"}'
    renewed = b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (HANGS_UP, len(body), body)
    with door(over, renewed, ANSWER) as (url, heard), Client(url, patience=HASTE, turn=Turn()) as client:
        client.resume(Tokens("a1", "r1"))
        client.booking("bk_1")
    assert turns == ["entered", "a2"]
    assert b"Bearer a2" in heard[-1]


def test_closing_twice_is_harmless() -> None:
    client = Client()
    client.close()
    client.close()


def test_it_is_installed_with_all_that_it_imports() -> None:
    project = tomllib.loads((FOLDER / "pyproject.toml").read_text())["project"]
    needed = [*project["dependencies"], *(one for some in project["optional-dependencies"].values() for one in some)]
    declared = {requirement.partition(">=")[0] for requirement in needed}
    imported = {
        name.partition(".")[0]
        for file in FOLDER.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported - set(sys.stdlib_module_names) == declared | {"frontrow_client"}
