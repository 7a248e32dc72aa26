"""One running Frontrow without Docker: start it, stop it, look at it, and, in tests, hurt it.

`start-services.sh` (through `infra.native.__main__`), the tests and the benchmark enter here. Order of a start: stores,
one-shots (migrations, topic, users), services and gateway, ready, demo events. Nothing sleeps for a fixed time;
everything that waits has a bound and ends with a sentence.
"""

import os
import signal
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from infra.native import launch, one_shots, rotation, services
from infra.native.errors import CannotStartError
from infra.native.home import Home
from infra.native.machine import Say, require_disk
from infra.native.ports import Ports
from infra.native.readiness import is_ready
from infra.native.settings import NativeSettings
from infra.native.supervisor import STOPPED_STATES, ProcessState, Supervisor
from infra.secrets.files import read

STORES: Final = ("postgres", "redis", "mongo", "kafka")
SERVICES: Final = tuple(services.MODULES)
ALL: Final = (*STORES, *SERVICES, "gateway")

READY_WITHIN_S: Final = 120.0
"""Some seconds as a rule; a machine with much other work takes many times as long, and still comes up."""
STOPPED_WITHIN_S: Final = 45.0
POLL_S: Final = 0.05
HOPELESS_LOOK_S: Final = 1.0
"""How often the supervisor is asked meanwhile who has ended: for all processes, which takes longer than one answer."""
HOPELESS_ENDS: Final = 3
"""A process that ends this often while we wait for it will not come up by itself."""

_ONE_SHOT_OF: Final = {"postgres": "migrate", "kafka": "topics", "mongo": "mongo_init"}


def _silent(_line: str) -> None:
    """Say nothing: what tests want."""


class Instance:
    """A Frontrow of its own home and ports. Every method may be called again: a start that failed half way goes on."""

    def __init__(self, settings: NativeSettings, say: Say = _silent) -> None:
        self.settings = settings
        self._say = say
        self._home = Home(settings.home)
        self._supervisor = Supervisor(
            self._home.supervisor_configuration, self._home.socket, self._home.logs / "supervisord.log"
        )

    @classmethod
    def from_environment(cls, env: Mapping[str, str], say: Say = _silent) -> "Instance":
        """Return the instance that ``FRONTROW_HOME``, ``FRONTROW_PORT`` and ``FRONTROW_BASE_PORT`` mean."""
        return cls(NativeSettings.from_environment(env), say)

    @property
    def ports(self) -> Ports:
        """Who listens where."""
        return self.settings.ports

    @property
    def home(self) -> Path:
        """The folder of everything that is this instance's."""
        return self._home.path

    @property
    def logs(self) -> Path:
        """The folder of the logs, one file a process."""
        return self._home.logs

    @property
    def gateway_url(self) -> str:
        """The only address that clients need."""
        return self.settings.public_url

    def environment_of(self, service: str, index: int = 0) -> dict[str, str]:
        """Return the ``FRONTROW_*`` variables of a service's process, or of a one-shot."""
        return services.environment(self.settings, service, index)

    def is_running(self) -> bool:
        """Tell whether this instance's supervisor runs."""
        return self._supervisor.is_running()

    def as_started(self) -> "Instance":
        """Return this instance with the settings it was started with, when it runs; else itself."""
        if not self.is_running():
            return self
        return Instance.from_environment({**self._home.remembered(), "FRONTROW_HOME": str(self.home)}, self._say)

    def port_of(self, program: str) -> int:
        """Return the port that clients of a program use."""
        return self.ports.of(_service_of(program))[_index_of(program)]

    def install(self) -> None:
        """Bring what the machine lacks (as root) or say what to run; fetch Kafka unless it is there."""
        launch.install(self.settings, self._say)

    def install_browser(self) -> None:
        """Bring the browser in which the page is tested, where it is missing and can be brought."""
        launch.install_browser(self.settings, self._say)

    def start(self, parts: Collection[str] = ALL, *, seed: bool | None = None, restoring: bool = False) -> bool:
        """Bring the parts up and wait until they are ready; returns whether anything had to be started.

        ``seed`` puts the demo events on the log; None means: when all parts run. ``restoring``: it is the restore
        that asks, and nobody else may while its ledger does not say yet that it is another one than it was.

        Raises:
            CannotStartError: with the sentence and the remedy.
        """
        unknown = set(parts) - set(ALL)
        if unknown:
            raise CannotStartError(f"There is no {', '.join(sorted(unknown))}.", f"Parts are: {', '.join(ALL)}.")
        if self._home.restoring.exists() and not restoring:
            sentence = f"A restore into {self.home} did not come to its end."
            raise CannotStartError(sentence, "Begin it again: ./start-services.sh restore <folder>")
        with self._home.locked():
            started = self._start(parts)
            whole = set(parts) == set(ALL)
            if (whole if seed is None else seed) and (started or not self._home.seeded.exists()):
                self._seed()
            return started

    def stop(self) -> None:
        """Stop everything: first the gateway and the services, which finish what they are at, then the stores."""
        with self._home.locked():
            if not self.is_running():
                return
            states = self._supervisor.states()
            for stage in (("gateway", rotation.NAME), SERVICES, STORES):
                names = [name for name in states if _service_of(name) in stage]
                self._supervisor.stop(names, within_s=STOPPED_WITHIN_S)
            self._supervisor.shut_down()

    def reset(self) -> None:
        """Stop, and remove every trace of this instance."""
        self.stop()
        self._home.remove()

    def status(self) -> dict[str, ProcessState]:
        """Return every process' state by name; nothing when the instance does not run."""
        if not self.is_running():
            return {}
        return {name: state for name, state in self._supervisor.states().items() if _service_of(name) in ALL}

    def restarts(self) -> dict[str, int]:
        """Return how often each process ended by itself, and was started again, since the instance started."""
        return self._supervisor.unexpected_ends()

    def last_words_of(self, program: str) -> str:
        """Return the last line of a program's log."""
        return self._home.last_words_of(program)

    def pid_of(self, program: str) -> int:
        """Return the process id of a running program.

        Raises:
            LookupError: it does not run.
        """
        found = self.status().get(program)
        if found is None or found.pid == 0:
            raise LookupError(program)
        return found.pid

    def kill(self, program: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal to a program's process, behind the supervisor's back; returns its process id."""
        pid = self.pid_of(program)
        os.kill(pid, number)
        return pid

    def stop_program(self, name: str) -> None:
        """Stop one program and wait until it is."""
        self._supervisor.stop([name], within_s=STOPPED_WITHIN_S)

    def start_program(self, name: str, *, ready: bool = True) -> None:
        """Start one program, and wait until it is ready unless told not to."""
        self._supervisor.start([name])
        if ready:
            self._wait_until_ready([name], whole=False)

    def restart(self, service: str) -> None:
        """Restart every process of one service or store, one after the other."""
        for name in self._processes_of([service]):
            self.stop_program(name)
            self.start_program(name)

    # ------------------------------------------------------------------------------------------------ how a start goes

    def _start(self, parts: Collection[str]) -> bool:
        names = self._processes_of(parts)
        launched = not self.is_running()
        if launched:
            self._launch(parts)
        states = self._supervisor.states()
        wanted = [name for name in names if states[name].state in STOPPED_STATES]
        if not wanted:
            self._wait_until_ready(names, whole=set(parts) == set(ALL))
            return False
        if not launched:
            launch.require_free_ports(self.ports, {_service_of(name) for name in wanted})
        if stores := [name for name in wanted if name in STORES]:
            self._say(f"starting {', '.join(stores)}")
            self._supervisor.start(stores)
        # Also where the stores ran already: a start that failed half way may have failed here.
        if needed := [one_shot for store, one_shot in _ONE_SHOT_OF.items() if store in names]:
            self._say(f"preparing the stores: {', '.join(needed)}")
            one_shots.run(self.settings, needed)
        self._wait_until_ready([name for name in names if name in STORES], whole=False)
        if rest := [name for name in wanted if name not in STORES]:
            self._say(f"starting {', '.join(rest)}")
            self._supervisor.start(rest)
        self._wait_until_ready(names, whole=set(parts) == set(ALL))
        return True

    def _launch(self, parts: Collection[str]) -> None:
        """Prepare everything that needs no server, then start the supervisor, which starts nothing by itself yet."""
        require_disk(self.home)
        launch.require_free_ports(self.ports, [part for part in ALL if part in parts])
        tools = launch.install(self.settings, self._say)
        self._home.prepare()
        launch.make_secrets(self.settings)
        launch.prepare_stores(self.settings, tools, self._say)
        launch.write_configuration(self.settings, tools)
        self._supervisor.launch({**services.inherited(), **self.settings.extra})
        self._home.remember(self.settings.extra)

    def _seed(self) -> None:
        self._say("showing the demo events")
        one_shots.run(self.settings, ["seed"])
        self._home.seeded.touch()

    def _wait_until_ready(self, names: Collection[str], *, whole: bool) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        password = read(self.home, "postgres", "postgres_password")
        ends_before = self.restarts()
        waiting = list(names)
        look_at = 0.0
        while waiting:
            name = waiting[0]
            service, index = _service_of(name), _index_of(name)
            if is_ready(service, index, self.settings, owner_password=password, whole=whole):
                waiting.pop(0)
                continue
            now = time.monotonic()
            if now >= look_at:
                self._give_up_on_hopeless(ends_before)
                look_at = now + HOPELESS_LOOK_S
            if now > deadline:
                sentence = (
                    f"{name} did not become ready within {READY_WITHIN_S:.0f} s: {self._home.last_words_of(name)}"
                )
                raise CannotStartError(sentence, f"The whole story is in {self._home.log_of(name)}.")
            time.sleep(POLL_S)

    def _give_up_on_hopeless(self, ends_before: Mapping[str, int]) -> None:
        ends = self.restarts()
        for name, state in self._supervisor.states().items():
            ended = ends.get(name, 0) - ends_before.get(name, 0)
            if state.is_given_up or ended >= HOPELESS_ENDS:
                sentence = f"{name} keeps ending: {self._home.last_words_of(name)}"
                raise CannotStartError(sentence, f"The whole story is in {self._home.log_of(name)}.")

    def _processes_of(self, parts: Collection[str]) -> list[str]:
        count = self.settings.processes
        return [name for part in ALL if part in parts for name in services.process_names(part, count.get(part, 1))]


def _service_of(program: str) -> str:
    head, _, tail = program.rpartition("_")
    return head if tail.isdigit() else program


def _index_of(program: str) -> int:
    tail = program.rpartition("_")[2]
    return int(tail) if tail.isdigit() else 0
