"""Faults of processes: killed, told to stop, frozen for a moment or past a session; restarted one after the other."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from infra.native.instance import SERVICES, STORES
from tests.faults.run.fault import FOR_A_MOMENT, PAST_A_SESSION, Fault, Hurt, Scene

PROGRAMS: Final = (*SERVICES, "gateway", *STORES)
STOP_SIGNAL: Final = {"postgres": signal.SIGINT, "gateway": signal.SIGQUIT}
"""How a supervisor asks these to stop; everything else gets SIGTERM. PostgreSQL's answer to SIGTERM is to wait for its
clients, which ours would never do it the favour of leaving."""


@contextmanager
def signalled(program: str, number: signal.Signals, scene: Scene) -> Iterator[None]:
    """Send a signal, behind the supervisor's back."""
    scene.site.signal(program, number)
    yield


@contextmanager
def frozen(program: str, scene: Scene) -> Iterator[None]:
    """Stop a program with all of its processes, and let it go on: slow, not dead."""
    scene.site.signal(program, signal.SIGSTOP, all_of_it=True)
    try:
        yield
    finally:
        scene.site.signal(program, signal.SIGCONT, all_of_it=True)


@contextmanager
def restarted_in_turn(scene: Scene) -> Iterator[None]:
    """Restart every process, one after the other, as a release does."""
    for name in scene.site.programs():
        scene.site.instance.stop_program(name)
        scene.site.instance.start_program(name)
    yield


def _row(verb: str, program: str, hurt: Hurt, lasts_s: tuple[float, float] = (0.0, 0.0)) -> Fault:
    return Fault(f"{verb} {program}", hurt, frozenset({program}), lasts_s)


FAULTS: Final = (
    *(_row("kill -9", program, partial(signalled, program, signal.SIGKILL)) for program in PROGRAMS),
    *(
        _row("stop", program, partial(signalled, program, STOP_SIGNAL.get(program, signal.SIGTERM)))
        for program in PROGRAMS
    ),
    *(_row("freeze", program, partial(frozen, program), FOR_A_MOMENT) for program in PROGRAMS),
    *(_row("freeze for long", program, partial(frozen, program), PAST_A_SESSION) for program in PROGRAMS),
    Fault("restart everything in turn", restarted_in_turn, frozenset(PROGRAMS), alone=True),
)
