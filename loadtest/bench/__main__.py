"""``make bench``: measure everything in an instance of its own, print the table, write ``loadtest/results/bench.json``.

About ten minutes on two cores; ``--quick`` tries it in two, and writes nothing, since what it measures are no figures.
Exit status 0 whatever the figures are, 1 when something was lost or decided wrongly: then the figures mean nothing.
Parts, in order: start and footprint, direct and durable bookings in turns, reads, the open loops, the audit of all
that, then the drains and direct bookings in turns, with every service stopped.
"""

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from infra.native.errors import CannotStartError
from infra.native.instance import SERVICES, Instance
from infra.native.settings import CHECKOUT
from loadtest.bench import direct, drain, figures, footprint, latency, machine, reads, rig, spent, throughput, versions
from loadtest.bench.announce import announce
from loadtest.bench.backlog import Hall
from loadtest.bench.closed_loop import CLIENTS, Seats
from loadtest.bench.figure import Figure
from loadtest.bench.figures import Drains
from loadtest.bench.pace import EARNEST, QUICK, Pace
from loadtest.bench.progress import Progress
from loadtest.bench.results import Run, markdown, to_json

RESULTS: Final = Path(__file__).parents[1] / "results"
HALLS: Final = 10
THOUSAND_SEATS: Final = "concert123"
CROWD_PER_S: Final = 1_000
_ANNOUNCED_WITHIN_S: Final = 120.0
_SHOWN_WITHIN_S: Final = 60.0
_AUDITED_WITHIN_S: Final = 300.0


@dataclass
class Found:
    """What was found so far; see ``results.Run``."""

    figures: list[Figure] = field(default_factory=list)
    cpu_us: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def main() -> int:
    """Run the benchmark; returns the process' exit status."""
    parser = argparse.ArgumentParser(prog="make bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="short rounds, to try the benchmark; writes nothing")
    quick = parser.parse_args().quick
    started = time.monotonic()
    try:
        with rig.alone():
            instance = rig.prepare(os.environ, say)
            try:
                found = _measure(instance, QUICK if quick else EARNEST)
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
    if quick:
        text = f"QUICK: these are no figures, and nothing is written.\n\n{text}"
    else:
        (RESULTS / "bench.json").write_text(to_json(run))
        (RESULTS / "latest.md").write_text(f"# Last measured: `make bench`\n\n{text}")
    print(f"\n{text}")
    return int(bool(run.broken))


def _measure(instance: Instance, pace: Pace) -> Found:
    """Return the figures, and in words everything that was lost or decided wrongly."""
    found = Found()
    say("starting everything, from nothing and again")
    first_start_s = footprint.start(instance)
    instance.stop()
    second_start_s = footprint.start(instance)
    where = rig.addresses(instance)
    partitions = instance.settings.partitions
    memory = footprint.measure(instance)
    seats = Seats("bench-", HALLS, pace.seats_per_hall)
    with Progress(where, partitions) as progress, rig.direct_reference(where):
        halls = [Hall(f"{seats.prefix}{number}", seats.seats) for number in range(seats.halls)]
        announce(where.bootstrap, where.topic, partitions, halls)
        progress.wait_until_shown(_ANNOUNCED_WITHIN_S)
        booker = throughput.Booker(where, seats)
        say("booking, directly and through Frontrow in turns")
        through = throughput.measure(booker, progress, partial(spent.all_s, instance), pace)
        found.figures += figures.of_throughput(through)
        found.cpu_us = figures.cost_us(through)
        found.broken += through.broken
        say("reading")
        listed = reads.measure(where, "/api/events", pace)
        seat_map = reads.measure(where, f"/api/events/{THOUSAND_SEATS}", pace)
        say(f"a crowd of {CROWD_PER_S:,} a second")
        crowd = latency.measure(where, seats, booker.sent, CROWD_PER_S, pace.crowd_s)
        found.broken += crowd.broken
        progress.wait_until_shown(_SHOWN_WITHIN_S)
        say("checking the invariants")
        found.broken += _audit(instance)
        drains = _drain(instance, where, booker, pace)
    found.figures += figures.of_drains(drains)
    found.figures += [
        figures.of_read(listed, "`GET /api/events`", figures.LIST),
        figures.of_read(seat_map, "`GET /api/events/{id}` of 1,000 seats", figures.SEAT_MAP),
    ]
    found.figures += figures.of_crowd(crowd, f"open loop {CROWD_PER_S:,}/s", figures.CROWD_MS)
    found.figures += [*figures.of_footprint(memory), *figures.of_starts(first_start_s, second_start_s)]
    found.broken += [
        f"{one.name}: {text}" for drained in drains.rounds for one in drained.values() for text in one.broken
    ]
    found.notes = _notes(memory, listed, seat_map)
    return found


def _notes(memory: footprint.Footprint, *views: reads.Read) -> list[str]:
    sizes = ", ".join(f"{view.path} {view.size:,} bytes" for view in views)
    servers, processes = _megabytes(memory.servers_mb), _megabytes(memory.python_mb)
    return [
        f"Direct: a PostgreSQL transaction a booking, {direct.POOL_SIZE} connections, {CLIENTS} clients, same gateway.",
        "A ratio is the median of those of rounds that were measured beside each other.",
        f"Memory by server (shared pages counted once): {servers}; by process: {processes}.",
        f"Views: {sizes}.",
    ]


def _audit(instance: Instance) -> list[str]:
    command = [sys.executable, "-m", "audit"]
    environment = {**os.environ, **instance.environment_of("audit")}
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, timeout=_AUDITED_WITHIN_S, check=False)
    return [f"python -m audit ended with status {done.returncode}, see above"] if done.returncode else []


def _drain(instance: Instance, where: rig.Addresses, booker: throughput.Booker, pace: Pace) -> Drains:
    """Drain with the worker of the bench alone; direct bookings, with the stores for themselves as well, beside it."""
    for name in instance.status():
        if name.startswith(SERVICES):
            instance.stop_program(name)
    stores = drain.Stores(where.bootstrap, where.ledger, instance.environment_of("worker"))
    rounds, directs = [], []
    for _ in range(pace.drain_rounds):
        before, drained = booker.direct(pace.direct_s), {}
        for one in drain.measure(stores, drain.SCENARIOS, pace.drained_commands):
            say(str(one))
            drained[one.name] = one
            if one.name == "warm":
                directs.append((before, booker.direct(pace.direct_s)))
        rounds.append(drained)
    return Drains(rounds, directs)


def _megabytes(by_name: dict[str, float]) -> str:
    return ", ".join(f"{name} {mb:.0f} MB" for name, mb in by_name.items())


def say(text: str) -> None:
    """Tell who waits what is going on."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
