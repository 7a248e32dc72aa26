"""Offered: what is accepted, decided and refused, and how long it takes, as ever more is asked for in a second.

Open loop, from what an ordinary evening asks for to more than the platform can do. Rounds go through all rates in
turn, so that whatever else the machine does falls on all of them. The generator and both observers are on the machine
as well, and their part grows with the rate.
"""

from typing import Final

from loadtest.bench.closed_loop import Seats
from loadtest.growth import crowd, names
from loadtest.growth.series import Axes, Collected
from loadtest.growth.trial import ROUNDS, Trial

PER_S: Final = (250, 500, 1_000, 1_500, 2_000, 3_000, 4_000)
QUICK_PER_S: Final = (100, 200, 400)
SECONDS: Final = 10
QUICK_SECONDS: Final = 2
HALLS: Final = 25


def measure(trial: Trial) -> Collected:
    """Send a crowd at each rate, so many times."""
    rates, seconds = (QUICK_PER_S, QUICK_SECONDS) if trial.quick else (PER_S, SECONDS)
    seats = Seats("offered-", HALLS, -(-sum(rates) * seconds * ROUNDS // HALLS))
    trial.put_on_sale(seats)
    found = Collected(Axes(names.OFFERED, "offered", "a second"))
    for number in range(ROUNDS):
        for per_s in rates:
            seen = crowd.send(trial, seats, per_s, seconds)
            found.add(names.ACCEPTED, names.RATE, per_s, [seen.accepted_per_s()])
            found.add(names.DECIDED, names.RATE, per_s, [seen.decided_per_s()])
            found.add(names.REFUSED, names.RATE, per_s, [seen.refused_per_s()])
            found.add(names.CLICK_P50, names.WAIT, per_s, [seen.accepted_ms(50)])
            found.add(names.CLICK_P99, names.WAIT, per_s, [seen.accepted_ms(99)])
            found.add(names.SHOWN_P50, names.WAIT, per_s, [seen.shown_ms(50)])
            found.add(names.SHOWN_P99, names.WAIT, per_s, [seen.shown_ms(99)])
            trial.say(
                f"round {number + 1}, {per_s:,} offered a second: {seen.decided_per_s():,.0f} decided,"
                f" p99 {seen.accepted_ms(99):,.0f} ms to 202 and {seen.shown_ms(99):,.0f} ms until shown"
            )
    return found
