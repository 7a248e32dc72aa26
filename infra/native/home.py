"""The home of an instance: which folder holds what, and who may look into it.

``data/`` what the stores hold · ``secrets/`` · ``conf/`` what is generated at each start · ``logs/`` · ``run/`` the
supervisor's socket · ``gateway/`` the gateway's cache · ``auditor/`` its temporary files · ``mail/`` letters that no
mail server took. ``reset`` removes these and nothing else: other homes may lie below this one.
"""

import fcntl
import hashlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.native.errors import CannotStartError

MAX_SOCKET_PATH: Final = 85
"""Unix sockets take 107 bytes, and the supervisor makes its socket under a longer name first."""

_TRAVERSABLE: Final = 0o711
_PRIVATE: Final = 0o700
_FOLDERS: Final = {
    "data": _TRAVERSABLE,  # PostgreSQL may be another user
    "gateway": _TRAVERSABLE,  # so may the gateway's workers
    "secrets": _PRIVATE,
    "conf": _PRIVATE,
    "logs": _TRAVERSABLE,  # the gateway's workers open theirs again after each rotation; each file is private
    "run": _PRIVATE,
    "auditor": _PRIVATE,  # what of its memory does not fit into memory
    "mail": _PRIVATE,  # letters hold links that open accounts
}


@dataclass(frozen=True, slots=True)
class Home:
    """Paths below one instance's folder."""

    path: Path

    @property
    def data(self) -> Path:
        """One folder a store."""
        return self.path / "data"

    @property
    def secrets(self) -> Path:
        """One folder a service."""
        return self.path / "secrets"

    @property
    def conf(self) -> Path:
        """Generated configuration; holds no secret."""
        return self.path / "conf"

    @property
    def supervisor_configuration(self) -> Path:
        """Generated at each start."""
        return self.conf / "supervisord.conf"

    @property
    def logs(self) -> Path:
        """One file a process."""
        return self.path / "logs"

    @property
    def mail(self) -> Path:
        """Letters to people, where no mail server is set."""
        return self.path / "mail"

    @property
    def auditor(self) -> Path:
        """Where the auditor's temporary database may grow; its file has no name."""
        return self.path / "auditor"

    @property
    def gateway(self) -> Path:
        """The gateway's cache and temporary files."""
        return self.path / "gateway"

    @property
    def run(self) -> Path:
        """Sockets and locks."""
        return self.path / "run"

    @property
    def socket(self) -> Path:
        """The supervisor's socket; in a short folder of ours under /tmp when the home's path is too long for one."""
        inside = self.run / "supervisor.sock"
        if len(os.fsencode(inside)) <= MAX_SOCKET_PATH:
            return inside
        return Path(tempfile.gettempdir()) / f"frontrow-{os.getuid()}-{self.id}" / "s.sock"

    @property
    def seeded(self) -> Path:
        """Whether the demo events were put on this home's log."""
        return self.data / "seeded"

    @property
    def restoring(self) -> Path:
        """There while a restore has not come to its end: until then, the ledger says that it is the former one."""
        return self.data / "restoring"

    @property
    def id(self) -> str:
        """A short name of this home, the same at every start."""
        return hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]

    def log_of(self, program: str) -> Path:
        """Return where a process or a one-shot says what it does."""
        return self.logs / f"{program}.log"

    def last_words_of(self, program: str) -> str:
        """Return the last line of its log, cut to what a person reads."""
        try:
            lines = self.log_of(program).read_text(errors="replace").strip().splitlines()
        except OSError:
            lines = []
        return lines[-1][:300] if lines else "it said nothing."

    def prepare(self) -> None:
        """Make the folders with their modes.

        Raises:
            CannotStartError: the folder cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for name, mode in _FOLDERS.items():
                folder = self.path / name
                folder.mkdir(exist_ok=True)
                folder.chmod(mode)
        except OSError as error:
            remedy = "Make it writable for you, or set FRONTROW_HOME to a folder that is."
            raise CannotStartError(
                f"Frontrow's folder {self.path} cannot be written: {error.strerror}.", remedy
            ) from None
        (self.logs / "supervisord.log").touch(mode=0o600)
        parent = self.socket.parent
        parent.mkdir(mode=_PRIVATE, exist_ok=True)
        if parent.stat().st_uid != os.getuid() or stat.S_IMODE(parent.stat().st_mode) != _PRIVATE:
            raise CannotStartError(f"{parent} belongs to somebody else.", "Set FRONTROW_HOME to a shorter path.")

    def remove(self) -> None:
        """Remove everything of this instance, also what lies elsewhere because another user had to reach it.

        Secrets stay while compose's volumes need them (its start leaves the mark ``docker``).
        """
        for store in self.data.glob("*"):
            if store.is_symlink():  # see infra.native.postgres
                shutil.rmtree(store.resolve().parent, ignore_errors=True)
        for name in _FOLDERS:
            if name == "secrets" and (self.path / "docker").exists():
                continue
            shutil.rmtree(self.path / name, ignore_errors=True)
        for name in ("mode", "instance.json"):
            (self.path / name).unlink(missing_ok=True)
        if self.socket.parent != self.run:
            shutil.rmtree(self.socket.parent, ignore_errors=True)

    def remember(self, facts: Mapping[str, str]) -> None:
        """Keep the settings of the running instance for those who ask about it from another shell."""
        file = self.path / "instance.json"
        file.touch(mode=0o600)
        file.chmod(0o600)  # also one of an earlier version: a password may have been given as a variable
        file.write_text(json.dumps(dict(facts), indent=2, sort_keys=True) + "\n")

    def remembered(self) -> dict[str, str]:
        """Return what was kept, or nothing."""
        try:
            found = json.loads((self.path / "instance.json").read_text())
        except (OSError, ValueError):
            return {}
        return {str(key): str(value) for key, value in found.items()}

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep two starts, or a start and a stop, apart. The lock ends with the process, however it ends.

        Raises:
            CannotStartError: somebody else is at work.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                who = file.read().strip() or "unknown"
                sentence = f"Somebody else is starting or stopping Frontrow in {self.path} right now (process {who})."
                raise CannotStartError(
                    sentence, "Wait until that is done, then look with ./start-services.sh status."
                ) from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield


def may_traverse(path: Path, uid: int, gid: int) -> bool:
    """Tell whether that user can reach ``path``: may enter every folder above it."""
    for folder in (path, *path.parents):
        if not folder.is_dir():
            continue
        found = folder.stat()
        needed = stat.S_IXUSR if found.st_uid == uid else stat.S_IXGRP if found.st_gid == gid else stat.S_IXOTH
        if not found.st_mode & needed:
            return False
    return True
