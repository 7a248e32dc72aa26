"""The tail: what the log has beyond a ledger, and whether a worker that goes on there decides what was lost. Pure.

``restore_check`` enters here after a ledger was restored from a backup. A ledger of an hour ago is made whole by the
log alone, if the log is the one that it decided and still has every message from its place on: the worker then decides
them again, and comes to the same outcomes, since they are a function of the log.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from audit.history import Message
from contracts.commands import BookSeats, StartPayment, Tick
from contracts.ids import is_account
from worker.entries import read

UNREADABLE = "no command (each becomes a dead letter)"


class Place(NamedTuple):
    """How far the ledger decided a partition: the next offset, and the mark of the message before it."""

    next_offset: int
    mark: str | None


NOWHERE = Place(0, None)


class Kept(NamedTuple):
    """What the log has of a partition: from ``first`` up to, without, ``end``; ``mark``: of the message before a place.

    ``mark`` is None where that message is not on the log any more, or never was.
    """

    first: int
    end: int
    mark: str | None


class Restored(NamedTuple):
    """The last row of ``restores``."""

    backed_up_at: datetime
    topic_id: str
    undecided: int


@dataclass(slots=True)
class Tail:
    """What lies beyond the ledger. ``strangers``: accounts that asked for something there and that it does not have."""

    kinds: Counter[str] = field(default_factory=Counter)
    ticks: int = 0
    strangers: set[str] = field(default_factory=set)
    payments: int = 0

    def take(self, messages: Iterable[Message], partitions: int, accounts: frozenset[str]) -> None:
        """Count a partition's messages."""
        for message in messages:
            command = read(message.value, message.partition, partitions)
            if isinstance(command, Tick):
                self.ticks += 1
                continue
            self.kinds[command.kind if command else UNREADABLE] += 1
            self.payments += isinstance(command, StartPayment)
            if isinstance(command, BookSeats) and is_account(command.principal) and command.principal not in accounts:
                self.strangers.add(command.principal)

    @property
    def sentences(self) -> list[str]:
        """Say what will be decided again, and what of it a person should know."""
        total = self.kinds.total()
        if not total:
            return ["Nothing is to be decided again: the ledger has an outcome for every command on the log."]
        named = ", ".join(f"{count:,} {kind}" for kind, count in sorted(self.kinds.items()))
        said = [f"{total:,} commands will be decided again, to the same outcomes as before: {named}."]
        if self.payments:
            said.append(
                f"{self.payments:,} of them start a payment: payments asks the provider again under the same keys, so "
                "that nobody pays twice."
            )
        if self.strangers:
            said.append(
                f"{len(self.strangers):,} accounts that asked for seats there are not in this ledger: they were "
                "registered after the backup, nothing brings them back, and what they booked is nobody's who can log "
                "in. An operator can cancel it."
            )
        return said


def losses(places: Mapping[int, Place], kept: Mapping[int, Kept]) -> list[str]:
    """Return what cannot be decided again, one sentence each; nothing when the log has all that the ledger lacks."""
    said = []
    for partition in sorted({*places, *kept}):
        at, log = places.get(partition, NOWHERE), kept.get(partition)
        if log is None:
            said.append(f"Partition {partition}: the log has no such partition, and the ledger decided it.")
        elif at.next_offset < log.first:
            said.append(
                f"Partition {partition}: the ledger goes up to offset {at.next_offset:,} and the log begins at "
                f"{log.first:,}. The {log.first - at.next_offset:,} messages between are on neither, and the worker "
                "will refuse to go on."
            )
        elif at.next_offset > log.end:
            said.append(
                f"Partition {partition}: the ledger goes up to offset {at.next_offset:,} and the log ends at "
                f"{log.end:,}: the log lost its end, not the ledger. The worker will refuse to go on."
            )
        elif None not in (at.mark, log.mark) and at.mark != log.mark:
            said.append(
                f"Partition {partition}: the message before offset {at.next_offset:,} is not the one that the ledger "
                "decided: another log, or one that lost its end and grew again. The worker will refuse to go on."
            )
    return said


def former_log(topic_id: str, restored: Restored | None, decided: Iterable[str]) -> tuple[bool, list[str]]:
    """Say what becomes of a ledger that never decided this log; whether nothing is lost, and sentences.

    ``decided``: the ids of the topics that it did decide.
    """
    others = sorted(set(decided) - {topic_id})
    if not others:
        return True, ["The ledger has decided no log yet: it begins this one at its beginning."]
    said = [f"This log ({topic_id}) is not the one that the ledger decided ({', '.join(others)}), a former log."]
    said.append("The worker begins this one at its beginning. What was decided stays, and cannot be replayed any more.")
    if restored is None or restored.topic_id not in others:
        said.append("Whether the former log had messages that were never decided, nobody can say any more.")
        return False, said
    when = f"{restored.backed_up_at:%Y-%m-%d %H:%M:%S} UTC"
    if restored.undecided:
        said.append(
            f"The backup of {when} left out {restored.undecided:,} commands that were accepted and not decided then. "
            "They are lost with the former log, unless its broker can be started again."
        )
        return False, said
    said.append(
        f"The backup of {when} had everything decided that was accepted until then. What was accepted after it, on the "
        "former machine, is not here."
    )
    return True, said
