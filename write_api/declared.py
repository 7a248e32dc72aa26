"""Declared answers: what the OpenAPI document says of a 202 and of the problems in its place.

``document`` and the routes enter here.
"""

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel

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
    problems.INTERNAL,
    problems.LOG_UNAVAILABLE,
    problems.OUTCOME_UNKNOWN,
)
BODY_REFUSALS: Final = (problems.MALFORMED_JSON, problems.PAYLOAD_TOO_LARGE, problems.UNSUPPORTED_MEDIA_TYPE)
COMMAND_REFUSALS: Final = (
    problems.NOT_FOUND,
    problems.METHOD_NOT_ALLOWED,
    problems.INVALID_REQUEST,
    problems.IDEMPOTENCY_KEY_REUSED,
    problems.INTERNAL,
    problems.LOG_UNAVAILABLE,
    problems.OUTCOME_UNKNOWN,
)

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


def _responses(location: str, refusals: Sequence[Problem]) -> Responses:
    accepted = {
        "description": "Accepted: the request is on the log and ends in exactly one outcome.",
        "headers": {
            "Location": {"description": location, "schema": {"type": "string"}},
            "Retry-After": {"description": "Seconds until asking is worthwhile.", "schema": {"type": "integer"}},
        },
    }
    responses: Responses = {202: accepted}
    for status in dict.fromkeys(refusal.status for refusal in refusals):
        slugs = [refusal for refusal in refusals if refusal.status == status]
        responses[status] = {
            "description": "; ".join(f"`{refusal.slug}`: {refusal.title.lower()}" for refusal in slugs),
            "model": ProblemDocument,
        }
    return responses
