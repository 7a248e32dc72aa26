"""Makes one document of the services' own: what is public, what the gateway answers by itself, and examples.

``build`` enters here. Pure: documents in, document out.
"""

import copy
from collections.abc import Iterable
from typing import Any, Final

from contracts import problems
from contracts.problems import Problem
from infra.openapi.examples import SAMPLES
from runtime.credentials import ACCESS_COOKIE

Document = dict[str, Any]

PUBLIC_PATHS: Final = (
    "/api/book",
    "/api/bookings",
    "/api/bookings/{booking_id}",
    "/api/bookings/{booking_id}/stream",
    "/api/bookings/{booking_id}/extension",
    "/api/bookings/{booking_id}/payment",
    "/api/bookings/{booking_id}/ticket",
    "/api/bookings/{booking_id}/calendar",
    "/api/tickets/keys",
    "/api/commands/{command_id}",
    "/api/accounts",
    "/api/accounts/me",
    "/api/accounts/me/events",
    "/api/accounts/{user_id}/role",
    "/api/sessions",
    "/api/sessions/refresh",
    "/api/sessions/current",
    "/api/sessions/{session_id}",
    "/api/password-resets",
    "/api/password-resets/confirmation",
    "/api/webhooks",
    "/api/webhooks/{webhook_id}",
    "/api/webhooks/{webhook_id}/secret",
    "/api/webhooks/{webhook_id}/activation",
    "/api/webhooks/{webhook_id}/test",
    "/api/webhooks/{webhook_id}/deliveries",
    "/api/webhooks/{webhook_id}/deliveries/replay",
    "/api/webhooks/{webhook_id}/deliveries/{delivery_id}/replay",
    "/api/events",
    "/api/events/{event_id}",
    "/api/events/{event_id}/sections/{section}",
    "/api/events/{event_id}/availability",
    "/api/events/{event_id}/layout",
    "/api/events/{event_id}/stream",
    "/api/productions",
    "/api/productions/{production_id}",
    "/api/events/{event_id}/seats",
    "/api/events/{event_id}/open",
    "/api/events/{event_id}/close",
    "/api/events/{event_id}/block",
    "/api/events/{event_id}/release",
    "/api/events/{event_id}/cancel",
    "/api/events/{event_id}/bookings",
    "/api/events/{event_id}/check-ins",
    "/api/events/{event_id}/sales",
    "/api/system",
    "/api/dead-letters",
    "/api/dead-letters/{letter_id}/replay",
    "/health",
    "/api/audit",
)
"""What the gateway lets through, in the order in which a reader wants it."""

GATEWAY_REFUSALS: Final = (
    problems.BAD_REQUEST,
    problems.METHOD_NOT_ALLOWED,
    problems.URI_TOO_LONG,
    problems.TOO_MANY_REQUESTS,
    problems.HEADERS_TOO_LARGE,
    problems.INTERNAL,
)
"""What NGINX answers by itself, whatever the path."""
_WRITES: Final = ("post", "delete", "patch")
"""Losing the service that these go to is ``outcome-unknown``; of a read it is ``view-unavailable``, as a rule."""
_OF_PEOPLE: Final = ("/api/accounts", "/api/sessions", "/api/password-resets", "/api/webhooks")
_READ_BY_WRITE_API: Final = ("/api/dead-letters",)
_WITHOUT_PLACES: Final = (
    "/health",
    "/api/audit",
    "/api/events/{event_id}",
    "/api/events/{event_id}/sections/{section}",
    "/api/events/{event_id}/availability",
    "/api/events/{event_id}/layout",
    "/api/productions/{production_id}",
)
"""What the gateway keeps or is told from memory: of every other call a service takes so many at once, and no more."""

TAGS: Final = (
    ("bookings", "Ask for seats, follow the booking to its one outcome, and give it back."),
    ("commands", "What became of a request that is no booking."),
    ("accounts", "Register, see one's account, leave; and a new password for who forgot the old one."),
    ("sessions", "Log in and out. A session is a token in `Authorization: Bearer`, or a cookie."),
    ("webhooks", "Have your own server told of bookings, and see what it was told. For organisers."),
    ("events", "What is on, and which seats are free. The same for everybody, at most a few seconds old."),
    ("productions", "Movies with their showtimes, train lines with their services."),
    ("organisers", "Announce events, change them, open and close the sale, keep seats back, call events off."),
    ("operators", "The platform's parts as they are, and messages that could not be decided."),
    ("tickets", "How a gate tells a genuine ticket."),
    ("health", "Whether bookings can be accepted, decided and shown, and whether the books are in order."),
    ("documents", "This description."),
)
DESCRIPTION: Final = """\
Frontrow sells numbered seats. A booking is *accepted* (202) once the log's replicas have it, *decided* in the order of
the log, and *shown*: follow `status_url` until `status` is no longer `pending`.

JSON, UTF-8, snake_case; times are RFC 3339 UTC with `Z`. Ids of events, seats and users have 1 to 64 characters of
`A-Z a-z 0-9 . _ ~ -`. Every error is `application/problem+json` (RFC 9457) from the list below, with the request id as
`instance` and in `X-Request-Id`. Bodies have at most 64 kB, seat
maps 5 MB."""

_OPERATION_IDS: Final = {"/health": "health", "/api/audit": "audit"}
_PROBLEM: Final = "application/problem+json"
_REQUEST_ID: Final = "#/components/headers/RequestId"


class ConflictError(Exception):
    """Two services describe different things under one name."""


def merge(documents: Iterable[Document], version: str) -> Document:
    """Return the one document.

    Raises:
        ConflictError: see there.
        KeyError: no service describes a path that the gateway lets through.
    """
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for document in copy.deepcopy(list(documents)):
        for path, operations in document["paths"].items():
            _add(paths.setdefault(path, {}), operations, "path")
        _add(schemas, document.get("components", {}).get("schemas", {}), "schema")
    public = {path: paths[path] for path in PUBLIC_PATHS}
    for path, operations in public.items():
        for method, operation in operations.items():
            _complete(path, method, operation)
    public |= _documents()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Frontrow",
            "version": version,
            "description": DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": text} for name, text in TAGS],
        "paths": public,
        "components": {
            "schemas": _reachable(public, schemas),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": ACCESS_COOKIE},
            },
            "headers": {
                "RequestId": {
                    "description": "The request's id: the caller's own when it was a sane one.",
                    "schema": {"type": "string"},
                }
            },
            "parameters": {
                "RequestId": {
                    "name": "X-Request-Id",
                    "in": "header",
                    "required": False,
                    "description": "An id of the caller's for this request, found again in every log.",
                    "schema": {"type": "string", "pattern": "^[A-Za-z0-9._~-]{1,64}$"},
                }
            },
        },
        "x-every-call-may-answer": [_said(refusal) for refusal in GATEWAY_REFUSALS],
        "x-problems": [
            {"type": one.type, "status": one.status, "title": one.title, "retry_after_s": one.retry_after_s}
            for one in problems.ALL
        ],
    }


def _add(known: dict[str, Any], new: dict[str, Any], kind: str) -> None:
    for name, value in new.items():
        if known.setdefault(name, value) != value:
            msg = f"two services describe the {kind} {name} differently"
            raise ConflictError(msg)


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    if "HTTPValidationError" in str(responses.get("422")):
        # FastAPI's own guess: what is no id does not pass the gateway, and our 422 is a problem.
        del responses["422"]
    refusals = [*GATEWAY_REFUSALS, _lost(path, method)]
    if method == "post":
        refusals.append(problems.PAYLOAD_TOO_LARGE)
    if path not in _WITHOUT_PLACES:
        refusals.append(problems.OVERLOADED)
    for refusal in refusals:
        response = responses.setdefault(str(refusal.status), {"description": ""})
        response.setdefault("content", {}).update(_problem_content())
        _name(response, refusal)
    for status, response in responses.items():
        _tidy(status, response)
    operation["responses"] = dict(sorted(responses.items()))
    operation["operationId"] = _OPERATION_IDS.get(path, operation["operationId"])
    operation.setdefault("tags", [path.removeprefix("/")])
    operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/RequestId"})
    operation["x-codeSamples"] = [{"lang": "Shell", "label": "curl", "source": SAMPLES[method, path]}]


def _lost(path: str, method: str) -> Problem:
    """Return what the gateway says when it loses the service that a call goes to."""
    if path.startswith(_OF_PEOPLE):
        return problems.OVERLOADED
    if method in _WRITES:
        return problems.OUTCOME_UNKNOWN
    return problems.OVERLOADED if path in _READ_BY_WRITE_API else problems.VIEW_UNAVAILABLE


def _tidy(status: str, response: dict[str, Any]) -> None:
    response.setdefault("headers", {})["X-Request-Id"] = {"$ref": _REQUEST_ID}
    content = response.get("content", {})
    if content.get("application/json") == _problem_content()[_PROBLEM]:
        # FastAPI declares every model as JSON; problems have one form.
        del content["application/json"]
        content.update(_problem_content())
    if status == "200" and response["description"] == "Successful Response":
        response["description"] = "As it is shown now."


def _name(response: dict[str, Any], refusal: Problem) -> None:
    """Make sure that the response's description names the problem."""
    text = _said(refusal)
    described = response["description"]
    if f"`{refusal.slug}`" not in described:
        response["description"] = f"{described}; {text}" if described else text


def _said(refusal: Problem) -> str:
    return f"`{refusal.slug}`: {refusal.title[0].lower()}{refusal.title[1:]}"


def _problem_content() -> dict[str, Any]:
    return {_PROBLEM: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}


def _documents() -> dict[str, Any]:
    """Describe what the gateway serves from its own files."""
    page = {"description": "One page, without outside assets", "content": {"text/html": {"schema": {"type": "string"}}}}
    document = {"description": "OpenAPI 3.1", "content": {"application/json": {"schema": {"type": "object"}}}}
    paths = {
        "/api/docs": {"get": {"summary": "The API for people", "operationId": "docs", "responses": {"200": page}}},
        "/api/openapi.json": {
            "get": {"summary": "The API for programs", "operationId": "openapi", "responses": {"200": document}}
        },
    }
    for operations in paths.values():
        operations["get"] |= {"tags": ["documents"]}
        responses: dict[str, Any] = operations["get"]["responses"]  # type: ignore[assignment]
        for refusal in GATEWAY_REFUSALS:
            responses[str(refusal.status)] = {"description": "", "content": _problem_content()}
            _name(responses[str(refusal.status)], refusal)
        for response in responses.values():
            response["headers"] = {"X-Request-Id": {"$ref": _REQUEST_ID}}
    return paths


def _reachable(paths: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas that the paths use, themselves or through one another."""
    wanted: set[str] = set()
    todo = [str(paths)]
    while todo:
        text = todo.pop()
        for name, schema in schemas.items():
            if name not in wanted and f"#/components/schemas/{name}'" in text:
                wanted.add(name)
                todo.append(str(schema))
    return {name: schemas[name] for name in sorted(wanted)}
