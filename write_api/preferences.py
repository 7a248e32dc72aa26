"""Preferences: what a request would like (RFC 7240), as far as this service does it: ``wait``. Pure.

A preference that is not understood is no error: it is left out.
"""

import re
from functools import lru_cache
from typing import Final

HEADER: Final = b"prefer"
MAX_WAIT_S: Final = 10
"""Who would wait longer waits so long, and asks again with the booking's address."""

_ONE: Final = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+')
_LIST: Final = re.compile(r'(?:[^"]|"(?:[^"\\]|\\.)*")*')
_WAIT: Final = re.compile(r'\s*wait\s*=\s*(?:"([0-9]{1,9})"|([0-9]{1,9}))\s*(?:;.*)?', re.IGNORECASE | re.ASCII)


@lru_cache(256)
def wait_s(value: bytes) -> int:
    """Return how many seconds the sender would wait for the outcome, at most ``MAX_WAIT_S``; 0: not at all.

    Where it is said twice, the first counts.
    """
    text = value.decode("latin-1")
    for preference in _ONE.findall(text) if _LIST.fullmatch(text) else ():
        if found := _WAIT.fullmatch(preference):
            return min(int(found[1] or found[2]), MAX_WAIT_S)
    return 0
