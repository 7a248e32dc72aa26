"""Which request goes where, and what the gateway adds to it."""

import re
import uuid

import httpx
import pytest

from contracts import problems
from tests.integration.gateway.conftest import Gateway
from tests.integration.gateway.problem import assert_problem
from tests.integration.gateway.service import Answer, Service


def test_a_booking_goes_to_the_write_api_with_its_body_and_comes_back_as_it_is(
    client: httpx.Client, write_api: Service
) -> None:
    write_api.answer = Answer(202, {"Location": "/api/bookings/bk_1", "Retry-After": "1"}, b'{"status": "pending"}')
    answer = client.post("/api/book", json={"seatId": "A2"})
    assert (answer.status_code, answer.json()) == (202, {"status": "pending"})
    assert (answer.headers["Location"], answer.headers["Retry-After"]) == ("/api/bookings/bk_1", "1")
    assert write_api.received[0].method == "POST"
    assert write_api.received[0].body == b'{"seatId":"A2"}'


@pytest.mark.parametrize(
    "path",
    [
        "/api/events",
        "/api/events/concert123",
        "/api/events/concert123/availability",
        "/api/events/concert123/layout",
        "/api/events/concert123/sections/stalls",
        "/api/bookings",
        "/api/bookings?status=held&limit=2",
        "/api/bookings/bk_1",
        "/api/commands/cm_1",
    ],
)
def test_reads_go_to_the_read_api_and_head_works_where_get_does(
    client: httpx.Client, read_api: Service, path: str
) -> None:
    head = client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(read_api.answer.body))
    assert client.get(path).json() == {"from": "the service"}
    assert {(one.method, one.target) for one in read_api.received} == {("GET", path)}


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", "/api/webhooks"),
        ("GET", "/api/webhooks?cursor=5&limit=2"),
        ("DELETE", "/api/webhooks/wh_1"),
        ("POST", "/api/webhooks/wh_1/secret"),
        ("GET", "/api/webhooks/wh_1/deliveries?status=dead"),
        ("POST", "/api/webhooks/wh_1/deliveries/replay"),
        ("POST", "/api/webhooks/wh_1/deliveries/msg_1/replay"),
    ],
)
def test_what_is_about_webhooks_goes_to_them_with_who_asks(
    client: httpx.Client, webhooks: Service, method: str, target: str
) -> None:
    assert client.request(method, target, headers={"Authorization": "Bearer token"}).status_code == 200
    assert [(one.method, one.target) for one in webhooks.received] == [(method, target)]
    assert webhooks.received[0].headers["authorization"] == "Bearer token"


@pytest.mark.parametrize("target", ["/api/webhooks/", "/api/webhooksx", "/api/webhooks/wh_1/else", "/api/webhooks/a.b"])
def test_what_no_webhook_has_is_not_found_at_the_gateway(client: httpx.Client, target: str) -> None:
    assert_problem(client.get(target), problems.NOT_FOUND)


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("DELETE", "/api/bookings/bk_1"),
        ("DELETE", "/api/bookings/bk_1?seat_id=A1&seat_id=A2"),
        ("POST", "/api/bookings/bk_1/extension"),
        ("POST", "/api/bookings/bk_1/payment"),
    ],
)
def test_a_command_about_a_booking_goes_to_the_write_api_as_it_is(
    client: httpx.Client, write_api: Service, method: str, target: str
) -> None:
    write_api.answer = Answer(202, {"Location": "/api/commands/cm_1"}, b'{"status": "pending"}')
    answer = client.request(method, target)
    assert (answer.status_code, answer.headers["Location"]) == (202, "/api/commands/cm_1")
    assert [(one.method, one.target) for one in write_api.received] == [(method, target)]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/accounts"),
        ("GET", "/api/accounts/me"),
        ("DELETE", "/api/accounts/me"),
        ("PUT", "/api/accounts/anna/role"),
        ("POST", "/api/sessions"),
        ("GET", "/api/sessions"),
        ("POST", "/api/sessions/refresh"),
        ("DELETE", "/api/sessions/current"),
        ("DELETE", "/api/sessions/x7Qf-_"),
        ("POST", "/api/password-resets"),
        ("POST", "/api/password-resets/confirmation"),
    ],
)
def test_what_is_about_people_goes_to_the_write_api_as_it_is(
    client: httpx.Client, write_api: Service, method: str, path: str
) -> None:
    write_api.answer = Answer(200, {"Set-Cookie": "frontrow_access=a; HttpOnly"})
    headers = {"Authorization": "Bearer sesame", "Cookie": "frontrow_refresh=b", "User-Agent": "a phone"}
    answer = client.request(method, path, headers=headers)
    assert (answer.status_code, answer.headers["Set-Cookie"]) == (200, "frontrow_access=a; HttpOnly")
    got = write_api.received[0]
    assert (got.method, got.target) == (method, path)
    assert {name: got.headers[name.lower()] for name in headers} == headers


def test_a_providers_webhook_goes_to_payments_byte_for_byte_with_its_signature(
    client: httpx.Client, payments: Service
) -> None:
    payments.answer = Answer(204, body=b"")
    body, signature = b'{"type":  "as it was signed"}', {"webhook-id": "msg_1", "webhook-signature": "v1,c2ln"}
    assert client.post("/api/payments/webhook", content=body, headers=signature).status_code == 204
    (received,) = payments.received
    assert received.body == body
    headers = {name.lower(): value for name, value in received.headers.items()}
    assert signature.items() <= headers.items()


def test_health_is_the_audit_services_answer(client: httpx.Client, audit: Service) -> None:
    audit.answer = Answer(503, body=b'{"status": "unavailable"}')
    answer = client.get("/health")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})


def test_the_link_of_a_letter_leads_to_a_page_that_tells_nobody_its_token(client: httpx.Client) -> None:
    page = client.get("/password-reset")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    (script,) = re.findall(r'<script src="([^"]+)"></script>', page.text)
    assert "<script>" not in page.text
    served = client.get(script)
    assert (served.status_code, served.headers["Content-Type"]) == (200, "text/javascript")
    assert '"/api/password-resets/confirmation"' in served.text


@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/api",
        "/api/events/",
        "/api/events/a/b",
        "/api/events/a%20b",
        "/api/events/" + "a" * 65,
        "/api/bookings/",
        "/api/bookings/a/b",
        "/api/accounts/anna",
        "/api/sessions/a/b",
        "/password-resets",
        "/api/commands",
        "/api/tickets",
        "/api/dead-letters/nonsense/replay",
        "/_cancel/bk_1",
        "/api/book/x",
        "/health/ready",
        "/metrics",
        "/_problem/internal",
    ],
)
def test_an_unknown_path_is_not_found(client: httpx.Client, path: str) -> None:
    assert_problem(client.get(path), problems.NOT_FOUND)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/book", "POST"),
        ("PUT", "/api/book?x=1", "POST"),
        ("PUT", "/api/events", "GET, HEAD, POST"),
        ("DELETE", "/api/events/concert123", "GET, HEAD, PATCH"),
        ("GET", "/api/events/concert123/seats", "POST"),
        ("PUT", "/api/events/concert123/cancel", "POST"),
        ("POST", "/api/events/concert123/bookings", "GET, HEAD"),
        ("GET", "/api/events/concert123/check-ins", "POST"),
        ("POST", "/api/events/concert123/sales", "GET, HEAD"),
        ("POST", "/api/bookings/bk_1/ticket", "GET, HEAD"),
        ("DELETE", "/api/bookings/bk_1/calendar", "GET, HEAD"),
        ("POST", "/api/tickets/keys", "GET, HEAD"),
        ("PUT", "/api/system", "GET, HEAD"),
        ("POST", "/api/productions", "GET, HEAD"),
        ("PUT", "/api/bookings/bk_1", "GET, HEAD, DELETE"),
        ("GET", "/api/bookings/bk_1/extension", "POST"),
        ("GET", "/api/bookings/bk_1/payment", "POST"),
        ("DELETE", "/api/commands/cm_1", "GET, HEAD"),
        ("OPTIONS", "/health", "GET, HEAD"),
        ("POST", "/api/docs", "GET, HEAD"),
        ("TRACE", "/api/events", "GET, HEAD, POST"),
        ("POST", "/", "GET, HEAD"),
        ("POST", "/api/bookings", "GET, HEAD"),
        ("GET", "/api/accounts", "POST"),
        ("PUT", "/api/accounts/me", "GET, HEAD, DELETE"),
        ("POST", "/api/accounts/anna/role", "PUT"),
        ("PUT", "/api/sessions", "GET, HEAD, POST"),
        ("GET", "/api/sessions/refresh", "POST"),
        ("GET", "/api/sessions/current", "DELETE"),
        ("GET", "/api/password-resets", "POST"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(client: httpx.Client, method: str, path: str, allowed: str) -> None:
    answer = client.request(method, path)
    assert_problem(answer, problems.METHOD_NOT_ALLOWED)
    assert answer.headers["Allow"] == allowed


def test_a_sane_request_id_is_kept_and_passed_on(client: httpx.Client, write_api: Service) -> None:
    answer = client.post("/api/book", json={}, headers={"X-Request-Id": "caller-1.~_"})
    assert answer.headers.get_list("X-Request-Id") == ["caller-1.~_"]
    assert write_api.received[0].headers["x-request-id"] == "caller-1.~_"


@pytest.mark.parametrize("insane", ["", "a" * 65, "a b", 'a"b', "ä"])
def test_any_other_request_id_is_replaced(client: httpx.Client, write_api: Service, insane: str) -> None:
    answer = client.post("/api/book", json={}, headers={b"X-Request-Id": insane.encode()})
    given = answer.headers["X-Request-Id"]
    assert given != insane
    assert write_api.received[0].headers["x-request-id"] == given


def test_a_request_id_leads_to_the_booking_through_the_log(
    gateway: Gateway, client: httpx.Client, write_api: Service
) -> None:
    write_api.answer = Answer(202, {"Location": "/api/bookings/bk_7"})
    request_id = uuid.uuid4().hex
    client.post("/api/book", json={}, headers={"X-Request-Id": request_id, "Authorization": "Bearer sesame"})
    entry = gateway.logged(request_id)
    assert entry["location"] == "/api/bookings/bk_7"
    assert (entry["method"], entry["uri"], entry["status"]) == ("POST", "/api/book", 202)
    assert "sesame" not in gateway.access_log.read_text(errors="replace")


def test_the_log_tells_the_method_of_a_request_that_ended_in_a_problem(gateway: Gateway, client: httpx.Client) -> None:
    request_id = uuid.uuid4().hex
    client.delete("/api/events", headers={"X-Request-Id": request_id})
    assert (gateway.logged(request_id)["method"], gateway.logged(request_id)["status"]) == ("DELETE", 405)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/events"),
        ("PATCH", "/api/events/concert123"),
        ("POST", "/api/events/concert123/seats?dry_run=true"),
        ("POST", "/api/events/concert123/open"),
        ("POST", "/api/events/concert123/block"),
    ],
)
def test_what_changes_an_event_goes_to_the_write_api_with_body_and_credentials(
    client: httpx.Client, write_api: Service, method: str, path: str
) -> None:
    headers = {"Authorization": "Bearer of-an-organiser", "Idempotency-Key": "k"}
    assert client.request(method, path, json={"name": "Some"}, headers=headers).status_code == 200
    received = write_api.received[0]
    assert (received.method, received.target) == (method, path)
    assert (received.body, received.headers["authorization"]) == (b'{"name":"Some"}', "Bearer of-an-organiser")


def test_a_seat_map_may_be_large_and_everything_else_may_not(client: httpx.Client, write_api: Service) -> None:
    for path in ("/api/events", "/api/events/concert123/seats"):
        assert client.post(path, content=b"x" * 5_000_000).status_code == 200
        answer = client.post(path, content=b"x" * 6_000_000)
        assert_problem(answer, problems.PAYLOAD_TOO_LARGE)
        assert answer.json()["detail"] == "A body has at most 5 MB (5242880 bytes)."
    assert len(write_api.received) == 2
    assert_problem(client.patch("/api/events/concert123", content=b"x" * 70_000), problems.PAYLOAD_TOO_LARGE)


def test_an_event_s_bookings_are_asked_with_credentials_and_never_kept(client: httpx.Client, read_api: Service) -> None:
    paths = [
        "/api/events/concert123/bookings?limit=2",
        "/api/events/concert123/bookings.csv",
        "/api/events/concert123/sales",
        "/api/bookings/bk_1/ticket?format=pdf",
        "/api/bookings/bk_1/calendar",
    ]
    for path in paths:
        for _ in range(2):
            assert client.get(path, headers={"Authorization": "Bearer of-an-organiser"}).status_code == 200
    assert [received.target for received in read_api.received] == [path for path in paths for _ in range(2)]
    assert all(received.headers["authorization"] == "Bearer of-an-organiser" for received in read_api.received)


def test_a_question_to_the_catalogue_is_asked_each_time_and_without_credentials(
    client: httpx.Client, read_api: Service
) -> None:
    for path in ("/api/events?q=night", "/api/productions?kind=movie"):
        for _ in range(2):
            assert client.get(path, headers={"Authorization": "Bearer x"}).status_code == 200
        assert [received.target for received in read_api.received[-2:]] == [path, path]
    assert not any("authorization" in received.headers for received in read_api.received)
