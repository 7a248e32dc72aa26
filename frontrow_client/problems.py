"""Problems: what goes wrong, one class for everything that a caller would do the same about.

Every call enters here when it has no good answer. A refusal (a seat that is taken) is no problem: it is a booking's
state. ``SLUGS`` names the wire's closed list (test: ``test_every_problem_of_the_wire_has_a_class``).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar, Final

from frontrow_client.steps import Answer


class FrontrowError(Exception):
    """Anything that a call raises."""


class UnreachableError(FrontrowError):
    """Nobody answered, and nothing that was sent can have changed anything."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """A field that is not what the call takes; ``line``: where it stands in a long body."""

    field: str
    message: str
    line: int | None = None


class ProblemError(FrontrowError):
    """Frontrow answered with a problem. ``instance`` is the request's id, for whoever operates Frontrow."""

    slugs: ClassVar[tuple[str, ...]] = ()

    def __init__(self, status: int, document: Mapping[str, Any], retry_after_s: float | None = None) -> None:
        self.status = status
        self.slug = str(document.get("type", "")).rpartition("/")[2]
        self.title = str(document.get("title", ""))
        self.detail = str(document.get("detail", ""))
        self.instance = str(document.get("instance", ""))
        self.errors = _errors(document.get("errors"))
        self.retry_after_s = retry_after_s
        fields = "; ".join(f"{error.field} {error.message}" for error in self.errors)
        super().__init__(" ".join(filter(None, [str(status), self.slug, self.detail or self.title, fields])))


class InvalidRequestError(ProblemError):
    """The request is not one that the call takes; ``errors`` names fields."""

    slugs = (
        "malformed-json",
        "bad-request",
        "method-not-allowed",
        "payload-too-large",
        "uri-too-long",
        "unsupported-media-type",
        "headers-too-large",
        "invalid-request",
    )


class KeyReusedError(ProblemError):
    """Another request was made under this ``Idempotency-Key``."""

    slugs = ("idempotency-key-reused",)


class UnauthenticatedError(ProblemError):
    """The call needs a session, or the session is over."""

    slugs = ("unauthenticated",)


class ForbiddenError(ProblemError):
    """Not yours."""

    slugs = ("forbidden",)


class NotFoundError(ProblemError):
    """There is no such thing."""

    slugs = ("not-found",)


class ConflictError(ProblemError):
    """The state does not allow it."""

    slugs = ("conflict",)


class TooManyRequestsError(ProblemError):
    """Wait for ``retry_after_s``."""

    slugs = ("too-many-requests",)


class NotAcceptedError(ProblemError):
    """The command was not accepted and never will be."""

    slugs = ("log-unavailable",)


class AwayError(ProblemError):
    """The view cannot be read, or everybody is too busy: later."""

    slugs = ("view-unavailable", "overloaded")


class UnexpectedError(ProblemError):
    """A bug at the other end, or an answer that this client does not know."""

    slugs = ("internal",)


class OutcomeUnknownError(FrontrowError):
    """A change may have been accepted, and the time is over. The same call with ``key=error.key`` settles it.

    ``status_url`` says where its outcome will be, when that is known.
    """

    slugs: ClassVar[tuple[str, ...]] = ("outcome-unknown",)

    def __init__(self, key: str, status_url: str | None, why: str) -> None:
        self.key = key
        self.status_url = status_url
        super().__init__(f"{why}; it may have been accepted: the same call with key={key!r} settles it")


_BY_SLUG: Final[dict[str, type[ProblemError]]] = {
    slug: kind
    for kind in (
        InvalidRequestError,
        KeyReusedError,
        UnauthenticatedError,
        ForbiddenError,
        NotFoundError,
        ConflictError,
        TooManyRequestsError,
        NotAcceptedError,
        AwayError,
        UnexpectedError,
    )
    for slug in kind.slugs
}
_AWAY: Final = frozenset({502, 503, 504})
SLUGS: Final = frozenset(_BY_SLUG) | frozenset(OutcomeUnknownError.slugs)


def problem_of(answer: Answer, now_s: float) -> ProblemError:
    """Return what an answer of 400 or more says; ``now_s``: the wall clock, for a ``Retry-After`` that is a date."""
    document = document_of(answer)
    otherwise = AwayError if answer.status in _AWAY else UnexpectedError
    kind = _BY_SLUG.get(str(document.get("type", "")).rpartition("/")[2], otherwise)
    return kind(answer.status, document, retry_after_s(answer.headers, now_s))


def document_of(answer: Answer) -> dict[str, Any]:
    """Return the problem document, or an empty one where something before Frontrow answered."""
    try:
        document = json.loads(answer.content)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def retry_after_s(headers: Mapping[str, str], now_s: float) -> float | None:
    """Return how long to wait, as RFC 9110 lets it be said: seconds, or a date."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now_s)
    except ValueError:
        return None


def _errors(given: object) -> tuple[FieldError, ...]:
    items: Sequence[Any] = given if isinstance(given, list) else []
    return tuple(
        FieldError(str(item.get("field", "")), str(item.get("message", "")), _line(item.get("line")))
        for item in items
        if isinstance(item, dict)
    )


def _line(given: object) -> int | None:
    return given if isinstance(given, int) else None
