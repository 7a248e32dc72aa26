"""Problems: the closed list of RFC 9457 answers that the wire may give. See API.md's table in the OpenAPI document.

Every HTTP service and the gateway's own pages use these slugs. A new problem is added here first, or not at all.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry: ``slug`` names ``/problems/<slug>``; ``retry_after_s`` is sent as ``Retry-After`` where not None."""

    slug: str
    status: int
    title: str
    retry_after_s: int | None = None

    @property
    def type(self) -> str:
        """The problem's ``type`` member."""
        return f"/problems/{self.slug}"


MALFORMED_JSON: Final = Problem("malformed-json", 400, "The body is not the JSON that this call takes")
BAD_REQUEST: Final = Problem("bad-request", 400, "The request cannot be read")
UNAUTHENTICATED: Final = Problem("unauthenticated", 401, "This call needs a session")
FORBIDDEN: Final = Problem("forbidden", 403, "This is not yours")
NOT_FOUND: Final = Problem("not-found", 404, "There is nothing here")
METHOD_NOT_ALLOWED: Final = Problem("method-not-allowed", 405, "This method is not allowed here")
CONFLICT: Final = Problem("conflict", 409, "The state does not allow this")
PAYLOAD_TOO_LARGE: Final = Problem("payload-too-large", 413, "The body is too large")
URI_TOO_LONG: Final = Problem("uri-too-long", 414, "The address is too long")
UNSUPPORTED_MEDIA_TYPE: Final = Problem("unsupported-media-type", 415, "The body must be application/json")
INVALID_REQUEST: Final = Problem("invalid-request", 422, "The request has invalid fields")
IDEMPOTENCY_KEY_REUSED: Final = Problem("idempotency-key-reused", 422, "This key was used for another request")
TOO_MANY_REQUESTS: Final = Problem("too-many-requests", 429, "Too many requests", retry_after_s=1)
HEADERS_TOO_LARGE: Final = Problem("headers-too-large", 431, "The headers are too large")
INTERNAL: Final = Problem("internal", 500, "Something went wrong on our side")
LOG_UNAVAILABLE: Final = Problem("log-unavailable", 503, "The booking was not accepted", retry_after_s=1)
OUTCOME_UNKNOWN: Final = Problem("outcome-unknown", 503, "The booking may have been accepted", retry_after_s=1)
VIEW_UNAVAILABLE: Final = Problem("view-unavailable", 503, "The view cannot be read right now", retry_after_s=1)
OVERLOADED: Final = Problem("overloaded", 503, "Too busy right now", retry_after_s=1)

ALL: Final = (
    MALFORMED_JSON,
    BAD_REQUEST,
    UNAUTHENTICATED,
    FORBIDDEN,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    CONFLICT,
    PAYLOAD_TOO_LARGE,
    URI_TOO_LONG,
    UNSUPPORTED_MEDIA_TYPE,
    INVALID_REQUEST,
    IDEMPOTENCY_KEY_REUSED,
    TOO_MANY_REQUESTS,
    HEADERS_TOO_LARGE,
    INTERNAL,
    LOG_UNAVAILABLE,
    OUTCOME_UNKNOWN,
    VIEW_UNAVAILABLE,
    OVERLOADED,
)
