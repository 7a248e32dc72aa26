"""Everybody comes at once."""

import asyncio
import resource

from tests.integration.gateway.conftest import Gateway
from tests.integration.gateway.service import Answer, Service

CLIENTS = 1000
BODY = b'{"seatId":"A2"}'
REQUEST = (
    b"POST /api/book HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
)


async def _first_line(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(REQUEST)
        return (await reader.readline()).strip()
    finally:
        writer.close()


def test_a_thousand_clients_on_fresh_connections_are_all_answered(gateway: Gateway, write_api: Service) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    write_api.answer = Answer(202, hold_s=0.2)

    async def rush() -> list[bytes | BaseException]:
        return await asyncio.gather(*(_first_line(gateway.port) for _ in range(CLIENTS)), return_exceptions=True)

    try:
        answers = asyncio.run(rush())
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert set(answers) == {b"HTTP/1.1 202 It"}
    assert len(write_api.received) == CLIENTS
