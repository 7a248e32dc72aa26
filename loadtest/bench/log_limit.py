"""Log limit: what the log itself takes, as Kafka's own ``kafka-producer-perf-test`` finds it, with records of our size.

Context for how much of an accept is the log's: the tool sends without waiting for anybody, in large batches.
"""

import re
import subprocess
import time
from typing import Final

from contracts.ids import IdMint
from infra.native import kafka_jars
from infra.native.errors import CannotStartError
from infra.native.instance import Instance
from infra.native.machine import find_programs
from loadtest.bench.backlog import Backlog
from loadtest.bench.log import BenchTopic
from loadtest.bench.pace import Pace
from loadtest.bench.rig import Addresses

TOOL: Final = "org.apache.kafka.tools.ProducerPerformance"
"""The class that the script ``kafka-producer-perf-test`` runs."""
WARM_UP: Final = 20_000
_RATE: Final = re.compile(r"([0-9.]+) records/sec")
_DONE_WITHIN_S: Final = 120.0


def measure(instance: Instance, where: Addresses, pace: Pace) -> list[float]:
    """Return each round's records a second, acknowledged by all replicas; every round is a new process.

    Raises:
        CannotStartError: there is no Java or no Kafka here, so no platform either.
    """
    java, libs = find_programs().java, kafka_jars.find(instance.settings.kafka_home, instance.settings.cache)
    if java is None or libs is None:
        sentence = "Kafka's own programs are not here."
        raise CannotStartError(sentence, "Start the platform once.")
    with BenchTopic(where.bootstrap, instance.settings.partitions) as topic:
        command = [
            *(java, "-Xmx256m", "-cp", f"{libs}/*", TOOL),
            *("--bootstrap-server", where.bootstrap, "--topic", topic.name, "--throughput", "-1"),
            *("--num-records", str(WARM_UP + pace.records), "--warmup-records", str(WARM_UP)),
            *("--record-size", str(record_bytes()), "--command-property", "acks=all"),
        ]
        return [_run(command) for _ in range(pace.rounds)]


def record_bytes() -> int:
    """Return the size of a plain booking on the log: key, value and headers."""
    backlog = Backlog(IdMint({1: bytes(32)}, 1), 1, lambda: time.time_ns() // 1_000_000, bytes)
    [message] = backlog.book("concert123", ["S1234"])
    headers = sum(len(name) + len(value or "") for name, value in message.headers)
    return len(message.key) + len(message.value) + headers


def rate(said: str) -> float:
    """Return the records a second of the tool's last line, which is of all records.

    Raises:
        ValueError: it says none.
    """
    if not (found := _RATE.findall(said)):
        msg = f"kafka-producer-perf-test said: {said}"
        raise ValueError(msg)
    return float(found[-1])


def _run(command: list[object]) -> float:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=_DONE_WITHIN_S, check=True)
    return rate(done.stdout)
