"""A stream of bookings that goes on while the platform is hurt, and remembers what each client was told."""

import random
import threading
import time
from collections import Counter
from types import TracebackType
from typing import Self

import httpx

from tests.frontrow import Frontrow
from tests.stalls import stretched

CLIENTS = 4
PAUSE_S = 0.01
"""Between two bookings of one client: a steady trickle, so that every moment of a fault meets some."""
ANSWER_WITHIN_S = 2.5
SLACK_S = 1.5
"""A busy machine's share: the promise is about the platform, not about this test's threads."""
ROWS, SEATS_A_ROW = 20, 40


class Stream:
    """Books random seats of one event from a few threads until the block ends. Its dice are seeded, the seed shown."""

    def __init__(self, frontrow: Frontrow) -> None:
        self.told: Counter[str] = Counter()
        self.slowest_s = 0.0
        self._frontrow = frontrow
        self.event_id = frontrow.new_event(rows=ROWS, seats_a_row=SEATS_A_ROW)
        self._ids: list[str] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        seed = random.randrange(2**32)
        print(f"seed {seed}")  # noqa: T201 - shown with a failure, so that it can be thrown again
        self._threads = [
            threading.Thread(target=self._run, args=(random.Random(seed + n), n), name=f"client-{n}")
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

    def accepted(self) -> int:
        """Return how many bookings were accepted so far."""
        return self.told["202"]

    def has_accepted(self, count: int) -> None:
        """Assert that so many bookings were accepted."""
        assert self.accepted() >= count, self.told

    def newest(self) -> str:
        """Return the id of the last booking that was accepted."""
        with self._lock:
            return self._ids[-1]

    def _run(self, dice: random.Random, number: int) -> None:
        with httpx.Client(base_url=self._frontrow.instance.gateway_url, timeout=10) as client:
            while not self._stop.is_set():
                seat = f"{chr(ord('A') + dice.randrange(ROWS))}{dice.randint(1, SEATS_A_ROW)}"
                body = {"userId": f"client-{number}", "eventId": self.event_id, "seatId": seat}
                began = time.monotonic()
                answer = client.post("/api/book", json=body)
                self._note(answer, time.monotonic() - began)
                self._stop.wait(PAUSE_S)

    def _note(self, answer: httpx.Response, seconds: float) -> None:
        body = answer.json()
        with self._lock:
            self._frontrow.remember(answer.status_code, body)
            self.slowest_s = max(self.slowest_s, seconds)
            if answer.status_code == httpx.codes.ACCEPTED:
                self.told["202"] += 1
                self._ids.append(body["booking_id"])
            else:
                self.told[str(body.get("type", answer.status_code)).removeprefix("/problems/")] += 1

    def check(self, *problems: str) -> None:
        """Assert that clients were told nothing but 202 and these problems, each in time."""
        assert set(self.told) <= {"202", *problems}, self.told
        assert self.accepted() > 0
        assert self.slowest_s < stretched(ANSWER_WITHIN_S + SLACK_S), f"{self.slowest_s:.2f} s, {self.told}"
