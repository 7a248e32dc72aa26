"""Before each fault the platform is whole, and after it again; after each module all that ever happened must hold."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress

import pytest

from infra.native.instance import Instance
from loadtest.bench.processes import tree
from tests.eventually import eventually
from tests.frontrow import Frontrow

WHOLE_WITHIN_S = 30


@pytest.fixture(scope="module")
def proved(whole_platform: Frontrow) -> Iterator[Frontrow]:
    yield whole_platform
    whole_platform.check_invariants()


@pytest.fixture
def frontrow(proved: Frontrow) -> Iterator[Frontrow]:
    eventually(proved.health, within_s=WHOLE_WITHIN_S)
    yield proved
    heal(proved.instance)
    eventually(proved.health, within_s=WHOLE_WITHIN_S)


def heal(instance: Instance) -> None:
    """Undo what a test that failed half way left behind."""
    for name, state in instance.status().items():
        if state.pid:
            for pid in tree(state.pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
        elif state.state in {"STOPPED", "EXITED", "FATAL"}:
            instance.start_program(name)
