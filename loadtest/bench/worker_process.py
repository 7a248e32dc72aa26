"""One worker process of the bench's own: started on a topic and a ledger, frozen while its backlog is made, stopped."""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from loadtest.bench import processes

STOP_WITHIN_S: Final = 20
_LOG_TAIL_LINES: Final = 20

DEFAULT_COMMAND: Final = f"{shlex.quote(sys.executable)} -m worker"


class WorkerProcess:
    """A context manager around ``python -m worker``; ``environment`` holds its ``FRONTROW_*`` settings.

    Its log lines go to ``log``; ``complaint`` quotes the end of them.
    """

    def __init__(self, command: str, environment: Mapping[str, str], log: Path) -> None:
        self._command = shlex.split(command)
        self._environment = {**_without_settings(os.environ), **environment}
        self._log = log

    def __enter__(self) -> Self:
        with self._log.open("wb") as out:
            self._process = subprocess.Popen(self._command, env=self._environment, stdout=out, stderr=subprocess.STDOUT)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGCONT)
        self._process.terminate()
        try:
            self._process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        """Stop it where it stands, for at most a few seconds: its session and its connections outlive that."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    def cpu_s(self) -> float:
        """Return the processor time that it has used so far."""
        return processes.cpu_s(self._process.pid)

    def complaint(self) -> str:
        """Return the end of its log, and whether it is still alive."""
        status = self._process.poll()
        state = "still running" if status is None else f"ended with status {status}"
        lines = self._log.read_text(errors="replace").splitlines()[-_LOG_TAIL_LINES:]
        return "\n".join([f"the worker is {state}; the end of its log ({self._log}):", *lines])


def _without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith("FRONTROW_")}
