"""Entries: what a message on the log says, as a pure function of its bytes.

The worker and ``audit`` enter here, so that both read the same log alike. Nothing here raises for what somebody put on
the topic: a message that is no command becomes ``Unreadable``, and the next one is processed.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import methodcaller
from typing import Any, Final, NamedTuple, Protocol, get_args

from pydantic import ValidationError

from contracts.commands import BookingCommand, BookSeats, Command, Tick, decode
from contracts.ids import BOOKING_PREFIX
from contracts.topics import COMMAND_ID_HEADER, KIND_HEADER, partition_of
from worker.decisions import Unreadable

Header = tuple[str, str | bytes | None]

UNKNOWN_KIND: Final = "unknown"
KINDS: Final = frozenset(model.model_fields["kind"].default for model in get_args(Command))

ROUTES_REMEMBERED: Final = 16_384
"""How many events' partitions are kept in memory; one costs about 4 µs to work out again and 150 bytes to keep."""

_COMMAND_ID: Final = re.compile(r"[a-z]{2}_[A-Za-z0-9_-]{36}")
_NAME: Final = re.compile(r"[A-Za-z0-9._~-]{1,64}")

_route = lru_cache(ROUTES_REMEMBERED)(partition_of)

_headers = methodcaller("headers")


class Raw(Protocol):
    """A message as it lay on the log (confluent-kafka's), for the dead letters; its headers: see ``headers_of``."""

    def key(self) -> str | bytes | None: ...  # noqa: D102
    def value(self) -> str | bytes | None: ...  # noqa: D102
    def headers(self) -> Any: ...  # noqa: ANN401, D102 - a list or a dict, says its type


class Headers(NamedTuple):
    """A message's headers; ``legible`` is False when they cannot be read at all."""

    pairs: Sequence[Header] = ()
    legible: bool = True


class Entry(NamedTuple):
    """One message of the log; ``stamp_ms`` is the broker's, ``headers`` are there once somebody had to read them."""

    partition: int
    offset: int
    stamp_ms: int
    command: Command | Tick | Unreadable
    raw: Raw | None = None
    headers: Sequence[Header] = ()


def read(value: str | bytes | None, partition: int, partitions: int) -> Command | Tick | None:
    """Return the command on ``partition`` of a topic of ``partitions``, or None when the message is not one.

    A command on a partition that is not its event's is not one: deciding it would split the event's order in two. One
    about a booking names no event; where the booking is not of this partition, ``worker.deciding`` refuses it.
    """
    try:
        command = decode(value.encode() if isinstance(value, str) else value or b"")
    except ValidationError:
        return None
    # Nearly all are bookings: an exact type is told at once, and not after each of a union.
    if not isinstance(command, BookSeats) and isinstance(command, Tick | BookingCommand):
        return command
    return command if _route(command.event_id, partitions) == partition else None


def headers_of(raw: Raw) -> Headers:
    """Return the headers of a message. The only door to them, to be passed once a message, and only where they matter.

    A header's name may be any bytes on the wire. The client raises SystemError for one that is not UTF-8, and ends the
    process when it is asked again. Asked with ``raw.headers()`` it would not even raise here once that line ran often:
    the interpreter's shortcut for such calls does not look for the error, and the next line that does gets it (test:
    ``test_a_header_name_that_is_no_text_ends_its_message_alone``).
    """
    try:
        found = _headers(raw) or ()
    except SystemError:
        return Headers(legible=False)
    return Headers(tuple(found.items() if isinstance(found, dict) else found))


def unreadable(key: str | bytes | None, headers: Iterable[Header], why: str) -> Unreadable:
    """Return what is known of a message that is no command, from its headers and key."""
    said = {name: _text(value) for name, value in headers}
    command_id = said.get(COMMAND_ID_HEADER, "")
    event_id = _text(key)
    kind = said.get(KIND_HEADER, "")
    if command_id.startswith(BOOKING_PREFIX + "_"):
        kind = "book_seats"  # whoever holds a booking's id asks for a booking, whatever else the header says
    return Unreadable(
        command_id=command_id if _COMMAND_ID.fullmatch(command_id) else None,
        kind=kind if kind in KINDS else UNKNOWN_KIND,
        event_id=event_id if _NAME.fullmatch(event_id) else "",
        why=why,
    )


def _text(value: str | bytes | None) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value or ""
