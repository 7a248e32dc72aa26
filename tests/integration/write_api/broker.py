"""A broker of the test's own, which may be frozen, killed and started again without hurting anybody."""

import random
import signal
import subprocess
import time
import uuid
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from infra.native import kafka, launch
from infra.native.home import Home
from infra.native.ports import Ports, is_free
from infra.native.settings import NativeSettings
from tests import own_instance
from tests.eventually import eventually

UP_WITHIN_S = 60.0


class Broker:
    """Started and ended by its fixture; whoever freezes it thaws it."""

    def __init__(self, folder: Path) -> None:
        settings = NativeSettings.from_environment(own_instance.environment())
        tools = launch.install(settings, lambda _line: None)
        home = Home(folder)
        for needed in (home.data, home.conf, home.logs):
            needed.mkdir(parents=True)
        ports = _free_ports()
        kafka.prepare(home, ports, tools.java, tools.kafka_libs)
        self._program = kafka.program(home, ports, tools.java, tools.kafka_libs)
        self._log = home.logs / "kafka.log"
        self.bootstrap = f"127.0.0.1:{ports.kafka}"
        self.start()

    def start(self) -> None:
        """Start the broker; it is up when it answers."""
        with self._log.open("a") as output:
            self._process = subprocess.Popen(
                [str(part) for part in self._program.command], stdout=output, stderr=output, cwd="/"
            )

        def answers() -> None:
            if self._process.poll() is not None:
                raise ChildProcessError(self._log.read_text()[-2000:])
            try:
                AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0}).list_topics(timeout=1)
            except KafkaException as error:
                raise AssertionError from error

        eventually(answers, within_s=UP_WITHIN_S)

    def freeze(self) -> None:
        """Stop the process where it stands: its connections stay open and nothing is answered."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def recover(self) -> None:
        """Bring it back from whatever was done to it."""
        if self._process.poll() is None:
            self.thaw()
        else:
            self.start()

    def end(self) -> None:
        """End it for good, frozen or not."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            deadline = time.monotonic() + 5
            while self._process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
            self._process.kill()
        self._process.wait()


def _free_ports() -> Ports:
    """Return ports on which nobody listens, below those that outgoing connections take: a killed broker comes back."""
    for base in random.sample(range(20_000, 30_000), 100):
        ports = Ports(base, base, {})
        if is_free(ports.kafka) and is_free(ports.kafka_controller):
            return ports
    msg = "no two free ports in a row"
    raise OSError(msg)


def new_topic(bootstrap: str, partitions: int) -> str:
    """Return the name of an empty topic."""
    name = f"requests_{uuid.uuid4().hex[:12]}"
    config = {"message.timestamp.type": "LogAppendTime", "retention.ms": "-1"}
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(name, partitions, 1, config=config)])[name].result(20)
    return name
