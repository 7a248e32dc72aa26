"""Drain: how many bookings a second one worker decides when its log is full and nothing else runs.

``python -m loadtest.bench.drain --help`` runs it alone, against any four stores on this machine; it makes its own topic
and database there and removes them. A drain goes like this:

1. A worker starts on an empty topic and a freshly migrated, empty database, and decides a few bookings that nobody can
   have, so that its statements are prepared while the tables are empty, as on every fresh install.
2. The halls are announced through the log, as in life.
3. The worker is frozen (SIGSTOP), the whole backlog is appended, the worker is thawed: that moment starts the watch.
4. The watch stops when the ledger's offsets show every message decided, all outcomes committed. They are then counted.

Neither process start, nor the making of halls and backlog, nor the projection is in the figure.
"""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain, zip_longest
from pathlib import Path
from typing import Final

from psycopg.conninfo import conninfo_to_dict

from contracts.ids import IdMint
from loadtest.bench.backlog import Backlog, Hall
from loadtest.bench.ledger import BenchLedger
from loadtest.bench.log import BenchTopic
from loadtest.bench.worker_process import DEFAULT_COMMAND, WorkerProcess

COMMANDS: Final = 200_000
PARTITIONS: Final = 8
HALLS: Final = 10
SCENARIOS: Final = ("empty", "warm", "one-event", "one-seat", "no-redis")
NOBODY: Final = "redis://127.0.0.1:1/0"
"""Where Redis is when it is away: on loopback nobody listens on port 1, and connections are refused at once."""

_FIRST_DECISION_WITHIN_S: Final = 30.0
_PER_COMMAND_S: Final = 0.001
"""The slowest drain that is waited for: 1,000 a second, half a direct booking's rate."""
_PROBES: Final = 8
"""Statements are planned for good after five executions, if at all."""


@dataclass(frozen=True)
class Stores:
    """Where a drain runs. ``admin``: conninfo of PostgreSQL's superuser; ``worker``: settings of the worker process.

    The worker's topic, group, id and database name are the drain's own; whatever ``worker`` says of them is ignored.
    """

    bootstrap: str
    admin: str
    worker: dict[str, str]
    command: str = DEFAULT_COMMAND


@dataclass(frozen=True)
class Drained:
    """What one drain showed. ``broken`` says in words what was lost or decided wrongly; empty is as it should be."""

    name: str
    commands: int
    seconds: float
    worker_cpu_s: float
    broken: list[str] = field(default_factory=list)

    @property
    def per_s(self) -> float:
        """Commands decided a second."""
        return self.commands / self.seconds

    @property
    def cpu_us(self) -> float:
        """The worker's processor time for a command, in microseconds."""
        return self.worker_cpu_s / self.commands * 1e6

    def __str__(self) -> str:
        spent = f"{self.commands:,} in {self.seconds:.2f} s, {self.cpu_us:.1f} µs of the worker's processor time each"
        text = f"{self.name:12} {self.per_s:10,.0f}/s  {spent}"
        return "\n".join([text, *(f"  BROKEN: {line}" for line in self.broken)])


class Drain:
    """A worker with its own topic and ledger; ``measure`` may be called several times, each on halls of its own."""

    def __init__(self, topic: BenchTopic, ledger: BenchLedger, worker: WorkerProcess) -> None:
        self._topic = topic
        self._ledger = ledger
        self._worker = worker
        mint = IdMint({1: os.urandom(32)}, 1)
        self._backlog = Backlog(mint, topic.partitions, lambda: time.time_ns() // 1_000_000, os.urandom)

    def prepare_on_empty_tables(self) -> None:
        """Let the worker decide a few bookings one by one while there is nothing in the ledger."""
        for number in range(_PROBES):
            ends = self._topic.append(self._backlog.book(f"nothing-{number}", ["S1"]))
            self._wait(ends, _FIRST_DECISION_WITHIN_S)

    def on_many_events(self, name: str, commands: int) -> Drained:
        """Distinct seats of ``HALLS`` halls, arriving for all of them at once."""
        halls = [Hall(f"{name}-{number}", commands // HALLS) for number in range(HALLS)]
        return self._measure(name, halls, [hall.seat_ids() for hall in halls], Counter(confirmed=commands))

    def on_one_event(self, name: str, commands: int) -> Drained:
        """Distinct seats of one hall, so one partition has them all."""
        hall = Hall(name, commands)
        return self._measure(name, [hall], [hall.seat_ids()], Counter(confirmed=commands))

    def on_one_seat(self, name: str, commands: int) -> Drained:
        """Everybody wants the same seat."""
        hall = Hall(name, 1)
        return self._measure(name, [hall], [["S1"] * commands], Counter(confirmed=1, rejected=commands - 1))

    def settle(self) -> None:
        """Bring the ledger into the state of one that was in use for long: see ``BenchLedger.settle``."""
        self._ledger.settle()

    def announce(self, halls: list[Hall]) -> None:
        """Put halls on sale, and wait until they are."""
        ends = self._topic.append(chain.from_iterable(map(self._backlog.announce, halls)))
        self._wait(ends, _FIRST_DECISION_WITHIN_S + sum(hall.seats for hall in halls) * _PER_COMMAND_S)

    def _measure(self, name: str, halls: list[Hall], wanted: list[list[str]], expected: Counter[str]) -> Drained:
        self.announce(halls)
        return self.decide(name, halls, wanted, expected)

    def decide(self, name: str, halls: list[Hall], wanted: list[list[str]], expected: Counter[str]) -> Drained:
        """Let the worker decide a booking of each seat that is wanted of each hall, and count how they end."""
        commands = expected.total()
        bookings = [self._backlog.book(hall.event_id, seats) for hall, seats in zip(halls, wanted, strict=True)]
        messages = [one for together in zip_longest(*bookings) for one in together if one is not None]
        self._ledger.checkpoint()
        self._worker.freeze()
        ends = self._topic.append(messages)
        cpu_s = self._worker.cpu_s()
        started = time.monotonic()
        self._worker.thaw()
        seconds = self._wait(ends, _FIRST_DECISION_WITHIN_S + commands * _PER_COMMAND_S) - started
        cpu_s = self._worker.cpu_s() - cpu_s
        return Drained(name, commands, seconds, cpu_s, self._ledger.broken([hall.event_id for hall in halls], expected))

    def _wait(self, ends: dict[int, int], within_s: float) -> float:
        try:
            return self._ledger.wait_until_decided(self._topic.name, ends, within_s)
        except TimeoutError as late:
            msg = f"{late}\n{self._worker.complaint()}"
            raise TimeoutError(msg) from None


@contextmanager
def fresh(stores: Stores) -> Iterator[Drain]:
    """Give a drain on a new topic and a freshly migrated, empty ledger; remove both afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="frontrow-bench-")))
        ledger = stack.enter_context(BenchLedger(stores.admin))
        topic = stack.enter_context(BenchTopic(stores.bootstrap, PARTITIONS))
        environment = stores.worker | {
            "FRONTROW_KAFKA_BOOTSTRAP": stores.bootstrap,
            "FRONTROW_TOPIC": topic.name,
            "FRONTROW_CONSUMER_GROUP": topic.name,
            "FRONTROW_WORKER_ID": topic.name,
            "FRONTROW_POSTGRES_URL": _on_database(stores.worker["FRONTROW_POSTGRES_URL"], ledger.name),
        }
        worker = stack.enter_context(WorkerProcess(stores.command, environment, folder / "worker.log"))
        drain = Drain(topic, ledger, worker)
        drain.prepare_on_empty_tables()
        yield drain


def measure(stores: Stores, scenarios: Sequence[str], commands: int) -> Iterator[Drained]:
    """Yield each scenario's figures.

    All but ``no-redis``, which has a worker of its own, share a worker and a ledger, which the first drain fills: what
    is held against ``warm`` is as warm.
    """
    if any(scenario != "no-redis" for scenario in scenarios):
        with fresh(stores) as drain:
            empty = drain.on_many_events("empty", commands)
            if "empty" in scenarios:
                yield empty
            warm = {"warm": drain.on_many_events, "one-event": drain.on_one_event, "one-seat": drain.on_one_seat}
            for name, drained in warm.items():
                if name in scenarios:
                    drain.settle()
                    yield drained(name, commands)
    if "no-redis" in scenarios:
        with fresh(replace(stores, worker=stores.worker | {"FRONTROW_REDIS_URL": NOBODY})) as drain:
            yield drain.on_many_events("no-redis", commands)


def _on_database(url: str, name: str) -> str:
    info = conninfo_to_dict(url)
    return f"postgresql://{info['user']}@{info['host']}:{info.get('port', 5432)}/{name}"


def main() -> int:
    """Run the chosen scenarios alone; returns 1 when something was lost or decided wrongly."""
    parser = argparse.ArgumentParser(
        prog="python -m loadtest.bench.drain", description=(__doc__ or "").split("\n\n")[0]
    )
    parser.add_argument("--bootstrap", required=True, help="Kafka, host:port")
    parser.add_argument(
        "--admin", required=True, help="PostgreSQL's superuser, postgresql://postgres@127.0.0.1:5432/postgres"
    )
    parser.add_argument("--redis", required=True, help="redis://127.0.0.1:6379/0")
    parser.add_argument(
        "--secrets-dir", help="folder with frontrow_postgres_password and frontrow_redis_password, if any"
    )
    parser.add_argument("--http-port", default="19390", help="port of the worker's health and metrics")
    parser.add_argument("--commands", type=int, default=COMMANDS)
    parser.add_argument("--scenarios", default=",".join(SCENARIOS), help="comma separated; of these")
    parser.add_argument("--worker-command", default=DEFAULT_COMMAND, help="for example with a profiler before it")
    args = parser.parse_args()
    admin = conninfo_to_dict(args.admin)
    worker = {
        "FRONTROW_POSTGRES_URL": f"postgresql://frontrow_worker@{admin['host']}:{admin.get('port', 5432)}/any",
        "FRONTROW_REDIS_URL": args.redis,
        "FRONTROW_HTTP_HOST": "127.0.0.1",
        "FRONTROW_HTTP_PORT": args.http_port,
        **({"FRONTROW_SECRETS_DIR": args.secrets_dir} if args.secrets_dir else {}),
    }
    stores = Stores(args.bootstrap, args.admin, worker, args.worker_command)
    broken = False
    for drained in measure(stores, args.scenarios.split(","), args.commands):
        print(drained, flush=True)
        broken = broken or bool(drained.broken)
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
