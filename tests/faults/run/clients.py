"""Clients: threads that do operations one after the other until they are told to stop, and write down each one."""

import random
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

import httpx

from tests.faults.run.client import ANSWER_WITHIN_S, Client
from tests.faults.run.history import History
from tests.faults.run.operations import OPERATIONS

CLIENTS: Final = 6
PAUSE_S: Final = 0.02
"""Between two operations of one client: a trickle that meets every moment of a fault, and leaves the machine to it."""

MakeClient = Callable[[httpx.Client, random.Random, int], Client]


class Clients:
    """The load, for the length of a block. ``client``: makes one of a number, with a connection and dice of its own."""

    def __init__(self, gateway_url: str, history: History, seed: int, client: MakeClient) -> None:
        self._url = gateway_url
        self._history = history
        self._client = client
        self._stop = threading.Event()
        self._broken: list[Exception] = []
        self._threads = [
            threading.Thread(target=self._run, args=(random.Random(seed * CLIENTS + n), n), name=f"client-{n}")
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
        if self._broken:  # a client that ended of a bug of its own would be a load that nobody misses
            raise self._broken[0]

    def go_on(self, seconds: float) -> None:
        """Let them work for so long."""
        self._stop.wait(seconds)

    def _run(self, dice: random.Random, number: int) -> None:
        try:
            self._operate(dice, number)
        except Exception as error:  # noqa: BLE001 - raised by whoever waits for us
            self._broken.append(error)

    def _operate(self, dice: random.Random, number: int) -> None:
        weights, rows = [weight for weight, _ in OPERATIONS], [ask for _, ask in OPERATIONS]
        with httpx.Client(base_url=self._url, timeout=ANSWER_WITHIN_S) as http:
            client = self._client(http, dice, number)
            while not self._stop.is_set():
                (ask,) = dice.choices(rows, weights)
                operation = ask(client)
                if operation is not None:
                    self._history.add(operation)
                self._stop.wait(PAUSE_S)
