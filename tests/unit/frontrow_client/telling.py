"""Tells a call's steps what came of them, one reply after the other, on a clock that moves with their pauses."""

import json
import random
from collections.abc import Iterable
from typing import TypeVar

from frontrow_client.calls import Calls
from frontrow_client.memory import Memory
from frontrow_client.patience import Patience, Settling
from frontrow_client.steps import Alone, Answer, Lost, Pause, Request, Steps

T = TypeVar("T")

NOW_S = 1_800_000_000.0
LATE = Lost(sent=True, why="ReadTimeout: ")
REFUSED_LINE = Lost(sent=False, why="ConnectError: ")


def answer(status: int, body: object = None, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, b"" if body is None else json.dumps(body).encode())


def problem(status: int, slug: str, *, retry_after: str | None = None, **members: object) -> Answer:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return Answer(status, headers, json.dumps({"type": f"/problems/{slug}", "status": status, **members}).encode())


class Told(Calls):
    """A client that is told everything: ``replies`` in turn, the last one again and again."""

    def __init__(self, *replies: Answer | Lost, patience: Patience | None = None, takes_s: float = 0.0) -> None:
        self.now_s = 0.0
        settling = Settling(patience or Patience(), random.Random(7), lambda: self.now_s, lambda: NOW_S)
        keys = iter([f"key-{n}" for n in range(100)])
        super().__init__(settling, Memory(), user_id="user-123", keys=keys.__next__)
        self._replies = list(replies)
        self._takes_s = takes_s
        self.sent: list[Request] = []
        self.paused: list[float] = []
        self.alone = 0

    def run(self, steps: Steps[T], /) -> T:
        reply: Answer | Lost | None = None
        while True:
            try:
                step = steps.send(reply)
            except StopIteration as end:
                result: T = end.value
                return result
            reply = None
            if isinstance(step, Request):
                self.sent.append(step)
                self.now_s += self._takes_s
                reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
            elif isinstance(step, Pause):
                self.paused.append(step.seconds)
                self.now_s += step.seconds
            else:
                assert isinstance(step, Alone)
                self.alone += 1
                self.run(step.steps)

    def keys_sent(self) -> list[str]:
        return [request.headers["Idempotency-Key"] for request in self.sent]

    def paths(self) -> Iterable[str]:
        return [f"{request.method} {request.path}" for request in self.sent]
