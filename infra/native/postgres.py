"""PostgreSQL in native mode: its data folder, its settings, its program.

It refuses to run as root; then it runs as the system's user ``postgres``, whose data lies below ``/var/lib/frontrow``
when that user cannot reach the home (a checkout below ``/root``, say).
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from infra.native.errors import CannotStartError
from infra.native.home import Home, may_traverse
from infra.native.machine import postgres_folders, postgres_version
from infra.native.ports import LOOPBACK
from infra.native.program import Program
from infra.secrets.files import read

OWNER: Final = "frontrow_owner"
DATABASE: Final = "frontrow"
SYSTEM_USER: Final = "postgres"
ELSEWHERE: Final = Path("/var/lib/frontrow")
MADE_WITHIN_S: Final = 120.0
UNPACKED_WITHIN_S: Final = 3_600.0
"""As long as a backup may take to be made."""

SETTINGS: Final = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    # Full durability: a decision that was told is on the disk.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # Checkpoints by time, not by size, and spread: a checkpoint makes the next write of each page expensive.
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "jit": "off",  # our statements are short; compiling them costs more than it saves
}


def system_user() -> str | None:
    """Return as which other user PostgreSQL has to run, or None for ourselves.

    Raises:
        CannotStartError: we are root and there is no such user.
    """
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        sentence = f"PostgreSQL refuses to run as root, and this machine has no user {SYSTEM_USER!r}."
        raise CannotStartError(
            sentence, f"Make it (useradd --system {SYSTEM_USER}) or start as another user."
        ) from None
    return SYSTEM_USER


def prepare(home: Home) -> None:
    """Make the data folder and the empty database unless they are there; a crash leaves both or none."""
    data = home.data / "postgres"
    if (data / "PG_VERSION").exists():
        return
    user = system_user()
    place = _place(home, user)
    if place != data:
        data.unlink(missing_ok=True)
        data.symlink_to(place)
    fresh = place.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    passwords = fresh.with_name("postgres.password")
    passwords.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(passwords, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(read(home.path, "postgres", "postgres_password"))
        if user:
            shutil.chown(fresh, user)
            shutil.chown(passwords, user)
        folder = _folder_for(None)
        _run([folder / "initdb", "--pgdata", fresh, "--username", OWNER, f"--pwfile={passwords}",
              "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"], user)  # fmt: skip
        _run([folder / "postgres", "--single", "-D", fresh, "postgres"], user, f"CREATE DATABASE {DATABASE}\n")
    finally:
        passwords.unlink(missing_ok=True)
    fresh.rename(place)


def unpack(home: Home, archive: Path) -> None:
    """Make the data folder from a base backup; there is none yet. A crash leaves a whole one or none."""
    user = system_user()
    data, place = home.data / "postgres", _place(home, user)
    fresh = place.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    # The program, as in Docker mode: Python's own module is safe only from 3.11.4 on, and Debian 12 has an earlier one.
    command = ["tar", "--extract", "--gzip", "--no-same-owner", f"--directory={fresh}", f"--file={archive}"]
    _run(command, None, within_s=UNPACKED_WITHIN_S)
    if user:
        for path in (fresh, *fresh.rglob("*")):
            shutil.chown(path, user, pwd.getpwnam(user).pw_gid)
    if place != data:
        data.unlink(missing_ok=True)
        data.symlink_to(place)
    fresh.rename(place)


def place_of(home: Home) -> Path:
    """Return where the data lies, or would."""
    return _place(home, system_user())


def versions() -> list[str]:
    """Return the major versions of PostgreSQL that this machine has: each reads its own data alone."""
    return [str(postgres_version(folder)) for folder in postgres_folders()]


def programs_of(home: Home) -> tuple[Path, str]:
    """Return the programs that fit the home's data, and their major version."""
    version = (home.data / "postgres" / "PG_VERSION").read_text().strip()
    return _folder_for(version), version


def program(home: Home, port: int) -> Program:
    """Return the server's program."""
    data = (home.data / "postgres").resolve()
    version = data / "PG_VERSION"
    folder = _folder_for(version.read_text().strip() if version.exists() else None)
    settings = [f"--{name}={value}" for name, value in {**SETTINGS, "port": str(port)}.items()]
    return Program(
        "postgres",
        (folder / "postgres", "-D", data, *settings),
        user=system_user(),
        stop_signal="INT",  # its fast shutdown: it does not wait for clients
        stop_wait_s=30,
    )


def _place(home: Home, user: str | None) -> Path:
    if user is None:
        return home.data / "postgres"
    found = pwd.getpwnam(user)
    if may_traverse(home.data, found.pw_uid, found.pw_gid):
        return home.data / "postgres"
    folder = ELSEWHERE / home.id
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    ELSEWHERE.chmod(0o711)
    return folder / "postgres"


def _folder_for(version: str | None) -> Path:
    """Return the programs that fit the data: PostgreSQL reads only what its own version wrote."""
    folders = postgres_folders()
    fitting = [f for f in folders if version is None or f.parent.name == version or not f.parent.name.isdigit()]
    if not fitting:
        sentence = f"The data was made by PostgreSQL {version}, which this machine no longer has."
        raise CannotStartError(
            sentence, f"Install postgresql-{version}, or give the data up: ./start-services.sh reset"
        )
    return fitting[0]


def _run(command: Sequence[str | Path], user: str | None, text: str = "", *, within_s: float = MADE_WITHIN_S) -> None:
    done = subprocess.run(
        command,
        input=text,
        cwd="/",
        user=user,
        group=pwd.getpwnam(user).pw_gid if user else None,
        extra_groups=[] if user else None,
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        sentence = f"PostgreSQL's data could not be made: {said[-1] if said else 'no reason given'}."
        raise CannotStartError(sentence, "Check the disk and the folder's owner, then start again.")
