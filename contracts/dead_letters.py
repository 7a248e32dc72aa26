"""Dead letters: which of them can be put on the log again, and as what. Pure.

A message that is no valid command is kept whole (``dead_letters``), and whoever was given its id has the outcome
``failed``, ``unprocessable``. A command id has one outcome for ever, so nothing gives it another: a replay is a
new command that says the same, under an id of its own. It is always the same id for the same letter, so that to replay
twice is to replay once, and what became of the replay is found by it (test:
``test_a_letter_that_can_be_read_now_becomes_a_booking_of_its_own_once``).

``write_api.letters`` enters here with what the ledger says; whoever shows letters to people enters there.
"""

import re
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from pydantic import ValidationError

from contracts.commands import (
    BookingCommand,
    BookSeats,
    Command,
    SettlePayment,
    StartPayment,
    Tick,
    decode,
)
from contracts.ids import BOOKING_PREFIX, COMMAND_PREFIX, derived_dice, is_account
from contracts.outcomes import Reason, Status
from contracts.topics import partition_of

NOT_READABLE: Final = "no command"
"""What the reason of a letter begins with whose message could not be read; else the rules or the ledger refused it."""

_LETTER: Final = re.compile(r"([0-9]{1,9})-([0-9]{1,4})-([0-9]{1,18})", re.ASCII)


class LetterId(NamedTuple):
    """Where a letter lay: the topic's number, partition and offset; as text ``<topic>-<partition>-<offset>``."""

    topic_no: int
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic_no}-{self.partition}-{self.offset}"


def letter_id_of(text: str) -> LetterId | None:
    """Return the letter that a text names, or None when it is no letter's id."""
    found = _LETTER.fullmatch(text)
    return LetterId(*map(int, found.groups())) if found else None


class DeadLetter(NamedTuple):
    """One row of ``dead_letters``. ``command_id``: the header's, empty when it had none; ``at``: when it was kept."""

    letter_id: LetterId
    topic_id: str
    value: bytes | None
    command_id: str
    reason: str
    at: datetime


class Told(NamedTuple):
    """The outcome of a command id, as far as it matters here."""

    status: str
    reason: str | None


class Obstacle(StrEnum):
    """Why a letter is not put on the log again."""

    NO_COMMAND = "no_command"
    DECIDED = "decided"
    ABOUT_MONEY = "about_money"
    REPLAYED = "replayed"


OBSTACLES: Final = {
    Obstacle.NO_COMMAND: "it is still no command that this version knows: a release that knows it may read it",
    Obstacle.DECIDED: "its id has another outcome: what it asked for was decided from another message, once is enough",
    Obstacle.ABOUT_MONEY: "it is about a payment: only who pays, and payments itself, may say that again",
    Obstacle.REPLAYED: "it was put on the log again before",
}
"""The same for people, to follow 'not replayed: '."""


class Replay(NamedTuple):
    """A letter as the command that it would be put on the log as. ``cautions``: sentences for who decides to."""

    command: Command
    partition: int
    cautions: tuple[str, ...] = ()


def command_of(letter: DeadLetter) -> Command | None:
    """Return the command in a letter's message, when this version reads one there."""
    try:
        command = decode(letter.value or b"")
    except ValidationError:
        return None
    return None if isinstance(command, Tick) else command


def ids_of(letter: DeadLetter) -> list[str]:
    """Return under which ids the message's outcome may be: the header's, which somebody was given, and its own."""
    command = command_of(letter)
    return list(dict.fromkeys(filter(None, (letter.command_id, command.command_id if command else ""))))


def dice_of(letter: DeadLetter, derivation_key: bytes) -> bytes:
    """Return the dice of the id of the letter's replay: always the same."""
    _, partition, offset = letter.letter_id
    return derived_dice(derivation_key, "replay", letter.topic_id, str(partition), str(offset))


def prefix_of(command: Command) -> str:
    """Return the prefix of the replay's id."""
    return BOOKING_PREFIX if isinstance(command, BookSeats) else COMMAND_PREFIX


def place_of(letter: DeadLetter, command: Command, partitions: int) -> int:
    """Return the partition that the command belongs on: its event's, or its booking's, which it came to."""
    if isinstance(command, BookingCommand):
        return letter.letter_id.partition
    return partition_of(command.event_id, partitions)


def obstacle_of(letter: DeadLetter, told: list[Told], became: Told | None) -> Obstacle | None:
    """Return why the letter cannot be replayed. ``told``: the outcomes of ``ids_of``; ``became``: of its replay."""
    command = command_of(letter)
    if command is None:
        return Obstacle.NO_COMMAND
    if became is not None:
        return Obstacle.REPLAYED
    if any((each.status, each.reason) != (Status.FAILED, Reason.UNPROCESSABLE) for each in told):
        return Obstacle.DECIDED
    if isinstance(command, StartPayment | SettlePayment):
        return Obstacle.ABOUT_MONEY
    return None


def replay_of(letter: DeadLetter, command_id: str, now_ms: int, partitions: int, *, told: bool) -> Replay:
    """Return the replay of a letter that has no obstacle, under its own id (``dice_of``).

    It carries no time that the log could find too old (``keyed``), and nobody waits for it any more. ``told``: whether
    somebody was told that the former one failed.
    """
    command = command_of(letter)
    if command is None:
        msg = f"letter {letter.letter_id} is no command"
        raise ValueError(msg)
    changes = {"command_id": command_id, "issued_at_ms": now_ms, "keyed": True}
    if isinstance(command, BookSeats):
        changes["reply_to"] = ""
    same = command.model_copy(update=changes)
    return Replay(same, place_of(letter, command, partitions), tuple(_cautions(letter, command, told=told)))


def _cautions(letter: DeadLetter, command: Command, *, told: bool) -> list[str]:
    cautions = []
    if not letter.reason.startswith(NOT_READABLE):
        cautions.append(
            f"it was readable, and ended with {letter.reason}: unless this release mends that, its replay ends so too"
        )
    if told:
        cautions.append(
            "who asked was told that it failed, and may have asked again since; the former id stays failed for good"
        )
    if isinstance(command, BookSeats) and not is_account(command.principal):
        cautions.append(
            "a guest asked: nobody finds the new booking but who is told its id, so tell them, or cancel it"
        )
    return cautions
