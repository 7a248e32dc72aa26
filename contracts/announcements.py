"""Announcements: how the worker tells whoever waits that a command is decided. Names and form; best effort, in Redis.

``worker`` announces after its commit, ``write_api`` listens. What is announced is the booking's document as the view
will have it, or what a check-in's status resource will say, so that a waiting client is told the same as one who looks
later. The status resource is the truth: an announcement that is lost costs a wait, never an answer.
"""

from typing import Final, TypedDict, cast

import orjson

from contracts.views import BookingView, CheckInView


class CheckInDecided(TypedDict):
    """What was decided of a check-in; ``check_in``: the one that counts for its seat, if there is one."""

    _id: str
    kind: str
    target: str
    status: str
    reason: str | None
    check_in: CheckInView | None


Announced = BookingView | CheckInDecided
"""``_id``: the command's id, whose prefix says which of the two it is."""

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


def encode(decided: Announced) -> bytes:
    """Return the message."""
    return orjson.dumps(decided)


def decode(message: bytes) -> Announced:
    """Return what ``encode`` was given."""
    return cast("Announced", orjson.loads(message))
