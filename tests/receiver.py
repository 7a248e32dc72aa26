"""A receiver of webhooks on loopback: a real HTTP server that remembers what came and answers as it is told.

Tests of ``webhooks`` enter here. What it received is verified with the specification's own library.
"""

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook

from tests.eventually import eventually

HOLD_AT_MOST_S = 30.0

Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Received:
    """One request, as it came."""

    path: str
    headers: dict[str, str]
    body: str

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def said(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    def verify(self, secret: str) -> None:
        """Raise unless it was signed under this secret, a moment ago."""
        Webhook(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """``status`` and ``headers`` are what it answers; while ``held``, it does not answer at all.

    ``judge`` answers each one by what it is, in the place of ``status``.
    """

    port: int = 0
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    open: threading.Event = field(default_factory=threading.Event)
    most_at_once: int = 0
    body: Callable[[], Iterator[bytes]] | None = None
    judge: Callable[[Received], int] | None = None

    def __post_init__(self) -> None:
        self.open.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def ids(self) -> list[str]:
        return [one.id for one in self.received]

    def wait_for(self, count: int, *, within_s: float = 30) -> list[Received]:
        """Return what came, once it is so many."""

        def enough() -> list[Received]:
            assert len(self.received) >= count, f"{len(self.received)} of {count} came"
            return list(self.received)

        return eventually(enough, within_s=within_s)


@contextmanager
def listening(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Yield a receiver on a free port."""
    receiver = Receiver()
    lock = threading.Lock()
    now = 0

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            nonlocal now
            body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
            with lock:
                now += 1
                receiver.most_at_once = max(receiver.most_at_once, now)
                headers = {name.lower(): value for name, value in self.headers.items()}
                received = Received(self.path, headers, body)
                receiver.received.append(received)
            try:
                receiver.open.wait(HOLD_AT_MOST_S)
            finally:
                with lock:
                    now -= 1
            self._answer(receiver.judge(received) if receiver.judge is not None else receiver.status)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            if receiver.body is None:
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_header("Connection", "close")
            self.end_headers()
            for piece in receiver.body():
                self.wfile.write(piece)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing of who hung up."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.open.set()
        server.shutdown()
        server.server_close()
        thread.join()
