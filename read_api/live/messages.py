"""Messages: the text of Server-Sent Events (WHATWG HTML, 9.2), as bytes. Pure.

``snapshot``: all of what is shown. ``change``: what became of it, in the snapshot's form. ``stale``: the view has not
been heard of, so what was told may be old; ``fresh``: it has been, and everything since was told. A comment is the
heartbeat, and says how far the view was complete: a stream that only seems alive tells an old time.
"""

from enum import StrEnum
from typing import Final

from read_api.conditional import rfc3339

LAST_ID: Final = "Last-Event-ID"


class Name(StrEnum):
    """The ``event:`` of a message."""

    SNAPSHOT = "snapshot"
    CHANGE = "change"
    STALE = "stale"
    FRESH = "fresh"


def message(name: Name, mark: str, data: bytes) -> bytes:
    """Return one message; ``data`` is JSON without a line break."""
    return b"event: %b\nid: %b\ndata: %b\n\n" % (name.encode(), mark.encode(), data)


def as_of(name: Name, mark: str, as_of_ms: int | None) -> bytes:
    """Return a message that says nothing but how far the view was known to be complete."""
    told = f'"{rfc3339(as_of_ms)}"' if as_of_ms is not None else "null"
    return message(name, mark, f'{{"as_of":{told}}}'.encode())


def heartbeat(as_of_ms: int | None) -> bytes:
    """Return the comment that keeps a quiet connection open."""
    told = rfc3339(as_of_ms) if as_of_ms is not None else "unknown"
    return f": as of {told}\n\n".encode()


def retry(after_ms: int) -> bytes:
    """Return the field that says when to come back after the connection was lost."""
    return b"retry: %d\n" % after_ms
