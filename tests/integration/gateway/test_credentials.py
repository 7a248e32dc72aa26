"""Whose credentials go where: to the services that ask who somebody is, and nowhere else."""

import time

import httpx
import pytest

from tests.integration.gateway.service import Service

CREDENTIALS = {"Authorization": "Bearer sesame", "Cookie": "frontrow_access=sesame"}


@pytest.fixture
def everybody(write_api: Service, read_api: Service, webhooks: Service, audit: Service) -> list[Service]:
    return [write_api, read_api, webhooks, audit]


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/book"), ("DELETE", "/api/bookings/bk_1"), ("POST", "/api/bookings/bk_1/extension")],
)
@pytest.mark.parametrize("more", [{}, {"Prefer": "wait=1"}], ids=str)
def test_commands_bring_their_credentials(
    client: httpx.Client, write_api: Service, method: str, path: str, more: dict[str, str]
) -> None:
    client.request(method, path, headers=CREDENTIALS | more)
    assert_passed_on(write_api)


@pytest.mark.parametrize("path", ["/api/bookings/bk_1", "/api/bookings/bk_1?wait=1", "/api/commands/cm_1"])
def test_private_reads_bring_their_credentials(client: httpx.Client, read_api: Service, path: str) -> None:
    client.get(path, headers=CREDENTIALS)
    assert_passed_on(read_api)


@pytest.mark.parametrize("path", ["/api/events", "/api/events/credentials", "/api/events/credentials/availability"])
def test_public_views_are_asked_for_by_nobody_in_particular(client: httpx.Client, read_api: Service, path: str) -> None:
    client.get(path, headers=CREDENTIALS)
    assert_left_out(read_api)


def test_health_is_asked_for_by_nobody_in_particular(client: httpx.Client, audit: Service) -> None:
    client.get("/health", headers=CREDENTIALS)
    assert_left_out(audit)


def test_a_service_is_told_what_the_browser_calls_us(client: httpx.Client, write_api: Service) -> None:
    headers = {"Host": "tickets.example:8443", "X-Forwarded-Host": "evil.example"}
    client.post("/api/book", json={}, headers=headers)
    assert write_api.received[0].headers["x-forwarded-host"] == "tickets.example:8443"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/book"),
        ("POST", "/api/sessions"),
        ("POST", "/api/password-resets"),
        ("GET", "/api/webhooks"),
        ("GET", "/api/bookings/bk_1"),
        ("GET", "/api/bookings/bk_1?wait=1"),
        ("GET", "/api/events/forwarded"),
        ("GET", "/api/events?q=forwarded"),
        ("GET", "/api/productions/forwarded"),
        ("GET", "/api/events/concert123/bookings"),
        ("GET", "/health"),
    ],
)
def test_no_client_says_where_it_comes_from(
    client: httpx.Client, everybody: list[Service], method: str, path: str
) -> None:
    client.request(method, path, headers={"X-Forwarded-For": "192.0.2.7"})
    (received,) = [one for service in everybody for one in service.received]
    assert received.headers.get("x-forwarded-for") in {None, "127.0.0.1"}


def test_no_client_says_since_when_it_waits(client: httpx.Client, everybody: list[Service]) -> None:
    client.post("/api/book", headers={"X-Request-Start": "t=1.0"})
    (received,) = [one for service in everybody for one in service.received]
    assert abs(time.time() - float(received.headers["x-request-start"].removeprefix("t="))) < 60


def test_of_who_waits_for_an_outcome_nobody_says_since_when(client: httpx.Client, everybody: list[Service]) -> None:
    client.post("/api/book", headers={"X-Request-Start": "t=1.0", "Prefer": "wait=5"})
    (received,) = [one for service in everybody for one in service.received]
    assert "x-request-start" not in received.headers


def assert_passed_on(service: Service) -> None:
    headers = service.received[0].headers
    assert {name: headers.get(name.lower()) for name in CREDENTIALS} == CREDENTIALS


def assert_left_out(service: Service) -> None:
    assert not {"authorization", "cookie"} & service.received[0].headers.keys()
