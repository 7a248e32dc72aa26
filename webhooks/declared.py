"""Declared calls: routes, and what the OpenAPI document says that they take and give.

``calls`` and ``app`` enter here.
"""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, NamedTuple

from fastapi import Body, FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from contracts import problems
from contracts.problems import Problem
from contracts.wire import ProblemDocument
from runtime.problems import MEDIA_TYPE

TAG: Final = "webhooks"

_WITH_BODY: Final = (
    problems.MALFORMED_JSON,
    problems.PAYLOAD_TOO_LARGE,
    problems.UNSUPPORTED_MEDIA_TYPE,
    problems.INVALID_REQUEST,
)
_ALWAYS: Final = (
    problems.UNAUTHENTICATED,
    problems.FORBIDDEN,
    problems.METHOD_NOT_ALLOWED,
    problems.INTERNAL,
    problems.OVERLOADED,
)
_PROBLEM: Final = {"$ref": "#/components/schemas/ProblemDocument"}


class Call(NamedTuple):
    """A call. ``answers``, ``body``: what it gives and takes; ``refusals``: what it says no with besides."""

    method: str
    path: str
    endpoint: Callable[..., Awaitable[Response]]
    answers: Any
    status: int = 200
    body: type[BaseModel] | None = None
    refusals: Sequence[Problem] = (problems.NOT_FOUND,)


def add_call(app: FastAPI, call: Call) -> None:
    """Route a call, and declare it: the route answers, the declaration is what the document shows."""
    methods = ["GET", "HEAD"] if call.method == "GET" else [call.method]
    app.add_api_route(call.path, call.endpoint, methods=methods, include_in_schema=False, response_model=None)
    refusals = (*_ALWAYS, *(_WITH_BODY if call.body is not None else ()), *call.refusals)
    responses: dict[int | str, dict[str, Any]] = {
        status: {
            "description": "; ".join(f"`{one.slug}`: {one.title.lower()}" for one in refusals if one.status == status),
            "model": ProblemDocument,
        }
        for status in dict.fromkeys(refusal.status for refusal in refusals)
    }
    app.add_api_route(
        call.path,
        _taking(call),
        methods=[call.method],
        status_code=call.status,
        response_model=call.answers,
        responses=responses,
        operation_id=call.endpoint.__name__,
        description=call.endpoint.__doc__,
        tags=[TAG],
        openapi_extra={"security": [{"token": []}, {"cookie": []}]},
    )


def document(app: FastAPI) -> dict[str, Any]:
    """Return the application's OpenAPI document."""
    made = get_openapi(title=app.title, version=app.version, routes=app.routes)
    for operations in made["paths"].values():
        for operation in operations.values():
            for response in operation["responses"].values():
                if response.get("content", {}).get("application/json", {}).get("schema") == _PROBLEM:
                    response["content"] = {MEDIA_TYPE: {"schema": _PROBLEM}}
    return made


def _taking(call: Call) -> Callable[..., Awaitable[Response]]:
    async def declared(**_given: object) -> Response:
        raise NotImplementedError

    parameters = [one for one in inspect.signature(call.endpoint).parameters.values() if one.annotation is not Request]
    if call.body is not None:
        kind = inspect.Parameter.KEYWORD_ONLY
        parameters.append(inspect.Parameter("body", kind, annotation=call.body, default=Body()))
    declared.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what FastAPI looks at
    return declared
