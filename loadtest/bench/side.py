"""Side: Frontrow of one commit, running with its own code, packages, home and ports. ``against`` compares two of them.

The checkout of another commit is a copy of its files below ``.frontrow/against``, with an environment made of its own
lock; both stay for the next comparison. A side is started and drained by its own code. What is asked of it while it
runs goes over what does not change from commit to commit: the gateway, its stores, its supervisor.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from psycopg.conninfo import conninfo_to_dict

from infra.native.instance import Instance
from infra.native.settings import CHECKOUT
from loadtest.bench import rig, spent
from loadtest.bench.closed_loop import Seats
from loadtest.bench.rig import Addresses

FOLDER: Final = CHECKOUT / ".frontrow" / "against"
_INSTALLED_WITHIN_S: Final = 600.0
_STARTED_WITHIN_S: Final = 180.0
_ANNOUNCED_WITHIN_S: Final = 120.0
_DRAINED_WITHIN_S: Final = 180.0
_DRAINED: Final = re.compile(r"^empty +([0-9,]+)/s +[0-9,]+ in [0-9.]+ s, ([0-9.]+) µs", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Checkout:
    """A commit's files and the Python that runs them. ``name`` is what the figures call it."""

    name: str
    path: Path
    python: Path


@dataclass(frozen=True, slots=True)
class Drain:
    """The worker alone: commands decided a second, and its processor time for each."""

    per_s: float
    worker_us: float


def current() -> Checkout:
    """Return this checkout, as it is."""
    return Checkout("now", CHECKOUT, Path(sys.executable))


def of_commit(commit: str) -> Checkout:
    """Return a copy of that commit with its packages; made when it is not there yet.

    Raises:
        subprocess.CalledProcessError: there is no such commit, or its lock cannot be installed.
    """
    found = _run("git", "rev-parse", "--verify", f"{commit}^{{commit}}", within_s=10.0).strip()
    path = FOLDER / found[:12]
    python = path / ".venv" / "bin" / "python"
    done = path / ".complete"
    if not done.exists():
        path.mkdir(parents=True, exist_ok=True)
        archive = subprocess.run(["git", "archive", found], cwd=CHECKOUT, capture_output=True, check=True).stdout
        subprocess.run(["tar", "-x", "-C", str(path)], input=archive, check=True)
        _run(sys.executable, "-m", "venv", str(path / ".venv"), within_s=_INSTALLED_WITHIN_S)
        # As the lock says and nothing resolved: pip before 23.3 refuses a lock that has an extra of a locked package.
        packages = ("--no-deps", "--require-hashes", "-r", str(path / "requirements-dev.txt"))
        _run(str(python), "-m", "pip", "install", "-q", *packages, within_s=_INSTALLED_WITHIN_S)
        done.touch()
    return Checkout(found[:7], path, python)


class Side:
    """One commit's platform. ``seats``: what there is to book, distinct seats of halls of its own."""

    def __init__(self, checkout: Checkout, *, port: int, base_port: int, seats: Seats) -> None:
        self.name = checkout.name
        self.seats = seats
        self._checkout = checkout
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("FRONTROW_", "PYTHON"))},
            "FRONTROW_HOME": str(FOLDER / f"home-{checkout.name}"),
            "FRONTROW_PORT": str(port),
            "FRONTROW_BASE_PORT": str(base_port),
            "PYTHONPATH": str(checkout.path),
        }
        self.instance = Instance.from_environment(self._environment)

    @contextmanager
    def running(self) -> Iterator[Addresses]:
        """Have it running with nothing in it but the demo events and the halls; nothing is left of it afterwards."""
        self._native("reset", "--yes")
        try:
            self._native("start")
            where = rig.addresses(self.instance)
            arguments = [where.bootstrap, where.topic, str(self.instance.settings.partitions)]
            arguments += [self.seats.prefix, str(self.seats.halls), str(self.seats.seats)]
            # -P: what lies beside the file is this commit's, and must not be found before the other's.
            file = str(Path(__file__).with_name("announce.py"))
            self._python("-P", file, *arguments, within_s=_ANNOUNCED_WITHIN_S)
            yield where
        finally:
            self._native("reset", "--yes")

    def cpu_s(self) -> dict[str, float]:
        """Return the processor time so far of every service and store, by name."""
        return spent.programs_s(self.instance)

    def drain(self, where: Addresses, commands: int) -> Drain:
        """Drain with its own worker and code, the services standing by.

        Raises:
            ValueError: the drain's words are none that this commit understands.
        """
        worker = self.instance.environment_of("worker")
        ports = self.instance.ports
        owner = conninfo_to_dict(where.ledger)
        text = self._python(
            *("-m", "loadtest.bench.drain", "--scenarios", "empty", "--commands", str(commands)),
            *("--bootstrap", worker["FRONTROW_KAFKA_BOOTSTRAP"], "--redis", worker["FRONTROW_REDIS_URL"]),
            *("--admin", f"postgresql://{owner['user']}@{owner['host']}:{owner['port']}/{owner['dbname']}"),
            *("--secrets-dir", worker["FRONTROW_SECRETS_DIR"], "--http-port", str(ports.base + 98)),
            within_s=_DRAINED_WITHIN_S,
            secrets={"PGPASSWORD": str(owner["password"])},
        )
        found = _DRAINED.search(text)
        if found is None or "BROKEN" in text:
            msg = f"the drain of {self.name} said: {text}"
            raise ValueError(msg)
        return Drain(float(found[1].replace(",", "")), float(found[2]))

    def _native(self, *command: str) -> None:
        self._python("-m", "infra.native", *command, within_s=_STARTED_WITHIN_S)

    def _python(self, *arguments: str, within_s: float, secrets: Mapping[str, str] | None = None) -> str:
        environment = {**self._environment, **(secrets or {})}
        python, path = str(self._checkout.python), self._checkout.path
        return _run(python, *arguments, within_s=within_s, cwd=path, environment=environment)


def _run(*command: str, within_s: float, cwd: Path = CHECKOUT, environment: Mapping[str, str] | None = None) -> str:
    """Return what a program prints; what it complains of is shown to whoever waits."""
    done = subprocess.run(
        command, cwd=cwd, env=environment, stdout=subprocess.PIPE, text=True, timeout=within_s, check=True
    )
    return done.stdout
