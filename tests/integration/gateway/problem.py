"""What every problem on the wire must be, whoever answers it."""

import httpx

from contracts.problems import Problem


def assert_problem(answer: httpx.Response, problem: Problem) -> None:
    assert answer.status_code == problem.status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers.get("Retry-After") == (str(problem.retry_after_s) if problem.retry_after_s else None)
    body = answer.json()
    assert body["detail"]
    assert {name: body[name] for name in ("type", "title", "status", "instance")} == {
        "type": problem.type,
        "title": problem.title,
        "status": problem.status,
        "instance": answer.headers["X-Request-Id"],
    }
