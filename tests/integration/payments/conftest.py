"""Payments' parts on a ledger of the test's own, and the test provider as a process with books there."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from infra.native.services import inherited
from payments.rest_provider import RestProvider
from payments.store import Store
from runtime.postgres import Postgres
from tests.eventually import eventually

CHECKOUT = Path(__file__).parents[3]
API_KEY = "key-of-this-test"
WEBHOOK_SECRET = "whsec_dGhlIHNlY3JldCBvZiB0aGlzIHRlc3QgYWxvbmU="  # noqa: S105 - made for this test

Sql = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture
def sql(ledger: str) -> Iterator[Sql]:
    with psycopg.connect(ledger, autocommit=True) as connection:
        yield connection


@pytest.fixture
async def postgres(ledger: str) -> AsyncIterator[Postgres]:
    pool = Postgres(make_conninfo(ledger, user="frontrow_payments"), "payments test")
    await pool.start()
    yield pool
    await pool.stop()


@pytest.fixture
def store(postgres: Postgres) -> Store:
    return Store(postgres)


class Provider:
    """The test provider as a process; it can be killed and started again on the same books and port."""

    def __init__(self, ledger: str, log: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._log = log
        self._env = {
            **inherited(),
            "FRONTROW_HTTP_HOST": "127.0.0.1",
            "FRONTROW_HTTP_PORT": str(port),
            "FRONTROW_POSTGRES_URL": make_conninfo(ledger, user="frontrow_test_provider"),
            "FRONTROW_PAYMENT_WEBHOOK_URL": "http://127.0.0.1:9/nobody",
            "FRONTROW_PAYMENT_PROVIDER_KEY": API_KEY,
            "FRONTROW_PAYMENT_WEBHOOK_SECRET": WEBHOOK_SECRET,
        }

    def start(self) -> None:
        with self._log.open("a") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "test_provider"], env=self._env, cwd=CHECKOUT, stdout=output, stderr=output
            )

        def ready() -> None:
            try:
                assert httpx.get(f"{self.url}/health/ready", timeout=2).status_code == 200
            except httpx.TransportError as error:
                raise AssertionError from error

        eventually(ready)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        self._process.send_signal(number)
        self._process.wait(15)


@pytest.fixture
def test_provider(ledger: str, tmp_path: Path) -> Iterator[Provider]:
    provider = Provider(ledger, tmp_path / "test_provider.log")
    provider.start()
    yield provider
    provider.stop()


@pytest.fixture
async def asks(test_provider: Provider) -> AsyncIterator[RestProvider]:
    async with RestProvider(test_provider.url, SecretStr(API_KEY)) as asking:
        yield asking


@pytest.fixture
def seconds() -> Callable[[], int]:
    return lambda: int(time.time())
