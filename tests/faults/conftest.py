"""Before each fault the platform is whole, and after it again; when all are over, all that ever happened must hold."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress

import pytest

from infra.native.instance import Instance
from loadtest.bench.processes import tree
from tests.eventually import eventually
from tests.frontrow import Frontrow


@pytest.fixture
def frontrow(whole_platform: Frontrow) -> Iterator[Frontrow]:
    eventually(whole_platform.health)
    yield whole_platform
    heal(whole_platform.instance)
    eventually(whole_platform.health)


def heal(instance: Instance) -> None:
    """Undo what a test that failed half way left behind."""
    for name, state in instance.status().items():
        if state.pid:
            for pid in tree(state.pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
        elif state.state in {"STOPPED", "EXITED", "FATAL"}:
            instance.start_program(name)
