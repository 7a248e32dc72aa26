"""Soak: what each process keeps in memory while the platform works for long at half of what it can sustain.

Bookings come at a constant rate, none waiting for another, each for a seat of its own: the halls are all on sale before
it begins. A look every ten seconds.
"""

import time
from statistics import median
from typing import Final

from loadtest.bench import closed_loop, footprint, open_loop
from loadtest.bench.closed_loop import Seats
from loadtest.bench.crowd import ACCEPTED
from loadtest.bench.throughput import PATH
from loadtest.growth import names
from loadtest.growth.series import Axes, Collected
from loadtest.growth.trial import ROUNDS, SHOWN_WITHIN_S, Trial

EVERY_S: Final = 10
SHARE: Final = 0.5
"""Of the closed loop's bookings confirmed and shown a second."""
CEILING: Final = Seats("soak-ceiling-", 10, 15_000)
CEILING_S: Final = 5
QUICK_CEILING_S: Final = 1
HALL_SEATS: Final = 10_000


def measure(trial: Trial, *, minutes: int) -> Collected:
    """Find what can be sustained, then ask for half of it for so many minutes."""
    trial.put_on_sale(CEILING)
    seconds = QUICK_CEILING_S if trial.quick else CEILING_S
    sustainable = median(trial.book(CEILING, seconds) for _ in range(ROUNDS))
    per_s = max(int(sustainable * SHARE), 1)
    seats = Seats("soak-", -(-per_s * 60 * minutes // HALL_SEATS), HALL_SEATS)
    trial.say(f"{sustainable:,.0f} a second can be sustained; {per_s:,} a second for {minutes} minutes")
    trial.put_on_sale(seats)
    found = Collected(Axes(names.SOAK, "time", "minutes"))
    shown_before, accepted, refused, began = trial.progress.bookings(), 0, 0, time.monotonic()
    _look(trial, found, 0)
    for number in range(minutes * 60 // EVERY_S):
        first = trial.take(seats, per_s * EVERY_S)
        bodies = [closed_loop.body(seats, one) for one in range(first, first + per_s * EVERY_S)]
        answers = open_loop.post(trial.where.gateway, PATH, bodies, per_s)
        fine = sum(answer.status == ACCEPTED for answer in answers)
        accepted, refused = accepted + fine, refused + len(answers) - fine
        _look(trial, found, (time.monotonic() - began) / 60)
        if number * EVERY_S % 60 == 0:
            trial.say(f"{(time.monotonic() - began) / 60:.0f} minutes: {accepted:,} accepted, {refused:,} refused")
    trial.progress.wait_until_shown(SHOWN_WITHIN_S)
    if (shown := trial.progress.bookings() - shown_before) < accepted:
        trial.broken.append(f"{accepted} bookings were accepted and only {shown} are shown")
    return found


def _look(trial: Trial, found: Collected, minutes: float) -> None:
    looked = footprint.measure(trial.instance)
    for kept, measured in ((looked.python_mb, names.SERVICE), (looked.servers_mb, names.SERVER)):
        for name, mb in kept.items():
            found.add(name, measured, minutes, [mb])
