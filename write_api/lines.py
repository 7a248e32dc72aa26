"""Lines: where in a JSON text the value at a path stands, so that whoever sent a long one finds what is wrong. Pure.

Only errors ask, so nothing here is on a hot path: values beside the path are skipped by the decoder itself.
"""

import json
import re
from collections.abc import Sequence
from typing import Final

_BLANK: Final = re.compile(r"[ \t\n\r]*")
_decoder: Final = json.JSONDecoder()


def line_of(text: str, path: Sequence[str | int]) -> int:
    """Return the line, from 1, at which the value at ``path`` begins; of what is not there, its parent's."""
    at = _skip(text, 0)
    for part in path:
        inside = _member(text, at, part) if isinstance(part, str) else _element(text, at, part)
        if inside is None:
            break
        at = inside
    return text.count("\n", 0, at) + 1


def _member(text: str, at: int, name: str) -> int | None:
    """Return where the value of ``name`` begins in the object at ``at``, if it is one and has it."""
    if text[at : at + 1] != "{":
        return None
    at = _skip(text, at + 1)
    while text[at : at + 1] == '"':
        key, at = _decoder.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)  # over the colon
        if key == name:
            return at
        at = _next(text, at)
    return None


def _element(text: str, at: int, number: int) -> int | None:
    """Return where element ``number`` begins in the array at ``at``, if it is one and has it."""
    if text[at : at + 1] != "[":
        return None
    at = _skip(text, at + 1)
    for _ in range(number):
        if text[at : at + 1] in {"]", ""}:
            return None
        at = _next(text, at)
    return at


def _next(text: str, at: int) -> int:
    """Return where the value after the one at ``at`` begins."""
    _value, at = _decoder.raw_decode(text, at)
    at = _skip(text, at)
    return _skip(text, at + 1) if text[at : at + 1] == "," else at


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at
