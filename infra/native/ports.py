"""Ports: which process listens where, and who sits on a port that should be free."""

import errno
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LOOPBACK: Final = "127.0.0.1"
MAX_PROCESSES: Final = 10
"""Most processes of one service: each has a port of its own, and services lie ten ports apart."""
SPAN: Final = 100
"""How many ports an instance may use from its base on."""

_TCP_LISTEN: Final = "0A"


@dataclass(frozen=True, slots=True)
class Ports:
    """All ports of one instance. Only the gateway's is open to the outside; all others are loopback."""

    gateway: int
    base: int
    processes: Mapping[str, int]

    @property
    def postgres(self) -> int:
        """The ledger."""
        return self.base

    @property
    def redis(self) -> int:
        """The seat locks."""
        return self.base + 1

    @property
    def mongo(self) -> int:
        """The view."""
        return self.base + 2

    @property
    def kafka(self) -> int:
        """The log."""
        return self.base + 3

    @property
    def kafka_controller(self) -> int:
        """The log's own bookkeeping."""
        return self.base + 4

    @property
    def write_api(self) -> tuple[int, ...]:
        """One port a process."""
        return self._range("write_api", 10)

    @property
    def read_api(self) -> tuple[int, ...]:
        """One port a process."""
        return self._range("read_api", 20)

    @property
    def worker(self) -> tuple[int, ...]:
        """One port a process."""
        return self._range("worker", 30)

    @property
    def sync_service(self) -> tuple[int, ...]:
        """One port a process."""
        return self._range("sync_service", 40)

    @property
    def audit(self) -> int:
        """The health of everything."""
        return self.base + 50

    @property
    def auditor(self) -> int:
        """The report of who proves everything."""
        return self.base + 51

    @property
    def payments(self) -> int:
        """Its health, and where the provider's webhooks are taken."""
        return self.base + 60

    @property
    def test_provider(self) -> int:
        """The built-in payment provider."""
        return self.base + 70

    @property
    def webhooks(self) -> tuple[int, ...]:
        """One port a process."""
        return self._range("webhooks", 80)

    def _range(self, service: str, offset: int) -> tuple[int, ...]:
        start = self.base + offset
        return tuple(range(start, start + self.processes.get(service, 1)))

    def of(self, service: str) -> tuple[int, ...]:
        """Return every port that a service, by its name, listens on."""
        if service == "kafka":
            return (self.kafka, self.kafka_controller)
        found = getattr(self, service)
        return found if isinstance(found, tuple) else (found,)


def is_free(port: int, *, host: str = LOOPBACK) -> bool:
    """Tell whether somebody could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: connections of the past that linger do not make a port busy.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def answers(port: int, *, timeout_s: float = 0.5) -> bool:
    """Tell whether somebody takes connections on the loopback port."""
    try:
        socket.create_connection((LOOPBACK, port), timeout_s).close()
    except OSError:
        return False
    return True


def holder_of(port: int) -> str | None:
    """Return ``name (process 123)`` of who listens on the port, or None when that cannot be told (Linux only)."""
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    if not sockets:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(link.readlink()) in sockets for link in process.joinpath("fd").iterdir()):
                return f"{process.joinpath('comm').read_text().strip()} (process {process.name})"
        except OSError:
            continue  # it ended while we looked, or belongs to somebody else
    return None


def _listening_inodes(port: int) -> Iterator[str]:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == _TCP_LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]
