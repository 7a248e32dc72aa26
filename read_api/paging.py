"""Paging: long lists come a page at a time; a cursor says where the next one begins. Pure but for the request.

A cursor names the last item of its page, so that what comes and goes meanwhile shifts nothing.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import orjson
from starlette.requests import Request

from contracts import problems
from runtime.problems import ProblemError


def following(found: Sequence[Mapping[str, object]], limit: int, *order: str) -> str | None:
    """Return the cursor of the page after the first ``limit`` items; None where no more were found than these.

    ``order``: the members by which the list is in order, texts, which together name one item.
    """
    if len(found) <= limit:
        return None
    last = found[limit - 1]
    return urlsafe_b64encode(orjson.dumps([last[member] for member in order])).decode().rstrip("=")


def position_in(cursor: str, parts: int) -> list[str]:
    """Return what a cursor of ours says, or raise the problem of one that is none."""
    try:
        said = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        said = None
    if not isinstance(said, list) or len(said) != parts or not all(isinstance(part, str) for part in said):
        errors = [{"field": "cursor", "message": "must be taken from the Link header of a page"}]
        raise ProblemError(problems.INVALID_REQUEST, "The cursor is none of ours.", errors=errors)
    return said


def link(request: Request, cursor: str | None) -> dict[str, str]:
    """Return the header that leads to the next page, if there is one."""
    if cursor is None:
        return {}
    query = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return {"Link": f'<{request.url.path}?{urlencode([*query, ("cursor", cursor)])}>; rel="next"'}
