"""Messages: an entry of the log on its way through a batch, and what was decided of it. Shapes only."""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from contracts.commands import Command, Tick
from worker.life_cycle import Expiry
from worker.rules import Decision, Unreadable


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


class Timed(NamedTuple):
    """A message that is to be decided, with the log's time at it."""

    entry: Entry
    command: Command | Unreadable | Tick
    log_time_ms: int


class Verdict(NamedTuple):
    """One decided command, or what a tick did, and the log's time when it was."""

    entry: Entry
    command: Command | Unreadable | Expiry
    log_time_ms: int
    decision: Decision
