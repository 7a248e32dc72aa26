"""Listeners: many cheap clients of one stream, on raw sockets, in one thread; and what their messages add up to.

The benchmark of the streams and the tests enter here. A listener comes back by itself, with the id of its last message,
until it is told that it may stay away (204) or is stopped. A message that many hear is kept once.
"""

import asyncio
import json
import random
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from loadtest.loopback import refuse_unless_loopback

CONNECT_AT_ONCE: Final = 200
"""As fast as a browser opens; a crowd of thousands at one instant is the test of crowds, not of streams."""
AFTER_REFUSAL_S: Final = 0.5
_OK: Final = 200
_NO_CONTENT: Final = 204

Json = dict[str, Any]


class Message(NamedTuple):
    """One message as it came; a comment has no name."""

    name: str
    mark: str
    data: str


class Parser:
    """Reads one answer: its status, then messages out of chunks."""

    def __init__(self) -> None:
        self.status = 0
        self.retry_ms: int | None = None
        self.ended = False
        self._buffer = bytearray()
        self._text = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """Return the messages that are complete now."""
        self._buffer += data
        if not self.status:
            head, separator, rest = self._buffer.partition(b"\r\n\r\n")
            if not separator:
                return []
            self.status = int(head.split(b" ", 2)[1])
            self._buffer = bytearray(rest)
        self._unwrap()
        *complete, rest = self._text.split(b"\n\n")
        self._text = bytearray(rest)
        return [self._message(bytes(one).decode()) for one in complete]

    def _unwrap(self) -> None:
        while (end := self._buffer.find(b"\r\n")) >= 0:
            size = int(self._buffer[:end], 16)
            if len(self._buffer) < end + size + 4:
                return
            self._text += self._buffer[end + 2 : end + 2 + size]
            del self._buffer[: end + size + 4]
            self.ended = self.ended or not size

    def _message(self, text: str) -> Message:
        fields = dict(line.split(": ", 1) for line in text.split("\n") if line and not line.startswith(":"))
        if "retry" in fields:
            self.retry_ms = int(fields["retry"])
        return Message(fields.get("event", ""), fields.get("id", ""), fields.get("data", text))


class Listener(asyncio.Protocol):
    """One client. ``heard``: what it was told, without the comments; ``comments``: how many of those."""

    def __init__(self, crowd: "Listeners", dice: random.Random) -> None:
        self.heard: list[Message] = []
        self.statuses: list[int] = []
        self.comments = 0
        self.done = False
        self._crowd = crowd
        self._dice = dice
        self._parser = Parser()
        self._transport: asyncio.Transport | None = None

    @property
    def connected(self) -> bool:
        """Whether it is being told."""
        return self._transport is not None and self._parser.status == _OK

    @property
    def last_id(self) -> str:
        """The id of its last message."""
        return self.heard[-1].mark if self.heard else ""

    async def connect(self) -> None:
        """Open the stream; again later when that fails."""
        self._parser = Parser()
        try:
            await asyncio.get_running_loop().create_connection(lambda: self, self._crowd.host, self._crowd.port)
        except OSError:
            self._again(AFTER_REFUSAL_S)

    def hang_up(self) -> None:
        """Lose the connection."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:  # noqa: D102
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - of a TCP connection
        self._transport = transport
        last = f"Last-Event-ID: {self.last_id}\r\n" if self.heard else ""
        head = f"GET {self._crowd.path} HTTP/1.1\r\nHost: frontrow\r\nAccept: text/event-stream\r\n{last}\r\n"
        transport.write(head.encode())

    def data_received(self, data: bytes) -> None:  # noqa: D102
        now = time.monotonic()
        fresh = not self._parser.status
        messages = self._parser.feed(data)
        if fresh and self._parser.status:
            self.statuses.append(self._parser.status)
            if self._parser.status != _OK:
                self.hang_up()
                return
        for message in messages:
            if message.name:
                self.heard.append(self._crowd.note(message, now))
            else:
                self.comments += 1
        if self._parser.ended:
            self.hang_up()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002, D102
        self._transport = None
        if self._parser.status == _NO_CONTENT:
            self.done = True
        elif self._parser.status == _OK:
            retry_ms = self._parser.retry_ms or 0
            self._again(min(retry_ms / 1000, self._crowd.longest_retry_s))
        else:
            self._again(AFTER_REFUSAL_S)

    def _reconnect(self) -> None:
        if not self._crowd.stopping:
            self._crowd.spawn(self.connect())

    def _again(self, after_s: float) -> None:
        if not self._crowd.stopping:
            self._crowd.loop.call_later(after_s * self._dice.uniform(0.9, 1.1), self._reconnect)


class Listeners:
    """A crowd at one stream, from ``__enter__`` on; ``arrivals`` has each message's times of arrival, if wanted."""

    def __init__(
        self,
        url: str,
        path: str,
        count: int,
        *,
        longest_retry_s: float = float("inf"),
        timed: bool = False,
        seed: int = 0,
    ) -> None:
        refuse_unless_loopback(url)
        self.host, _, port = url.removeprefix("http://").partition(":")
        self.port = int(port)
        self.path = path
        self.longest_retry_s = longest_retry_s
        self.stopping = False
        self.loop = asyncio.new_event_loop()
        self.arrivals: dict[str, list[float]] = {}
        self._timed = timed
        self._dice = random.Random(seed)
        self._messages: dict[Message, Message] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self.loop.run_forever, name="listeners", daemon=True)
        self.all = [Listener(self, self._dice) for _ in range(count)]

    def __enter__(self) -> Self:
        self._thread.start()
        self.call(lambda: self.spawn(self._open()))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping = True
        self.call(self._stop)
        self._thread.join()
        self.loop.close()

    def call(self, act: Callable[[], object]) -> None:
        """Have something done in the listeners' thread."""
        self.loop.call_soon_threadsafe(act)

    def spawn(self, coroutine: Any) -> None:  # noqa: ANN401 - any coroutine
        """Run a coroutine in the listeners' loop, where this is called."""
        task = self.loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def note(self, message: Message, now: float) -> Message:
        """Keep a message once, and when it came."""
        if self._timed:
            self.arrivals.setdefault(message.mark, []).append(now)
        return self._messages.setdefault(message, message)

    def connected(self) -> int:
        """Return how many are being told."""
        return sum(listener.connected for listener in self.all)

    def hang_up(self, share: float) -> None:
        """Let a part of them lose their connections, at random."""
        chosen = [listener for listener in self.all if self._dice.random() < share]
        for listener in chosen:
            self.call(listener.hang_up)

    async def _open(self) -> None:
        for first in range(0, len(self.all), CONNECT_AT_ONCE):
            await asyncio.gather(*(one.connect() for one in self.all[first : first + CONNECT_AT_ONCE]))

    def _stop(self) -> None:
        for listener in self.all:
            listener.hang_up()
        for task in self._tasks:
            task.cancel()
        self.loop.call_soon(self.loop.stop)


class Folded:
    """What an event's messages add up to: its facts, its sections by name, and its seats by id."""

    def __init__(self, heard: Sequence[Message]) -> None:
        self.event: Json = {}
        self.sections: dict[str, Json] = {}
        self.seats: dict[str, str] = {}
        self.backwards: list[str] = []
        for message in heard:
            if message.name in ("snapshot", "change"):
                self._hear(message)

    def _hear(self, message: Message) -> None:
        data: Json = json.loads(message.data)
        if message.name == "snapshot":
            self.seats = {}
        if data["event"]["version"] < self.event.get("version", 0):
            self.backwards.append(message.mark)
        self.event |= data["event"]
        for section in data["sections"]:
            known = self.sections.get(section["section"])
            if known is not None and section["version"] < known["version"]:
                self.backwards.append(message.mark)
            self.sections[section["section"]] = section
        for status, seat_ids in (data["seats"] or {}).items():
            self.seats |= dict.fromkeys(seat_ids, status)
