"""Backlog: the commands that a drain is measured on, as messages that are ready for the log.

Pure but for the clock and the dice that are passed in. Commands are made by ``contracts.commands``, as ``write_api``
makes them, so that the worker reads exactly what it reads in life.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypedDict

from contracts import topics
from contracts.commands import (
    MAX_SEATS_PER_BLOCK,
    AddSeats,
    BookSeats,
    CreateEvent,
    EventCommand,
    PublishEvent,
    Row,
    encode,
)
from contracts.ids import BOOKING_PREFIX, COMMAND_PREFIX, DICE_BYTES, IdMint

SEATS_PER_ROW: Final = 50


@dataclass(frozen=True, slots=True)
class Message:
    """One message for the log: where it goes, and its key, value and headers."""

    partition: int
    key: bytes
    value: bytes
    headers: list[tuple[str, str | bytes | None]]


class _Identity(TypedDict):
    command_id: str
    event_id: str
    issued_at_ms: int


@dataclass(frozen=True, slots=True)
class Hall:
    """An event of the bench: ``seats`` numbered seats in blocks of at most ``MAX_SEATS_PER_BLOCK``."""

    event_id: str
    seats: int

    @property
    def blocks(self) -> int:
        """How many blocks the hall has."""
        return -(-self.seats // MAX_SEATS_PER_BLOCK)

    def seat_ids(self) -> list[str]:
        """Return every seat's id, in map order."""
        return [f"S{number}" for number in range(1, self.seats + 1)]


class Backlog:
    """Makes messages; ``now_ms`` is the clock that ids are issued by, ``dice`` gives that many random bytes."""

    def __init__(self, mint: IdMint, partitions: int, now_ms: Callable[[], int], dice: Callable[[int], bytes]) -> None:
        self._mint = mint
        self._partitions = partitions
        self._now_ms = now_ms
        self._dice = dice

    def announce(self, hall: Hall) -> Iterator[Message]:
        """Yield what puts a hall on sale: the event, its seats block by block, its publication."""
        event_id = hall.event_id
        yield self._message(
            CreateEvent(
                **self._identity(COMMAND_PREFIX, event_id),
                name=f"Bench {event_id}",
                event_kind="concert",
                venue="Bench hall",
                time_zone="UTC",
                date="2030-01-01T20:00:00Z",
            )
        )
        seats = hall.seat_ids()
        for block in range(hall.blocks):
            ids = seats[block * MAX_SEATS_PER_BLOCK : (block + 1) * MAX_SEATS_PER_BLOCK]
            yield self._message(
                AddSeats(
                    **self._identity(COMMAND_PREFIX, event_id), block=block, section=f"block-{block}", rows=_rows(ids)
                )
            )
        yield self._message(PublishEvent(**self._identity(COMMAND_PREFIX, event_id), blocks=hall.blocks))

    def book(self, event_id: str, seat_ids: Sequence[str]) -> Iterator[Message]:
        """Yield one booking for each seat named, in that order, each by somebody else."""
        for number, seat_id in enumerate(seat_ids):
            yield self._message(
                BookSeats(
                    **self._identity(BOOKING_PREFIX, event_id), seat_ids=(seat_id,), principal=f"p_{event_id}_{number}"
                )
            )

    def _identity(self, prefix: str, event_id: str) -> _Identity:
        issued = self._now_ms()
        partition = topics.partition_of(event_id, self._partitions)
        command_id = self._mint.issue(prefix, issued_at_ms=issued, partition=partition, dice=self._dice(DICE_BYTES))
        return {"command_id": command_id, "event_id": event_id, "issued_at_ms": issued}

    def _message(self, command: EventCommand) -> Message:
        headers: list[tuple[str, str | bytes | None]] = [
            (topics.COMMAND_ID_HEADER, command.command_id.encode()),
            (topics.REQUEST_ID_HEADER, b""),
            (topics.KIND_HEADER, command.kind.encode()),
        ]
        partition = topics.partition_of(command.event_id, self._partitions)
        return Message(partition, command.event_id.encode(), encode(command), headers)


def _rows(seat_ids: Sequence[str]) -> tuple[Row, ...]:
    starts = range(0, len(seat_ids), SEATS_PER_ROW)
    return tuple(
        Row(row=str(number), seat_ids=tuple(seat_ids[start : start + SEATS_PER_ROW]))
        for number, start in enumerate(starts, 1)
    )
