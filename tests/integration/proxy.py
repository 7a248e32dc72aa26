"""A TCP proxy before a real store: what a test cuts, refuses or freezes without touching the store itself."""

import asyncio
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit, urlunsplit

CHUNK_BYTES = 65_536


class Proxy:
    """Listens on ``port`` of the loopback address and passes everything on, until told otherwise."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._flows = asyncio.Event()
        self._flows.set()
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
        for writer in list(self._writers):
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
            back, forth = await asyncio.open_connection(*self._target)
            self._writers.add(forth)
            try:
                await asyncio.gather(self._pass(reader, forth), self._pass(back, writer))
            finally:
                forth.close()
                self._writers.discard(forth)
        writer.close()
        self._writers.discard(writer)

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(CHUNK_BYTES):
                await self._flows.wait()
                sink.write(data)
                await sink.drain()
        sink.close()
