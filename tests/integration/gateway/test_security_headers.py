"""What every answer tells a browser not to do, whoever made the answer, and what our own pages may do."""

import http.client
import re
import socket
import uuid
from collections.abc import Callable
from html.parser import HTMLParser

import httpx
import pytest

from infra.native.gateway import TEMPLATE
from tests.integration.gateway.conftest import Gateway
from tests.integration.gateway.service import VIEW, Answer, Service

OF_THE_API = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
OF_A_PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'; "
    "worker-src 'self'"
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
}


def assert_guarded(answer: httpx.Response, policy: str = OF_THE_API, referrer: str = "same-origin") -> None:
    wanted = {**ALWAYS, "Content-Security-Policy": policy, "Referrer-Policy": referrer}
    assert {name: answer.headers.get_list(name) for name in wanted} == {name: [value] for name, value in wanted.items()}
    assert re.fullmatch(r"[A-Za-z0-9._~-]{1,64}", answer.headers["X-Request-Id"])
    assert len(answer.headers.get_list("Cache-Control")) <= 1
    assert answer.headers["Server"] == "nginx", "it does not say which version"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nope"),
        ("DELETE", "/api/events"),
        ("GET", "/_problem/internal"),
        ("GET", "/api/bookings/bk_1"),  # nobody there: 503
        ("POST", "/api/book"),
        ("GET", "/health"),
        ("GET", "/api/accounts/anna"),
        ("GET", "/api/openapi.json"),
        ("POST", "/api/docs"),
    ],
)
def test_what_the_gateway_says_by_itself_is_guarded(client: httpx.Client, method: str, path: str) -> None:
    assert_guarded(client.request(method, path))


def test_a_request_that_cannot_be_read_is_answered_with_the_guards(gateway: Gateway) -> None:
    for head in (
        b"GARBAGE",
        b"GET /api/events HTTP/1.1",
        b"GET /" + b"a" * 9000,
        b"GET / HTTP/1.1\r\nX: " + b"a" * 9000,
    ):
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=5) as connection:
            connection.sendall(head + b"\r\n\r\n")
            response = http.client.HTTPResponse(connection)
            response.begin()
            assert_guarded(httpx.Response(response.status, headers=response.getheaders()))


@pytest.mark.parametrize("path", ["/api/docs", "/"])
def test_a_page_may_use_what_lies_beside_it(client: httpx.Client, path: str) -> None:
    assert_guarded(client.get(path), OF_A_PAGE)


def test_the_page_with_a_secret_in_its_address_tells_no_site_where_it_was(client: httpx.Client) -> None:
    assert_guarded(client.get("/password-reset"), OF_A_PAGE, referrer="no-referrer")


@pytest.mark.parametrize("path", ["/password-reset.js", "/password-reset.css"])
def test_what_lies_beside_a_page_is_guarded_too(client: httpx.Client, path: str) -> None:
    assert_guarded(client.get(path), OF_A_PAGE)


def _one(method: str, path: str) -> Callable[[httpx.Client], httpx.Response]:
    return lambda client: client.request(method, path)


@pytest.mark.parametrize("status", [200, 404, 500])
@pytest.mark.parametrize(
    "ask",
    [
        _one("GET", "/api/events"),
        _one("GET", "/api/events?q=night"),
        _one("GET", "/api/bookings/bk_1"),
        _one("GET", "/api/bookings/bk_1?wait=1"),
        _one("GET", "/api/commands/cm_1"),
        _one("GET", "/api/productions"),
        _one("GET", "/api/events/concert123/bookings.csv"),
        _one("GET", "/api/events/concert123/stream"),
    ],
)
def test_what_the_read_api_says_is_guarded(
    client: httpx.Client, read_api: Service, ask: Callable[[httpx.Client], httpx.Response], status: int
) -> None:
    read_api.answer = Answer(status, {"Cache-Control": "no-store"})
    answer = ask(client)
    assert answer.status_code == status
    assert_guarded(answer)


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/api/book"), ("DELETE", "/api/bookings/bk_1"), ("POST", "/api/sessions")]
)
@pytest.mark.usefixtures("write_api")
def test_what_the_write_api_says_is_guarded(client: httpx.Client, method: str, path: str) -> None:
    assert_guarded(client.request(method, path))


def test_a_kept_view_is_guarded_like_a_new_one(client: httpx.Client, read_api: Service) -> None:
    read_api.answer = Answer(headers=VIEW)
    path = f"/api/events/{uuid.uuid4().hex}"
    new, kept = client.get(path), client.get(path)
    unchanged = client.get(path, headers={"If-None-Match": '"1"'})
    assert (len(read_api.received), unchanged.status_code) == (1, 304)
    for answer in (new, kept, unchanged):
        assert_guarded(answer)
        assert answer.headers["Cache-Control"] == "public, max-age=1"


@pytest.mark.parametrize("path", ["/api/events", "/api/book", "/api/sessions", "/api/docs"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.usefixtures("read_api", "write_api")
def test_no_other_site_is_let_in(client: httpx.Client, method: str, path: str) -> None:
    """Without these headers a browser gives no script of another site an answer of ours, and sends none of its JSON."""
    asking = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = client.request(method, path, headers=asking)
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_headers_are_said_in_one_place_since_a_location_with_one_would_lose_the_others() -> None:
    depth, deepest = 0, []
    for line in TEMPLATE.read_text().splitlines():
        if line.strip().startswith("add_header"):
            deepest.append((depth, line.strip()))
        depth += len(re.findall(r"\{\s*$", line)) - (line.strip() == "}")
    assert deepest
    assert [line for level, line in deepest if level > 2] == []  # http and server


class _Inline(HTMLParser):
    """What the policy would not let a browser use."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _value in attrs}
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(tag)
        self.found += [name for name in names if name == "style" or name.startswith("on")]


@pytest.mark.parametrize("path", ["/api/docs", "/password-reset"])
def test_no_page_has_a_style_or_a_script_that_its_policy_forbids(client: httpx.Client, path: str) -> None:
    page = client.get(path).text
    inline = _Inline()
    inline.feed(page)
    assert inline.found == []
    for beside in re.findall(r'(?:href|src)="(/[^"]+)"', page):
        assert client.get(beside).status_code == 200
