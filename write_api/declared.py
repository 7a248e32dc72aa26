"""Declared answers: what the OpenAPI document says of a 202 and of the problems in its place.

``document`` and the routes enter here.
"""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, NamedTuple

from fastapi import Body, FastAPI
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contracts import problems
from contracts.positions import POSITION_HEADER
from contracts.problems import Problem
from contracts.wire import Booking, ProblemDocument

BOOKING_REFUSALS: Final = (
    problems.MALFORMED_JSON,
    problems.METHOD_NOT_ALLOWED,
    problems.PAYLOAD_TOO_LARGE,
    problems.UNSUPPORTED_MEDIA_TYPE,
    problems.INVALID_REQUEST,
    problems.IDEMPOTENCY_KEY_REUSED,
    problems.UNAUTHENTICATED,
    problems.FORBIDDEN,
    problems.TOO_MANY_REQUESTS,
    problems.INTERNAL,
    problems.LOG_UNAVAILABLE,
    problems.OUTCOME_UNKNOWN,
    problems.OVERLOADED,
)
BODY_REFUSALS: Final = (problems.MALFORMED_JSON, problems.PAYLOAD_TOO_LARGE, problems.UNSUPPORTED_MEDIA_TYPE)
COMMAND_REFUSALS: Final = (
    problems.NOT_FOUND,
    problems.METHOD_NOT_ALLOWED,
    problems.INVALID_REQUEST,
    problems.IDEMPOTENCY_KEY_REUSED,
    problems.UNAUTHENTICATED,
    problems.FORBIDDEN,
    problems.CONFLICT,
    problems.TOO_MANY_REQUESTS,
    problems.INTERNAL,
    problems.LOG_UNAVAILABLE,
    problems.OUTCOME_UNKNOWN,
)

WITH_BODY: Final = (
    problems.MALFORMED_JSON,
    problems.PAYLOAD_TOO_LARGE,
    problems.UNSUPPORTED_MEDIA_TYPE,
    problems.INVALID_REQUEST,
)
WITH_SESSION: Final = (problems.UNAUTHENTICATED, problems.FORBIDDEN)
SECURED: Final[dict[str, Any]] = {"security": [{"token": []}, {"cookie": []}]}
"""Needs a session, by token or by cookie (the schemes: ``infra.openapi.document``)."""
FOR_BOTH: Final[dict[str, Any]] = {"security": [{}, *SECURED["security"]]}
"""Takes a session, and guests as well."""

Responses = dict[int | str, dict[str, Any]]


def booking_responses() -> Responses:
    """Return the answers to a booking request."""
    decided = {
        "description": "Decided while the sender waited, whatever the outcome; only with `Prefer: wait`.",
        "model": Booking,
        "headers": {
            "Preference-Applied": {"description": "The wait that was done.", "schema": {"type": "string"}},
            "Location": {"description": "The booking.", "schema": {"type": "string"}},
            POSITION_HEADER: {"description": "The outcome's position.", "schema": {"type": "string"}},
        },
    }
    return {200: decided, **_responses("The booking, the same as status_url.", BOOKING_REFUSALS)}


def command_responses(*, takes_body: bool = False) -> Responses:
    """Return the answers to a command about a booking."""
    refusals = (*BODY_REFUSALS, *COMMAND_REFUSALS) if takes_body else COMMAND_REFUSALS
    return _responses("The command, the same as status_url.", refusals)


def request_body(model: type[BaseModel]) -> dict[str, Any]:
    """Return what the document says of a body that a route reads by itself."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": model.model_json_schema()}}}}


class Call(NamedTuple):
    """A call about people. ``body``, ``answers``: the models of what it takes and gives; ``found``: 404 may be.

    ``session``: it needs one. ``refusals``: what it says no with besides.
    """

    method: str
    path: str
    endpoint: Callable[..., Awaitable[Response]]
    answers: Any
    status: int
    body: type[BaseModel] | None = None
    session: bool = True
    refusals: Sequence[Problem] = ()


def add_call(app: FastAPI, call: Call, tag: str, *, also: Responses | None = None) -> None:
    """Route a call, and declare what it takes and gives: bodies are read by ``requests``, not by the framework.

    ``also``: what it answers besides.
    """
    methods = ["GET", "HEAD"] if call.method == "GET" else [call.method]
    app.add_api_route(call.path, call.endpoint, methods=methods, include_in_schema=False, response_model=None)
    refusals = [
        problems.METHOD_NOT_ALLOWED,
        *(WITH_BODY if call.body is not None else ()),
        *(WITH_SESSION if call.session else ()),
        *call.refusals,
        problems.INTERNAL,
        problems.OVERLOADED,
    ]
    app.add_api_route(
        call.path,
        _taking(call),
        methods=[call.method],
        status_code=call.status,
        response_model=call.answers,
        # Where nothing is answered but the status, that is what is declared: FastAPI's own guess is any JSON.
        response_class=JSONResponse if call.answers is not None else Response,
        responses=_refused(refusals) | (also or {}),
        operation_id=call.endpoint.__name__,
        description=call.endpoint.__doc__,
        tags=[tag],
        openapi_extra=SECURED if call.session else None,
    )


def _taking(call: Call) -> Callable[..., Awaitable[Response]]:
    """Return the call as the document shows it; the route before it answers."""

    async def declared(**_given: object) -> Response:
        raise NotImplementedError

    parameters = [
        parameter
        for parameter in inspect.signature(call.endpoint).parameters.values()
        if parameter.annotation is not Request
    ]
    if call.body is not None:
        kind = inspect.Parameter.KEYWORD_ONLY
        parameters.append(inspect.Parameter("body", kind, annotation=call.body, default=Body()))
    declared.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what FastAPI looks at
    return declared


def _responses(location: str, refusals: Sequence[Problem]) -> Responses:
    accepted = {
        "description": "Accepted: the request is on the log and ends in exactly one outcome.",
        "headers": {
            "Location": {"description": location, "schema": {"type": "string"}},
            "Retry-After": {"description": "Seconds until asking is worthwhile.", "schema": {"type": "integer"}},
        },
    }
    return {202: accepted, **_refused(refusals)}


def _refused(refusals: Sequence[Problem]) -> Responses:
    responses: Responses = {}
    for status in dict.fromkeys(refusal.status for refusal in refusals):
        slugs = [refusal for refusal in refusals if refusal.status == status]
        responses[status] = {
            "description": "; ".join(f"`{refusal.slug}`: {refusal.title.lower()}" for refusal in slugs),
            "model": ProblemDocument,
        }
    return responses
