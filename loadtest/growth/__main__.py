"""``make bench-growth``: measure how the figures grow, group by group, into ``loadtest/results/growth.json``.

Each group of series has an instance of its own, with nothing in it at first, and is written down once the invariant
checker found nothing broken there; its former series are replaced, those of other groups stay. Exit status 0 whatever
the figures are; 1 when something was lost or decided wrongly: then nothing of that group is written, and those after it
are not measured; 2 when there was nothing to measure on.

A ``--quick`` run shows that the measuring works. Its figures mean little, so they go into a file of their own.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from infra.native.errors import CannotStartError
from loadtest.bench import machine, rig
from loadtest.chosen import chosen
from loadtest.growth import events, names, offered, processes, seats, soak, stored, streams, trial
from loadtest.growth.series import Collected, read, replaced, write
from loadtest.growth.trial import Trial

RESULT: Final = Path(__file__).parents[1] / "results" / "growth.json"
QUICK_RESULT: Final = rig.HOME.with_name("growth-quick.json")


KNOWN: Final = (names.OFFERED, names.SEATS, names.EVENTS, names.STORED, names.STREAMS, names.PROCESSES, names.SOAK)
MOST_MINUTES: Final = 600


class Group(NamedTuple):
    """How a group is measured, and whether the demo events are there meanwhile."""

    measure: Callable[[Trial], Collected]
    demo_events: bool


def groups(arguments: argparse.Namespace) -> Mapping[str, Group]:
    """Return every group, in the order in which they are measured."""
    return {
        names.OFFERED: Group(offered.measure, demo_events=False),
        names.SEATS: Group(seats.measure, demo_events=False),
        names.EVENTS: Group(events.measure, demo_events=False),
        names.STORED: Group(partial(stored.measure, full=arguments.full), demo_events=False),
        names.STREAMS: Group(streams.measure, demo_events=True),
        names.PROCESSES: Group(processes.measure, demo_events=False),
        names.SOAK: Group(partial(soak.measure, minutes=arguments.soak), demo_events=False),
    }


def main() -> int:
    """Measure what is asked for; returns the process' exit status."""
    arguments = arguments_of(sys.argv[1:])
    file = arguments.into or (QUICK_RESULT if arguments.quick else RESULT)
    try:
        with rig.alone():
            for name in arguments.only:
                say(f"\n{name}")
                if broken := _measure(name, groups(arguments)[name], arguments, file):
                    sys.stderr.write("\n".join(["BROKEN, so nothing of it is written:", *broken, ""]))
                    return 1
    except CannotStartError as missing:
        sys.stderr.write(f"{missing}\n")
        return 2
    return 0


def _measure(name: str, group: Group, arguments: argparse.Namespace, file: Path) -> list[str]:
    """Measure one group and write it down, or return in words what is broken."""
    commit = machine.commit()
    instance = rig.prepare(os.environ, say, port=arguments.port, base_port=arguments.base_port)
    with trial.running(instance, say, quick=arguments.quick, demo_events=group.demo_events) as one:
        refused_before = one.progress.bookings() - one.progress.confirmed()
        measured = group.measure(one)
        if (refused := one.progress.bookings() - one.progress.confirmed() - refused_before) > 0:
            one.broken.append(f"{refused} bookings of distinct seats were not confirmed")
        one.audit()
    if not one.broken:
        at = datetime.now(UTC).strftime("%Y-%m-%d")
        write(file, replaced(read(file), measured.series(), commit, at, machine.description()))
        say(f"{name}: written to {file}")
    return one.broken


def arguments_of(given: Sequence[str]) -> argparse.Namespace:
    """Return what is asked for; a wish that cannot be met ends the process with a sentence."""
    parser = argparse.ArgumentParser(prog="make bench-growth", description=(__doc__ or "").splitlines()[0])
    known = ", ".join(KNOWN)
    parser.add_argument(
        "--only", type=partial(chosen, known=KNOWN), metavar="A,B", help=f"these groups alone, of {known}"
    )
    parser.add_argument("--quick", action="store_true", help="few, small and short: does it work at all?")
    parser.add_argument("--full", action="store_true", help="five million bookings stored, and not one")
    parser.add_argument("--soak", type=int, choices=range(MOST_MINUTES + 1), default=0, metavar="MINUTES")
    parser.add_argument("--into", type=Path, help="the file, instead of loadtest/results/growth.json")
    parser.add_argument("--port", type=int, default=rig.GATEWAY_PORT, help="the gateway's")
    parser.add_argument("--base-port", type=int, default=rig.BASE_PORT, help="of 100 ports for the rest")
    arguments = parser.parse_args(given)
    if arguments.only is None:
        arguments.only = [name for name in KNOWN if name != names.SOAK or arguments.soak]
    if names.SOAK in arguments.only and not arguments.soak:
        parser.error("for how long? --soak MINUTES")
    return arguments


def say(text: str) -> None:
    """Tell who waits what is going on."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
