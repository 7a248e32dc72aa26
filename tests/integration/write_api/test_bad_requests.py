"""Every bad request gets its problem, on the wire, from the running service; none reaches the log."""

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest

from tests.eventually import eventually
from tests.integration.write_api.conftest import Log

JSON = {"Content-Type": "application/json"}
GOOD = {"userId": "user-123", "eventId": "concert123", "seatId": "A2"}
LIMIT = 64 * 1024


@dataclass(frozen=True)
class Bad:
    """A request and what must come back. ``fields``: the fields that a 422 names."""

    name: str
    body: bytes
    status: int
    slug: str
    fields: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=lambda: JSON)


def without(name: str) -> bytes:
    return json.dumps({key: value for key, value in GOOD.items() if key != name}).encode()


def with_(**changed: object) -> bytes:
    return json.dumps(GOOD | changed).encode()


def seats(*names: object) -> bytes:
    return json.dumps({"userId": "u", "eventId": "e", "seatIds": names}).encode()


def malformed(name: str, body: bytes) -> Bad:
    return Bad(name, body, 400, "malformed-json")


def invalid(name: str, body: bytes, *fields: str) -> Bad:
    return Bad(name, body, 422, "invalid-request", fields)


def unsupported(name: str, headers: dict[str, str]) -> Bad:
    return Bad(name, json.dumps(GOOD).encode(), 415, "unsupported-media-type", headers=headers)


BAD = (
    malformed("nothing", b""),
    malformed("not JSON", b"seat A2 please"),
    malformed("half of it", b'{"userId": "u"'),
    malformed("two documents", b"{} {}"),
    malformed("single quotes", b"{'userId': 'u'}"),
    malformed("a byte order mark", b"\xef\xbb\xbf" + json.dumps(GOOD).encode()),
    malformed("UTF-16", json.dumps(GOOD).encode("utf-16")),
    malformed("bytes that are no UTF-8", b'{"userId": "\xff"}'),
    malformed("NaN", b'{"userId": NaN}'),
    malformed("a raw control character", b'{"userId": "a\x01"}'),
    malformed("a number beyond all bounds", b'{"userId": ' + b"9" * 10_000 + b"}"),
    malformed("too deep", b"[" * 60_000),
    malformed("an array", b"[]"),
    malformed("a string", b'"A2"'),
    malformed("null", b"null"),
    malformed("the same key twice", b'{"userId":"u","eventId":"e","seatId":"A1","seatId":"A2"}'),
    malformed("the same key twice, escaped", b'{"userId":"u","eventId":"e","seatId":"A1","seat\\u0049d":"A2"}'),
    malformed("the same key twice, deep inside", b'{"userId":"u","eventId":{"a":1,"a":2},"seatId":"A1"}'),
    invalid("an empty object", b"{}", "userId", "eventId"),
    invalid("no user", without("userId"), "userId"),
    invalid("no event", without("eventId"), "eventId"),
    invalid("no seat", without("seatId"), "seatId"),
    invalid("a user that is null", with_(userId=None), "userId"),
    invalid("a seat that is null", with_(seatId=None), "seatId"),
    invalid("seats that are null", with_(seatIds=None), "seatIds"),
    invalid("a number for a user", with_(userId=123), "userId"),
    invalid("true for an event", with_(eventId=True), "eventId"),
    invalid("a list for a seat", with_(seatId=["A2"]), "seatId"),
    invalid("an object for a seat", with_(seatId={"a": 1}), "seatId"),
    invalid("a string for the seats", json.dumps({"userId": "u", "eventId": "e", "seatIds": "A1"}).encode(), "seatIds"),
    invalid("an empty user", with_(userId=""), "userId"),
    invalid("a blank user", with_(userId=" "), "userId"),
    invalid("an over-long user", with_(userId="u" * 65), "userId"),
    invalid("an over-long event", with_(eventId="e" * 65), "eventId"),
    invalid("a control character", with_(userId="a\x00b"), "userId"),
    invalid("a line's end", with_(seatId="A2\n"), "seatId"),
    invalid("a letter beyond ASCII", with_(seatId="Ä2"), "seatId"),
    invalid("half a surrogate pair", b'{"userId":"\\ud800","eventId":"e","seatId":"A"}', "userId"),
    invalid("a slash", with_(eventId="../e"), "eventId"),
    invalid("an event of one dot", with_(eventId="."), "eventId"),
    invalid("an event of two dots", with_(eventId=".."), "eventId"),
    invalid(
        "a section of two dots",
        json.dumps({"userId": "u", "eventId": "e", "best": {"count": 2, "section": ".."}}).encode(),
        "best.section",
    ),
    invalid("an unknown field", with_(vip=True), "vip"),
    invalid(
        "an unknown field with a strange name", b'{"userId":"u","eventId":"e","seatId":"A","\\ud800\\n":1}', "\\ud800\n"
    ),
    invalid("both forms of one name", with_(user_id="u"), "user_id"),
    invalid("a seat and seats", with_(seatIds=["A1"]), "seatId"),
    invalid("no seats", seats(), "seatIds"),
    invalid("eleven seats", seats(*(f"A{n}" for n in range(11))), "seatIds"),
    invalid("the same seat twice", seats("A1", "A2", "A1"), "seatIds"),
    invalid("a seat among seats that is none", seats("A1", 2, "A 3"), "seatIds.1", "seatIds.2"),
    invalid(
        "fields in snake_case, named as they were sent",
        b'{"user_id":1,"event_id":"","seat_ids":[null]}',
        "user_id",
        "event_id",
        "seat_ids.0",
    ),
    Bad("one byte too many", json.dumps(GOOD).encode().ljust(LIMIT + 1), 413, "payload-too-large"),
    Bad("a megabyte", b" " * 1_000_000, 413, "payload-too-large"),
    unsupported("no content type", {}),
    unsupported("a form", {"Content-Type": "application/x-www-form-urlencoded"}),
    unsupported("text", {"Content-Type": "text/plain"}),
    unsupported("another JSON", {"Content-Type": "application/merge-patch+json"}),
    unsupported("another character set", {"Content-Type": "application/json; charset=latin-1"}),
    unsupported("compressed", JSON | {"Content-Encoding": "gzip"}),
)


def sent(client: httpx.Client, bad: Bad) -> httpx.Response:
    return client.post("/api/book", content=bad.body, headers=bad.headers | {"X-Request-Id": "req-7"})


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_bad_request_gets_its_problem(client: httpx.Client, bad: Bad) -> None:
    answer = sent(client, bad)

    problem = answer.json()
    assert answer.status_code == problem["status"] == bad.status
    assert problem["type"] == f"/problems/{bad.slug}"
    assert_is_problem(answer)
    assert [error["field"] for error in problem.get("errors", [])] == list(bad.fields)
    assert all(error["message"] for error in problem.get("errors", []))


def assert_is_problem(answer: httpx.Response) -> None:
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["title"]
    assert problem["detail"]
    assert problem["instance"] == answer.headers["x-request-id"] == "req-7"


def test_no_bad_request_reaches_the_log(client: httpx.Client, module_requests: Log) -> None:
    for bad in BAD:
        sent(client, bad)
    good = client.post("/api/book", json=GOOD)

    assert [message.command_id for message in module_requests.read()] == [good.json()["booking_id"]]


def test_a_chunked_body_over_the_limit_is_refused_too(client: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield b" " * 4096

    answer = client.post("/api/book", content=chunks(), headers=JSON | {"X-Request-Id": "req-7"})

    assert answer.status_code == 413
    assert_is_problem(answer)
    assert client.post("/api/book", content=b"{}", headers=JSON).status_code == 422, "the connection is in order"


def test_a_body_of_exactly_the_limit_and_a_chunked_one_are_read(client: httpx.Client) -> None:
    # One field too many, so that nothing is accepted here.
    whole = with_(vip=1).ljust(LIMIT)

    assert client.post("/api/book", content=whole, headers=JSON).status_code == 422
    assert client.post("/api/book", content=iter((whole[:10], whole[10:])), headers=JSON).status_code == 422


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", 'application/json;charset="UTF-8"']
)
def test_json_may_say_that_it_is_utf_8(client: httpx.Client, content_type: str) -> None:
    assert client.post("/api/book", content=b"{}", headers={"Content-Type": content_type}).status_code == 422


def test_ten_thousand_unknown_fields_get_a_short_answer(client: httpx.Client) -> None:
    many = json.dumps({f"f{number}": 1 for number in range(5_000)}).encode()

    answer = client.post("/api/book", content=many, headers=JSON)

    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 20


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_another_method_gets_a_problem_that_names_the_right_one(client: httpx.Client, method: str) -> None:
    answer = client.request(method, "/api/book", headers={"X-Request-Id": "req-7"})

    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    if method != "HEAD":
        assert answer.json()["type"] == "/problems/method-not-allowed"
        assert_is_problem(answer)


@pytest.mark.parametrize(
    "path", ["/", "/api", "/api/book/", "/api/book/1", "/api/bookings", "/docs", "/openapi.json", "/api/b%6Fok%00"]
)
def test_an_unknown_path_gets_a_problem(client: httpx.Client, path: str) -> None:
    answer = client.post(path, json=GOOD, headers={"X-Request-Id": "req-7"})

    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/not-found"
    assert_is_problem(answer)


def test_a_client_that_goes_away_in_the_middle_of_its_body_leaves_nothing_behind(
    client: httpx.Client, module_requests: Log
) -> None:
    before, refused = module_requests.read(), refusals(client)
    address = (client.base_url.host, client.base_url.port or 0)
    body = json.dumps(GOOD).encode()
    head = (
        f"POST /api/book HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(address) as connection:
        connection.sendall(head.encode() + body[:-1])

    def counted() -> None:
        assert refusals(client) == refused + 1

    eventually(counted)
    assert module_requests.read() == before


def refusals(client: httpx.Client) -> float:
    metric = 'frontrow_http_requests_total{endpoint="book",method="POST",status="400"} '
    lines = client.get("/metrics").text.splitlines()
    return sum(float(line.removeprefix(metric)) for line in lines if line.startswith(metric))
