"""Keys: a terminal that gives each key at once, and what its bytes mean.

``picking`` enters here. The terminal is given back as it was, whatever happens.
"""

import os
import re
import select
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

MEANING: Final = {
    b"\x1b[A": "up",
    b"\x1b[B": "down",
    b"\x1b[C": "right",
    b"\x1b[D": "left",
    b"\x1bOA": "up",
    b"\x1bOB": "down",
    b"\x1bOC": "right",
    b"\x1bOD": "left",
    b"k": "up",
    b"j": "down",
    b"l": "right",
    b"h": "left",
    b" ": "space",
    b"\r": "enter",
    b"\n": "enter",
    b"\t": "tab",
    b"q": "quit",
    b"\x1b": "quit",
    b"\x04": "quit",
}
MOST_BYTES: Final = 1_024
"""Typed ahead."""
_ONE_KEY: Final = re.compile(rb"\x1b[\[O][0-9;]*[A-Za-z~]|.", re.DOTALL)
"""An escape sequence is one key, also one that we have no use for."""


@contextmanager
def each_key_at_once() -> Iterator[None]:
    """Let the terminal give keys as they are typed; Ctrl-C still interrupts."""
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    try:
        tty.setcbreak(terminal)
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def typed(wake: int, within_s: float) -> list[str]:
    """Return the keys that were typed, as soon as there are some, ``wake`` has something, or the time is over."""
    ready, _, _ = select.select([sys.stdin.fileno(), wake], [], [], within_s)
    if wake in ready:
        os.read(wake, MOST_BYTES)
    return list(keys_in(os.read(sys.stdin.fileno(), MOST_BYTES))) if sys.stdin.fileno() in ready else []


def keys_in(data: bytes) -> Iterator[str]:
    """Yield what these bytes mean; what means nothing is left out. The end of the input leaves as well."""
    if not data:
        yield "quit"
    for one in _ONE_KEY.findall(data):
        if one in MEANING:
            yield MEANING[one]
