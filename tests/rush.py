"""Many clients at once, each on a connection of its own, as little between the test and the wire as can be."""

import asyncio
import json
import resource
from collections.abc import Sequence
from typing import Any

ANSWER_WITHIN_S = 60.0
HEAD = (
    b"POST /api/book HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Connection: close\r\nContent-Length: %d\r\n\r\n"
)
Answer = tuple[int, dict[str, Any]]


def allow_open_files(count: int) -> None:
    """Let this process hold so many connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def rush(port: int, bodies: Sequence[dict[str, Any]]) -> list[Answer]:
    """Send every body at the same moment; a connection that is refused or reset raises."""
    allow_open_files(4 * len(bodies))
    gate = asyncio.Event()
    clients = [asyncio.create_task(_book(port, body, gate)) for body in bodies]
    gate.set()
    return await asyncio.wait_for(asyncio.gather(*clients), ANSWER_WITHIN_S)


async def _book(port: int, body: dict[str, Any], gate: asyncio.Event) -> Answer:
    sent = json.dumps(body).encode()
    await gate.wait()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(HEAD % len(sent) + sent)
        await writer.drain()
        received = await reader.read()
    finally:
        writer.close()
    top, _, rest = received.partition(b"\r\n\r\n")
    return int(top.split(b" ", 2)[1]), json.loads(rest)
