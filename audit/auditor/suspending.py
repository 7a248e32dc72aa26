"""Suspending: the one command that this room may put on the log, for the event in which something is broken.

``service`` builds it where ``FRONTROW_AUDIT_STOPS_SALES`` is on; no other module of ``audit`` may touch a producer
(import-linter). A command's id is that of the event and of what was found, so that finding it again suspends nothing
again, and a sale that somebody opened meanwhile stays open. The log away: the command is sent again until it is there.
"""

import asyncio
import logging
import time
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
"""Events whose suspension is not acknowledged; more are found again by the next round."""

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
            for command in list(self._waiting.values()):
                if not await self._send(command):
                    self._loop.call_later(TRY_AGAIN_S, self._wanted.set)
                    break

    def _add(self, violation: Violation) -> None:
        if not violation.event_id or len(self._waiting) >= MOST_WAITING:
            return
        command = SuspendSales(
            event_id=violation.event_id,
            command_id=suspension_id(violation.event_id, violation.sentence),
            issued_at_ms=time.time_ns() // 1_000_000,
            found=violation.sentence[:MAX_FOUND],
            keyed=True,  # the id says the same for ever, so it is never too late
        )
        self._waiting[command.command_id] = command
        self._wanted.set()

    async def _send(self, command: SuspendSales) -> bool:
        partition = partition_of(command.event_id, self._partitions)
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
