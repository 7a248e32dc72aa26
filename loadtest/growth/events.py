"""Events: whether ten thousand events that are on sale as well make a hall sell, a list open or a service start slower.

One hall is booked at every point; the others are small, and nobody asks for them meanwhile. The hall of the warm-up is
there as well and is not counted.
"""

import time
from itertools import pairwise
from typing import Final

from loadtest.bench.backlog import Hall
from loadtest.bench.closed_loop import Seats
from loadtest.growth import names
from loadtest.growth.series import Axes, Collected
from loadtest.growth.trial import ROUNDS, Trial, read_ms

EVENTS: Final = (1, 100, 1_000, 10_000)
QUICK_EVENTS: Final = (1, 50, 300)
HALL: Final = Seats("events-hall-", 1, 250_000)
QUICK_HALL: Final = Seats("events-hall-", 1, 50_000)
OTHER_SEATS: Final = 10
SECONDS: Final = 4
QUICK_SECONDS: Final = 1
READS: Final = 50
LIST: Final = "/api/events"
STARTED: Final = ("read_api", "sync_service")


def measure(trial: Trial) -> Collected:
    """Book, list and start again at each number of events."""
    points, hall, seconds = (QUICK_EVENTS, QUICK_HALL, QUICK_SECONDS) if trial.quick else (EVENTS, HALL, SECONDS)
    trial.put_on_sale(hall)
    found = Collected(Axes(names.EVENTS, "events on sale"))
    for before, count in pairwise((1, *points)):
        trial.say(f"{count:,} events on sale")
        trial.announce([Hall(f"events-other-{number}", OTHER_SEATS) for number in range(before, count)])
        found.add(names.BOOKED, names.RATE, count, [trial.book(hall, seconds) for _ in range(ROUNDS)])
        found.add(names.LIST, names.READ, count, [read_ms(trial.reader, [LIST] * READS) for _ in range(ROUNDS)])
        for service in STARTED:
            found.add(service, names.START, count, [_start_s(trial, service) for _ in range(ROUNDS)])
    return found


def _start_s(trial: Trial, service: str) -> float:
    trial.instance.stop_program(service)
    began = time.monotonic()
    trial.instance.start_program(service)
    return time.monotonic() - began
