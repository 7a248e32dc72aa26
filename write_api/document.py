"""The OpenAPI document of write_api: what FastAPI routes, and the hot route, which it does not and so cannot see.

Whoever asks the application for its document enters here. It must say what ``write_api.booking`` does, with the same
models; the gateway serves it as part of the one document of the whole API.
"""

from typing import Annotated, Any, Final

from fastapi import FastAPI, Header
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from contracts.wire import BookingAccepted, BookingRequest
from runtime.problems import MEDIA_TYPE
from write_api.declared import FOR_BOTH, booking_responses

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
        responses=booking_responses(),
        openapi_extra=FOR_BOTH,
    )
    made = get_openapi(title=app.title, version=app.version, routes=[*app.routes, declared])
    for operations in made["paths"].values():
        for operation in operations.values():
            for response in operation["responses"].values():
                if response.get("content", {}).get("application/json", {}).get("schema") == _PROBLEM:
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
