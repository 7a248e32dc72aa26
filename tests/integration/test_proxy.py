"""The proxy of our tests does what it says: else a fault that it plays is none, and proves nothing."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest

from tests.integration.proxy import Proxy

LATE_S = 0.2
SOON_S = 5.0


class Echo:
    """A server that answers what it is told, and remembers it."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.ended = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(100):
                self.heard.append(data)
                writer.write(data)
        self.ended.set()
        writer.close()


@pytest.fixture
async def echo() -> Echo:
    return Echo()


@pytest.fixture
async def proxy(echo: Echo) -> AsyncIterator[Proxy]:
    server = await asyncio.start_server(echo.serve, "127.0.0.1", 0)
    async with Proxy("127.0.0.1", server.sockets[0].getsockname()[1]) as proxy:
        yield proxy
    server.close()


Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Line]]


@pytest.fixture
async def connect(proxy: Proxy) -> AsyncIterator[Connect]:
    """Opens lines through the proxy; they are closed after the test."""
    opened: list[Line] = []

    async def one() -> Line:
        opened.append(await asyncio.open_connection("127.0.0.1", proxy.port))
        return opened[-1]

    yield one
    for _, writer in opened:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, text: bytes) -> bytes:
    writer.write(text)
    return await asyncio.wait_for(reader.read(100), SOON_S)


async def test_a_slow_line_keeps_everything_back_each_way(proxy: Proxy, connect: Connect) -> None:
    line = await connect()
    proxy.delay_s = LATE_S
    began = time.monotonic()
    assert await ask(*line, b"slow") == b"slow"
    assert time.monotonic() - began >= 2 * LATE_S


async def test_a_lost_answer_is_one_to_a_question_that_arrived(proxy: Proxy, echo: Echo, connect: Connect) -> None:
    line = await connect()
    proxy.loses_answers = True
    assert await ask(*line, b"question") == b""
    assert echo.heard == [b"question"]
    await proxy.mend()
    again = await connect()
    assert await ask(*again, b"again") == b"again"


async def test_a_half_open_line_takes_everything_and_says_nothing(proxy: Proxy, echo: Echo, connect: Connect) -> None:
    before = reader, writer = await connect()
    assert await ask(*before, b"before") == b"before"
    proxy.leave_half_open()
    await asyncio.wait_for(echo.ended.wait(), SOON_S)
    for end in (writer, (await connect())[1]):
        end.write(b"to nobody")
        await end.drain()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(100), LATE_S)
    assert echo.heard == [b"before"]
    await proxy.mend()
    assert await asyncio.wait_for(reader.read(100), SOON_S) == b""
    again = await connect()
    assert await ask(*again, b"again") == b"again"


async def test_a_cut_line_is_closed_and_refused_until_it_is_mended(proxy: Proxy, connect: Connect) -> None:
    reader, _ = await connect()
    await proxy.cut()
    assert await asyncio.wait_for(reader.read(100), SOON_S) == b""
    with pytest.raises(ConnectionRefusedError):
        await connect()
    await proxy.mend()
    again = await connect()
    assert await ask(*again, b"again") == b"again"
