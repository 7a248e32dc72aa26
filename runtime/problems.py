"""Problems on the wire: RFC 9457 answers made from an entry of a closed list that the caller brings.

Handlers raise ``ProblemError``; the application made in ``runtime.http`` turns it, and everything the framework
refuses by itself, into ``application/problem+json``. The text of an exception never reaches the wire.
"""

import random
import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import orjson
from starlette.requests import HTTPConnection
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
REQUEST_ID_HEADER = "X-Request-Id"
SPREAD_S = 2
"""By how much ``Retry-After`` differs, by dice: whoever was refused at one moment must not come back at one moment."""

_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._~-]{1,64}")


class ProblemKind(Protocol):
    """What an entry of the closed list says (``contracts.problems.Problem`` is one)."""

    @property
    def type(self) -> str: ...  # noqa: D102
    @property
    def status(self) -> int: ...  # noqa: D102
    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def retry_after_s(self) -> int | None: ...  # noqa: D102


class ProblemError(Exception):
    """Raised by a handler to answer with a problem."""

    def __init__(
        self,
        kind: ProblemKind,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        members: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = errors
        self.members = members or {}
        self.headers = headers or {}


def request_id(connection: HTTPConnection) -> str:
    """Return the request's id as the gateway passed it, or an empty string when it is missing or not sane."""
    return sane_request_id(connection.headers.get(REQUEST_ID_HEADER, ""))


def sane_request_id(given: str) -> str:
    """Return the id when it is one that may go to logs and answers, else an empty string."""
    return given if _SANE_REQUEST_ID.fullmatch(given) else ""


def response(error: ProblemError, instance: str) -> Response:
    """Return the problem's answer; ``instance`` is the request id."""
    kind = error.kind
    body: dict[str, Any] = {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": error.detail,
        "instance": instance,
        **error.members,
    }
    if error.errors:
        body["errors"] = list(error.errors)
    headers = {"Cache-Control": "no-store", **error.headers}
    if instance:
        headers[REQUEST_ID_HEADER] = instance
    if kind.retry_after_s is not None:
        headers.setdefault("Retry-After", str(kind.retry_after_s + random.randint(0, SPREAD_S)))  # noqa: S311 - no secret
    return Response(orjson.dumps(body), kind.status, headers, MEDIA_TYPE)
