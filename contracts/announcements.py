"""Announcements: how the worker tells whoever waits that a command is decided. Names and form; best effort, in Redis.

``worker`` announces after its commit, ``write_api`` listens. What is announced is the booking's document as the view
will have it, so that a waiting client is told the same as one who looks later. The status resource is the truth: an
announcement that is lost costs a wait, never an answer.
"""

from typing import Final, cast

import orjson

from contracts.views import BookingView

KEPT_MS: Final = 15_000
"""How long an outcome can be looked up: longer than anybody may wait for it."""

_CHANNEL: Final = "frontrow:outcomes:"
_KEY: Final = "frontrow:outcome:"


def channel_of(reply_to: str) -> str:
    """Return the channel of the process that calls itself ``reply_to`` in its commands."""
    return _CHANNEL + reply_to


def key_of(command_id: str) -> str:
    """Return the key under which the outcome can be looked up for ``KEPT_MS``."""
    return _KEY + command_id


def encode(booking: BookingView) -> bytes:
    """Return the message."""
    return orjson.dumps(booking)


def decode(message: bytes) -> BookingView:
    """Return what ``encode`` was given."""
    return cast("BookingView", orjson.loads(message))
