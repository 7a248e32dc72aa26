"""Processes: what becomes of the figures with more processes of one service, and that nothing is lost with them.

One machine's cores bound how high a curve can rise; ``docs/performance.md`` says what more machines give. The platform
is stopped and started again, with what it keeps, for each number of processes.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from infra.native.instance import Instance
from infra.native.ports import Ports
from infra.native.settings import SCALABLE
from loadtest.bench import closed_loop
from loadtest.bench.closed_loop import Seats
from loadtest.growth import names
from loadtest.growth.series import Axes, Collected
from loadtest.growth.trial import ROUNDS, Trial

COUNTS: Final = (1, 2, 4)
QUICK_COUNTS: Final = (1, 2)
BOOKED: Final = Seats("processes-", 10, 30_000)
SECONDS: Final = 3
QUICK_SECONDS: Final = 1
READ: Final = 10_000
"""Different bookings whose status is read, at the gateway."""
BOOKERS: Final = ("write_api", "worker")
READER: Final = "read_api"


def measure(trial: Trial) -> Collected:
    """Book with more write APIs and with more workers, and read with more read APIs."""
    counts, seconds = (QUICK_COUNTS, QUICK_SECONDS) if trial.quick else (COUNTS, SECONDS)
    trial.put_on_sale(BOOKED)
    trial.book(BOOKED, seconds)
    found = Collected(Axes(names.PROCESSES, "processes of a service"))
    for service in (*BOOKERS, READER):
        figure, measure_one = (names.STATUS_RATE, _read) if service == READER else (names.RATE, _book)
        for count in counts:
            scaled = _with_processes(trial, {service: count})
            rounds = [measure_one(scaled, seconds) for _ in range(ROUNDS)]
            found.add(service, figure, count, rounds)
            trial.say(f"{count} {service}: {', '.join(f'{rate:,.0f}' for rate in rounds)} a second")
    return found


def _book(trial: Trial, seconds: int) -> float:
    return trial.book(BOOKED, seconds)


def _read(trial: Trial, seconds: int) -> float:
    paths = [f"/api/bookings/{booking_id}" for booking_id in trial.progress.some_bookings(READ)]
    figures = closed_loop.read_many(trial.where.gateway, paths, seconds)
    if figures.refused or figures.broken:
        trial.broken.append(f"{figures.refused} reads were refused, {figures.broken} not answered")
    return figures.per_s


def _with_processes(trial: Trial, more: Mapping[str, int]) -> Trial:
    """Start the platform again with so many processes of these services, and one of each other."""
    settings = trial.instance.settings
    processes = {**dict.fromkeys(SCALABLE, 1), **more}
    ports = Ports(settings.ports.gateway, settings.ports.base, processes)
    trial.instance.stop()
    scaled = Instance(replace(settings, processes=MappingProxyType(processes), ports=ports))
    scaled.start(seed=False)
    trial.progress.reconnect()
    return replace(trial, instance=scaled)
