"""Who waits for an outcome is given the time for it; who does not keeps the bound that there was."""

import uuid

import httpx
import pytest

from contracts import problems
from tests.integration.gateway.problem import assert_problem
from tests.integration.gateway.service import VIEW, Answer, Service
from tests.stalls import within

LONGER_THAN_THE_BOUND_S = 5.5


def test_a_booking_that_waits_is_given_more_time_than_others(client: httpx.Client, write_api: Service) -> None:
    write_api.answer = Answer(200, hold_s=LONGER_THAN_THE_BOUND_S)
    body = {"userId": "u"}
    answer = client.post("/api/book?x=y", json=body, headers={"Prefer": "respond-async, wait=10"})
    assert answer.status_code == 200
    (received,) = write_api.received
    assert (received.method, received.target) == ("POST", "/api/book?x=y")
    assert received.headers["prefer"] == "respond-async, wait=10"
    assert received.body == b'{"userId":"u"}'
    with within(LONGER_THAN_THE_BOUND_S):
        assert_problem(client.post("/api/book", json=body), problems.OUTCOME_UNKNOWN)


@pytest.mark.parametrize("preference", ["wait=1", "respond-async, wait = 2; x=y"])
def test_who_would_wait_briefly_hangs_no_longer_than_others_on_a_service_that_is_frozen(
    client: httpx.Client, write_api: Service, preference: str
) -> None:
    write_api.answer = Answer(200, hold_s=LONGER_THAN_THE_BOUND_S)
    with within(LONGER_THAN_THE_BOUND_S):
        assert_problem(client.post("/api/book", json={}, headers={"Prefer": preference}), problems.OUTCOME_UNKNOWN)
    assert write_api.received[0].headers["prefer"] == preference


def test_a_preference_that_the_gateway_does_not_see_is_not_passed_on(client: httpx.Client, write_api: Service) -> None:
    client.post("/api/book", json={}, headers={"Prefer": "return=minimal"})
    assert "prefer" not in write_api.received[0].headers


def test_a_read_that_waits_is_given_more_time_than_others(client: httpx.Client, read_api: Service) -> None:
    read_api.answer = Answer(hold_s=LONGER_THAN_THE_BOUND_S)
    assert client.get("/api/bookings/bk_1?wait=30", timeout=20).status_code == 200
    assert read_api.received[0].target == "/api/bookings/bk_1?wait=30"
    assert client.get("/api/bookings/bk_1").status_code == 503


def test_other_methods_and_ids_are_refused_as_ever(client: httpx.Client, write_api: Service, read_api: Service) -> None:
    wait = {"Prefer": "wait=2"}
    assert_problem(client.get("/api/book", headers=wait), problems.METHOD_NOT_ALLOWED)
    assert client.get("/api/book", headers=wait).headers["allow"] == "POST"
    assert_problem(client.post("/api/bookings/bk_1?wait=1"), problems.METHOD_NOT_ALLOWED)
    assert_problem(client.get("/_waiting/api/bookings/bk_1"), problems.NOT_FOUND)
    assert_problem(client.post("/_waiting/api/book"), problems.NOT_FOUND)
    assert not write_api.received
    assert not read_api.received


def test_a_booking_that_waits_is_not_sent_again_when_its_service_dies(client: httpx.Client, write_api: Service) -> None:
    write_api.answer = Answer(hang_up=True)
    assert_problem(client.post("/api/book", json={}, headers={"Prefer": "wait=2"}), problems.OUTCOME_UNKNOWN)
    assert len(write_api.received) == 1


@pytest.mark.parametrize("tail", ["", "/availability"])
def test_a_read_that_names_a_position_is_answered_by_the_view_itself(
    client: httpx.Client, read_api: Service, tail: str
) -> None:
    path = f"/api/events/{uuid.uuid4().hex}{tail}"
    read_api.answer = Answer(headers=VIEW)
    assert client.get(path).status_code == 200
    for number in (1, 2):
        answer = client.get(path, headers={"Frontrow-Min-Position": f"745-{number}"})
        assert answer.status_code == 200
        assert read_api.received[-1].headers["frontrow-min-position"] == f"745-{number}"
    assert len(read_api.received) == 3
    assert client.get(path).status_code == 200
    assert len(read_api.received) == 3, "everybody else's view is kept as before"
