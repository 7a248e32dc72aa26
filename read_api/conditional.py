"""Conditional answers: what every public view of events carries, and 304 where the caller has it already.

Beside them, what every answer carries that is not everybody's. Pure but for the request's headers. See RFC 9110,
13.1.2: ``If-None-Match`` compares weakly and takes ``*`` and lists.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

AS_OF: Final = "Frontrow-As-Of"
PUBLIC: Final = "public, max-age=1, stale-while-revalidate=1"
"""The gateway keeps a view for a second, fetches the next one in the background for another, and tells clients the
first half of this."""
FORM: Final = "2"
"""Raised when a body is rendered in another way from the same versions, so that nobody keeps the old form."""

_TAG: Final = re.compile(r'(?:W/)?("[^"]*")')


def etag(*versions: object) -> str:
    """Return the strong tag of what these versions determine."""
    digest = hashlib.blake2b(repr((FORM, versions)).encode(), digest_size=12)
    return f'"{digest.hexdigest()}"'


def rfc3339(ms: int) -> str:
    """Return milliseconds since the epoch as ``2027-01-02T03:04:05.678Z``."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")[:23] + "Z"


def answer(
    request: Request,
    tag: str,
    as_of_ms: int | None,
    render: Callable[[], bytes],
    more: Mapping[str, str] = MappingProxyType({}),
) -> Response:
    """Return 304 or the body that ``render`` makes, with tag, age, the view's time and ``more`` headers."""
    headers = {"ETag": tag, "Cache-Control": PUBLIC, **more}
    if as_of_ms is not None:
        headers[AS_OF] = rfc3339(as_of_ms)
    if _has_it(request.headers.getlist("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return Response(render(), headers=headers, media_type="application/json")


def never_kept(as_of_ms: int | None) -> dict[str, str]:
    """Return the headers of an answer that is not everybody's: to be kept nowhere, with the view's time."""
    headers = {"Cache-Control": "no-store"}
    if as_of_ms is not None:
        headers[AS_OF] = rfc3339(as_of_ms)
    return headers


def _has_it(given: list[str], tag: str) -> bool:
    return any(value.strip() == "*" or tag in _TAG.findall(value) for value in given)
