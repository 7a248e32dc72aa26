"""``python -m write_api`` as tests run it: a real process, on a free port, with secrets of its own."""

import base64
import json
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import httpx

from infra.native.services import inherited
from tests.eventually import eventually

CHECKOUT = Path(__file__).resolve().parents[3]
READY_WITHIN_S = 60.0
STOPPED_WITHIN_S = 30.0


def environment(
    folder: Path,
    bootstrap: str,
    topic: str,
    partitions: int,
    redis_url: str = "redis://127.0.0.1:9/0",
    postgres_url: str = "postgresql://127.0.0.1:9/nowhere",
) -> dict[str, str]:
    """Return the ``FRONTROW_*`` variables of a write API; its secrets are made in ``folder`` unless they are there.

    Unless a test brings a Redis or a PostgreSQL, there is none where it is looked for.
    """
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    made = {"booking_id_keys": json.dumps({"current": 1, "keys": {"1": key}}), "principal_key": key}
    made |= dict.fromkeys(("derivation_key", "keyed_id_key", "payment_token_key", "refresh_key"), key)
    made["ticket_public_keys"] = json.dumps({"keys": {}})
    made["token_signing_keys"] = json.dumps({"current": "1", "keys": {"1": key}})
    for name, value in made.items():
        file = folder / f"frontrow_{name}"
        if not file.exists():
            file.write_text(value)
    return {
        "FRONTROW_SECRETS_DIR": str(folder),
        "FRONTROW_HTTP_HOST": "127.0.0.1",
        "FRONTROW_HTTP_PORT": str(free_port()),
        "FRONTROW_KAFKA_BOOTSTRAP": bootstrap,
        "FRONTROW_TOPIC": topic,
        "FRONTROW_PARTITIONS": str(partitions),
        "FRONTROW_REDIS_URL": redis_url,
        "FRONTROW_POSTGRES_URL": postgres_url,
        "FRONTROW_PUBLIC_URL": "http://localhost:8080",
        "FRONTROW_MAIL_DIR": str(folder / "mail"),
    }


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class WriteApi:
    """One process; a context that ends it whatever happens."""

    def __init__(self, env: dict[str, str], log: Path, module: str = "write_api") -> None:
        self._env = env
        self._log = log
        self._module = module
        self.url = f"http://127.0.0.1:{env['FRONTROW_HTTP_PORT']}"

    def __enter__(self) -> Self:
        with self._log.open("a") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._module],
                cwd=CHECKOUT,
                env=inherited() | self._env,
                stdout=output,
                stderr=output,
            )
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def secret(self, name: str) -> str:
        """Return the content of ``frontrow_<name>``."""
        return Path(self._env["FRONTROW_SECRETS_DIR"], f"frontrow_{name}").read_text()

    def said(self) -> str:
        """Return everything that the process wrote."""
        return self._log.read_text()

    def is_live(self) -> bool:
        return self._status("/health/live") == httpx.codes.OK

    def is_ready(self) -> bool:
        return self._status("/health/ready") == httpx.codes.OK

    def wait_until_ready(self, within_s: float = READY_WITHIN_S) -> None:
        def ready() -> None:
            assert self._process.poll() is None, self.said()
            assert self.is_ready()

        eventually(ready, within_s=within_s)

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Keep the process from doing anything meanwhile."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def ask_to_stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)

    def meet_its_bug(self) -> None:
        """Tell ``tests.integration.write_api.flawed`` that it is time."""
        self._process.send_signal(signal.SIGUSR1)

    def wait_until_stopped(self) -> int:
        """Return its exit status."""
        return self._process.wait(STOPPED_WITHIN_S)

    def _status(self, path: str) -> int:
        try:
            return httpx.get(self.url + path, timeout=2).status_code
        except httpx.TransportError:
            return 0
