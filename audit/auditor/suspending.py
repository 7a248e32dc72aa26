"""Suspending: the one command that this room may put on the log, for the event in which something is broken.

``service`` builds it where ``FRONTROW_AUDIT_STOPS_SALES`` is on; no other module of ``audit`` may touch a producer
(import-linter). A command's id is that of the event and of what is broken in it, whatever the evidence is, so that
finding it again suspends nothing again, and a sale that somebody opened meanwhile stays open. The log away: the command
is sent again until it is there.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from audit.auditor.violations import Violation
from contracts.commands import SuspendSales, encode
from contracts.event_commands import MAX_FOUND
from contracts.ids import suspension_id
from contracts.topics import COMMAND_ID_HEADER, KIND_HEADER, partition_of
from runtime.kafka import producer_config
from runtime.producer import NotHandedOverError, OutcomeUnknownError, Producer

TRY_AGAIN_S: Final = 1.0
MOST_WAITING: Final = 1_000
"""Commands that are not acknowledged: as many as violations are kept at a time. More come only where what was broken
was mended, and other things broke, while the log was away; those are told, and suspend nothing."""

_log = logging.getLogger(__name__)


class Suspending:
    """Puts ``SuspendSales`` on the log. All of it but ``suspend`` belongs to the event loop's thread."""

    def __init__(self, bootstrap: str, topic: str, partitions: int) -> None:
        self._partitions = partitions
        self._producer = Producer(producer_config(bootstrap, "auditor"), topic, partitions)
        self._waiting: dict[str, SuspendSales] = {}
        self._wanted = asyncio.Event()

    async def start(self) -> None:
        """Start the producer, within the event loop that is to send."""
        self._loop = asyncio.get_running_loop()
        await self._producer.start()

    async def stop(self) -> None:
        """Let go of the producer."""
        await self._producer.stop()

    def suspend(self, violation: Violation) -> None:
        """Have the sale of the violation's event suspended; from any thread, and harmless when said twice."""
        self._loop.call_soon_threadsafe(self._add, violation)

    async def run(self) -> None:
        """Send what is asked for until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            await self._send_all()

    def _add(self, violation: Violation) -> None:
        if not violation.event_id or len(self._waiting) >= MOST_WAITING:
            return
        command = suspension_of(violation, time.time_ns() // 1_000_000)
        self._waiting[command.command_id] = command
        self._wanted.set()

    async def _send_all(self) -> None:
        if not await each_once(list(self._waiting.values()), self._partitions, self._send):
            self._loop.call_later(TRY_AGAIN_S, self._wanted.set)

    async def _send(self, command: SuspendSales, partition: int) -> bool:
        headers: list[tuple[str, str | bytes | None]] = [
            (COMMAND_ID_HEADER, command.command_id),
            (KIND_HEADER, command.kind),
        ]
        try:
            await self._producer.send(partition, command.event_id.encode(), encode(command), headers)
        except (NotHandedOverError, OutcomeUnknownError) as error:
            _log.warning("not suspended yet", extra={"event_id": command.event_id, "cause": str(error)})
            return False
        del self._waiting[command.command_id]
        _log.warning("suspended", extra={"event_id": command.event_id, "command_id": command.command_id})
        return True


async def each_once(
    commands: Iterable[SuspendSales], partitions: int, send: Callable[[SuspendSales, int], Awaitable[bool]]
) -> bool:
    """Send commands, each once at most; returns whether all are sent. ``send`` says whether it could.

    A partition that is away holds back its own events alone, and is waited for once
    (test: ``test_a_partition_that_is_away_holds_back_its_own_events_alone``).
    """
    away = set[int]()
    for command in commands:
        partition = partition_of(command.event_id, partitions)
        if partition not in away and not await send(command, partition):
            away.add(partition)
    return not away


def suspension_of(violation: Violation, issued_at_ms: int) -> SuspendSales:
    """Return the command that suspends the sale of the violation's event."""
    return SuspendSales(
        event_id=violation.event_id,
        command_id=suspension_id(*violation.identity),
        issued_at_ms=issued_at_ms,
        found=violation.sentence[:MAX_FOUND],
        keyed=True,  # the id says the same for ever, so it is never too late
    )
