"""A TCP proxy before a real server: what a test cuts, freezes, delays or leaves half open, the server untouched."""

import asyncio
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit, urlunsplit

CHUNK_BYTES = 65_536
HALF_OPEN_LOOK_S = 0.05


class Proxy:
    """Listens on ``port`` of the loopback address and passes everything on, until told otherwise."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._far: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self._half_open = False
        self.delay_s = 0.0
        """How long everything is kept before it is passed on, each way."""
        self.loses_answers = False
        """Whether questions are passed on, and the first answer to one cuts its connection instead of arriving."""
        self.port = 0

    @classmethod
    def before(cls, url: str) -> Self:
        """Return a proxy before the server of an address."""
        parts = urlsplit(url)
        return cls(parts.hostname or "127.0.0.1", parts.port or 0)

    def instead(self, url: str) -> str:
        """Return the address with the proxy in the place of the server; whoever logs in there logs in here."""
        parts = urlsplit(url)
        login, at, _ = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{login}{at}127.0.0.1:{self.port}"))

    async def start(self) -> None:
        """Listen, on the same port as before if it listened already."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Listen no longer and close every connection, as a server that died."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in (*self._writers, *self._far):
            writer.close()
        self.thaw()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def freeze(self) -> None:
        """Keep connections and take new ones, but pass nothing on, as a server that hangs."""
        self._flows.clear()

    def thaw(self) -> None:
        """Pass on again."""
        self._flows.set()

    def leave_half_open(self) -> None:
        """Take everything and pass nothing on, the server's ends closed: a peer that is gone without a word."""
        self._half_open = True
        for forth in self._far:
            forth.close()

    async def mend(self) -> None:
        """Be a plain proxy again. Connections that were left half open are closed, as a peer that is back does."""
        self.delay_s, self.loses_answers = 0.0, False
        if self._half_open:
            self._half_open = False
            await self.cut()
        self.thaw()
        if self._server is None:
            await self.start()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._writers.add(writer)
        with suppress(OSError, asyncio.CancelledError):
            if self._half_open:
                await self._swallow(reader)
            back, forth = await asyncio.open_connection(*self._target)
            self._far.add(forth)
            try:
                await asyncio.gather(self._pass(reader, forth, writer), self._pass(back, writer, forth, answers=True))
            finally:
                forth.close()
                self._far.discard(forth)
        writer.close()
        self._writers.discard(writer)

    async def _pass(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        other: asyncio.StreamWriter,
        *,
        answers: bool = False,
    ) -> None:
        with suppress(OSError):
            while data := await source.read(CHUNK_BYTES):
                await self._flows.wait()
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                if answers and self.loses_answers:
                    other.close()
                    break
                sink.write(data)
                await sink.drain()
        if self._half_open:
            await self._swallow(source)
        sink.close()

    async def _swallow(self, source: asyncio.StreamReader) -> None:
        while self._half_open:
            await source.read(CHUNK_BYTES)
            await asyncio.sleep(HALF_OPEN_LOOK_S)
