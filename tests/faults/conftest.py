"""Before each fault the platform is whole; after each it is made whole again and all that ever happened must hold."""

import os
import signal
from collections.abc import Iterator

import pytest

from infra.native.instance import Instance
from tests.eventually import eventually
from tests.frontrow import Frontrow

WHOLE_WITHIN_S = 30


@pytest.fixture
def frontrow(whole_platform: Frontrow) -> Iterator[Frontrow]:
    eventually(whole_platform.health, within_s=WHOLE_WITHIN_S)
    yield whole_platform
    heal(whole_platform.instance)
    eventually(whole_platform.health, within_s=WHOLE_WITHIN_S)
    whole_platform.check_invariants()


def heal(instance: Instance) -> None:
    """Undo what a test that failed half way left behind."""
    for name, state in instance.status().items():
        if state.pid:
            os.kill(state.pid, signal.SIGCONT)
        elif state.state in {"STOPPED", "EXITED", "FATAL"}:
            instance.start_program(name)
