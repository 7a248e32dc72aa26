"""Starts a server alone: first ends what a former one left behind, then becomes it.

``python -m infra.native.alone PIDFILE COMMAND…``; the supervisor runs the gateway so. NGINX's workers do not notice
when their master is killed: they serve on, with the configuration of then, and hold its port, so that no new master
can ever listen (test: ``test_a_gateway_that_was_killed_leaves_no_worker_behind``). Who they are is told by the group
that the supervisor made their master the leader of. Must never touch a group whose leader lives: it is no leftover.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def main() -> None:
    """End the leftovers, and become the server."""
    pid_file, *command = sys.argv[1:]
    for pid in leftovers(Path(pid_file), Path(command[0]).name):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    os.execv(command[0], command)  # noqa: S606 - the supervisor's own command


def leftovers(pid_file: Path, name: str) -> Iterator[int]:
    """Yield the processes called ``name`` in the group of the master that wrote the file, if that one is dead."""
    try:
        master = int(pid_file.read_text())
    except (OSError, ValueError):
        return
    if Path(f"/proc/{master}").exists():
        return
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            pid = int(process.name)
            if os.getpgid(pid) == master and process.joinpath("comm").read_text().strip() == name:
                yield pid


if __name__ == "__main__":
    main()
