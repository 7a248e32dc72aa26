"""Faults of clocks: one process whose wall clock is an hour ahead (libfaketime; its monotonic clock stays right).

Kafka's own is not among them: the log's time would be an hour ahead for good, which README's troubleshooting is about.
"""

import glob
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from infra.native.instance import SERVICES
from infra.native.services import MODULES, inherited
from tests.faults.run.fault import Fault, Scene
from tests.frontrow import CHECKOUT

LIBRARY: Final = "/usr/lib/*/faketime/libfaketimeMT.so.1"
LASTS_S: Final = (3.0, 5.0)
"""A process takes about two of these to start."""
STOPPED_WITHIN_S: Final = 20.0
"""Then it is killed, as the supervisor does; a little later than there."""


def lacking() -> str:
    """Return what has to be installed, if so."""
    return "" if glob.glob(LIBRARY) else "libfaketime is not there (apt-get install faketime)"  # noqa: PTH207 - a pattern with a root


@contextmanager
def ahead(service: str, scene: Scene) -> Iterator[None]:
    """Run the service's process with a clock an hour ahead in the place of the supervisor's."""
    instance = scene.site.instance
    env = {
        **inherited(),
        **instance.environment_of(service),
        "LD_PRELOAD": glob.glob(LIBRARY)[0],  # noqa: PTH207 - as above
        "FAKETIME": "+1h",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    instance.stop_program(service)
    with (instance.logs / f"{service}_ahead.log").open("a") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", MODULES[service]], env=env, cwd=CHECKOUT, stdout=log, stderr=log
        )
        try:
            yield
        finally:
            _stop(running)
            instance.start_program(service, ready=False)


def _stop(running: "subprocess.Popen[bytes]") -> None:
    running.terminate()
    try:
        running.wait(STOPPED_WITHIN_S)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()


FAULTS: Final = tuple(
    Fault(f"clock ahead {service}", partial(ahead, service), frozenset({service}), LASTS_S, needs=lacking)
    for service in SERVICES
)
