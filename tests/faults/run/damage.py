"""Damage: how long after a fault's end bookings are accepted, decided and shown again, on every partition.

A probe books on each partition until it is accepted, then asks the ledger and the gateway until the outcome is there;
whether it got its seat does not matter. The slowest partition counts. A fault that is over at once, a kill, begins and
ends at the same moment.
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import httpx
import psycopg

from contracts.topics import partition_of
from tests.faults.run.bookings import book
from tests.faults.run.client import ANSWER_WITHIN_S, Client, Hall
from tests.faults.run.history import Operation, Result
from tests.frontrow import Frontrow

RECOVERED_WITHIN_S: Final = 120.0
"""What takes longer is stuck. On a quiet machine nothing takes a quarter of it; with a load of 30 on two cores a broker
alone took 70 s to start."""
LOOK_EVERY_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Damage:
    """What one round cost: seconds from the end of its faults; counts of what clients were told since it began."""

    faults: str
    lasted_s: float
    accepted_s: float
    decided_s: float
    shown_s: float
    told: dict[Result, int]
    slowest_s: float


class StuckError(Exception):
    """Something did not come back in time."""


class Probes:
    """Books on every partition. ``client`` makes one with a connection of its own."""

    def __init__(
        self, frontrow: Frontrow, halls: Sequence[Hall], client: Callable[[httpx.Client, Hall], Client]
    ) -> None:
        self._frontrow = frontrow
        self._client = client
        partitions = frontrow.instance.settings.partitions
        self._halls = {partition_of(hall.event_id, partitions): hall for hall in halls}
        self._pause = threading.Event()

    def times(self, note: Callable[[Operation], None]) -> tuple[float, float, float]:
        """Return after how many seconds from now bookings are accepted, decided and shown on all partitions.

        Raises:
            StuckError: on some partition they are not, in time.
        """
        began = time.monotonic()
        with ThreadPoolExecutor(len(self._halls)) as pool:
            times = list(pool.map(lambda hall: self._probe(hall, began, note), self._halls.values()))
        accepted, decided, shown = (max(column) for column in zip(*times, strict=True))
        return accepted, decided, shown

    def _probe(self, hall: Hall, began: float, note: Callable[[Operation], None]) -> tuple[float, float, float]:
        with httpx.Client(base_url=self._frontrow.instance.gateway_url, timeout=ANSWER_WITHIN_S) as http:
            client = self._client(http, hall)
            booking_id = self._until("accepted", hall, began, lambda: self._booked(client, note))
            accepted = time.monotonic() - began
            self._until("decided", hall, began, lambda: self._decided(booking_id))
            decided = time.monotonic() - began
            self._until("shown", hall, began, lambda: _shown(http, booking_id))
            return accepted, decided, time.monotonic() - began

    def _until(self, what: str, hall: Hall, began: float, look: Callable[[], str]) -> str:
        while time.monotonic() - began < RECOVERED_WITHIN_S:
            if found := look():
                return found
            self._pause.wait(LOOK_EVERY_S)
        msg = f"no booking of {hall.event_id} is {what} {RECOVERED_WITHIN_S:.0f} s after the fault"
        raise StuckError(msg)

    def _booked(self, client: Client, note: Callable[[Operation], None]) -> str:
        operation = book(client)
        note(operation)
        return operation.command_id if operation.result is Result.OK else ""

    def _decided(self, booking_id: str) -> str:
        try:
            with self._frontrow.ledger() as ledger:
                row: tuple[Any, ...] | None = ledger.execute(
                    "SELECT status FROM outcomes WHERE command_id = %s", (booking_id,)
                ).fetchone()
        except psycopg.OperationalError:
            return ""
        return row[0] if row is not None else ""


def _shown(http: httpx.Client, booking_id: str) -> str:
    try:
        answer = http.get(f"/api/bookings/{booking_id}")
    except httpx.HTTPError:
        return ""
    status = str(answer.json().get("status", "")) if answer.is_success else ""
    return "" if status == "pending" else status
