"""``make bench``: measure everything in an instance of its own, print the table, write ``loadtest/results/bench.json``.

About ten minutes on two cores; ``--quick`` tries it in some, and writes nothing, since what it measures are no figures;
nor does ``--only``, which measures some parts alone.
Exit status 0 whatever the figures are, 1 when something was lost or decided wrongly: then the figures mean nothing.
Parts, in order: start and footprint, direct and durable bookings in turns, the same on one event, accepts, reads, the
contest with the naive system, the open loops, the audit of all that, then the drains and direct bookings in turns, with
every service stopped.
"""

import argparse
import os
import sys
import time
from collections.abc import Collection
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from infra.native.errors import CannotStartError
from infra.native.instance import Instance
from loadtest.bench import footprint, machine, rig, versions
from loadtest.bench.pace import EARNEST, QUICK, Pace
from loadtest.bench.parts import PARTS, Found, Parts
from loadtest.bench.progress import Progress
from loadtest.bench.results import Run, markdown, to_json
from loadtest.chosen import chosen

RESULTS: Final = Path(__file__).parents[1] / "results"


def main() -> int:
    """Run the benchmark; returns the process' exit status."""
    parser = argparse.ArgumentParser(prog="make bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="short rounds, to try the benchmark; writes nothing")
    known = f"these parts alone, of {', '.join(PARTS)}; writes nothing"
    parser.add_argument("--only", type=partial(chosen, known=PARTS), default=PARTS, metavar="A,B", help=known)
    arguments = parser.parse_args()
    started = time.monotonic()
    try:
        with rig.alone():
            instance = rig.prepare(os.environ, say)
            try:
                found = _measure(instance, QUICK if arguments.quick else EARNEST, arguments.only)
            finally:
                instance.stop()
            instance.reset()
    except CannotStartError as missing:
        sys.stderr.write(f"{missing}\n")
        return 2
    run = Run(
        commit=machine.commit(),
        at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        machine=machine.description(),
        versions=versions.found(instance.settings),
        seconds=time.monotonic() - started,
        figures=found.figures,
        cpu_us=found.cpu_us,
        notes=found.notes,
        broken=found.broken,
    )
    text = markdown(run)
    if arguments.quick:
        text = f"QUICK: these are no figures, and nothing is written.\n\n{text}"
    elif len(arguments.only) < len(PARTS):
        text = f"Of {', '.join(arguments.only)} alone; nothing is written.\n\n{text}"
    else:
        (RESULTS / "bench.json").write_text(to_json(run))
        (RESULTS / "latest.md").write_text(f"# Last measured: `make bench`\n\n{text}")
    print(f"\n{text}")
    return int(bool(run.broken))


def _measure(instance: Instance, pace: Pace, wanted: Collection[str]) -> Found:
    """Return the figures, and in words everything that was lost or decided wrongly."""
    say("starting everything, from nothing and again")
    first_start_s = footprint.start(instance)
    instance.stop()
    second_start_s = footprint.start(instance)
    memory = footprint.measure(instance)
    where = rig.addresses(instance)
    with Progress(where, instance.settings.partitions) as progress, rig.direct_reference(where):
        parts = Parts(instance, progress, pace, say)
        parts.measure(wanted)
        parts.idle(memory, first_start_s, second_start_s)
    return parts.found


def say(text: str) -> None:
    """Tell who waits what is going on."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
