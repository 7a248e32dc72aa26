"""Many clients at once, each on a connection of its own, as little between the test and the wire as can be.

They do what API.md asks of clients: who is told 503 asks again under the same key, after as long as the answer says.
On a machine that is busy with other tests some are.
"""

import asyncio
import json
import resource
import uuid
from collections.abc import Sequence
from typing import Any

import httpx

ANSWER_WITHIN_S = 100.0
HEAD = (
    b"POST /api/book HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Connection: close\r\nIdempotency-Key: %b\r\nContent-Length: %d\r\n\r\n"
)
UNAVAILABLE = 503
Answer = tuple[int, dict[str, Any]]


def allow_open_files(count: int) -> None:
    """Let this process hold so many connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def rush(port: int, bodies: Sequence[dict[str, Any]]) -> list[Answer]:
    """Send every body at the same moment, until it has an answer; a connection that is refused or reset raises."""
    allow_open_files(4 * len(bodies))
    gate = asyncio.Event()
    clients = [asyncio.create_task(_book(port, body, gate)) for body in bodies]
    gate.set()
    return await asyncio.wait_for(asyncio.gather(*clients), ANSWER_WITHIN_S)


async def _book(port: int, body: dict[str, Any], gate: asyncio.Event) -> Answer:
    sent, key = json.dumps(body).encode(), uuid.uuid4().hex.encode()
    await gate.wait()
    while True:
        answer = await _ask(port, HEAD % (key, len(sent)) + sent)
        if answer.status_code != UNAVAILABLE:
            return answer.status_code, answer.json()
        await asyncio.sleep(int(answer.headers["retry-after"]))


async def _ask(port: int, request: bytes) -> httpx.Response:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        await writer.drain()
        received = await reader.read()
    finally:
        writer.close()
    top, _, content = received.partition(b"\r\n\r\n")
    line, *fields = top.decode("latin-1").split("\r\n")
    headers = [(name, value.strip()) for name, _, value in (field.partition(":") for field in fields)]
    return httpx.Response(int(line.split(" ", 2)[1]), headers=headers, content=content)
