"""A real HTTP server that stands where a service would: it keeps what it was sent and answers what a test wants."""

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

LIVE = "/health/live"
VIEW = {"Cache-Control": "public, max-age=1, stale-while-revalidate=1", "ETag": '"1"'}


@dataclass(frozen=True)
class Received:
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Answer:
    """``hold_s``: wait before answering; ``hang_up``: close the connection instead of answering.

    ``unending``: chunks of ``body`` for ever, another one every ``again_after_s``.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b'{"from": "the service"}'
    hold_s: float = 0
    hang_up: bool = False
    unending: bool = False
    again_after_s: float = 1.0


class Service:
    """Serves on its own thread until ``stop``; ``answer`` may be replaced at any time."""

    def __init__(self) -> None:
        self.answer = Answer()
        self.received: list[Received] = []
        self.port = 0
        self.asked_whether_it_lives = 0
        self.open = 0
        """How many unending answers are being given."""
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve()))

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(10)
            self._loop.close()

    async def _serve(self) -> None:
        connections: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(self._connection(reader, writer))
            connections.add(task)
            task.add_done_callback(connections.discard)

        server = await asyncio.start_server(accept, "127.0.0.1", self.port, backlog=2048)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopping.wait()
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    async def _stream(self, answer: Answer, writer: asyncio.StreamWriter) -> None:
        lines = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
        writer.write(f"HTTP/1.1 {answer.status} It\r\n{lines}Transfer-Encoding: chunked\r\n\r\n".encode())
        self.open += 1
        try:
            while True:
                writer.write(b"%x\r\n%b\r\n" % (len(answer.body), answer.body))
                await writer.drain()
                await asyncio.sleep(answer.again_after_s)
        finally:
            self.open -= 1

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await _read(reader):
                answer = self.answer
                if request.target == LIVE:  # every service has it, and the gateway asks before it opens a stream
                    self.asked_whether_it_lives += 1
                    answer = Answer(hold_s=answer.hold_s, hang_up=answer.hang_up)
                else:
                    self.received.append(request)
                if answer.hang_up:
                    return
                if answer.hold_s:
                    await asyncio.sleep(answer.hold_s)
                if answer.unending:
                    await self._stream(answer, writer)
                    return
                writer.write(_written(answer))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Received | None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines if ": " in line)}
    return Received(method, target, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


def _written(answer: Answer) -> bytes:
    headers = {"Content-Type": "application/json", "Content-Length": str(len(answer.body)), **answer.headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {answer.status} It\r\n{lines}\r\n".encode() + answer.body
