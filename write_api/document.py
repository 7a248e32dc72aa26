"""The OpenAPI document of write_api: declares the hot route, which FastAPI does not route and so cannot see.

Whoever asks the application for its document enters here. It must say what ``write_api.booking`` does, with the same
models; the gateway serves it as part of the one document of the whole API.
"""

from typing import Annotated, Any, Final

from fastapi import FastAPI, Header
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from contracts import problems
from contracts.positions import POSITION_HEADER
from contracts.wire import Booking, BookingAccepted, BookingRequest, ProblemDocument
from runtime.problems import MEDIA_TYPE

REFUSALS: Final = (
    problems.MALFORMED_JSON,
    problems.METHOD_NOT_ALLOWED,
    problems.PAYLOAD_TOO_LARGE,
    problems.UNSUPPORTED_MEDIA_TYPE,
    problems.INVALID_REQUEST,
    problems.IDEMPOTENCY_KEY_REUSED,
    problems.INTERNAL,
    problems.LOG_UNAVAILABLE,
    problems.OUTCOME_UNKNOWN,
)


_KEY: Final = (
    "The same caller, event and key again is the same booking, for good. At most 255 printable ASCII characters, "
    "for guests at least 16; in quotes or without."
)
_PREFER: Final = "`wait=2`: answer 200 with the booking if its outcome is known in so many seconds (at most 10)."
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


def _book(
    request: BookingRequest,
    idempotency_key: Annotated[str | None, Header(description=_KEY)] = None,
    prefer: Annotated[str | None, Header(description=_PREFER)] = None,
) -> BookingAccepted:
    """Ask for seats, all or none. The answer comes once the log's replicas have the request.

    Follow ``status_url`` to the outcome.
    """
    raise NotImplementedError(request, idempotency_key, prefer)  # answered by ``write_api.booking.Book``


def _responses() -> dict[int | str, dict[str, Any]]:
    accepted = {
        "description": "Accepted: the request is on the log and ends in exactly one outcome.",
        "headers": {
            "Location": {"description": "The booking, the same as status_url.", "schema": {"type": "string"}},
            "Retry-After": {"description": "Seconds until asking is worthwhile.", "schema": {"type": "integer"}},
        },
    }
    decided = {
        "description": "Decided while the sender waited, whatever the outcome; only with `Prefer: wait`.",
        "model": Booking,
        "headers": {
            "Preference-Applied": {"description": "The wait that was done.", "schema": {"type": "string"}},
            "Location": {"description": "The booking.", "schema": {"type": "string"}},
            POSITION_HEADER: {"description": "The outcome's position.", "schema": {"type": "string"}},
        },
    }
    responses: dict[int | str, dict[str, Any]] = {200: decided, 202: accepted}
    for status in dict.fromkeys(refusal.status for refusal in REFUSALS):
        slugs = [refusal for refusal in REFUSALS if refusal.status == status]
        responses[status] = {
            "description": "; ".join(f"`{refusal.slug}`: {refusal.title.lower()}" for refusal in slugs),
            "model": ProblemDocument,
        }
    return responses
