"""The history: every operation that a client did, when it began and ended, and how it ended. Data, and one lock.

Clients write, the checker reads. Times are of one monotonic clock, in seconds, so that "ended before the other began"
means what it says.
"""

import json
import threading
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path


class Result(StrEnum):
    """What is known of an operation once its client goes on."""

    OK = "ok"
    """It happened: a command is on the log, a read was answered."""
    REFUSED = "refused"
    """It did not happen, and never will."""
    UNKNOWN = "unknown"
    """It may have happened, or may yet."""


@dataclass(slots=True)
class Operation:
    """One operation. ``request_id`` is its own; the platform carries it to the log.

    ``command_id``: what the answer named; ``told``: the problem, or the status that a booking was said to have;
    ``version``: which of the booking's; ``seats``: those that were asked for, or shown; ``session``: whose, of people;
    ``writes``: whether a command goes on the log.
    """

    kind: str
    request_id: str
    event_id: str
    began: float
    ended: float = 0.0
    result: Result = Result.UNKNOWN
    command_id: str = ""
    told: str = ""
    version: int = 0
    seats: tuple[str, ...] = ()
    key: str = ""
    writes: bool = True
    session: str = ""

    @property
    def seconds(self) -> float:
        """How long its client waited."""
        return self.ended - self.began


@dataclass
class History:
    """Operations in the order in which they ended.

    ``repeated``: request ids that a fault put on the log again; ``event_ids``: of the run, ``prices`` of a seat there,
    where it has one; ``restored_at``: when a backup took the place of what people were told before.
    """

    operations: list[Operation] = field(default_factory=list)
    repeated: set[str] = field(default_factory=set)
    event_ids: set[str] = field(default_factory=set)
    prices: dict[str, int] = field(default_factory=dict)
    restored_at: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, operation: Operation) -> None:
        """Note an operation that has ended."""
        with self._lock:
            self.operations.append(operation)

    def so_far(self) -> list[Operation]:
        """Return what is there now."""
        with self._lock:
            return list(self.operations)

    def save(self, path: Path) -> None:
        """Write it down, one JSON object a line, for whoever looks at a failure."""
        with path.open("w") as file:
            for operation in self.so_far():
                file.write(json.dumps(asdict(operation)) + "\n")
