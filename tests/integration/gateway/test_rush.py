"""Everybody comes at once."""

import asyncio
import resource
import time

from tests.integration.gateway.conftest import Gateway
from tests.integration.gateway.service import Answer, Service

CLIENTS = 1000
GIVEN_UP_S = 1.0
"""No answer that the gateway gives up waiting for the service comes sooner: its time-out for a connection."""
BODY = b'{"seatId":"A2"}'
REQUEST = (
    b"POST /api/book HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
)


async def _told(port: int) -> tuple[bytes, float]:
    """Return the first line of the answer, and how long it took from the request on, in seconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(REQUEST)
        sent = time.monotonic()
        line = (await reader.readline()).strip()
        return line, time.monotonic() - sent
    finally:
        writer.close()


def test_a_thousand_clients_on_fresh_connections_are_all_answered(gateway: Gateway, write_api: Service) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    write_api.answer = Answer(202, hold_s=0.2)

    async def rush() -> list[tuple[bytes, float]]:
        return await asyncio.gather(*(_told(gateway.port) for _ in range(CLIENTS)))

    try:
        answers = asyncio.run(rush())
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    # The service is in this process: on a full machine the gateway waits for it in vain, and refuses nobody itself.
    at_once = {line for line, seconds in answers if seconds < GIVEN_UP_S}
    assert at_once <= {b"HTTP/1.1 202 It"}
    assert {line for line, _ in answers} <= {b"HTTP/1.1 202 It", b"HTTP/1.1 503 Service Temporarily Unavailable"}
    assert len(write_api.received) > CLIENTS / 2
