"""A service that is away, frozen or dies: what the caller is told, and that no booking is ever sent twice."""

import uuid

import httpx
import pytest

from contracts import problems
from tests.integration.gateway.conftest import Gateway
from tests.integration.gateway.problem import assert_problem
from tests.integration.gateway.service import Answer, Service
from tests.stalls import within


def test_without_a_write_api_the_outcome_is_unknown_at_once(client: httpx.Client) -> None:
    with within(4):
        assert_problem(client.post("/api/book", json={}), problems.OUTCOME_UNKNOWN)


def test_without_a_read_api_views_and_bookings_are_unavailable(client: httpx.Client) -> None:
    assert_problem(client.get(f"/api/events/{uuid.uuid4().hex}"), problems.VIEW_UNAVAILABLE)
    assert_problem(client.get("/api/bookings/bk_1"), problems.VIEW_UNAVAILABLE)


def test_without_a_write_api_what_operators_read_of_it_was_only_not_read(client: httpx.Client) -> None:
    assert_problem(client.get("/api/dead-letters"), problems.OVERLOADED)
    assert_problem(client.post("/api/dead-letters/1-0-1/replay"), problems.OUTCOME_UNKNOWN)


def test_without_payments_a_provider_is_told_to_come_again(client: httpx.Client) -> None:
    assert_problem(client.post("/api/payments/webhook", json={}), problems.OVERLOADED)


def test_without_the_audit_service_nothing_is_known_of_health(client: httpx.Client) -> None:
    assert client.get("/health").status_code == 503
    assert_problem(client.get("/health"), problems.VIEW_UNAVAILABLE)


def test_a_booking_whose_service_dies_is_not_sent_again(client: httpx.Client, write_api: Service) -> None:
    # The first answer leaves a connection open, so that the second request also goes where one was closed by the peer.
    client.post("/api/book", json={})
    write_api.answer = Answer(hang_up=True)
    for sent in (2, 3):
        assert_problem(client.post("/api/book", json={}), problems.OUTCOME_UNKNOWN)
        assert len(write_api.received) == sent


def test_a_booking_whose_service_is_frozen_is_not_sent_again(client: httpx.Client, write_api: Service) -> None:
    write_api.answer = Answer(hold_s=30)
    assert_problem(client.post("/api/book", json={}), problems.OUTCOME_UNKNOWN)
    assert len(write_api.received) == 1


def test_a_read_whose_service_is_away_goes_to_the_other_one(client: httpx.Client, read_api: Service) -> None:
    # The fixture's read_api has a second server at which nobody listens.
    for _ in range(8):
        assert client.get("/api/bookings/bk_1").status_code == 200
    assert len(read_api.received) == 8


@pytest.mark.parametrize("status", [400, 404, 422, 500, 503])
def test_a_services_own_problem_passes_untouched(client: httpx.Client, write_api: Service, status: int) -> None:
    headers = {"Content-Type": "application/problem+json", "Retry-After": "7", "Cache-Control": "no-store"}
    write_api.answer = Answer(status, headers, b'{"type": "/problems/log-unavailable"}')
    answer = client.post("/api/book", json={})
    assert (answer.status_code, answer.json()) == (status, {"type": "/problems/log-unavailable"})
    assert (answer.headers["Content-Type"], answer.headers["Retry-After"]) == ("application/problem+json", "7")


def test_a_service_that_comes_back_is_found_again(gateway: Gateway, client: httpx.Client) -> None:
    assert client.post("/api/book", json={}).status_code == 503
    service = Service()
    service.port = gateway.write_api
    service.start()
    try:
        assert client.post("/api/book", json={}).status_code == 200
    finally:
        service.stop()
