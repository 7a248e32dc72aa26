"""Baselines: Frontrow against what a careful team would write for one hot event, and against the naive CQRS.

``python -m loadtest.bench.baselines`` measures these two alone, in an instance of its own, in some minutes; ``--quick``
shows in about one that they can be measured, with rounds too short to mean anything. Exit status 0 whatever the figures
are, 1 when something was lost or decided wrongly: then they mean nothing.
"""

import argparse
import os
import sys
from typing import Final

from infra.native.errors import CannotStartError
from infra.native.instance import Instance
from loadtest.bench import contest, machine, naive_rig, one_event, rig, throughput
from loadtest.bench.announce import announce
from loadtest.bench.backlog import Hall
from loadtest.bench.closed_loop import CLIENTS, Seats
from loadtest.bench.contest import Contest, Size
from loadtest.bench.one_event import OneEvent
from loadtest.bench.open_loop import percentile_ms
from loadtest.bench.progress import Progress
from loadtest.bench.spread import Spread
from loadtest.bench.throughput import Seconds

SEATS: Final = Seats("contest-", 10, 15_000)
QUICK_ROUNDS: Final = 1
QUICK_SECONDS: Final = Seconds(2, 2)
QUICK: Final = Size(rounds=1, busy_s=1, gentle_s=6)


def main() -> int:
    """Measure and print; returns the process' exit status."""
    quick = _arguments().quick
    try:
        with rig.alone():
            instance = rig.prepare(os.environ, print)
            try:
                instance.start()
                crowded, path, broken = _measure(instance, quick=quick)
            finally:
                instance.stop()
            instance.reset()
    except CannotStartError as missing:
        sys.stderr.write(f"{missing}\n")
        return 2
    print(f"\n{table(crowded, path)}\n")
    if quick:
        print("Measured with --quick: these figures mean nothing.")
    for text in broken:
        print(f"BROKEN: {text}")
    print(f"Commit {machine.commit()}. {machine.description()}")
    return int(bool(broken))


def _measure(instance: Instance, *, quick: bool) -> tuple[OneEvent, Contest, list[str]]:
    where, partitions = rig.addresses(instance), instance.settings.partitions
    rounds, seconds, size = (QUICK_ROUNDS, QUICK_SECONDS, QUICK) if quick else (throughput.ROUNDS, Seconds(), Size())
    with Progress(where, partitions) as progress:
        with rig.direct_reference(where):
            print("booking one event, directly and through Frontrow in turns", flush=True)
            crowded = one_event.measure(where, partitions, progress, rounds, seconds)
        halls = [Hall(f"{SEATS.prefix}{number}", SEATS.seats) for number in range(SEATS.halls)]
        announce(where.bootstrap, where.topic, partitions, halls)
        progress.wait_until_shown(one_event.ANNOUNCED_WITHIN_S)
        with naive_rig.running(instance, where) as behind:
            print("booking through the naive system and through Frontrow in turns", flush=True)
            path = contest.measure(where, progress, SEATS, 0, behind, size)
    return crowded, path, [*crowded.broken, *path.broken, *rig.audited(instance)]


def table(crowded: OneEvent, path: Contest) -> str:
    """Return the figures, each beside its reference, as markdown."""
    p99_s = [Spread.of([one.p99_ms / 1000 for one in rounds]) for rounds in (path.frontrow, path.naive)]
    per_s = [Spread.of([one.per_s for one in rounds]) for rounds in (path.frontrow, path.naive)]
    gentle_ms = [f"{percentile_ms(late, 99):,.0f}" for late in (path.gentle_frontrow, path.gentle_naive)]
    rows: list[tuple[str, str, list[object]]] = [
        (
            f"durable and visible bookings/s on one event, c={CLIENTS}, against direct with a counter row",
            f"≥ {one_event.TARGET:g}",
            [crowded.per_s, crowded.reference_per_s, crowded.ratio],
        ),
        (
            f"durable and visible bookings/s, c={CLIENTS}, against the naive CQRS",
            f"≥ {contest.FASTER:g}",
            [*per_s, path.faster],
        ),
        (
            f"accepted to visible, p99 in s, c={CLIENTS}, against the naive CQRS",
            f"≥ {contest.SOONER:g}",
            [*p99_s, path.sooner],
        ),
        (
            f"accepted to visible, p99 in ms, at {contest.GENTLE_PER_S}/s, against the naive CQRS",
            "",
            [*gentle_ms, f"{path.gently_sooner:.0f}"],
        ),
    ]
    lines = [
        "| figure; median (least to most) of the rounds | target | Frontrow | reference | ratio |",
        "|---|---|---|---|---|",
        *(f"| {figure} | {target} | {' | '.join(map(str, values))} |" for figure, target, values in rows),
    ]
    return "\n".join(lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m loadtest.bench.baselines", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--quick", action="store_true", help="one short round each: to try it")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
