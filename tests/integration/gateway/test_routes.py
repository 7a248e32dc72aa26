"""Which request goes where, and what the gateway adds to it."""

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
        "/api/events/concert123/sections/stalls",
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


def test_the_door_leads_to_the_documents(client: httpx.Client) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/api/docs")


@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/api",
        "/api/events/",
        "/api/events/a/b",
        "/api/events/a%20b",
        "/api/events/" + "a" * 65,
        "/api/bookings",
        "/api/bookings/a/b",
        "/api/commands",
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
        ("POST", "/api/events", "GET, HEAD"),
        ("DELETE", "/api/events/concert123", "GET, HEAD"),
        ("PUT", "/api/bookings/bk_1", "GET, HEAD, DELETE"),
        ("GET", "/api/bookings/bk_1/extension", "POST"),
        ("GET", "/api/bookings/bk_1/payment", "POST"),
        ("DELETE", "/api/commands/cm_1", "GET, HEAD"),
        ("OPTIONS", "/health", "GET, HEAD"),
        ("POST", "/api/docs", "GET, HEAD"),
        ("TRACE", "/api/events", "GET, HEAD"),
        ("POST", "/", "GET, HEAD"),
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
    assert "sesame" not in gateway.access_log.read_text()


def test_the_log_tells_the_method_of_a_request_that_ended_in_a_problem(gateway: Gateway, client: httpx.Client) -> None:
    request_id = uuid.uuid4().hex
    client.delete("/api/events", headers={"X-Request-Id": request_id})
    assert (gateway.logged(request_id)["method"], gateway.logged(request_id)["status"]) == ("DELETE", 405)
