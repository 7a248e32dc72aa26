"""Rotation of the gateway's access log, the one log that the supervisor does not write itself.

The gateway writes its log directly, since a burst of requests must not wait for a pipe. The supervisor calls us once a
minute (an event listener in its words); what is too long gets a number, and NGINX opens a fresh one.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Final

from supervisor import childutils

from infra.native.home import Home
from infra.native.program import Program
from infra.native.settings import CHECKOUT

NAME: Final = "log_rotation"
MAX_BYTES: Final = 50_000_000
"""About two minutes of the heaviest load that we measured; a quiet month."""
BACKUPS: Final = 3


def program(home: Home) -> Program:
    """Return the listener's program."""
    command = (
        sys.executable,
        "-m",
        "infra.native.rotation",
        home.logs / "gateway-access.log",
        home.gateway / "nginx.pid",
    )
    return Program(NAME, command, directory=CHECKOUT, listens_to="TICK_60")


def rotate(log: Path, pid_file: Path, *, max_bytes: int = MAX_BYTES) -> bool:
    """Rotate the log when it is too long; returns whether it was."""
    try:
        if log.stat().st_size <= max_bytes:
            return False
        nginx = int(pid_file.read_text())
    except (OSError, ValueError):
        return False  # there is no log yet, or no gateway
    for number in range(BACKUPS, 0, -1):
        older = log.with_name(f"{log.name}.{number - 1}") if number > 1 else log
        if older.exists():
            older.rename(log.with_name(f"{log.name}.{number}"))
    os.kill(nginx, signal.SIGUSR1)  # it goes on writing to the renamed file until it has opened the new one
    return True


def main() -> None:
    """Answer the supervisor's ticks for ever."""
    log, pid_file = map(Path, sys.argv[1:3])
    while True:
        childutils.listener.wait()
        rotate(log, pid_file)
        childutils.listener.ok()


if __name__ == "__main__":
    main()
