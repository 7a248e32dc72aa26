"""The supervisor as we talk to it: start it, ask it for states, have programs started and stopped.

Only `instance` enters here. The supervisor itself (`supervisord`) restarts what dies; this module never does.
"""

import re
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from supervisor.xmlrpc import Faults, SupervisorTransport

from infra.native.errors import CannotStartError
from runtime.settings import EXITS_FOR_GOOD

ANSWER_WITHIN_S: Final = 10.0
POLL_S: Final = 0.05

STOPPED_STATES: Final = frozenset({"STOPPED", "EXITED", "FATAL"})


@dataclass(frozen=True, slots=True)
class ProcessState:
    """What the supervisor says of one program."""

    name: str
    state: str
    """``RUNNING``, ``STARTING``, ``BACKOFF`` (waits before the next attempt), ``FATAL`` (given up), ``STOPPED``, …"""
    pid: int
    uptime_s: int
    description: str
    exit_status: int = 0
    """Of its last end, if it ended by itself."""

    @property
    def is_given_up(self) -> bool:
        """Whether nobody will start it again by itself: it failed too often, or said that this would not help."""
        return self.state == "FATAL" or (self.state == "EXITED" and self.exit_status in EXITS_FOR_GOOD)

    @property
    def is_stopped(self) -> bool:
        """Whether it does not run and stays so; one that has just died is about to be started again."""
        return self.state == "STOPPED" or self.is_given_up


class Supervisor:
    """A supervisor of one instance, running or not."""

    def __init__(self, configuration: Path, socket: Path, log: Path) -> None:
        self._configuration = configuration
        self._socket = socket
        self._log = log

    def is_running(self) -> bool:
        """Tell whether it answers on its socket."""
        if not self._socket.exists():
            return False
        try:
            with self._rpc() as rpc:
                rpc.supervisor.getPID()
        except (OSError, xmlrpc.client.Error):
            return False
        return True

    def launch(self, environment: Mapping[str, str]) -> None:
        """Start it as a daemon and wait until it answers.

        Raises:
            CannotStartError: it ended or did not answer.
        """
        command = [sys.executable, "-m", "supervisor.supervisord", "--configuration", str(self._configuration)]
        done = subprocess.run(command, env=dict(environment), capture_output=True, text=True, timeout=30, check=False)
        deadline = time.monotonic() + ANSWER_WITHIN_S
        while done.returncode == 0 and time.monotonic() < deadline:
            if self.is_running():
                return
            time.sleep(POLL_S)
        said = (done.stderr or done.stdout).strip().splitlines()
        sentence = f"The supervisor did not start: {said[-1] if said else f'see {self._log}'}."
        raise CannotStartError(sentence, "Try ./start-services.sh stop, then start again.")

    def states(self) -> dict[str, ProcessState]:
        """Return the state of every program by name."""
        with self._rpc() as rpc:
            found: Any = rpc.supervisor.getAllProcessInfo()
        return {
            each["name"]: ProcessState(
                name=each["name"],
                state=each["statename"],
                pid=each["pid"],
                uptime_s=each["now"] - each["start"] if each["pid"] else 0,
                description=each["description"],
                exit_status=each["exitstatus"],
            )
            for each in found
        }

    def start(self, names: Collection[str]) -> None:
        """Have programs started; returns at once. One that runs already stays as it is."""
        wait = False  # all of them at once
        for name in names:
            try:
                with self._rpc() as rpc:
                    rpc.supervisor.startProcess(name, wait)
            except xmlrpc.client.Fault as fault:
                if fault.faultCode != Faults.ALREADY_STARTED:
                    sentence = f"{name} could not be started: {fault.faultString}."
                    raise CannotStartError(sentence, "See ./start-services.sh logs.") from None

    def stop(self, names: Collection[str], *, within_s: float) -> None:
        """Have programs stopped, all at once, and wait until they are.

        Each is asked until it is: one that has just died cannot be stopped, and a moment later it runs again.
        """
        deadline = time.monotonic() + within_s
        while left := self._not_stopped(names):
            if time.monotonic() > deadline:
                sentence = f"{', '.join(left)} did not stop within {within_s:.0f} s."
                raise CannotStartError(sentence, "Look into the logs, then stop again: ./start-services.sh stop")
            for name in left:
                self._ask_to_stop(name)
            time.sleep(POLL_S)

    def _not_stopped(self, names: Collection[str]) -> list[str]:
        states = self.states()
        return [name for name in names if not states[name].is_stopped]

    def _ask_to_stop(self, name: str) -> None:
        wait = False  # all of them at once
        try:
            with self._rpc() as rpc:
                rpc.supervisor.stopProcess(name, wait)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != Faults.NOT_RUNNING:
                raise

    def shut_down(self) -> None:
        """End the supervisor and whatever it still runs, and wait until it is gone."""
        try:
            with self._rpc() as rpc:
                rpc.supervisor.shutdown()
        except (OSError, xmlrpc.client.Error):
            return
        deadline = time.monotonic() + 60
        while self._socket.exists() and time.monotonic() < deadline:
            time.sleep(POLL_S)

    def unexpected_ends(self) -> dict[str, int]:
        """Return how often each program ended and was started again since the supervisor started, from its log."""
        counts: dict[str, int] = {}
        for path in (self._log.with_name(self._log.name + ".1"), self._log):
            for line in path.read_text().splitlines() if path.exists() else ():
                if "supervisord started with pid" in line:
                    counts.clear()
                elif found := re.search(r" exited: (\S+) \(.*; not expected\)", line):
                    counts[found[1]] = counts.get(found[1], 0) + 1
        return counts

    def _rpc(self) -> xmlrpc.client.ServerProxy:
        transport = SupervisorTransport("", "", f"unix://{self._socket}")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
