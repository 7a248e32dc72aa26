"""The native way to run Frontrow, with real servers: started twice, looked at, hurt, refused.

The instance is of its own, because other tests rely on theirs: its stores, the gateway, and one service to kill.
"""

import os
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure
from redis import Redis
from redis.exceptions import AuthenticationError

from infra.native.errors import CannotStartError
from infra.native.instance import STORES, Instance
from infra.native.ports import SPAN, is_free
from infra.native.postgres import OWNER
from infra.native.settings import CHECKOUT
from infra.secrets.files import read
from runtime.settings import EXIT_DATA
from tests.eventually import eventually
from tests.own_instance import environment

PARTS = (*STORES, "write_api", "gateway")
PORT_AWAY, BASE_PORT_AWAY = 5, 7_000
"""How far this instance's ports lie from those of the session's own."""
LOOPBACK = "127.0.0.1"
LOOPBACK_ADDRESSES = {"0100007F", "0000000000000000FFFF00000100007F"}
"""As the kernel lists 127.0.0.1, and the same as Java asks for it."""


@pytest.fixture(scope="module")
def told() -> dict[str, str]:
    """The variables of this module's instance."""
    session = environment()
    return {
        **session,
        "FRONTROW_HOME": session["FRONTROW_HOME"] + "-native",
        "FRONTROW_PORT": str(int(session["FRONTROW_PORT"]) + PORT_AWAY),
        "FRONTROW_BASE_PORT": str(int(session["FRONTROW_BASE_PORT"]) + BASE_PORT_AWAY),
    }


@pytest.fixture(scope="module")
def running(told: dict[str, str]) -> Iterator[Instance]:
    """The instance, started from nothing."""
    instance = Instance.from_environment(told)
    instance.reset()
    assert instance.start(PARTS)
    yield instance
    instance.reset()
    assert not (instance.home / "data").exists()
    assert not (instance.home / "secrets").exists()


def _command(told: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["./start-services.sh", *arguments],
        cwd=CHECKOUT,
        env=told,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _arguments_of_all_processes() -> str:
    texts = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            texts.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue  # it ended while we looked
    return "\n".join(texts)


def _is_another(running: Instance, program: str, former_pid: int) -> None:
    state = running.status()[program]
    assert state.state == "RUNNING"
    assert state.pid not in {0, former_pid}


def _secrets(home: Path) -> set[str]:
    return {path.read_text().strip() for path in (home / "secrets").glob("*/*") if "acl" not in path.name}


def test_a_second_start_changes_nothing(running: Instance) -> None:
    before = {name: state.pid for name, state in running.status().items()}
    assert not running.start(PARTS)
    assert {name: state.pid for name, state in running.status().items()} == before


def test_a_stopped_instance_starts_again_with_its_data(running: Instance) -> None:
    database = {"host": LOOPBACK, "port": running.ports.postgres, "user": OWNER, "dbname": "frontrow"}
    password = read(running.home, "postgres", "postgres_password")
    with psycopg.connect(**database, password=password, autocommit=True) as connection:  # type: ignore[arg-type]
        connection.execute("CREATE TABLE IF NOT EXISTS kept (x int)")
    running.stop()
    assert running.status() == {}
    running.stop()
    assert running.start(PARTS)
    with psycopg.connect(**database, password=password) as connection:  # type: ignore[arg-type]
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_no_secret_is_in_any_command_line_log_or_configuration(running: Instance) -> None:
    secrets = _secrets(running.home)
    arguments = _arguments_of_all_processes()
    assert not [secret for secret in secrets if secret in arguments]
    for path in [*running.home.joinpath("logs").iterdir(), *running.home.joinpath("conf").iterdir()]:
        text = path.read_text(errors="replace")
        assert not [secret for secret in secrets if secret in text], path


def test_no_secret_is_in_a_process_environment(running: Instance) -> None:
    secrets = {secret.encode() for secret in _secrets(running.home)}
    for name, state in running.status().items():
        if state.pid:
            variables = Path(f"/proc/{state.pid}/environ").read_bytes()
            assert not [secret for secret in secrets if secret in variables], name


def test_secrets_and_logs_are_for_their_owner_alone(running: Instance) -> None:
    for path in [*running.home.joinpath("secrets").rglob("*"), *running.home.joinpath("logs").glob("*.log")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_every_store_refuses_a_stranger(running: Instance) -> None:
    ports, refused, guess = running.ports, pytest.raises(OperationFailure), "guess"
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(
            host=LOOPBACK, port=ports.postgres, user=OWNER, dbname="frontrow", password=guess, connect_timeout=2
        )
    with closing(Redis(LOOPBACK, ports.redis)) as redis, pytest.raises(AuthenticationError):
        redis.ping()
    with MongoClient[dict[str, object]](LOOPBACK, ports.mongo, directConnection=True) as mongo, refused:
        mongo.frontrow.events.find_one()


def test_only_the_gateway_listens_beyond_loopback(running: Instance) -> None:
    ports = {running.ports.gateway, *range(running.ports.base, running.ports.base + SPAN)}
    public = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            address, port = line.split()[1].split(":")
            if line.split()[3] == "0A" and int(port, 16) in ports and address not in LOOPBACK_ADDRESSES:
                public.add(int(port, 16))
    assert public == {running.ports.gateway}


def test_a_killed_process_is_started_again_and_the_status_shows_it(running: Instance, told: dict[str, str]) -> None:
    before = running.restarts().get("write_api", 0)
    killed = running.kill("write_api", signal.SIGKILL)

    eventually(lambda: _is_another(running, "write_api", killed))
    assert running.restarts()["write_api"] == before + 1
    said = _command(told, "status").stdout
    line = next(line.split() for line in said.splitlines() if line.startswith("write_api"))
    assert line[:2] == ["write_api", "RUNNING"]
    assert line[4:] == [str(before + 1), str(running.ports.write_api[0])]


def test_a_worker_whose_log_is_not_its_own_stays_stopped_and_the_status_says_why(
    running: Instance, told: dict[str, str]
) -> None:
    password = read(running.home, "postgres", "postgres_password")
    place = {"host": LOOPBACK, "port": running.ports.postgres, "user": OWNER, "dbname": "frontrow"}
    running.start_program("worker")
    running.stop_program("worker")
    with psycopg.connect(**place, password=password, autocommit=True) as ledger:  # type: ignore[arg-type]
        ledger.execute("UPDATE kafka_offsets SET next_offset = next_offset + 1000")  # as if the log had lost its end
        restarts = running.restarts()
        running.start_program("worker", ready=False)

        def is_given_up() -> None:
            state = running.status()["worker"]
            assert state.is_given_up
            assert (state.state, state.exit_status) == ("EXITED", EXIT_DATA)

        eventually(is_given_up)
        # Long enough for the supervisor to start again whom it wants to.
        killed = running.kill("write_api", signal.SIGKILL)
        eventually(lambda: _is_another(running, "write_api", killed))
        is_given_up()
        assert running.restarts().get("worker", 0) == restarts.get("worker", 0)
        said = _command(told, "status").stdout
        assert "worker was given up and is not started again" in said
        assert "is to be decided next" in said
        ledger.execute("DELETE FROM kafka_offsets")
    running.start_program("worker")
    running.stop_program("worker")


def test_nobody_is_left_behind_when_the_supervisor_is_killed(running: Instance) -> None:
    pids = [state.pid for state in running.status().values() if state.pid]
    os.kill(int((running.home / "run" / "supervisord.pid").read_text()), signal.SIGKILL)

    def all_gone() -> None:
        assert not [pid for pid in pids if Path(f"/proc/{pid}/exe").exists()]
        # A large process gives its ports back a moment after its memory.
        assert all(is_free(port) for part in PARTS for port in running.ports.of(part))

    eventually(all_gone)
    assert running.start(PARTS)


def test_a_gateway_that_was_killed_leaves_no_worker_behind(running: Instance) -> None:
    """NGINX's workers outlive their master, and hold the port that the next one needs."""
    former = running.kill("gateway", signal.SIGKILL)

    def there_is_another_and_only_its_workers() -> None:
        now = running.status()["gateway"].pid
        assert now not in {0, former}
        assert "nginx" in Path(f"/proc/{now}/comm").read_text()
        assert _workers_of(now)
        assert not _workers_of(former)

    eventually(there_is_another_and_only_its_workers)


def _workers_of(master: int) -> list[int]:
    """Return the processes of the master's group but for itself."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.getpgid(int(process.name)) == master != int(process.name):
                found.append(int(process.name))
    return found


def test_the_logs_of_a_service_are_its_own(running: Instance, told: dict[str, str]) -> None:
    assert running.status()
    said = _command(told, "logs", "write_api")
    assert said.returncode == 0
    assert '"service":"write_api"' in said.stdout
    unknown = _command(told, "logs", "nobody")
    assert unknown.returncode == 1
    assert "There is no log of nobody yet." in unknown.stderr


def test_docker_is_refused_while_the_native_instance_runs(running: Instance, told: dict[str, str]) -> None:
    assert running.status()
    said = _command(told, "--docker")
    assert said.returncode == 1
    assert said.stderr.split("\n")[1:3] == [
        "Frontrow is running in native mode, so --docker cannot be used.",
        "Stop it first: ./start-services.sh stop",
    ]


def test_a_port_in_use_is_one_sentence_with_the_remedy(told: dict[str, str], tmp_path: Path) -> None:
    with socket.create_server(("", 0)) as holder:
        port = holder.getsockname()[1]
        other = {"FRONTROW_HOME": str(tmp_path), "FRONTROW_PORT": str(port), "FRONTROW_BASE_PORT": "26000"}
        with pytest.raises(CannotStartError) as refused:
            Instance.from_environment({**told, **other}).start()
        said = _command({**told, **other}, "--native")
    assert f"Port {port}, which gateway needs, is in use by" in refused.value.sentence
    assert f"process {os.getpid()}" in refused.value.sentence
    assert f"FRONTROW_PORT={port + 1} ./start-services.sh" in refused.value.remedy
    assert said.returncode == 1
    assert said.stderr.strip().splitlines() == [refused.value.sentence, refused.value.remedy]
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("dance",), "There is no command dance."),
        (("--faster",), "There is no option --faster."),
        (("logs", "worker", "write_api"), "One service at a time, not also write_api."),
    ],
)
def test_a_mistyped_command_is_one_sentence(told: dict[str, str], arguments: tuple[str, ...], sentence: str) -> None:
    said = _command(told, *arguments)
    assert said.returncode == 1
    assert said.stderr.strip().splitlines() == [sentence, "Try ./start-services.sh --help"]


def test_a_reset_asks_first(running: Instance, told: dict[str, str]) -> None:
    said = _command(told, "reset")
    assert said.returncode == 1
    assert "Nothing was changed." in said.stdout
    assert running.status()


def test_a_python_that_is_too_old_is_one_sentence_with_the_remedy(told: dict[str, str], tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit\nexit 1\n')
    old.chmod(0o755)
    for name in ("python3.11", "python3.12", "python3.13", "python3.14"):
        (tmp_path / name).symlink_to(old)
    script = ". infra/native/bootstrap.sh && find_python"
    path = {"PATH": f"{tmp_path}:{told['PATH']}", "PYTHON": ""}
    said = subprocess.run(
        ["bash", "-c", script],
        cwd=CHECKOUT,
        env={**told, **path},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert said.returncode == 1
    assert "Frontrow needs Python 3.11 or later, and this machine has Python 3.9.2." in said.stderr
