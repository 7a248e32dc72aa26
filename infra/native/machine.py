"""The machine: which programs it has, and the packages that bring those it lacks.

A program that is missing is installed when we are root on Debian or a relative, otherwise the exact command is named.
Installing must never start a system service, nor leave a database cluster or a policy of ours behind.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.native.errors import CannotStartError

OLDEST_JAVA: Final = 17
OLDEST_POSTGRES: Final = 13
"""The first with ``xid8``, which the projection's order rests on."""
MIN_FREE_BYTES: Final = 2 * 1024**3
"""Below this a store may stop for want of disk within minutes of load."""
INSTALL_TIMEOUT_S: Final = 900

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
BROWSER_PACKAGE: Final = {"Chromium": "chromium"}

_JRE_PACKAGES: Final = ("openjdk-17-jre-headless", "openjdk-21-jre-headless", "openjdk-25-jre-headless")
_SBIN: Final = ("/usr/local/sbin", "/usr/sbin", "/sbin")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Programs:
    """Where each server's program is; None when this machine has none."""

    nginx: Path | None
    postgres_bin: Path | None
    redis: Path | None
    java: Path | None
    mongod: Path | None
    maven: Path | None
    setpriv: Path | None

    def missing(self, *, with_maven: bool) -> dict[str, str]:
        """Return the distribution's package by the word for what is missing."""
        lacks = {
            "NGINX": (self.nginx, "nginx"),
            f"PostgreSQL {OLDEST_POSTGRES}+": (self.postgres_bin, "postgresql"),
            "Redis": (self.redis, "redis-server"),
            f"Java {OLDEST_JAVA}+": (self.java, _JRE_PACKAGES[0]),
        }
        if with_maven:
            lacks["Maven"] = (self.maven, "maven")
        found = {word: package for word, (path, package) in lacks.items() if path is None}
        if self.mongod is not None and _lacks_libcurl(self.mongod):
            found["libcurl (for mongod)"] = "libcurl4"
        return found


def find_programs() -> Programs:
    """Look for every program on PATH and where distributions put it."""
    return Programs(
        nginx=_which("nginx"),
        postgres_bin=next(iter(postgres_folders()), None),
        redis=_which("redis-server") or _which("valkey-server"),
        java=_java(),
        mongod=_which("mongod") or _bundled_mongod(),
        maven=_which("mvn"),
        setpriv=_which("setpriv"),
    )


def find_browser() -> Path | None:
    """Return a Chromium, in which the page is tested; nothing that runs Frontrow needs one."""
    return next(filter(None, map(_which, BROWSERS)), None)


def postgres_folders() -> list[Path]:
    """Return the folders that hold a PostgreSQL server new enough, the newest first."""
    on_path = _which("postgres")
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *([on_path.resolve().parent] if on_path else [])]
    versions = {folder: postgres_version(folder) for folder in folders if (folder / "initdb").exists()}
    return sorted((f for f, version in versions.items() if version >= OLDEST_POSTGRES), key=lambda f: -versions[f])


def require_disk(home: Path) -> None:
    """Refuse to start where the disk is nearly full."""
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    if free < MIN_FREE_BYTES:
        sentence = f"The disk of {existing} has only {free / 1024**3:.1f} GB free; Frontrow needs 2 GB."
        raise CannotStartError(sentence, "Make room, or set FRONTROW_HOME to a folder on another disk.")


def install(packages: dict[str, str], say: Say, log: Path) -> None:
    """Install the packages, or name the command that would.

    Raises:
        CannotStartError: we are not root, this is not Debian or a relative, or apt failed.
    """
    words = ", ".join(packages)
    names = sorted(packages.values())
    command = f"apt-get install -y --no-install-recommends {' '.join(names)}"
    if shutil.which("apt-get") is None:
        remedy = f"Install what your distribution calls {' '.join(names)}, then run ./start-services.sh again."
        raise CannotStartError(f"This machine lacks {words}, and has no apt-get.", remedy)
    if os.geteuid() != 0:
        remedy = f"Run this, then ./start-services.sh again: sudo apt-get update && sudo {command}"
        raise CannotStartError(f"This machine lacks {words}, and only root can install packages.", remedy)
    say(f"installing {words}")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output, _services_left_alone():
        # Lists may be stale or from a mirror that is gone: what counts is whether the installation works.
        _apt(["update"], output.fileno())
        chosen = [_available_jre() if name == _JRE_PACKAGES[0] else name for name in names]
        status = _apt(["install", "-y", "--no-install-recommends", *chosen], output.fileno())
    if status != 0:
        errors = [line for line in log.read_text(errors="replace").splitlines() if line.startswith("E:")]
        sentence = (
            f"apt-get could not install {' '.join(chosen)}: {errors[0] if errors else 'it took too long'} (see {log})."
        )
        raise CannotStartError(
            sentence, "Check the network and the package sources, then run ./start-services.sh again."
        )


def _apt(arguments: list[str], output: int) -> int:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=120", *arguments]
    try:
        done = subprocess.run(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            timeout=INSTALL_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 1
    return done.returncode


def _available_jre() -> str:
    for name in _JRE_PACKAGES:
        asked = subprocess.run(["apt-cache", "policy", name], capture_output=True, text=True, check=False)
        if re.search(r"Candidate: (?!\(none\))", asked.stdout):
            return name
    return _JRE_PACKAGES[0]


@contextmanager
def _services_left_alone() -> Iterator[None]:
    """Keep the packages from starting servers of their own, and PostgreSQL from making a cluster of its own.

    The machine's own policy, where it has one, is respected and left as it is.
    """
    ours = {
        Path("/usr/sbin/policy-rc.d"): "#!/bin/sh\nexit 101\n",
        Path("/etc/postgresql-common/createcluster.d/frontrow.conf"): "create_main_cluster = false\n",
    }
    made = []
    try:
        for path, text in ours.items():
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
                path.chmod(0o755)
                made.append(path)
        yield
    finally:
        for path in made:
            path.unlink(missing_ok=True)


def _which(name: str) -> Path | None:
    found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(_SBIN))
    return Path(found) if found else None


def _java() -> Path | None:
    homes = [Path(os.environ["JAVA_HOME"]) / "bin/java"] if os.environ.get("JAVA_HOME") else []
    on_path = _which("java")
    candidates = [*homes, *([on_path] if on_path else []), *sorted(Path("/usr/lib/jvm").glob("*/bin/java"))]
    return next((java for java in candidates if java.exists() and java_version(java) >= OLDEST_JAVA), None)


def java_version(java: Path) -> int:
    """Return the major version: from the file ``release`` beside it, which costs nothing, else by asking it."""
    release = java.resolve().parents[1] / "release"
    if release.exists():
        text = release.read_text()
    else:
        text = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'(?:JAVA_VERSION=|version )"(\d+)(?:\.(\d+))?', text)
    if not found:
        return 0
    return int(found[2] or 0) if found[1] == "1" else int(found[1])  # Java 8 calls itself 1.8


def _bundled_mongod() -> Path | None:
    found = Path(sys.prefix).glob("lib/python*/site-packages/fiftyone/db/bin/mongod")
    return next(iter(found), None)


def postgres_version(folder: Path) -> int:
    """Return the major version of the server in a folder of programs."""
    if folder.parent.name.isdigit():  # Debian's layout says it: /usr/lib/postgresql/15/bin
        return int(folder.parent.name)
    text = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\b(\d+)", text)
    return int(found[1]) if found else 0


def _lacks_libcurl(mongod: Path) -> bool:
    linked = subprocess.run(["ldd", mongod], capture_output=True, text=True, check=False).stdout
    return "libcurl.so.4 => not found" in linked
