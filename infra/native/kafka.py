"""Kafka in native mode: one broker that is its own controller, on loopback, formatted once."""

import base64
import shutil
import subprocess
import uuid
from pathlib import Path
from string import Template
from typing import Final

from contracts.topics import BOOKING_REQUESTS
from infra.native.errors import CannotStartError
from infra.native.home import Home
from infra.native.ports import Ports
from infra.native.program import Program
from infra.native.settings import CHECKOUT

TEMPLATE: Final = CHECKOUT / "infra" / "kafka" / "server.properties.template"
LOGGING: Final = CHECKOUT / "infra" / "kafka" / "log4j2.properties"

JVM: Final = (
    "-Xms128m",
    "-Xmx512m",
    "-XX:+UseSerialGC",  # the smallest on a machine with few cores; the heap is too small for long pauses
    "-XX:+ExitOnOutOfMemoryError",  # a broker without memory is better started again than half alive
    "-Djava.awt.headless=true",
    f"-Dlog4j2.configurationFile={LOGGING}",
)


def prepare(home: Home, ports: Ports, java: Path, libs: Path) -> None:
    """Format the storage unless it is; a crash leaves it formatted or absent."""
    data = home.data / "kafka"
    if (data / "meta.properties").exists():
        return
    fresh = home.data / "kafka.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    properties = home.conf / "kafka-format.properties"
    properties.write_text(render(ports, fresh))
    tool = ("kafka.tools.StorageTool", "format", "--standalone", "-t", _cluster_id(), "-c", properties)
    command: list[str | Path] = [java, "-Xshare:auto", "-XX:TieredStopAtLevel=1", *JVM[2:], "-cp", f"{libs}/*", *tool]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        sentence = f"Kafka's storage could not be formatted: {said[-1] if said else 'no reason given'}."
        raise CannotStartError(sentence, "Check the disk, and that KAFKA_HOME, where set, is a whole Kafka.")
    fresh.rename(data)


def has_log(home: Home) -> bool:
    """Whether requests were ever put on a log here; storage that is formatted and nothing else has none."""
    return any((home.data / "kafka").glob(f"{BOOKING_REQUESTS}-*"))


def program(home: Home, ports: Ports, java: Path, libs: Path) -> Program:
    """Write the broker's configuration and return its program."""
    properties = home.conf / "kafka.properties"
    properties.write_text(render(ports, home.data / "kafka"))
    return Program("kafka", (java, *JVM, "-cp", f"{libs}/*", "kafka.Kafka", properties), stop_wait_s=30)


def render(ports: Ports, data: Path) -> str:
    """Return the broker's configuration."""
    values = {"KAFKA_PORT": ports.kafka, "KAFKA_CONTROLLER_PORT": ports.kafka_controller, "KAFKA_DATA_DIR": data}
    return Template(TEMPLATE.read_text()).substitute(values)


def _cluster_id() -> str:
    """Return a Kafka uuid: 16 random bytes in base64, which must not begin like an option of the command line."""
    while (name := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return name
