"""How a growth run reads: one after the other on one connection, and nothing that is no answer."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from loadtest.growth.trial import read_ms


class _Views(BaseHTTPRequestHandler):
    """Has one view, for who shows a token."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[list[tuple[str, str | None, object]]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers["Authorization"], self.client_address))
        self.send_response(200 if self.path == "/view" else 404)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    _Views.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Views)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_reads_share_a_connection_and_a_token(url: str) -> None:
    assert read_ms(url, ["/view"] * 3, "abc") > 0
    assert len(_Views.asked) == 3
    assert len(set(_Views.asked)) == 1
    assert _Views.asked[0][:2] == ("/view", "Bearer abc")


def test_an_answer_that_is_not_the_view_is_no_figure(url: str) -> None:
    with pytest.raises(ValueError, match="/other was answered with 404"):
        read_ms(url, ["/view", "/other"])


def test_nothing_is_sent_to_another_machine() -> None:
    with pytest.raises(ValueError, match="loopback"):
        read_ms("http://example.com", ["/view"])
