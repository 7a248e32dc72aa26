"""Both clients: the same calls, and what a socket does to them."""

import ast
import inspect
import socket
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

import frontrow_client
from frontrow_client import AsyncClient, Client, OutcomeUnknownError, Patience, UnreachableError
from frontrow_client.steps import Call

HASTE = Patience(within_s=0.6, attempt_s=0.5, first_pause_s=0.05, longest_pause_s=0.1)
FOLDER = Path(frontrow_client.__file__).parent
BODY = b'{"booking_id": "bk_1", "status": "confirmed"}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)


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
    calls = {name for name, member in inspect.getmembers_static(Client) if isinstance(member, Call)}
    assert calls == {name for name, member in inspect.getmembers_static(AsyncClient) if isinstance(member, Call)}
    assert {"events", "event", "section", "availability", "book", "booking", "bookings", "cancel", "extend"} <= calls
    own = {name for kind in (Client, AsyncClient) for name in vars(kind) if not name.startswith("_")}
    assert own == {"close", "run"}, "what a client can be asked is written once"


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


def test_no_cookie_is_kept() -> None:
    # A session is its tokens: the cookies that browsers get with them would outlive a logout.
    told = ANSWER.replace(b"\r\n", b"\r\nSet-Cookie: session=old; Path=/\r\n", 1)
    with door(told) as (url, heard), Client(url, patience=HASTE) as client:
        client.booking("bk_1")
        client.booking("bk_1")
    assert len(heard) == 2
    assert b"cookie" not in heard[1].lower()


def test_after_the_last_attempt_it_is_unknown_unless_nothing_was_sent() -> None:
    with door(b"") as (url, _), Client(url, patience=HASTE) as client:
        with pytest.raises(OutcomeUnknownError):
            client.book("concert123", seats=["A1"], user_id="u", wait_s=0)
        with pytest.raises(UnreachableError):
            client.event("concert123")
    with Client(url, patience=HASTE) as client, pytest.raises(UnreachableError):
        client.book("concert123", seats=["A1"], user_id="u", wait_s=0)


async def test_the_async_client_says_the_same() -> None:
    with door(b"") as (url, _):
        async with AsyncClient(url, patience=HASTE) as client:
            with pytest.raises(OutcomeUnknownError):
                await client.book("concert123", seats=["A1"], user_id="u", wait_s=0)
    async with AsyncClient(url, patience=HASTE) as client:
        with pytest.raises(UnreachableError):
            await client.book("concert123", seats=["A1"], user_id="u", wait_s=0)


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
