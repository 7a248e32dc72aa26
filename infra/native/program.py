"""One program of the supervisor, and the supervisor's configuration made of them."""

import os
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from infra.native.errors import CannotStartError
from runtime.settings import EXITS_FOR_GOOD

LOG_MAX_BYTES: Final = "10MB"
LOG_BACKUPS: Final = 3
START_S: Final = 1
"""A process that lives this long has started. It bounds the rate of restarts: one that dies later starts again at once,
one that dies sooner waits one second more at each attempt."""
START_ATTEMPTS: Final = 10
"""55 s of attempts; then the process is given up, which ``status`` shows."""
LEFT_ALONE: Final = ",".join(map(str, EXITS_FOR_GOOD))
"""Exit statuses after which nothing is started again, if it had started (``START_S``); what ends sooner is given up
after ``START_ATTEMPTS``. Not 0: an HTTP service that somebody else ended says 0 too."""
OPEN_FILES: Final = 16_384
"""A rush of 10,000 clients, and a connection to a service for each, where the machine's own limit lets us."""


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, as whom, with which environment, and how to ask it to stop."""

    name: str
    command: tuple[str | Path, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path = Path("/")
    user: str | None = None
    stop_signal: str = "TERM"
    stop_wait_s: int = 15
    listens_to: str | None = None
    """An event of the supervisor, for a program that speaks its listener protocol on standard output."""


def render(
    programs: Iterable[Program], *, socket: Path, run: Path, logs: Path, open_files: int, setpriv: Path | None
) -> str:
    """Return the supervisor's configuration. Every program starts when it is told to, and again when it dies.

    One that ends with a status of ``LEFT_ALONE`` says itself that this would not help, and stays as it is.
    """
    parts = [
        _section(
            "supervisord",
            {
                "pidfile": run / "supervisord.pid",
                "logfile": logs / "supervisord.log",
                "logfile_maxbytes": LOG_MAX_BYTES,
                "logfile_backups": LOG_BACKUPS,
                "childlogdir": logs,
                "directory": "/",
                "umask": "077",
                "minfds": open_files,
                # Said on purpose, or the supervisor warns that nobody thought about it.
                **({"user": "root"} if os.geteuid() == 0 else {}),
            },
        ),
        _section("unix_http_server", {"file": socket, "chmod": "0700"}),
        _section(
            "rpcinterface:supervisor",
            {"supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"},
        ),
        _section("supervisorctl", {"serverurl": f"unix://{socket}"}),
    ]
    for program in programs:
        # Whatever happens to the supervisor, nobody is left behind to hold a port
        # (test_nobody_is_left_behind_when_the_supervisor_is_killed).
        prefix = (setpriv, "--pdeathsig", program.stop_signal) if setpriv else ()
        log = "stdout" if program.listens_to is None else "stderr"
        values: dict[str, object] = {
            "command": shlex.join(map(str, (*prefix, *program.command))),
            "directory": program.directory,
            "autostart": "false" if program.listens_to is None else "true",
            "autorestart": "unexpected",
            "exitcodes": LEFT_ALONE,
            "startsecs": START_S,
            "startretries": START_ATTEMPTS,
            "stopsignal": program.stop_signal,
            "stopwaitsecs": program.stop_wait_s,
            **(
                {"redirect_stderr": "true"}
                if program.listens_to is None
                else {"events": program.listens_to, "stdout_logfile": "NONE"}
            ),
            f"{log}_logfile": logs / f"{program.name}.log",
            f"{log}_logfile_maxbytes": LOG_MAX_BYTES,
            f"{log}_logfile_backups": LOG_BACKUPS,
        }
        if program.environment:
            values["environment"] = _environment(program.environment)
        if program.user:
            values["user"] = program.user
        kind = "program" if program.listens_to is None else "eventlistener"
        parts.append(_section(f"{kind}:{program.name}", values))
    return "\n".join(parts)


def _section(name: str, values: Mapping[str, object]) -> str:
    # The supervisor expands %(name)s everywhere, so a percent sign that means itself is doubled.
    lines = [f"{key} = {str(value).replace('%', '%%')}" for key, value in values.items()]
    return f"[{name}]\n" + "\n".join(lines) + "\n"


def _environment(values: Mapping[str, str]) -> str:
    return ",".join(f"{name}={_quoted(name, value)}" for name, value in sorted(values.items()))


def _quoted(name: str, value: str) -> str:
    quote = '"' if '"' not in value else "'"
    if quote in value or "\n" in value:
        sentence = f"{name} holds a line break, or both kinds of quotes, which cannot be handed to a service."
        raise CannotStartError(sentence, "Set another value, then start again.")
    return f"{quote}{value}{quote}"
