"""Backup and restore in native mode; what a backup is, and what comes along, is ``infra.moving``'s.

A final backup is for moving: nothing more is accepted, everything that was is decided, and only then is PostgreSQL
copied, so that nothing is lost with the log, which does not come along. Any other may be taken beside a platform at
work. A restore needs a home without a ledger; it starts PostgreSQL once to say that this is another ledger now.
What a restore leaves that stops before is a ledger that nobody may run: nothing starts until one has come to its end.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.conninfo import make_conninfo

from infra.moving import folder as backups
from infra.moving.folder import BackupError, Manifest
from infra.native import postgres, services
from infra.native.errors import CannotStartError
from infra.native.home import Home
from infra.native.instance import Instance
from infra.native.machine import Say
from infra.native.ports import LOOPBACK
from infra.native.settings import CHECKOUT
from infra.secrets.files import read

ACCEPTING: Final = ("gateway", "write_api", "payments")
"""Who puts commands on the log: stopped first, and in this order, when nothing more may come."""
DECIDED_WITHIN_S: Final = 120.0
"""How long the worker may take for what is on the log; a backlog of millions of commands needs it to end first."""
ASK_EVERY_S: Final = 0.2
BACKUP_WITHIN_S: Final = 3_600.0


def backup(instance: Instance, folder: Path, say: Say, *, final: bool, with_secrets: bool) -> Manifest:
    """Take a backup into a new folder. A final one leaves everything stopped.

    Raises:
        BackupError: with the sentence and the remedy.
    """
    backups.make(folder)
    if final:
        say("stopping what accepts commands, and waiting until everything is decided")
        _close(instance)
    before = position(instance)
    say("copying PostgreSQL")
    version = _copy_postgres(instance, folder)
    after = position(instance)
    said = {
        "postgres": version,
        "partitions": instance.settings.partitions,
        "topic_id": after["topic_id"],
        "undecided": backups.undecided(before, after),
    }
    manifest = backups.finish(folder, instance.home, said, with_secrets=with_secrets)
    if final:
        say("stopping everything")
        instance.stop()
    return manifest


def restore(instance: Instance, folder: Path, say: Say, *, dry_run: bool) -> Manifest:
    """Make a home's ledger from a backup; nothing runs afterwards. ``dry_run`` only looks whether that would work.

    Raises:
        BackupError: with the sentence and the remedy; nothing was changed but for secrets that were missing.
    """
    home = Home(instance.home)
    if instance.is_running():
        raise BackupError("Frontrow is running.", "Stop it first: ./start-services.sh stop")
    ledger = postgres.place_of(home)
    if ledger.exists() and not home.restoring.exists():
        sentence = f"There is a ledger in {ledger} already, and a restore never writes over one."
        raise BackupError(sentence, "Restore into another FRONTROW_HOME, or move that folder away first.")
    manifest = backups.verified(folder, instance.settings.partitions)
    if not dry_run:
        instance.install()
    backups.require_version(manifest, postgres.versions())
    if dry_run:
        return manifest
    home.prepare()
    say(f"{backups.place_secrets(folder, instance.home)} secrets came along")
    _put_view_aside(home, say)
    # Until the ledger says that it is another one, it must not run; a restore that stopped on its way begins anew.
    home.restoring.touch()
    if ledger.exists():
        shutil.rmtree(ledger)
    say("unpacking PostgreSQL")
    postgres.unpack(home, folder / backups.POSTGRES)
    say("starting PostgreSQL once, to say that this is another ledger now")
    instance.start(("postgres",), seed=False, restoring=True)
    try:
        url = instance.environment_of("migrate")["FRONTROW_POSTGRES_URL"]
        conninfo = make_conninfo(url, password=read(instance.home, "postgres", "postgres_password"))
        with psycopg.connect(conninfo) as owner:
            for statement in backups.mark(manifest):
                owner.execute(statement)
    finally:
        instance.stop()
    home.seeded.touch()  # the demo events are in the ledger, where there were any
    home.restoring.unlink()
    return manifest


def _put_view_aside(home: Home, say: Say) -> None:
    """Let the view be made anew: one of another ledger would be refused, and nothing would become ready."""
    view = home.data / "mongo"
    if view.exists():
        aside = view.with_name(f"mongo.{int(time.time())}")
        view.rename(aside)
        say(f"the former view is put aside, and may be removed: {aside}")


def position(instance: Instance) -> dict[str, Any]:
    """Return where log and ledger stand (``audit.log_position``).

    Raises:
        BackupError: a store is away.
    """
    done = subprocess.run(
        [sys.executable, "-m", "audit", "position"],
        cwd=CHECKOUT,
        env={**services.inherited(), **instance.environment_of("audit")},
        capture_output=True,
        text=True,
        timeout=DECIDED_WITHIN_S,
        check=False,
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        sentence = f"Where log and ledger stand cannot be told: {said[-1] if said else 'no reason given'}."
        raise BackupError(sentence, "Kafka and PostgreSQL must run: ./start-services.sh status")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _close(instance: Instance) -> None:
    """Take no more commands, and wait until those that are on the log are decided; then end who decides."""
    running = instance.status()
    for service in ACCEPTING:
        for name in services.process_names(service, instance.settings.processes.get(service, 1)):
            if name in running:
                instance.stop_program(name)
    deadline = time.monotonic() + DECIDED_WITHIN_S
    while (left := position(instance)["undecided"]) > 0:
        if time.monotonic() > deadline:
            sentence = f"{left:,} commands are on the log and were not decided within {DECIDED_WITHIN_S:.0f} s."
            remedy = "See why: ./start-services.sh logs worker. Go on with ./start-services.sh, then try again."
            raise BackupError(sentence, remedy)
        time.sleep(ASK_EVERY_S)
    for name in services.process_names("worker", instance.settings.processes.get("worker", 1)):
        if name in running:
            instance.stop_program(name)


def _copy_postgres(instance: Instance, folder: Path) -> str:
    """Copy the running server; returns its major version."""
    home = Home(instance.home)
    programs, version = postgres.programs_of(home)
    how = ("--format=tar", "--gzip", "--wal-method=fetch", "--checkpoint=fast", "--no-manifest", "--no-password")
    who = (f"--host={LOOPBACK}", f"--port={instance.ports.postgres}", f"--username={postgres.OWNER}")
    command: list[str | Path] = [programs / "pg_basebackup", f"--pgdata={folder}", *how, *who]
    done = subprocess.run(
        command,
        env={**os.environ, "PGPASSWORD": read(instance.home, "postgres", "postgres_password")},
        capture_output=True,
        text=True,
        timeout=BACKUP_WITHIN_S,
        check=False,
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        shutil.rmtree(folder, ignore_errors=True)
        raise BackupError(
            f"PostgreSQL could not be copied: {said[-1] if said else 'no reason given'}.",
            "Look at ./start-services.sh logs postgres and the disk's room, then try again.",
        )
    (folder / "base.tar.gz").rename(folder / backups.POSTGRES)
    return version


def run(command: str, instance: Instance, folder: str, say: Say, options: frozenset[str]) -> None:
    """Do what the command line says, and print what to do next.

    Raises:
        CannotStartError: with the sentence and the remedy.
    """
    place = Path(folder).absolute()
    try:
        if command == "backup":
            final = "final" in options
            manifest = backup(instance, place, say, final=final, with_secrets="without_secrets" not in options)
        else:
            manifest = restore(instance, place, say, dry_run="dry_run" in options)
    except BackupError as error:
        raise CannotStartError(error.sentence, error.remedy) from None
    print(f"\n{backups.summary(manifest)}")
    print(_next(command, place, options))


def _next(command: str, folder: Path, options: frozenset[str]) -> str:
    if command == "backup":
        keep = f"Whoever has {folder} can be anybody on the platform: keep it as you keep keys.\n"
        go_on = f"On the other machine: ./start-services.sh restore {folder.name}"
        stay = "\nFrontrow is stopped. Do not start it here again once it runs there: two would both pay and tell."
        return keep + go_on + (stay if "final" in options else "")
    if "dry_run" in options:
        return "Nothing was changed. It can be restored here: the same without --dry-run."
    if "log_was_there" in options:
        return "Next: ./start-services.sh restore-check says what the log here still has. Then ./start-services.sh"
    return "Next: ./start-services.sh starts it, on a new log; the view is made again from the ledger."
