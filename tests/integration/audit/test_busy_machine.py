"""The health service on a machine that is too busy: what it says then is one thing, what it says afterwards another."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from audit import health
from audit.health import Watch
from audit.settings import HealthSettings
from tests.eventually import eventually_async

SHORT_S = 0.03
"""The time-out of a question, in the place of the service's own."""
MOMENTS = 40
"""At how many steps of a question the machine stops, one after the other: a whole one has fewer."""
CONNECTIONS = 6
"""As many as one poll needs here: a single one that is lost is missed."""
READY = b'HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n{"status": "ok", "checks": {}}'


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """A process that is ready at once, whenever it is let."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.read(4096):
                writer.write(READY)
        except ConnectionError:  # whoever asked has gone
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


async def test_a_machine_that_was_too_busy_is_well_again_afterwards(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections lost to the pool at the wrong moments would leave none, and everybody unwell for good."""
    one = (url,)
    settings = HealthSettings(
        http_host="127.0.0.1",
        http_port=0,
        write_api_urls=one,
        worker_urls=one,
        read_api_urls=one,
        sync_service_urls=one,
        payments_urls=one,
        webhooks_urls=one,
        auditor_urls=one,
        partitions=1,
        token_public_keys='{"keys": {}}',  # noqa: S106 - as the file has it
        kafka_bootstrap="127.0.0.1:9",
        postgres_url="postgresql://127.0.0.1:9/nowhere",
        mongo_url="mongodb://127.0.0.1:9",
        mongo_database="nowhere",
        redis_url="redis://127.0.0.1:9/0",
    )
    # Every question on a connection of its own: it is while one is made that it can be lost.
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=0)
    tls = ssl.create_default_context()
    watch = Watch(
        settings,
        lambda: httpx.AsyncClient(timeout=health.ANSWER_WITHIN_S, trust_env=False, limits=limits, verify=tls),
    )
    with monkeypatch.context() as patch:
        patch.setattr(health, "ANSWER_WITHIN_S", SHORT_S)
        for moment in range(MOMENTS):
            poll = asyncio.create_task(watch.poll())
            for _ in range(moment):
                await asyncio.sleep(0)
            time.sleep(2 * SHORT_S)  # noqa: ASYNC251 - the machine is busy with somebody else
            await poll

    async def well() -> None:
        await watch.poll()
        assert watch.health.checks["accepted"].status == "ok", watch.health

    await eventually_async(well)
