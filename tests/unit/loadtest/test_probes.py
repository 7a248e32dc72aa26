"""A probe is slow where the platform is, and not where many probes are under way."""

import asyncio
import time
from typing import Final

import pytest

from loadtest.bench.probes import ask

AT_ONCE: Final = 300
MOST_CPU_S: Final = 1.5
"""Some tenths of a second are needed; the pool of httpx takes ten times as much."""


async def _slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while head := await reader.readuntil(b"\r\n\r\n"):
        await reader.readexactly(2)
        await asyncio.sleep(0.5)
        writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}")
        if b"connection: close" in head.lower():
            break
    writer.close()


async def _never(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def test_hundreds_of_probes_under_way_take_little_of_the_processor() -> None:
    async with await asyncio.start_server(_slowly, "127.0.0.1", backlog=AT_ONCE) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        began = time.process_time()
        for _ in range(2):
            answers = await asyncio.gather(*(ask(url, "POST", "/api/book", b"{}") for _ in range(AT_ONCE)))
            assert set(answers) == {(202, b"{}")}
        assert time.process_time() - began < MOST_CPU_S


async def test_a_connection_that_ends_is_no_answer() -> None:
    async with await asyncio.start_server(_never, "127.0.0.1") as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises((OSError, EOFError)):
            await ask(url, "GET", "/api/bookings/bk_1")
