"""One running Frontrow without Docker: start it, stop it, look at it, and, in tests, hurt it.

`start-services.sh` (through `infra.native.__main__`), the tests and the benchmark enter here. Order of a start: stores,
one-shots (migrations, topic, users), services and gateway, ready, demo events. Nothing sleeps for a fixed time;
everything that waits has a bound and ends with a sentence.
"""

import http
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from infra.native import gateway as gateway_room
from infra.native import kafka, kafka_jars, mongo, postgres, redis, services
from infra.native.errors import CannotStartError
from infra.native.home import Home
from infra.native.machine import Programs, Say, find_programs, install, require_disk
from infra.native.ports import Ports, holder_of, is_free
from infra.native.program import OPEN_FILES, Program, render
from infra.native.readiness import http_status, is_ready
from infra.native.settings import CHECKOUT, NativeSettings
from infra.native.supervisor import STOPPED_STATES, ProcessState, Supervisor
from infra.secrets.files import generate, read

STORES: Final = ("postgres", "redis", "mongo", "kafka")
SERVICES: Final = tuple(services.MODULES)
ALL: Final = (*STORES, *SERVICES, "gateway")

READY_WITHIN_S: Final = 60.0
ONE_SHOT_WITHIN_S: Final = 120.0
SEEDED_WITHIN_S: Final = 60.0
STOPPED_WITHIN_S: Final = 45.0
POLL_S: Final = 0.05
HOPELESS_ENDS: Final = 3
"""A process that ends this often while we wait for it will not come up by itself."""

_ONE_SHOT_OF: Final = {"postgres": "migrate", "kafka": "topics", "mongo": "mongo_init"}
DEMO_EVENT: Final = "concert123"


def _silent(_line: str) -> None:
    """Say nothing: what tests want."""


class Instance:
    """A Frontrow of its own home and ports. Every method may be called again; none leaves half a start behind."""

    def __init__(self, settings: NativeSettings, say: Say = _silent) -> None:
        self.settings = settings
        self._say = say
        self._home = Home(settings.home)
        self._supervisor = Supervisor(
            self._home.conf / "supervisord.conf", self._home.socket, self._home.logs / "supervisord.log"
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
        return f"http://localhost:{self.ports.gateway}"

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

    def install(self) -> Programs:
        """Bring what the machine lacks (as root) or say what to run; fetch Kafka unless it is there."""
        programs = find_programs()
        libs = kafka_jars.find(self.settings.kafka_home, self.settings.cache)
        if missing := programs.missing(with_maven=libs is None):
            install(missing, self._say, self._home.logs / "apt.log")
            programs = find_programs()
            if missing := programs.missing(with_maven=libs is None):
                sentence = f"The packages are installed, and {', '.join(missing)} cannot be found all the same."
                raise CannotStartError(sentence, "Put its folder on PATH, then start again.")
        if programs.mongod is None:
            sentence = "This machine has no mongod, and the Python environment does not bring one."
            raise CannotStartError(sentence, "Start through ./start-services.sh, or put a mongod on PATH.")
        if libs is None and programs.maven is not None:
            kafka_jars.fetch(programs.maven, self.settings.cache, self._say, self._home.logs / "maven.log")
        return programs

    def start(self, parts: Collection[str] = ALL, *, seed: bool | None = None) -> bool:
        """Bring the parts up and wait until they are ready; returns whether anything had to be started.

        ``seed`` puts the demo events on the log; None means: when all parts run.

        Raises:
            CannotStartError: with the sentence and the remedy.
        """
        unknown = set(parts) - set(ALL)
        if unknown:
            raise CannotStartError(f"There is no {', '.join(sorted(unknown))}.", f"Parts are: {', '.join(ALL)}.")
        with self._home.locked():
            started = self._start(parts)
            whole = set(parts) == set(ALL)
            if started and (whole if seed is None else seed):
                self._seed(wait_for_view=whole)
            return started

    def stop(self) -> None:
        """Stop everything: first the gateway and the services, which finish what they are at, then the stores."""
        with self._home.locked():
            if not self.is_running():
                return
            states = self._supervisor.states()
            for stage in (("gateway",), SERVICES, STORES):
                names = [name for name in states if _service_of(name) in stage]
                self._supervisor.stop(names, within_s=STOPPED_WITHIN_S)
            self._supervisor.shut_down()

    def reset(self) -> None:
        """Stop, and remove every trace of this instance."""
        self.stop()
        self._home.remove()

    def status(self) -> dict[str, ProcessState]:
        """Return every process' state by name; nothing when the instance does not run."""
        return self._supervisor.states() if self.is_running() else {}

    def restarts(self) -> dict[str, int]:
        """Return how often each process ended by itself, and was started again, since the instance started."""
        return self._supervisor.unexpected_ends()

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
        if not self.is_running():
            self._launch(parts)
        states = self._supervisor.states()
        wanted = [name for name in names if name in states and states[name].state in STOPPED_STATES]
        if not wanted:
            self._wait_until_ready(names, whole=set(parts) == set(ALL))
            return False
        stores = [name for name in wanted if name in STORES]
        if stores:
            self._say(f"starting {', '.join(stores)}")
            self._supervisor.start(stores)
            self._run_one_shots([_ONE_SHOT_OF[name] for name in stores if name in _ONE_SHOT_OF])
            self._wait_until_ready(stores, whole=False)
        rest = [name for name in wanted if name not in STORES]
        if rest:
            self._say(f"starting {', '.join(rest)}")
            self._supervisor.start(rest)
        self._wait_until_ready(names, whole=set(parts) == set(ALL))
        return True

    def _launch(self, parts: Collection[str]) -> None:
        """Prepare everything that needs no server, then start the supervisor, which starts nothing by itself yet."""
        require_disk(self.home)
        self._require_free_ports(parts)
        programs = self.install()
        self._home.prepare()
        generate(self.home)
        self._write_configuration(programs, parts)
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("FRONTROW_")}
        self._supervisor.launch({**inherited, **self.settings.extra})
        self._home.remember(self.settings.extra)

    def _write_configuration(self, programs: Programs, parts: Collection[str]) -> None:
        """Prepare the stores' data at the same time, and write everybody's configuration."""
        assert programs.java and programs.redis and programs.mongod and programs.nginx  # noqa: S101, PT018 - install
        libs = kafka_jars.find(self.settings.kafka_home, self.settings.cache)
        assert libs  # noqa: S101 - install
        mongo.prepare(self._home)
        redis.prepare(self._home)
        if not (self._home.data / "postgres" / "PG_VERSION").exists():
            self._say("making empty stores")
        with ThreadPoolExecutor(2) as pool:
            preparations = [
                pool.submit(postgres.prepare, self._home),
                pool.submit(kafka.prepare, self._home, self.ports, programs.java, libs),
            ]
            for preparation in preparations:
                preparation.result()
        configured = [
            postgres.program(self._home, self.ports.postgres),
            redis.program(self._home, self.ports.redis, programs.redis),
            mongo.program(self._home, self.ports.mongo, programs.mongod),
            kafka.program(self._home, self.ports, programs.java, libs),
            *services.programs(self.settings),
        ]
        if "gateway" in parts or gateway_room.TEMPLATE.exists():
            configured.append(gateway_room.program(self._home, self.ports, programs.nginx, self.settings.extra))
        self._write_supervisor_configuration(configured, programs)

    def _write_supervisor_configuration(self, configured: Iterable[Program], programs: Programs) -> None:
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        text = render(
            configured,
            socket=self._home.socket,
            run=self._home.run,
            logs=self._home.logs,
            open_files=OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES),
            setpriv=programs.setpriv,
        )
        (self._home.conf / "supervisord.conf").write_text(text)

    def _require_free_ports(self, parts: Collection[str]) -> None:
        for service in ALL:
            for port in self.ports.of(service) if service in parts else ():
                if is_free(port, host="0.0.0.0" if service == "gateway" else "127.0.0.1"):  # noqa: S104 - the public door
                    continue
                holder = holder_of(port)
                sentence = f"Port {port}, which {service} needs, is in use{f' by {holder}' if holder else ''}."
                variable, other = ("PORT", 8081) if service == "gateway" else ("BASE_PORT", self.ports.base + 1000)
                remedy = f"Stop that process, or choose another: FRONTROW_{variable}={other} ./start-services.sh"
                raise CannotStartError(sentence, remedy)

    def _run_one_shots(self, names: Collection[str]) -> None:
        if names:
            self._say(f"preparing the stores: {', '.join(names)}")
            with ThreadPoolExecutor(len(names)) as pool:
                list(pool.map(self._run_one_shot, names))

    def _run_one_shot(self, name: str) -> None:
        log = self._home.logs / f"{name}.log"
        command = [sys.executable, "-m", services.ONE_SHOTS[name]]
        env = {**os.environ, **self.environment_of(name)}
        with log.open("w") as output:
            try:
                done = subprocess.run(
                    command,
                    cwd=CHECKOUT,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    timeout=ONE_SHOT_WITHIN_S,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                done = None
        if done is None or done.returncode != 0:
            raise CannotStartError(f"{name} failed: {_last_line(log)}", f"The whole story is in {log}.")

    def _seed(self, *, wait_for_view: bool) -> None:
        self._say("putting the demo events on the log")
        self._run_one_shot("seed")
        if not wait_for_view:
            return
        deadline = time.monotonic() + SEEDED_WITHIN_S
        while http_status(self.ports.gateway, f"/api/events/{DEMO_EVENT}") != http.HTTPStatus.OK:
            if time.monotonic() > deadline:
                sentence = (
                    f"The demo events did not show at {self.gateway_url}/api/events within {SEEDED_WITHIN_S:.0f} s."
                )
                raise CannotStartError(sentence, "See ./start-services.sh status and logs.")
            time.sleep(POLL_S)

    def _wait_until_ready(self, names: Collection[str], *, whole: bool) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        password = read(self.home, "postgres", "postgres_password")
        ends_before = self.restarts()
        waiting = list(names)
        while waiting:
            name = waiting[0]
            service, index = _service_of(name), _index_of(name)
            if is_ready(service, index, self.ports, owner_password=password, whole=whole):
                waiting.pop(0)
                continue
            self._give_up_on_hopeless(ends_before)
            if time.monotonic() > deadline:
                log = self._home.logs / f"{name}.log"
                sentence = f"{name} did not become ready within {READY_WITHIN_S:.0f} s: {_last_line(log)}"
                raise CannotStartError(sentence, f"The whole story is in {log}.")
            time.sleep(POLL_S)

    def _give_up_on_hopeless(self, ends_before: Mapping[str, int]) -> None:
        ends = self.restarts()
        for name, state in self._supervisor.states().items():
            ended = ends.get(name, 0) - ends_before.get(name, 0)
            if state.state == "FATAL" or ended >= HOPELESS_ENDS:
                log = self._home.logs / f"{name}.log"
                raise CannotStartError(f"{name} keeps ending: {_last_line(log)}", f"The whole story is in {log}.")

    def _processes_of(self, parts: Collection[str]) -> list[str]:
        count = self.settings.processes
        return [name for part in ALL if part in parts for name in services.process_names(part, count.get(part, 1))]


def _service_of(program: str) -> str:
    head, _, tail = program.rpartition("_")
    return head if tail.isdigit() else program


def _index_of(program: str) -> int:
    tail = program.rpartition("_")[2]
    return int(tail) if tail.isdigit() else 0


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1][:300] if lines else "it said nothing."
