"""The supervisor itself, with a program that only sleeps: what is asked of it amid a death."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.native.program import Program, render
from infra.native.supervisor import Supervisor
from tests.eventually import eventually

SLEEPER = "sleeper"
DEATHS = 15
"""Some of so many meet the moment in which the supervisor knows of a death and has not started the next one yet."""


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    socket, configuration = tmp_path / "s.sock", tmp_path / "supervisord.conf"
    # One that has been started and is not there yet loses its signal, and is killed after this wait.
    programs = [Program(SLEEPER, ("/bin/sleep", "600"), stop_wait_s=1)]
    rendered = render(programs, socket=socket, run=tmp_path, logs=tmp_path, open_files=1024, setpriv=None)
    assert "startsecs = 1" in rendered
    configuration.write_text(rendered.replace("startsecs = 1", "startsecs = 0"))  # dies at once, and has started
    supervisor = Supervisor(configuration, socket, tmp_path / "supervisord.log")
    supervisor.launch(os.environ)
    yield supervisor
    supervisor.shut_down()


def test_who_dies_as_it_is_stopped_is_stopped(supervisor: Supervisor) -> None:
    def running() -> int:
        state = supervisor.states()[SLEEPER]
        assert state.state == "RUNNING"
        return state.pid

    for _ in range(DEATHS):
        supervisor.start([SLEEPER])
        os.kill(eventually(running), signal.SIGKILL)
        supervisor.stop([SLEEPER], within_s=10)
        assert supervisor.states()[SLEEPER].state == "STOPPED"
