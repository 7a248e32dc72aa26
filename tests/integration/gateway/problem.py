"""What every problem on the wire must be, whoever answers it."""

import httpx

from contracts.problems import Problem
from runtime.problems import SPREAD_S


def assert_problem(answer: httpx.Response, problem: Problem) -> None:
    assert answer.status_code == problem.status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    if problem.retry_after_s is None:
        assert "Retry-After" not in answer.headers
    else:
        assert problem.retry_after_s <= int(answer.headers["Retry-After"]) <= problem.retry_after_s + SPREAD_S
    body = answer.json()
    assert body["detail"]
    assert {name: body[name] for name in ("type", "title", "status", "instance")} == {
        "type": problem.type,
        "title": problem.title,
        "status": problem.status,
        "instance": answer.headers["X-Request-Id"],
    }
