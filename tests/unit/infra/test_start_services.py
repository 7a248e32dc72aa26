"""What start-services.sh asks of docker compose, told by a `docker` that only takes notes."""

import socket
import stat
import subprocess
from pathlib import Path

import pytest

from infra.native.services import inherited
from infra.native.settings import CHECKOUT
from tests import certificates

NOTING = """#!/bin/sh
echo "$*" >>"$NOTES"
echo "FRONTROW_UID=$FRONTROW_UID FRONTROW_HOME=$FRONTROW_HOME project=$COMPOSE_PROJECT_NAME" >>"$NOTES"
case "$*" in
    *"${FAILS:-nothing fails}"*) exit 1 ;;
esac
case "$1 $2" in
    info*) exit "${ENGINE:-0}" ;;
    "compose version") exit "${COMPOSE:-0}" ;;
    "compose config")
        printf "%s\n" "name: folder" services: "  other:" "    image: other" "  postgres:" "    image: postgres:17.6" ;;
    "run --rm") echo 17 ;;
    "volume ls")
        case "$*" in *mongo_data*) ;; *) echo "$VOLUMES" ;; esac ;;
    "ps --filter") echo "$HOLDER" ;;
esac
"""


class Machine:
    """A machine with a Docker that takes notes."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self._notes = folder / "notes"
        program = folder / "bin" / "docker"
        program.parent.mkdir()
        program.write_text(NOTING)
        program.chmod(0o755)
        own = inherited()
        self._environment = {
            **own,
            "PATH": f"{program.parent}:{own['PATH']}",
            "NOTES": str(self._notes),
            "FRONTROW_HOME": str(self.home),
            "FRONTROW_PORT": str(_free_port()),
            "VOLUMES": "",
            "HOLDER": "",
        }

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the script; what docker was asked is in ``asked`` afterwards."""
        self._notes.write_text("")
        return subprocess.run(
            ["./start-services.sh", *arguments],
            cwd=CHECKOUT,
            env={**self._environment, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    @property
    def asked(self) -> list[str]:
        """What compose was asked to do, without `docker info`, what it was only asked for, and the environment."""
        said = [line for line in self.notes if line.startswith("compose ")]
        return [line for line in said if line not in {"compose version", "compose config"}]

    @property
    def notes(self) -> list[str]:
        """All that docker was asked, and the variables that it saw each time."""
        return self._notes.read_text().splitlines()

    @property
    def told(self) -> str:
        """The variables that compose saw last."""
        return self.notes[-1]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine of the test's own."""
    return Machine(tmp_path)


def test_where_an_engine_answers_compose_brings_everything_up(machine: Machine) -> None:
    port = str(_free_port())
    said = machine.run(FRONTROW_PORT=port)
    assert said.returncode == 0, said.stderr
    assert machine.asked[-1].startswith("compose up --build --wait")
    assert f"curl http://localhost:{port}/api/events" in said.stdout


def test_containers_run_as_who_owns_the_secrets_and_that_is_never_root(machine: Machine) -> None:
    machine.run("--docker")
    files = list((machine.home / "secrets").glob("*/*"))
    assert files
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    (owner,) = {path.stat().st_uid for path in files}
    assert owner != 0
    assert f"FRONTROW_UID={owner} " in machine.told


def test_later_commands_go_to_what_runs(machine: Machine) -> None:
    machine.run("--docker")
    machine.run("logs", "worker", "-f")
    assert machine.asked == ["compose logs --tail 100 --follow worker"]
    machine.run("restart", "worker")
    assert machine.asked == ["compose restart worker"]
    machine.run("status")
    assert machine.asked == ["compose ps --all"]
    machine.run("operator", "anna")
    assert machine.asked == ["compose exec -T write_api python -m write_api.operator anna"]
    assert "Whom?" in machine.run("operator").stderr
    refused = machine.run("--native")
    assert "Frontrow is running in docker mode, so --native cannot be used." in refused.stderr
    machine.run("stop")
    assert machine.asked == ["compose down --remove-orphans"]
    assert not (machine.home / "mode").exists()


def test_what_is_for_repair_is_asked_of_the_service_that_can(machine: Machine, tmp_path: Path) -> None:
    machine.run("--docker")
    machine.run("dead-letters", "1-3-42", "--apply")
    assert machine.asked == ["compose exec -T write_api python -m write_api.dead_letters 1-3-42 --apply"]
    machine.run("rebuild", "--dry-run")
    assert machine.asked == ["compose run --rm --no-deps -T sync_service python -m sync_service rebuild --dry-run"]
    machine.run("restore-check")
    assert machine.asked[-1] == "compose run --rm --no-deps -T audit python -m audit restore-check"
    assert "rebuild has no option --apply." in machine.run("rebuild", "--apply").stderr
    assert "Which folder?" in machine.run("backup").stderr
    folder = tmp_path / "backup"
    said = machine.run("backup", str(folder), "--without-secrets")
    assert said.returncode == 0, said.stderr
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "postgres.tar.gz").stat().st_mode) == 0o600
    assert [line.split()[1:6] for line in machine.asked if "pg_basebackup" in line] == [
        ["exec", "-T", "postgres", "pg_basebackup", "--username=frontrow_owner"]
    ]
    assert f"--volume {folder}:/backup secrets python -m infra.moving finish /state /backup" in machine.asked[-1]
    assert machine.asked[-1].endswith("--without-secrets")
    assert "is not empty" in machine.run("backup", str(folder)).stderr


def test_a_backup_that_failed_leaves_nothing_in_its_folders_way(machine: Machine, tmp_path: Path) -> None:
    machine.run("--docker")
    failed = machine.run("backup", str(tmp_path / "backup"), FAILS="pg_basebackup")
    assert (failed.returncode, "PostgreSQL could not be copied." in failed.stderr) == (1, True)
    assert list((tmp_path / "backup").iterdir()) == []
    assert machine.run("backup", str(tmp_path / "backup")).returncode == 0


def test_a_restore_checks_brings_the_secrets_and_marks_the_ledger_before_anything_starts(
    machine: Machine, tmp_path: Path
) -> None:
    said = machine.run("restore", str(tmp_path), "--docker")
    assert said.returncode == 0, said.stderr
    parts = [part for line in machine.asked for part in ("check", "place", "mark") if f"infra.moving {part}" in line]
    assert parts == ["check", "place", "mark"]
    (unpacked,) = [n for n, line in enumerate(machine.asked) if "tar -xzf" in line]
    (started,) = [n for n, line in enumerate(machine.asked) if line == "compose up --detach --wait postgres"]
    assert unpacked < started
    assert machine.asked[-1] == "compose down"
    refused = machine.run("restore", str(tmp_path), "--docker", VOLUMES="folder_postgres_data")
    assert (refused.returncode, "never writes over one" in refused.stderr) == (1, True)


def test_a_restore_that_only_looks_makes_no_volume(machine: Machine, tmp_path: Path) -> None:
    said = machine.run("restore", str(tmp_path), "--docker", "--dry-run")
    assert said.returncode == 0, said.stderr
    assert machine.asked[-1].endswith("infra.moving check /backup 8 17")
    assert "run --rm --entrypoint sh postgres:17.6 -c echo $PG_MAJOR" in machine.notes
    # Running a service makes the volumes that it names.
    assert not [line for line in machine.asked if "postgres" in line.split()]


def test_a_restore_that_stopped_on_its_way_is_not_started_and_begins_anew(machine: Machine, tmp_path: Path) -> None:
    stopped = machine.run("restore", str(tmp_path), "--docker", FAILS="psql")
    assert stopped.returncode != 0
    for command in ("start", "restore-check"):
        refused = machine.run(command, "--docker")
        assert (refused.returncode, "did not come to its end" in refused.stderr) == (1, True)
        assert machine.asked == []
    (machine.home / "docker").write_text("folder\n")  # as the one-shot that makes the secrets does
    left = {"VOLUMES": "folder_postgres_data"}
    refused = machine.run("restore", str(tmp_path / "none"), "--docker", FAILS="infra.moving check", **left)
    assert refused.returncode != 0
    assert "volume rm --force folder_postgres_data" not in machine.notes
    said = machine.run("restore", str(tmp_path), "--docker", **left)
    assert said.returncode == 0, said.stderr
    removed = machine.notes.index("volume rm --force folder_postgres_data")
    (unpacked,) = [n for n, line in enumerate(machine.notes) if "tar -xzf" in line]
    assert removed < unpacked
    assert machine.run("start", "--docker").returncode == 0


def test_a_reset_asks_first_and_then_removes_volumes_and_secrets(machine: Machine) -> None:
    machine.run("--docker")
    said = machine.run("reset")
    assert said.returncode == 1
    assert "Nothing was changed." in said.stdout
    assert machine.asked == []
    assert machine.run("reset", "--yes").returncode == 0
    assert machine.asked == ["compose down --volumes --remove-orphans"]
    assert list(machine.home.iterdir()) == []


def test_without_an_engine_docker_mode_is_one_sentence_with_the_remedy(machine: Machine) -> None:
    said = machine.run("--docker", ENGINE="1")
    assert said.returncode == 1
    assert said.stderr.strip().splitlines()[0] == "No Docker engine answers."
    assert "--native" in said.stderr


def test_the_compose_project_is_named_after_the_folder_and_stays_what_it_was(machine: Machine) -> None:
    machine.run("--docker")
    assert machine.told.endswith("project=folder")
    assert (machine.home / "docker").read_text() == "folder\n"
    refused = machine.run("--docker", COMPOSE_PROJECT_NAME="another")
    assert refused.returncode == 1
    assert "are in the compose project folder, not in another" in refused.stderr
    assert machine.asked == []


def test_a_project_can_be_given_a_name(machine: Machine) -> None:
    machine.run("--docker", COMPOSE_PROJECT_NAME="mine")
    machine.run("status")
    assert machine.told.endswith("project=mine")


def test_data_of_before_projects_were_written_down_are_found_again(machine: Machine) -> None:
    machine.home.mkdir()
    (machine.home / "docker").touch()
    machine.run("--docker", VOLUMES="frontrow_postgres_data")
    assert machine.told.endswith("project=frontrow")
    assert machine.asked[-1].startswith("compose up")


def test_volumes_that_nothing_says_are_ours_are_left_alone(machine: Machine) -> None:
    said = machine.run("--docker", VOLUMES="folder_postgres_data")
    assert said.returncode == 1
    assert "There is a compose project folder already" in said.stderr
    assert machine.asked == []
    assert not (machine.home / "secrets").exists()


def test_a_port_in_use_is_one_sentence_that_says_by_whom(machine: Machine) -> None:
    said = machine.run("--docker", FRONTROW_PORT="8099", HOLDER="shop-web-1 shop")
    assert said.returncode == 1
    assert "port 8099 is in use by the container shop-web-1." in said.stderr
    said = machine.run("--docker", FRONTROW_PORT="8099", HOLDER="of-no-project")
    assert "port 8099 is in use by the container of-no-project." in said.stderr
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = machine.run("--docker", FRONTROW_PORT=str(port))
    assert f"port {port} is in use." in said.stderr
    assert f"FRONTROW_PORT={port + 10}" in said.stderr
    assert machine.asked == []


def test_our_own_gateway_is_nobody_in_the_way(machine: Machine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gateway:
        port = str(gateway.getsockname()[1])
        said = machine.run("--docker", FRONTROW_PORT=port, HOLDER="folder-gateway-1 folder")
    assert said.returncode == 0, said.stderr


def test_an_engine_without_compose_is_one_sentence_with_the_remedy(machine: Machine) -> None:
    for command in ("start", "status"):
        said = machine.run("--docker", command, COMPOSE="1")
        assert said.returncode == 1
        assert said.stderr.strip().splitlines()[0] == "This Docker has no compose plugin."


def test_tls_needs_its_two_files_and_is_said_with_them(machine: Machine, tmp_path: Path) -> None:
    port = str(_free_port())
    refused = machine.run("--docker", FRONTROW_PORT=port, FRONTROW_TLS=str(tmp_path / "none"))
    assert refused.returncode == 1
    assert "has no fullchain.pem and privkey.pem" in refused.stderr
    certificates.write_to(tmp_path / "tls")
    said = machine.run("--docker", FRONTROW_PORT=port, FRONTROW_TLS=str(tmp_path / "tls"))
    assert f"https://localhost:{port}/api/docs" in said.stdout
