"""Faults of whoever restores: PostgreSQL from a backup, and a topic that is made anew under its name.

After the first everything is made good again, by the remedy that the platform itself names: the worker decides the lost
tail anew from the log, the projector refuses the view that has seen it, and the rebuild makes the view; also when as
many transactions have come since as were lost, so that the view's place is a place in this ledger too. After the second
nothing can be: what was accepted and not decided is gone with the topic. There it counts that workers stop and say so.
Accounts and sessions of the time between are gone with it, and the history is told.
"""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import httpx
from confluent_kafka.admin import AdminClient

from contracts.topics import BOOKING_REQUESTS
from infra.native import one_shots
from infra.native.instance import SERVICES, STORES
from infra.native.postgres import OWNER, system_user
from infra.native.services import inherited
from infra.secrets.files import read
from runtime.settings import EXIT_DATA
from tests.eventually import eventually
from tests.faults.run.fault import Fault, Scene

BETWEEN_S: Final = (4.0, 8.0)
"""How much is lost: what was decided since the backup."""
NOTICED_WITHIN_S: Final = 120.0
"""A dozen services that start at once take half of it where the machine has other work."""
REBUILT_WITHIN_S: Final = 60.0


@contextmanager
def ledger_restored(scene: Scene, *, caught_up: bool = False) -> Iterator[None]:
    """Take a backup, let some time go by, put it in the place of the ledger, and do what start-up says.

    ``caught_up``: transactions come to the restored one, before anybody of ours does, until it has had as many.
    """
    instance = scene.site.instance
    data = (instance.home / "data" / "postgres").resolve()
    backup = _backup(scene, data.with_name("postgres.backup"))
    yield
    had = _transactions(scene)
    instance.stop_program("postgres")
    ours = [name for name in scene.site.programs() if caught_up and name not in (*STORES, "gateway")]
    for name in ours:
        instance.stop_program(name)
    for entry in data.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    subprocess.run(["cp", "-a", f"{backup}/.", data], check=True)
    shutil.rmtree(backup)
    instance.start_program("postgres")
    if caught_up:
        _catch_up(scene, had)
    for name in ours:
        instance.start_program(name, ready=False)
    eventually(lambda: _refused(scene), within_s=NOTICED_WITHIN_S)
    scene.site.frontrow.run("sync_service", "rebuild", within_s=REBUILT_WITHIN_S).check_returncode()
    scene.history.restored_at = time.monotonic()


def _transactions(scene: Scene) -> int:
    """Return how many transactions the server has given numbers to."""
    with scene.site.frontrow.ledger() as ledger:
        ((number,),) = ledger.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchall()
    return int(number)


def _catch_up(scene: Scene, had: int) -> None:
    """Give numbers to transactions that do nothing, until the server has given as many."""
    with scene.site.frontrow.ledger(owner=True) as ledger:
        ledger.autocommit = True
        number = 0
        while number <= had:
            ((number,),) = ledger.execute("SELECT pg_current_xact_id()::text::bigint").fetchall()


def _backup(scene: Scene, folder: Path) -> Path:
    """Copy the running server's data; its files belong to whoever the server runs as."""
    instance, user = scene.site.instance, system_user()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    if user:
        shutil.chown(folder, user)
    address = ["--host=127.0.0.1", f"--port={instance.ports.postgres}", f"--username={OWNER}"]
    subprocess.run(
        ["pg_basebackup", f"--pgdata={folder}", *address, "--checkpoint=fast", "--wal-method=stream"],
        env={**inherited(), "PGPASSWORD": read(instance.home, "postgres", "postgres_password")},
        user=user,
        check=True,
        capture_output=True,
    )
    return folder


def _refused(scene: Scene) -> None:
    """One projector, at least, says that the view is not of this ledger."""
    said = [_ready(port) for port in scene.site.instance.ports.sync_service]
    assert "view_is_of_this_ledger" in "".join(said), said


def _ready(port: int) -> str:
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/health/ready")
    except httpx.HTTPError as error:
        raise AssertionError(error) from error
    checks = answer.json()["checks"]
    return " ".join(name for name, ok in checks.items() if not ok)


@contextmanager
def topic_made_anew(scene: Scene) -> Iterator[None]:
    """Delete the topic under everybody, make it again, and see every worker stop for good and say why."""
    instance = scene.site.instance
    admin = AdminClient({"bootstrap.servers": instance.environment_of("audit")["FRONTROW_KAFKA_BOOTSTRAP"]})
    admin.delete_topics([BOOKING_REQUESTS])[BOOKING_REQUESTS].result(10)

    def made_again() -> None:
        one_shots.run(instance.settings, ["topics"])
        assert BOOKING_REQUESTS in admin.list_topics(timeout=5).topics

    eventually(made_again, within_s=NOTICED_WITHIN_S)

    def all_stopped() -> None:
        workers = {n: s for n, s in instance.status().items() if n.partition("_")[0] == "worker"}
        assert all((s.state, s.exit_status) == ("EXITED", EXIT_DATA) for s in workers.values()), workers

    eventually(all_stopped, within_s=NOTICED_WITHIN_S)
    for name in [name for name in scene.site.programs() if name.partition("_")[0] == "worker"]:
        assert "the topic was" in instance.last_words_of(name), instance.last_words_of(name)
        instance.start_program(name, ready=False)
    yield


FAULTS: Final = (
    Fault(
        "restore postgres from a backup",
        ledger_restored,
        frozenset({"postgres", "sync_service"}),
        BETWEEN_S,
        alone=True,
    ),
    Fault(
        "restore postgres as many transactions later",
        partial(ledger_restored, caught_up=True),
        frozenset(("postgres", *SERVICES)),
        BETWEEN_S,
        alone=True,
    ),
    Fault("topic made anew", topic_made_anew, frozenset({"kafka", "worker"}), alone=True, last=True),
)
