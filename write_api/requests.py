"""Requests as they arrive: bytes with a bound become what a call takes, or the problem that says why not.

Every call with a body enters here. Nothing past this room sees a body that is not parsed, typed and bounded. Field
names in problems are the ones that the client sent.
"""

import json
import re
from functools import lru_cache
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.types import Receive

from contracts import problems
from runtime.problems import ProblemError

M = TypeVar("M", bound=BaseModel)

MAX_BODY_BYTES: Final = 64 * 1024
MAX_ERRORS: Final = 20
"""A body can be wrong in ten thousand places; the first of them are enough to mend it."""
MAX_NAME_SHOWN: Final = 64

_NAME: Final = re.compile(r"[A-Za-z0-9._~-]{1,64}")
_SENTENCES: Final = {
    "missing": "is required",
    "extra_forbidden": "is not a field of this call",
    "string_type": "must be a string",
    "string_unicode": "must be Unicode text",
    "string_pattern_mismatch": "must be 1 to 64 characters of A-Z a-z 0-9 . _ ~ - and neither . nor ..",
    "list_type": "must be a list of seat ids",
    "too_short": "must name at least 1 seat",
    "too_long": "must name at most 10 seats",
}


async def read_body(receive: Receive, announced: bytes | None, most: int = MAX_BODY_BYTES) -> bytes:
    """Return the whole body. ``announced`` is the ``Content-Length``, which a chunked request does not have.

    Raises:
        ProblemError: it is larger than ``most`` bytes, or the connection ended first (nobody reads that).
    """
    if announced is not None and int(announced) > most:
        raise _too_large(most)
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body", False) and len(body) <= most:
        message = await receive()
        body += message.get("body", b"")
    if message["type"] == "http.disconnect":
        raise ProblemError(problems.BAD_REQUEST, "The connection ended before the body did.")
    if len(body) > most:
        raise _too_large(most)
    return body


async def body_of(request: Request, model: type[M]) -> M:
    """Return what a request brings, read, bounded and checked."""
    if "content-encoding" in request.headers:
        raise ProblemError(problems.UNSUPPORTED_MEDIA_TYPE, "Send the body uncompressed.")
    check_content_type(request.headers.get("content-type", "").encode("latin-1"))
    return parse(model, await read_body(request.receive, request.headers.get("content-length", "").encode() or None))


def check_content_type(content_type: bytes) -> None:
    """Raise the problem unless the body says that it is JSON."""
    if not _is_json(content_type):
        raise ProblemError(problems.UNSUPPORTED_MEDIA_TYPE, "Send Content-Type: application/json, uncompressed.")


def parse(model: type[M], body: bytes) -> M:
    """Return the request in a body, or raise the problem that says what is wrong with it."""
    fields = object_in(body)
    if wrong := [_wrong_at_once(name) for name, value in fields.items() if value is None or not name.isascii()]:
        raise invalid(wrong)
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise invalid([_field_error(item, fields) for item in error.errors(include_url=False)]) from None


@lru_cache(256)
def _is_json(content_type: bytes) -> bool:
    media_type, *parameters = content_type.decode("latin-1").lower().split(";")
    charsets = [
        value.strip().strip('"') for name, _, value in (p.partition("=") for p in parameters) if "charset" in name
    ]
    return media_type.strip() == "application/json" and all(charset in {"utf-8", "utf8"} for charset in charsets)


def is_name(text: str) -> bool:
    """Whether this can be the id of an event, a seat or a section."""
    return _NAME.fullmatch(text) is not None


def object_in(body: bytes) -> dict[str, Any]:
    """Return the JSON object in a body, or raise the problem that says why there is none."""
    try:
        value = _decoder.decode(body.decode())
    except RecursionError:
        raise _malformed(detail="The body is nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise _malformed(detail=f"The body is not JSON in UTF-8: see line {error.lineno}.") from None
    except ValueError:  # bad UTF-8, bad JSON, a number beyond all bounds
        raise _malformed(detail="The body is not JSON in UTF-8.") from None
    if not isinstance(value, dict):
        raise _malformed(detail="The body must be one JSON object.")
    return value


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _malformed(detail="The body has a key twice.")
    return fields


def _no_constant(_name: str) -> None:
    msg = "NaN and Infinity are not JSON"
    raise ValueError(msg)


_decoder: Final = json.JSONDecoder(object_pairs_hook=_distinct, parse_constant=_no_constant)


def _wrong_at_once(name: str) -> dict[str, str]:
    """Return what pydantic would not say of a field: null where it means absence, a name that is no Unicode text."""
    return {
        "field": shown_name(name),
        "message": "must not be null" if name.isascii() else _SENTENCES["extra_forbidden"],
    }


def _field_error(item: Any, fields: dict[str, Any]) -> dict[str, str]:  # noqa: ANN401 - pydantic's own dictionary
    path = [str(part) for part in item["loc"]]
    if not path:  # the request as a whole: which seats it names
        seats = [name for name in fields if name.lower().startswith("seat")]
        path = seats[:1] if len(seats) == 1 else ["seatId"]
    own = item.get("ctx", {}).get("error")  # a sentence of one of our models
    message = str(own) if own is not None else _SENTENCES.get(item["type"], item["msg"])
    return {"field": shown_name(".".join(path)), "message": message}


def shown_name(name: str) -> str:
    """Return a client's own name in a form that is short and printable whatever it was."""
    return name[:MAX_NAME_SHOWN].encode("ascii", "backslashreplace").decode()


def invalid(errors: list[dict[str, str]]) -> ProblemError:
    """Return the problem of these fields."""
    return ProblemError(
        problems.INVALID_REQUEST, "Some fields are not what this call takes.", errors=errors[:MAX_ERRORS]
    )


def _malformed(*, detail: str) -> ProblemError:
    return ProblemError(problems.MALFORMED_JSON, detail)


def _too_large(most: int) -> ProblemError:
    return ProblemError(problems.PAYLOAD_TOO_LARGE, f"The body may have at most {most} bytes.")
