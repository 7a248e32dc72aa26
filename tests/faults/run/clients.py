"""Clients: threads that do operations one after the other until they are told to stop, and write down each one."""

import random
import threading
import time
from types import TracebackType
from typing import Final, Self

import httpx

from tests.faults.run.history import History
from tests.faults.run.operations import ANSWER_WITHIN_S, OPERATIONS, Client, Hall

CLIENTS: Final = 6
PAUSE_S: Final = 0.02
"""Between two operations of one client: a trickle that meets every moment of a fault, and leaves the machine to it."""


class Clients:
    """The load, for the length of a block."""

    def __init__(self, gateway_url: str, halls: list[Hall], history: History, seed: int, run_id: str) -> None:
        self._history = history
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(
                target=self._run,
                args=(gateway_url, halls, random.Random(seed * CLIENTS + n), run_id),
                name=f"client-{n}",
            )
            for n in range(CLIENTS)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def go_on(self, seconds: float) -> None:
        """Let them work for so long."""
        self._stop.wait(seconds)

    def _run(self, url: str, halls: list[Hall], dice: random.Random, run_id: str) -> None:
        weights, rows = [weight for weight, _ in OPERATIONS], [ask for _, ask in OPERATIONS]
        with httpx.Client(base_url=url, timeout=ANSWER_WITHIN_S) as http:
            client = Client(http, dice, halls, time.monotonic, run_id)
            while not self._stop.is_set():
                (ask,) = dice.choices(rows, weights)
                operation = ask(client)
                if operation is not None:
                    self._history.add(operation)
                self._stop.wait(PAUSE_S)
