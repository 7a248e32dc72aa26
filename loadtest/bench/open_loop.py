"""Open loop: requests leave at their time whether or not earlier ones were answered, as a crowd does.

Latency counts from the moment when a request *should* have left, so a stalled server, or a generator that came late,
cannot hide a wait (no coordinated omission). Own code because ``wrk`` cannot do this; plain HTTP/1.1 by hand, as it has
to share the machine with what it measures. Asks the loopback interface only.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import urlsplit

import uvloop

from loadtest.loopback import refuse_unless_loopback

CONNECTIONS_AT_FIRST: Final = 64
MAX_CONNECTIONS: Final = 1_000
"""A platform that is further behind gets no more connections: requests then queue here, and their latency shows it."""
ANSWER_WITHIN_S: Final = 10.0
_LEAD_S: Final = 0.2

_UNANSWERED: Final = 0


@dataclass(slots=True)
class Answer:
    """One request. Times are ``time.monotonic()``; ``status`` 0 means that no answer came."""

    due: float
    answered: float = float("inf")
    status: int = _UNANSWERED
    body: bytes = b""

    @property
    def latency_s(self) -> float:
        """From the moment when it should have left to its answer."""
        return self.answered - self.due


def post(base_url: str, path: str, bodies: Sequence[bytes], per_s: float) -> list[Answer]:
    """Post the bodies, ``per_s`` a second, and return what became of each, in order."""
    refuse_unless_loopback(base_url)
    parts = urlsplit(base_url)
    host, port = parts.hostname or "", parts.port or 80
    head = f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\nContent-Length: "
    requests = [f"{head}{len(body)}\r\n\r\n".encode() + body for body in bodies]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_Crowd(host, port).send(requests, per_s))


class _Crowd:
    """The connections, and the requests that found none free."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._idle: list[_Client] = []
        self._clients: set[_Client] = set()
        self._waiting: deque[tuple[bytes, Answer]] = deque()
        self._unanswered = 0
        self._all_answered = asyncio.Event()
        self._opening: set[asyncio.Task[None]] = set()

    async def send(self, requests: Sequence[bytes], per_s: float) -> list[Answer]:
        await asyncio.gather(*(self._connect() for _ in range(CONNECTIONS_AT_FIRST)))
        self._unanswered = len(requests)
        start = time.monotonic() + _LEAD_S
        answers = [Answer(start + number / per_s) for number in range(len(requests))]
        for request, answer in zip(requests, answers, strict=True):
            if (early := answer.due - time.monotonic()) > 0:
                await asyncio.sleep(early)
            self._dispatch(request, answer)
        with contextlib.suppress(TimeoutError):  # what is unanswered says so itself
            await asyncio.wait_for(self._all_answered.wait(), ANSWER_WITHIN_S)
        for task in self._opening:
            task.cancel()
        for client in self._clients:
            client.close()
        return answers

    def _dispatch(self, request: bytes, answer: Answer) -> None:
        if self._idle:
            self._idle.pop().send(request, answer)
            return
        self._waiting.append((request, answer))
        if len(self._clients) + len(self._opening) < MAX_CONNECTIONS:
            task = asyncio.create_task(self._connect())
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(lambda: _Client(self), self._host, self._port)
        self._clients.add(client)
        self.free(client)

    def free(self, client: "_Client") -> None:
        """Give the client its next request, or let it wait for one."""
        if self._waiting:
            client.send(*self._waiting.popleft())
        else:
            self._idle.append(client)

    def settled(self) -> None:
        """Count one request as over."""
        self._unanswered -= 1
        if self._unanswered == 0:
            self._all_answered.set()

    def lost(self, client: "_Client") -> None:
        """Forget a connection that the server closed."""
        self._clients.discard(client)
        if client in self._idle:
            self._idle.remove(client)


class _Client(asyncio.Protocol):
    """One connection with at most one request under way. Answers must have a ``Content-Length``, as ours do."""

    def __init__(self, crowd: _Crowd) -> None:
        self._crowd = crowd
        self._received = b""
        self._answer: Answer | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's is one in deed, not in name

    def send(self, request: bytes, answer: Answer) -> None:
        """Send one request; its answer is filled in when it comes."""
        self._answer = answer
        self._transport.write(request)

    def close(self) -> None:
        """End the connection at once; whoever waits for an answer gets none."""
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or self._answer is None or len(body) < _content_length(head):
            return
        self._answer.answered = time.monotonic()
        self._answer.status = int(head[9:12])
        self._answer.body = body
        self._answer, self._received = None, b""
        self._crowd.settled()
        self._crowd.free(self)

    def connection_lost(self, _error: Exception | None) -> None:
        self._crowd.lost(self)
        if self._answer is not None:
            self._crowd.settled()


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def percentile_ms(seconds: Iterable[float], percent: float) -> float:
    """Return the value, in milliseconds, that ``percent`` of these durations do not exceed (nearest rank).

    Of no durations at all, infinity.
    """
    ordered = sorted(seconds) or [float("inf")]
    rank = max(1, -(-len(ordered) * percent // 100))
    return ordered[int(rank) - 1] * 1000
