"""``make bench``: measure everything in an instance of its own, print the table, write ``loadtest/results/latest.md``.

Under five minutes on two cores. Exit status 0 whatever the figures are, 1 when something was lost or decided wrongly:
then the figures mean nothing. Parts, in order: start and footprint, direct and durable bookings in turns, reads, the
open loop, the audit of all that, then the drains and direct bookings in turns, with every service stopped.
"""

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from infra.native.errors import CannotStartError
from infra.native.instance import SERVICES, Instance
from loadtest.bench import drain, footprint, latency, machine, reads, rig, throughput
from loadtest.bench.announce import announce
from loadtest.bench.backlog import Hall
from loadtest.bench.closed_loop import Seats
from loadtest.bench.progress import Progress
from loadtest.bench.report import Circumstances, markdown
from loadtest.bench.table import Drains, Measured, notes, rows

LATEST: Final = Path(__file__).parents[1] / "results" / "latest.md"
SEATS: Final = Seats("bench-", 10, 15_000)
THOUSAND_SEATS: Final = "concert123"
_ANNOUNCED_WITHIN_S: Final = 60.0


def main() -> int:
    """Run the benchmark; returns the process' exit status."""
    started = time.monotonic()
    try:
        with rig.alone():
            instance = rig.prepare(os.environ, say)
            try:
                measured, broken = _measure(instance)
            finally:
                instance.stop()
            instance.reset()
    except CannotStartError as missing:
        sys.stderr.write(f"{missing}\n")
        return 2
    around = Circumstances(
        datetime.now(UTC).strftime("%Y-%m-%d"), machine.commit(), machine.description(), time.monotonic() - started
    )
    text = markdown(rows(measured), notes(measured), broken, around)
    LATEST.write_text(f"# Last measured: `make bench`\n\n{text}")
    print(f"\n{text}")
    return int(bool(broken))


def _measure(instance: Instance) -> tuple[Measured, list[str]]:
    """Return the figures, and in words everything that was lost or decided wrongly."""
    say("starting everything, from nothing and again")
    first_start_s = footprint.start(instance)
    instance.stop()
    second_start_s = footprint.start(instance)
    where = rig.addresses(instance)
    partitions = instance.settings.partitions
    found = footprint.measure(instance)
    with Progress(where, partitions) as progress, rig.direct_reference(where):
        halls = [Hall(f"{SEATS.prefix}{number}", SEATS.seats) for number in range(SEATS.halls)]
        announce(where.bootstrap, where.topic, partitions, halls)
        progress.wait_until_shown(_ANNOUNCED_WITHIN_S)
        booker = throughput.Booker(where, SEATS)
        say("booking, directly and through Frontrow in turns")
        through = throughput.measure(booker, progress)
        say("reading")
        listed = reads.measure(where, "/api/events")
        seat_map = reads.measure(where, f"/api/events/{THOUSAND_SEATS}")
        say("a crowd of 1,000 a second")
        crowd = latency.measure(where, SEATS, booker.sent)
        progress.wait_until_shown(_ANNOUNCED_WITHIN_S)
        say("checking the invariants")
        broken = [*through.broken, *crowd.broken, *rig.audited(instance)]
        drains = _drain(instance, where, booker)
    broken += [f"{one.name}: {text}" for one in drains.drained.values() for text in one.broken]
    return Measured(through, drains, crowd, listed, seat_map, found, first_start_s, second_start_s), broken


def _drain(instance: Instance, where: rig.Addresses, booker: throughput.Booker) -> Drains:
    """Drain with the worker of the bench alone; direct bookings, with the stores for themselves as well, in between."""
    for name in instance.status():
        if name.startswith(SERVICES):
            instance.stop_program(name)
    stores = drain.Stores(where.bootstrap, where.ledger, instance.environment_of("worker"))
    drained, directs = {}, [booker.direct()]
    for one in drain.measure(stores, drain.SCENARIOS, drain.COMMANDS):
        say(str(one))
        drained[one.name] = one
        directs.append(booker.direct())
    return Drains(drained, directs)


def say(text: str) -> None:
    """Tell who waits what is going on."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
