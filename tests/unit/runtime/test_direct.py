"""What is answered before the framework keeps the promises that the framework keeps for all else."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import REGISTRY
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts import problems
from runtime import http
from runtime.problems import ProblemError

REFUSALS = http.FrameworkProblems(
    not_found=problems.NOT_FOUND,
    method_not_allowed=problems.METHOD_NOT_ALLOWED,
    bad_request=problems.BAD_REQUEST,
    invalid_request=problems.INVALID_REQUEST,
    internal=problems.INTERNAL,
)
ID = {"X-Request-Id": "r-1"}
FULL = ProblemError(problems.OVERLOADED, "Full.")


class Endpoint:
    """Begins an answer where it is to, then raises what it is to."""

    __name__ = "hot"

    def __init__(self, error: BaseException | None = None, *, begins: bool = True) -> None:
        self._error = error
        self._begins = begins
        self.seen: Scope = {}

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        self.seen = scope
        if self._begins:
            await send({"type": "http.response.start", "status": 202, "headers": []})
        if self._error is not None:
            raise self._error
        await send({"type": "http.response.body", "body": b"done"})


def app_of(endpoint: ASGIApp) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield

    app = http.create_app(
        title="t",
        version="1",
        lifespan=lifespan,
        checks={},
        refusals=REFUSALS,
    )
    app.router.routes.append(Route("/hot", endpoint, methods=["POST"]))
    http.answer_directly(app, "POST", "/hot", endpoint)

    @app.get("/ordinary")
    async def ordinary(request: Request) -> str:
        return request.url.path

    return app


async def asked(endpoint: ASGIApp, method: str = "POST", path: str = "/hot") -> httpx.Response:
    transport = httpx.ASGITransport(app_of(endpoint), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.request(method, path, headers=ID)


async def sent(endpoint: ASGIApp) -> tuple[list[Message], BaseException | None]:
    """Return what the server is given, and what it is raised."""
    given: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        given.append(message)

    scope = {"type": "http", "method": "POST", "path": "/hot", "headers": [(b"x-request-id", b"r-1")]}
    try:
        await app_of(endpoint)(scope, receive, send)
    except BaseException as error:  # noqa: BLE001 - it is what is looked at
        return given, error
    return given, None


def counted(status: int) -> float:
    labels = {"endpoint": "hot", "method": "POST", "status": str(status)}
    return REGISTRY.get_sample_value("frontrow_http_requests_total", labels) or 0.0


def timed() -> float:
    name = "frontrow_http_request_duration_seconds_count"
    return REGISTRY.get_sample_value(name, {"endpoint": "hot"}) or 0.0


async def test_it_is_answered_before_the_framework_and_all_else_by_the_framework() -> None:
    endpoint = Endpoint()
    answer = await asked(endpoint)
    assert (answer.status_code, answer.text) == (202, "done")
    assert "router" not in endpoint.seen, "the framework has not seen it"
    assert (await asked(endpoint, "GET", "/ordinary")).json() == "/ordinary"


@pytest.mark.parametrize(
    ("path", "direct"),
    [
        ("/things/a", True),
        ("/things/a?wait=1", False),
        ("/things/a/b", False),
        ("/things/a%2Fb", False),
        ("/things/", False),
        ("/things", False),
    ],
)
async def test_a_path_may_have_one_part_more_and_no_query(path: str, direct: bool) -> None:  # noqa: FBT001 - a row
    app, endpoint = app_of(Endpoint()), Endpoint()
    http.answer_directly(app, "GET", "/things/", endpoint, "thing")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        answer = await client.get(path)
    assert (answer.status_code, bool(endpoint.seen)) == ((202, True) if direct else (404, False))


async def test_a_problem_is_answered_as_one_with_the_request_id() -> None:
    answer = await asked(Endpoint(FULL, begins=False))
    assert answer.status_code == problems.OVERLOADED.status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == "r-1"
    assert answer.json()["type"] == problems.OVERLOADED.type
    assert answer.json()["instance"] == "r-1"


async def test_a_bug_is_answered_as_one_logged_and_left_to_the_server(caplog: pytest.LogCaptureFixture) -> None:
    bug = ZeroDivisionError("what nobody may read")
    answer = await asked(Endpoint(bug, begins=False))
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["instance"] == "r-1"
    assert "nobody" not in answer.text
    (record,) = (record for record in caplog.records if record.name == "runtime.http")
    assert (record.levelno, record.message, record.__dict__["request_id"]) == (logging.ERROR, "bug", "r-1")
    assert record.exc_info is not None
    assert record.exc_info[1] is bug
    assert (await sent(Endpoint(bug, begins=False)))[1] is bug, "so that the server closes the connection"


@pytest.mark.parametrize("error", [ZeroDivisionError(), FULL])
async def test_an_answer_that_has_begun_is_broken_and_never_mended(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    given, raised = await sent(Endpoint(error))
    assert [message["type"] for message in given] == ["http.response.start"]
    assert raised is error
    assert [record.message for record in caplog.records if record.name == "runtime.http"] == ["bug"]


@pytest.mark.parametrize(
    ("endpoint", "status"),
    [
        (Endpoint(), 202),
        (Endpoint(FULL, begins=False), 503),
        (Endpoint(ZeroDivisionError(), begins=False), 500),
        (Endpoint(asyncio.CancelledError(), begins=False), 500),
        (Endpoint(ZeroDivisionError()), 202),
    ],
)
async def test_each_is_counted_and_timed_once_by_what_was_answered(endpoint: Endpoint, status: int) -> None:
    before, took = counted(status), timed()
    await sent(endpoint)
    assert counted(status) == before + 1
    assert timed() == took + 1


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD"])
async def test_another_method_is_refused_as_everywhere(method: str) -> None:
    answer = await asked(Endpoint(), method)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_application_knows_it_as_a_route() -> None:
    endpoint: Any = Endpoint()
    assert endpoint in [getattr(route, "endpoint", None) for route in app_of(endpoint).routes]
