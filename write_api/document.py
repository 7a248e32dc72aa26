"""The OpenAPI document of write_api: declares the hot route, which FastAPI does not route and so cannot see.

Whoever asks the application for its document enters here. It must say what ``write_api.booking`` does, with the same
models; the gateway serves it as part of the one document of the whole API.
"""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from contracts import problems
from contracts.wire import BookingAccepted, BookingRequest, ProblemDocument
from runtime.problems import MEDIA_TYPE

REFUSALS: Final = (
    problems.MALFORMED_JSON,
    problems.METHOD_NOT_ALLOWED,
    problems.PAYLOAD_TOO_LARGE,
    problems.UNSUPPORTED_MEDIA_TYPE,
    problems.INVALID_REQUEST,
    problems.INTERNAL,
    problems.LOG_UNAVAILABLE,
    problems.OUTCOME_UNKNOWN,
)


_PROBLEM: Final = {"$ref": "#/components/schemas/ProblemDocument"}


def document(app: FastAPI) -> dict[str, Any]:
    """Return the document: what FastAPI routes, and ``POST /api/book``."""
    declared = APIRoute(
        "/api/book",
        _book,
        methods=["POST"],
        status_code=202,
        response_model=BookingAccepted,
        summary="Book seats",
        operation_id="book",
        tags=["bookings"],
        responses=_responses(),
    )
    made = get_openapi(title=app.title, version=app.version, routes=[*app.routes, declared])
    for response in made["paths"]["/api/book"]["post"]["responses"].values():
        if response["content"]["application/json"]["schema"] == _PROBLEM:
            response["content"] = {MEDIA_TYPE: {"schema": _PROBLEM}}
    return made


def _book(request: BookingRequest) -> BookingAccepted:
    """Ask for seats, all or none. The answer comes once the log's replicas have the request.

    Follow ``status_url`` to the outcome.
    """
    raise NotImplementedError(request)  # declared here, answered by ``write_api.booking.Book``


def _responses() -> dict[int | str, dict[str, Any]]:
    accepted = {
        "description": "Accepted: the request is on the log and ends in exactly one outcome.",
        "headers": {
            "Location": {"description": "The booking, the same as status_url.", "schema": {"type": "string"}},
            "Retry-After": {"description": "Seconds until asking is worthwhile.", "schema": {"type": "integer"}},
        },
    }
    responses: dict[int | str, dict[str, Any]] = {202: accepted}
    for status in dict.fromkeys(refusal.status for refusal in REFUSALS):
        slugs = [refusal for refusal in REFUSALS if refusal.status == status]
        responses[status] = {
            "description": "; ".join(f"`{refusal.slug}`: {refusal.title.lower()}" for refusal in slugs),
            "model": ProblemDocument,
        }
    return responses
