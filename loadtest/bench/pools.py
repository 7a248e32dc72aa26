"""Pools: which number of connections serves the direct reference best, so that Frontrow is held against its best.

``python -m loadtest.bench.pools``, when the reference, the machine or PostgreSQL has changed: ``direct.POOL_SIZE`` is
set by hand from what it prints. Rounds take turns, so that whatever else the machine does falls on every pool.
"""

import os
import statistics
import sys
from typing import Final

from infra.native.errors import CannotStartError
from loadtest.bench import closed_loop, direct, rig
from loadtest.bench.rig import DIRECT_SEATS

POOLS: Final = (16, 32, 64)
ROUNDS: Final = 7
ROUND_S: Final = 3
"""All rounds together ask for fewer seats than there are, up to 2,300 bookings a second."""


def measure(where: rig.Addresses) -> dict[int, list[float]]:
    """Return bookings a second by size of the pool, a figure a round."""
    conninfo = rig.direct_database(where)
    found: dict[int, list[float]] = {pool: [] for pool in POOLS}
    sent = 0
    for number in range(ROUNDS):
        # Whoever comes first comes last the next time.
        for pool in POOLS if number % 2 else reversed(POOLS):
            with rig.direct_process(conninfo, pool):
                figures = closed_loop.book(where.gateway, direct.PATH, DIRECT_SEATS, sent, ROUND_S)
            sent += figures.asked
            found[pool].append(figures.per_s)
    return found


def main() -> int:
    """Measure on the bench's own instance; returns the process' exit status."""
    try:
        with rig.alone():
            instance = rig.prepare(os.environ, print)
            try:
                instance.start(("postgres", "gateway"))
                found = measure(rig.addresses(instance))
            finally:
                instance.stop()
            instance.reset()
    except CannotStartError as missing:
        sys.stderr.write(f"{missing}\n")
        return 2
    for pool, rates in found.items():
        rounds = ", ".join(f"{per_s:,.0f}" for per_s in rates)
        print(f"pool of {pool}: median {statistics.median(rates):,.0f}/s of {rounds}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
