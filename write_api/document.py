"""The OpenAPI document of write_api: what FastAPI routes, and the hot route, which it does not and so cannot see.

Whoever asks the application for its document enters here. It must say what ``write_api.booking`` does, with the same
models; the gateway serves it as part of the one document of the whole API.
"""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from contracts.wire import BookingAccepted, BookingRequest
from runtime.problems import MEDIA_TYPE
from write_api.declared import booking_responses

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
    )
    made = get_openapi(title=app.title, version=app.version, routes=[*app.routes, declared])
    for operations in made["paths"].values():
        for operation in operations.values():
            for response in operation["responses"].values():
                if response["content"]["application/json"]["schema"] == _PROBLEM:
                    response["content"] = {MEDIA_TYPE: {"schema": _PROBLEM}}
    return made


def _book(request: BookingRequest) -> BookingAccepted:
    """Ask for seats, all or none. The answer comes once the log's replicas have the request.

    Follow ``status_url`` to the outcome.
    """
    raise NotImplementedError(request)  # declared here, answered by ``write_api.booking.Book``
