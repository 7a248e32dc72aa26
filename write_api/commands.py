"""Commands on their way out: ids are issued here, and every command of this service leaves through here.

``booking`` and ``seed`` enter. Clock and dice are constructor arguments. A command must go to its event's partition
and nowhere else, or the event's order is no longer first come, first served.
"""

import asyncio
import os
import time
from collections.abc import Callable
from functools import lru_cache

from contracts.commands import AboutBooking, EventCommand, encode
from contracts.ids import DICE_BYTES, IdMint, IssuedId
from contracts.topics import COMMAND_ID_HEADER, KIND_HEADER, REQUEST_ID_HEADER, partition_of
from runtime.producer import Acknowledgement, Producer

REMEMBERED_EVENTS = 4_096
"""How many events' partitions are kept at hand; the rest is computed again."""


def now_ms() -> int:
    """Return this process' clock in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


class CommandLog:
    """The log as this service sees it: issue an id, append a command."""

    def __init__(
        self,
        producer: Producer,
        mint: IdMint,
        partitions: int,
        *,
        clock_ms: Callable[[], int] = now_ms,
        dice: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._producer = producer
        self._mint = mint
        self._clock_ms = clock_ms
        self._dice = dice
        self._partition_of = lru_cache(REMEMBERED_EVENTS)(lambda event_id: partition_of(event_id, partitions))

    def issue(self, prefix: str, event_id: str) -> tuple[str, int]:
        """Return a new command id for this event, and its issue time in milliseconds."""
        return self.issue_on(prefix, self._partition_of(event_id))

    def issue_on(self, prefix: str, partition: int) -> tuple[str, int]:
        """Return a new command id for this partition, and its issue time in milliseconds."""
        issued_at_ms = self._clock_ms()
        dice = self._dice(DICE_BYTES)
        return self._mint.issue(prefix, issued_at_ms=issued_at_ms, partition=partition, dice=dice), issued_at_ms

    def partition_of(self, event_id: str) -> int:
        """Return the partition of everything about this event."""
        return self._partition_of(event_id)

    def dice(self) -> bytes:
        """Return fresh dice."""
        return self._dice(DICE_BYTES)

    def derive(self, prefix: str, partition: int, dice: bytes) -> str:
        """Return the command id that ``dice`` always give; see ``write_api.idempotency``."""
        return self._mint.derive(prefix, partition=partition, digest=dice)

    def now_ms(self) -> int:
        """Return this service's clock."""
        return self._clock_ms()

    def read(self, prefix: str, text: str) -> IssuedId | None:
        """Return what an id of this kind says, or None when it was never issued."""
        issued = self._mint.read(text)
        return issued if issued is not None and issued.prefix == prefix else None

    def append(self, command: EventCommand) -> asyncio.Future[Acknowledgement]:
        """Return the future acknowledgement of a command to an event; see ``Producer.send`` for how it fails."""
        return self._send(self._partition_of(command.event_id), command.event_id, command)

    def append_about(self, booking: IssuedId, command: AboutBooking) -> asyncio.Future[Acknowledgement]:
        """Return the future acknowledgement of a command about a booking: it goes where the booking's request went."""
        return self._send(booking.partition, booking.text, command)

    def _send(self, partition: int, key: str, command: EventCommand | AboutBooking) -> asyncio.Future[Acknowledgement]:
        return self._producer.send(
            partition,
            key.encode(),
            encode(command),
            [
                (COMMAND_ID_HEADER, command.command_id),
                (REQUEST_ID_HEADER, command.request_id),
                (KIND_HEADER, command.kind),
            ],
        )
