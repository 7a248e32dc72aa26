"""Entries: what a message on the log says, as a pure function of its bytes.

The worker and ``audit`` enter here, so that both read the same log alike. Nothing here raises for what somebody put on
the topic: a message that is no command becomes ``Unreadable``, and the next one is processed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Protocol, get_args

from pydantic import ValidationError

from contracts.commands import BookingCommand, Command, Tick, decode
from contracts.ids import BOOKING_PREFIX
from contracts.topics import COMMAND_ID_HEADER, KIND_HEADER, partition_of
from worker.rules import Unreadable

Headers = Iterable[tuple[str, str | bytes | None]]

UNKNOWN_KIND: Final = "unknown"
KINDS: Final = frozenset(model.model_fields["kind"].default for model in get_args(Command))

ROUTES_REMEMBERED: Final = 16_384
"""How many events' partitions are kept in memory; one costs about 4 µs to work out again and 150 bytes to keep."""

_COMMAND_ID: Final = re.compile(r"[a-z]{2}_[A-Za-z0-9_-]{36}")
_NAME: Final = re.compile(r"[A-Za-z0-9._~-]{1,64}")

_route = lru_cache(ROUTES_REMEMBERED)(partition_of)


class Raw(Protocol):
    """A message as it lay on the log (confluent-kafka's), for the dead letters."""

    def key(self) -> str | bytes | None: ...  # noqa: D102
    def value(self) -> str | bytes | None: ...  # noqa: D102
    def headers(self) -> Any: ...  # noqa: ANN401, D102 - a list or a dict, says its type


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of the log; ``stamp_ms`` is the broker's."""

    partition: int
    offset: int
    stamp_ms: int
    command: Command | Tick | Unreadable
    raw: Raw | None = None


def read(value: str | bytes | None, partition: int, partitions: int) -> Command | Tick | None:
    """Return the command on ``partition`` of a topic of ``partitions``, or None when the message is not one.

    A command on a partition that is not its event's is not one: deciding it would split the event's order in two. One
    about a booking names no event; where the booking is not of this partition, ``worker.deciding`` refuses it.
    """
    try:
        command = decode(value.encode() if isinstance(value, str) else value or b"")
    except ValidationError:
        return None
    if isinstance(command, Tick | BookingCommand) or _route(command.event_id, partitions) == partition:
        return command
    return None


def unreadable(key: str | bytes | None, headers: Headers, why: str) -> Unreadable:
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
