"""Every problem of the wire has a class, with its fields."""

import pytest

from contracts import problems
from frontrow_client import AwayError, InvalidRequestError, UnexpectedError
from frontrow_client.problems import SLUGS, FieldError, problem_of
from tests.unit.frontrow_client.telling import NOW_S, answer
from tests.unit.frontrow_client.telling import problem as told


def test_every_problem_of_the_wire_has_a_class() -> None:
    assert {problem.slug for problem in problems.ALL} == SLUGS


def test_a_problem_names_the_fields() -> None:
    errors = [{"field": "seatIds", "message": "names a seat twice"}, "nonsense"]
    problem = problem_of(told(422, "invalid-request", detail="Some fields.", errors=errors), NOW_S)
    assert isinstance(problem, InvalidRequestError)
    assert problem.errors == (FieldError("seatIds", "names a seat twice"),)
    assert str(problem) == "422 invalid-request Some fields. seatIds names a seat twice"


@pytest.mark.parametrize("body", [None, [], "text", {"type": 7, "errors": "x"}])
def test_an_answer_that_is_no_problem_document_is_told_all_the_same(body: object) -> None:
    assert isinstance(problem_of(answer(500, body), NOW_S), UnexpectedError)
    assert isinstance(problem_of(answer(504, body), NOW_S), AwayError)
