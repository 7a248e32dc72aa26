"""Problems on the wire, from a closed list that the caller brings."""

import orjson
import pytest

from contracts import problems as listed
from runtime.problems import ProblemError, response, sane_request_id


def test_a_problem_has_the_members_of_rfc_9457_and_its_headers() -> None:
    error = ProblemError(listed.OUTCOME_UNKNOWN, "Look.", members={"booking_id": "bk_1"}, headers={"Allow": "POST"})

    answer = response(error, "req-1")

    assert orjson.loads(answer.body) == {
        "type": "/problems/outcome-unknown",
        "title": listed.OUTCOME_UNKNOWN.title,
        "status": 503,
        "detail": "Look.",
        "instance": "req-1",
        "booking_id": "bk_1",
    }
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] in {"1", "2", "3"}
    assert answer.headers["allow"] == "POST"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-request-id"] == "req-1"


def test_those_who_are_refused_at_one_moment_are_told_to_come_back_at_different_ones() -> None:
    told = {response(ProblemError(listed.LOG_UNAVAILABLE, "Away."), "").headers["retry-after"] for _ in range(100)}

    assert told == {"1", "2", "3"}


def test_whoever_knows_when_to_come_again_says_it() -> None:
    error = ProblemError(listed.TOO_MANY_REQUESTS, "Too often.", headers={"Retry-After": "40"})

    assert response(error, "").headers["retry-after"] == "40"


def test_without_a_request_id_there_is_no_header_for_it() -> None:
    answer = response(ProblemError(listed.NOT_FOUND, "Nothing."), "")

    assert "x-request-id" not in answer.headers
    assert "retry-after" not in answer.headers


@pytest.mark.parametrize(("given", "kept"), [("aZ9.-_~", True), ("x" * 64, True), ("x" * 65, False), ("a b", False)])
def test_only_a_sane_request_id_is_kept(given: str, *, kept: bool) -> None:
    assert sane_request_id(given) == (given if kept else "")


def test_the_closed_list_has_every_slug_once() -> None:
    assert len({problem.slug for problem in listed.ALL}) == len(listed.ALL)
    assert all(400 <= problem.status < 600 for problem in listed.ALL)
