"""One NGINX for the session, with the production template, and a fresh service of each kind behind it for a test."""

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from infra.native.gateway import render
from tests.eventually import eventually
from tests.integration.gateway.service import Service

GATEWAY = Path(__file__).parents[3] / "gateway"
REFUSED_PORT = 9
"""Discard: nobody listens there."""


@dataclass
class Gateway:
    """``write_api`` and so on are ports on which a test may start its services."""

    url: str
    port: int
    access_log: Path
    write_api: int
    read_api: int
    audit: int
    payments: int
    webhooks: int

    def logged(self, request_id: str) -> dict[str, object]:
        """Return what the access log says of a request."""

        def find() -> dict[str, object]:
            entries = [json.loads(line) for line in self.access_log.read_text(errors="replace").splitlines()]
            found = [entry for entry in entries if entry["request_id"] == request_id]
            assert found
            return dict(found[0])

        return eventually(find)


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with started(tmp_path_factory.mktemp("gateway")) as gateway:
        yield gateway


@contextmanager
def started(
    state: Path, *, unlimited: str = "127.0.0.0/8", tls: Path | None = None, second_read_api: int = REFUSED_PORT
) -> Iterator[Gateway]:
    """Run a gateway in this folder.

    ``unlimited``: who is not counted; ``tls``: the certificate's folder; ``second_read_api``: the port of another one.
    """
    port, write_api, read_api, audit, payments, webhooks = free_ports(6)
    configuration = state / "nginx.conf"
    values = {
        "FRONTROW_GATEWAY_LISTEN": f"127.0.0.1:{port} ssl" if tls else f"127.0.0.1:{port}",
        "GATEWAY_TLS_DIRECTIVES": (
            f"ssl_certificate {tls}/fullchain.pem; ssl_certificate_key {tls}/privkey.pem;" if tls else ""
        ),
        "WRITE_API_SERVERS": f"server 127.0.0.1:{write_api};",
        # The second server is away where a test does not start one: a read must reach the other one.
        "READ_API_SERVERS": (
            f"server 127.0.0.1:{read_api} max_fails=0; server 127.0.0.1:{second_read_api} fail_timeout=1s;"
        ),
        "WEBHOOKS_SERVERS": f"server 127.0.0.1:{webhooks};",
        "AUDIT_SERVERS": f"server 127.0.0.1:{audit};",
        "PAYMENTS_SERVERS": f"server 127.0.0.1:{payments};",
        "GATEWAY_STATE_DIR": str(state),
        "GATEWAY_ACCESS_LOG": str(state / "access.log"),
        "GATEWAY_ERROR_LOG": str(state / "error.log"),
        "GATEWAY_STATIC_DIR": str(GATEWAY / "static"),
        "GATEWAY_WEB_DIR": str(GATEWAY.parent / "web" / "dist"),
        "GATEWAY_USER_DIRECTIVE": "user root;" if os.geteuid() == 0 else "",
        "GATEWAY_STREAMS_PER_ADDRESS": "3",
        "GATEWAY_WORKERS": "2",
        "GATEWAY_UNLIMITED_ADDRESSES": unlimited,
        "GATEWAY_EXTRA_UPSTREAMS": "",
        "GATEWAY_EXTRA_LOCATIONS": "",
    }
    configuration.write_text(render((GATEWAY / "nginx.conf.template").read_text(), values))
    process = subprocess.Popen(["nginx", "-e", "stderr", "-c", configuration])

    def listening() -> None:
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        eventually(listening)
        services = (write_api, read_api, audit, payments, webhooks)
        yield Gateway(f"{'https' if tls else 'http'}://127.0.0.1:{port}", port, state / "access.log", *services)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


@pytest.fixture
def client(gateway: Gateway) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=gateway.url, timeout=10) as client:
        yield client


@contextmanager
def serving(port: int = 0) -> Iterator[Service]:
    """Run a service at this port; 0: at any that is free."""
    service = Service()
    service.port = port
    service.start()
    try:
        yield service
    finally:
        service.stop()


@pytest.fixture
def write_api(gateway: Gateway) -> Iterator[Service]:
    with serving(gateway.write_api) as service:
        yield service


@pytest.fixture
def read_api(gateway: Gateway) -> Iterator[Service]:
    with serving(gateway.read_api) as service:
        yield service


@pytest.fixture
def webhooks(gateway: Gateway) -> Iterator[Service]:
    with serving(gateway.webhooks) as service:
        yield service


@pytest.fixture
def audit(gateway: Gateway) -> Iterator[Service]:
    with serving(gateway.audit) as service:
        yield service


@pytest.fixture
def payments(gateway: Gateway) -> Iterator[Service]:
    with serving(gateway.payments) as service:
        yield service
