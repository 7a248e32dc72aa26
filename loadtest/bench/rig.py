"""Rig: a native instance with its own home and ports, the references beside it, and the invariant checker after it.

Whatever it held before is removed first, and all of it afterwards, so that every run measures the same.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

import httpx
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from infra.native.errors import CannotStartError
from infra.native.instance import Instance
from infra.native.machine import Say, install
from infra.native.services import inherited
from infra.native.settings import CHECKOUT
from loadtest.bench import closed_loop, direct, naive, plain
from loadtest.bench.closed_loop import Seats

HOME: Final = CHECKOUT / ".frontrow" / "bench"
GATEWAY_PORT: Final = 8280
BASE_PORT: Final = 18_300
DIRECT_PORT: Final = BASE_PORT + 99
UNLOGGED_PORT: Final = BASE_PORT + 97
PLAIN_PORT: Final = BASE_PORT + 96
NAIVE_PORT: Final = BASE_PORT + 95

UNLOGGED_PATH: Final = "/bench/unlogged/book"
STATIC_PATH: Final = "/bench/static/"
DIRECT_DATABASE: Final = "bench_direct"
DIRECT_SEATS: Final = Seats("direct-", 10, 15_000)
COUNTED_SEATS: Final = Seats("direct-counted-", 1, 200_000)

_AS_A_BOOKING: Final = (
    "limit_req zone=writes burst=40 nodelay; limit_conn bookings 1200; limit_conn commands_of_address 100;"
)
"""What the gateway looks at before it passes ``/api/book`` on, so that it does the same for who is held against it."""
_UP_WITHIN_S: Final = 60.0
"""A second or two; a machine with much other work takes many times as long."""
_AUDITED_WITHIN_S: Final = 600.0
_PROVED_WITHIN_S: Final = 180.0
_NEARLY: Final = 1_000
"""Messages that the auditor may be behind: what comes in a second of a steady load."""


@dataclass(frozen=True)
class Addresses:
    """Where the bench looks for itself. ``ledger`` is a superuser's conninfo, ``view`` a reader's address."""

    gateway: str
    bootstrap: str
    topic: str
    ledger: str
    view: str
    view_database: str


@contextmanager
def alone() -> Iterator[None]:
    """Keep a second benchmark out: it would remove the first one's instance. The lock ends with the process.

    Raises:
        CannotStartError: somebody else is measuring.
    """
    HOME.parent.mkdir(parents=True, exist_ok=True)
    with HOME.with_name("bench.session").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sentence = "Another benchmark runs in this checkout."
            raise CannotStartError(sentence, "Wait until it is done.") from None
        yield


def prepare(
    environment: Mapping[str, str], say: Say, *, port: int = GATEWAY_PORT, base_port: int = BASE_PORT
) -> Instance:
    """Return the bench's instance, not started, with nothing in it; brings the load generator where it is missing.

    ``port`` is the gateway's, ``base_port`` the first of those of everything else.

    Raises:
        CannotStartError: with the sentence and the remedy.
    """
    bring_load_generator(say)
    static = HOME / "gateway" / "bench"
    instance = Instance.from_environment(
        {
            **{name: value for name, value in environment.items() if not name.startswith("FRONTROW_")},
            "FRONTROW_HOME": str(HOME),
            "FRONTROW_PORT": str(port),
            "FRONTROW_BASE_PORT": str(base_port),
            "FRONTROW_GATEWAY_EXTRA_UPSTREAMS": (
                _upstream("direct", DIRECT_PORT)
                + _upstream("unlogged", UNLOGGED_PORT)
                + _upstream("plain", PLAIN_PORT)
                + _upstream("naive", NAIVE_PORT)
            ),
            "FRONTROW_GATEWAY_EXTRA_LOCATIONS": (
                f"location = {direct.PATH} {{ proxy_pass http://direct; }}"
                f" location = {direct.COUNTED_PATH} {{ proxy_pass http://direct; }}"
                f" location = {naive.PATH} {{ proxy_pass http://naive; }}"
                f" location = {UNLOGGED_PATH} {{ {_AS_A_BOOKING} proxy_pass http://unlogged/api/book; }}"
                f" location = {plain.PATH} {{ {_AS_A_BOOKING} proxy_pass http://plain; }}"
                f" location {STATIC_PATH} {{ alias {static}/; types {{ }} default_type application/json; }}"
            ),
        }
    )
    instance.reset()
    return instance


def bring_load_generator(say: Say) -> None:
    """Install the load generator where it is missing.

    Raises:
        CannotStartError: with the sentence and the remedy.
    """
    if shutil.which(closed_loop.PROGRAM) is None:
        install({f"{closed_loop.PROGRAM} (the load generator)": closed_loop.PROGRAM}, say, HOME / "logs" / "apt.log")


def addresses(instance: Instance) -> Addresses:
    """Return where the instance's stores are, passwords included: never print or log them."""
    owner, audit = instance.environment_of("migrate"), instance.environment_of("audit")
    mongo = urlsplit(audit["FRONTROW_MONGO_URL"])
    login = f"{audit['FRONTROW_MONGO_USER']}:{quote(_secret(audit, 'frontrow_mongo_password'), safe='')}"
    return Addresses(
        gateway=f"http://127.0.0.1:{instance.ports.gateway}",
        bootstrap=audit["FRONTROW_KAFKA_BOOTSTRAP"],
        topic=audit["FRONTROW_TOPIC"],
        ledger=make_conninfo(owner["FRONTROW_POSTGRES_URL"], password=_secret(owner, "frontrow_postgres_password")),
        view=mongo._replace(netloc=f"{login}@{mongo.netloc}").geturl(),
        view_database=audit["FRONTROW_MONGO_DATABASE"],
    )


@contextmanager
def direct_reference(where: Addresses) -> Iterator[None]:
    """Have the direct reference running, on a new database of the same server."""
    conninfo = direct_database(where)
    with direct_process(conninfo, direct.POOL_SIZE):
        yield


def direct_database(where: Addresses) -> str:
    """Make the reference's database anew; returns its conninfo."""
    conninfo = new_database(where, DIRECT_DATABASE)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(direct.SCHEMA)
        for seats in (DIRECT_SEATS, COUNTED_SEATS):
            connection.execute(direct.SEATS, asdict(seats))
        connection.execute(direct.COUNTERS)
        connection.execute("VACUUM ANALYZE")
    return conninfo


def new_database(where: Addresses, name: str) -> str:
    """Make an empty database beside the ledger, in the place of one of that name; returns its conninfo."""
    database = sql.Identifier(name)
    with psycopg.connect(where.ledger, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
        server.execute(sql.SQL("CREATE DATABASE {}").format(database))
    return make_conninfo(where.ledger, dbname=name)


@contextmanager
def direct_process(conninfo: str, pool: int) -> Iterator[None]:
    """Have the reference's process running, with so many connections."""
    with tempfile.TemporaryDirectory(prefix="frontrow-bench-") as folder:
        file = Path(folder) / "conninfo"
        file.write_text(conninfo)
        arguments = (str(DIRECT_PORT), str(pool))
        with serving("loadtest.bench.direct", DIRECT_PORT, {direct.CONNINFO_FILE: str(file)}, *arguments):
            yield


@contextmanager
def serving(module: str, port: int, environment: Mapping[str, str], *arguments: str) -> Iterator[None]:
    """Have a reference's process running; it says on its port at ``/health/ready`` when it is."""
    with process(module, environment, *arguments):
        _wait_for(f"http://127.0.0.1:{port}/health/ready")
        yield


@contextmanager
def process(module: str, environment: Mapping[str, str], *arguments: str) -> Iterator[None]:
    """Have a process of a reference started, and ended with the block."""
    command = [sys.executable, "-m", module, *arguments]
    started = subprocess.Popen(command, cwd=CHECKOUT, env={**os.environ, **environment})
    try:
        yield
    finally:
        started.terminate()
        started.wait()


def wait_until_proved(where: Addresses) -> None:
    """Return when the auditor has proved nearly all that is decided.

    Raises:
        TimeoutError: not within ``_PROVED_WITHIN_S``.
    """
    deadline = time.monotonic() + _PROVED_WITHIN_S
    while True:
        with suppress(httpx.HTTPError):
            told = httpx.get(f"{where.gateway}/api/audit").raise_for_status().json()
            if told["waiting_for"] is None and told["proved_to"]["behind"] < _NEARLY:
                return
        if time.monotonic() > deadline:
            msg = f"the auditor did not catch up within {_PROVED_WITHIN_S:.0f} s"
            raise TimeoutError(msg)
        time.sleep(1)


@contextmanager
def standing_still(instance: Instance, program: str) -> Iterator[None]:
    """Freeze a program for some seconds: its sessions and its connections outlive that."""
    instance.kill(program, signal.SIGSTOP)
    try:
        yield
    finally:
        instance.kill(program, signal.SIGCONT)


def audited(instance: Instance, *arguments: str, within_s: float = _AUDITED_WITHIN_S) -> list[str]:
    """Have log, ledger and view of the instance compared; returns in words that they do not agree, if so."""
    return run(instance, "audit", *arguments, within_s=within_s)


def run(instance: Instance, module: str, *arguments: str, within_s: float) -> list[str]:
    """Run a command of ours as the instance would; returns in words that it failed, if so."""
    environment = {**inherited(), **instance.environment_of(module)}
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, timeout=within_s, check=False)
    return [f"python -m {module} ended with status {done.returncode}, see above"] if done.returncode else []


def publish_static(name: str, body: bytes) -> str:
    """Let the gateway serve these bytes as a file; returns the file's path at the gateway."""
    folder = HOME / "gateway" / "bench"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(body)
    return f"{STATIC_PATH}{name}"


def _upstream(name: str, port: int) -> str:
    return (
        f"upstream {name} {{ zone {name} 64k; server 127.0.0.1:{port};"
        " keepalive 512; keepalive_requests 100000; keepalive_timeout 60s; } "
    )


def _secret(environment: Mapping[str, str], name: str) -> str:
    return (Path(environment["FRONTROW_SECRETS_DIR"]) / name).read_text().strip()


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + _UP_WITHIN_S
    while True:
        try:
            if httpx.get(url).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        if time.monotonic() > deadline:
            msg = f"{url} did not answer within {_UP_WITHIN_S:.0f} s"
            raise TimeoutError(msg)
        time.sleep(0.05)
