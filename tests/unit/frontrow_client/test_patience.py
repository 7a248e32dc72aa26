"""Sending again: what is safe, with which pauses, for how long, and what is known at the end."""

import pytest

from frontrow_client import (
    AwayError,
    NotAcceptedError,
    NotFoundError,
    OutcomeUnknownError,
    Patience,
    UnreachableError,
)
from frontrow_client.steps import Answer, Lost
from tests.unit.frontrow_client.telling import LATE, REFUSED_LINE, Told, answer, problem

ACCEPTED = answer(202, {"booking_id": "bk_1", "status": "pending"})
UNKNOWN = problem(503, "outcome-unknown", retry_after="1", status_url="/api/bookings/bk_1")
NOT_ACCEPTED = problem(503, "log-unavailable", retry_after="1")
BAD_GATEWAY = Answer(502, {}, b"<html>")


@pytest.mark.parametrize(
    "first", [LATE, REFUSED_LINE, UNKNOWN, NOT_ACCEPTED, BAD_GATEWAY, problem(429, "too-many-requests")]
)
def test_a_change_is_sent_again_under_its_first_key(first: Answer | Lost) -> None:
    client = Told(first, first, ACCEPTED)
    assert client.book("concert123", seats=["A1"], wait_s=0).booking_id == "bk_1"
    assert client.keys_sent() == ["key-0"] * 3


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422, 500])
def test_what_would_be_answered_alike_is_not_sent_again(status: int) -> None:
    client = Told(problem(status, "not-found"))
    with pytest.raises(NotFoundError):
        client.book("concert123", seats=["A1"])
    assert len(client.sent) == 1


def test_each_change_has_a_key_of_its_own() -> None:
    client = Told(ACCEPTED)
    client.book("concert123", seats=["A1"], wait_s=0)
    client.book("concert123", seats=["A1"], wait_s=0)
    client.book("concert123", seats=["A1"], wait_s=0, key="mine")
    assert client.keys_sent() == ["key-0", "key-1", "mine"]


def test_pauses_grow_to_a_longest_one_and_half_of_each_is_chance() -> None:
    client = Told(LATE, patience=Patience(within_s=60, first_pause_s=0.1, longest_pause_s=5))
    with pytest.raises(OutcomeUnknownError):
        client.book("concert123", seats=["A1"], wait_s=0)
    wanted = [min(0.1 * 2**n, 5) for n in range(len(client.paused))]
    assert all(longest / 2 <= pause <= longest for pause, longest in zip(client.paused, wanted, strict=True))
    assert len(set(client.paused)) == len(client.paused)


def test_who_is_told_when_to_come_back_comes_no_sooner() -> None:
    client = Told(problem(503, "overloaded", retry_after="3"), answer(200, []))
    client.events()
    assert 3 < client.paused[0] <= 3.1


def test_a_date_to_come_back_is_understood() -> None:
    client = Told(problem(503, "overloaded", retry_after="Fri, 15 Jan 2027 08:00:04 GMT"), answer(200, []))
    client.events()
    assert 4 < client.paused[0] <= 4.1


@pytest.mark.parametrize("takes_s", [0.0, 1.0, 7.0])
def test_the_time_of_all_attempts_together_is_bounded(takes_s: float) -> None:
    client = Told(LATE, takes_s=takes_s, patience=Patience(within_s=20))
    with pytest.raises(OutcomeUnknownError):
        client.book("concert123", seats=["A1"], wait_s=0)
    assert client.now_s <= 20 + takes_s


def test_an_attempt_has_no_more_time_than_is_left() -> None:
    client = Told(LATE, takes_s=5, patience=Patience(within_s=12, attempt_s=6))
    with pytest.raises(OutcomeUnknownError):
        client.book("concert123", seats=["A1"], wait_s=0)
    assert [round(request.timeout_s) for request in client.sent] == [6, 6, 2]


def test_what_nobody_can_come_back_for_in_time_is_not_waited_for() -> None:
    client = Told(problem(429, "too-many-requests", retry_after="3600"))
    with pytest.raises(Exception, match="429 too-many-requests"):
        client.events()
    assert client.paused == []


def test_an_unknown_outcome_says_how_to_settle_it() -> None:
    client = Told(UNKNOWN, patience=Patience(within_s=10))
    with pytest.raises(OutcomeUnknownError) as raised:
        client.book("concert123", seats=["A1"], wait_s=0)
    assert (raised.value.key, raised.value.status_url) == ("key-0", "/api/bookings/bk_1")


def test_a_refusal_after_a_lost_answer_is_still_unknown() -> None:
    client = Told(LATE, NOT_ACCEPTED, patience=Patience(within_s=10))
    with pytest.raises(OutcomeUnknownError):
        client.book("concert123", seats=["A1"], wait_s=0)


def test_what_was_never_accepted_is_told_as_that() -> None:
    client = Told(REFUSED_LINE, NOT_ACCEPTED, patience=Patience(within_s=10))
    with pytest.raises(NotAcceptedError):
        client.book("concert123", seats=["A1"], wait_s=0)


def test_what_was_never_sent_is_told_as_that() -> None:
    client = Told(REFUSED_LINE, patience=Patience(within_s=10))
    with pytest.raises(UnreachableError):
        client.book("concert123", seats=["A1"], wait_s=0)


def test_a_read_is_never_unknown() -> None:
    with pytest.raises(UnreachableError):
        Told(LATE).events()
    with pytest.raises(AwayError):
        Told(BAD_GATEWAY).events()
    with pytest.raises(AwayError):
        Told(UNKNOWN).events()


def test_patience_that_cannot_be_is_refused() -> None:
    for wrong in ({"within_s": 0}, {"first_pause_s": 6}, {"attempt_s": 31}, {"first_pause_s": 0}):
        with pytest.raises(ValueError, match="pauses must be"):
            Patience(**wrong)
