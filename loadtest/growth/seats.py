"""Seats: whether halls of a million seats sell, are read and are shown as fast as those of a hundred.

The same number of seats is on sale at every point but the last, in fewer and larger events; bookings go to all of them
in turn. So the two largest halls are one event each, and have one partition of the log for all that others have eight
for.
"""

from typing import Final

from loadtest.bench.closed_loop import Seats
from loadtest.growth import crowd, names
from loadtest.growth.series import Axes, Collected
from loadtest.growth.trial import ROUNDS, Trial, read_ms

SEATS: Final = (100, 1_000, 10_000, 100_000, 1_000_000)
QUICK_SEATS: Final = (100, 1_000, 10_000)
ON_SALE: Final = 100_000
QUICK_ON_SALE: Final = 20_000
SECONDS: Final = 5
QUICK_SECONDS: Final = 1
CROWD_PER_S: Final = 500
"""Of the crowd whose projection is watched: what leaves every part idle for half of the time."""
QUICK_CROWD_PER_S: Final = 100
CROWD_S: Final = 3
READS: Final = 50


def measure(trial: Trial) -> Collected:
    """Book, read and watch at each size, in turns."""
    sizes, on_sale = (QUICK_SEATS, QUICK_ON_SALE) if trial.quick else (SEATS, ON_SALE)
    seconds, crowd_per_s = (QUICK_SECONDS, QUICK_CROWD_PER_S) if trial.quick else (SECONDS, CROWD_PER_S)
    every = {size: Seats(f"seats-{size}-", max(1, on_sale // size), size) for size in sizes}
    for size, seats in every.items():
        trial.say(f"putting {seats.halls:,} events of {size:,} seats on sale")
        trial.put_on_sale(seats)
    found = Collected(Axes(names.SEATS, "seats of an event"))
    for _ in range(ROUNDS):
        for size, seats in every.items():
            rate = trial.book(seats, seconds)
            event = f"/api/events/{seats.prefix}0"
            seen = crowd.send(trial, seats, crowd_per_s, CROWD_S)
            found.add(names.BOOKED, names.RATE, size, [rate])
            found.add(names.EVENT, names.READ, size, [read_ms(trial.reader, [event] * READS)])
            section = f"{event}/sections/block-0"
            found.add(names.SECTION, names.READ, size, [read_ms(trial.reader, [section] * READS)])
            found.add(names.PROJECTED, names.WAIT, size, [seen.projected_ms(50)])
            trial.say(f"{size:,} seats: {rate:,.0f} bookings a second, shown after {seen.projected_ms(50):.0f} ms")
    return found
