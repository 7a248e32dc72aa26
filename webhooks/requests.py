"""Requests as they arrive: a body becomes what the call takes, a query its page, or the problem that says why not.

``calls`` enters here. Nothing past this room sees a body that is not parsed, typed and bounded.
"""

import json
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from contracts import problems
from runtime.problems import ProblemError

M = TypeVar("M", bound=BaseModel)

MAX_BODY_BYTES: Final = 64 * 1024
MAX_ERRORS: Final = 20


async def body_of(request: Request, model: type[M]) -> M:
    """Return what a request brings.

    Raises:
        ProblemError: it is too large, no JSON, or not what ``model`` takes.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise ProblemError(problems.UNSUPPORTED_MEDIA_TYPE, "Send Content-Type: application/json, uncompressed.")
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY_BYTES:
            raise ProblemError(problems.PAYLOAD_TOO_LARGE, f"The body may have at most {MAX_BODY_BYTES} bytes.")
    try:
        value = json.loads(body.decode(), object_pairs_hook=_distinct)
    except (ValueError, RecursionError):
        raise ProblemError(problems.MALFORMED_JSON, "The body is not JSON in UTF-8, or has a key twice.") from None
    if not isinstance(value, dict):
        raise ProblemError(problems.MALFORMED_JSON, "The body must be one JSON object.")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        errors = [
            {"field": ".".join(str(part) for part in item["loc"])[:64], "message": item["msg"]}
            for item in error.errors(include_url=False, include_input=False)[:MAX_ERRORS]
        ]
        raise invalid(*errors) from None


def invalid(*errors: Mapping[str, str]) -> ProblemError:
    """Return the 422 that names these fields."""
    return ProblemError(problems.INVALID_REQUEST, "Some fields are not what this call takes.", errors=errors)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError(len(pairs))
    return fields
