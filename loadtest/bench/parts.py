"""Parts: the measurements of ``make bench``, one after the other on a platform that runs, and what they found.

``python -m loadtest.bench`` enters, in the order of ``PARTS``. Each part adds its figures; what was lost is told, and
stops nothing.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from infra.native.instance import SERVICES, Instance
from loadtest.bench import (
    accepts,
    contest,
    direct,
    drain,
    figures,
    latency,
    log_limit,
    naive,
    naive_rig,
    reads,
    replay,
    rig,
    spent,
    throughput,
)
from loadtest.bench.announce import announce
from loadtest.bench.backlog import Hall
from loadtest.bench.closed_loop import Seats
from loadtest.bench.figure import Figure
from loadtest.bench.figures import Drains
from loadtest.bench.footprint import Footprint
from loadtest.bench.pace import Pace
from loadtest.bench.progress import Progress
from loadtest.bench.throughput import COUNTED, Booker, Measured, Throughput

PARTS: Final = ("throughput", "one_event", "accepts", "reads", "contest", "crowds", "audit", "drains")
"""In the order in which they are measured: after the audit there are drains only, with every service stopped."""
HALLS: Final = 10
ONE_EVENT: Final = Seats("one-event-", 1, 200_000)
"""So large that it is not sold out meanwhile: refusals are cheaper than bookings, and would flatter us."""
THOUSAND_SEATS: Final = "concert123"
LARGE_HALL: Final = "bench-large"
AUDITOR: Final = "auditor"
CROWD_PER_S: Final = 1_000
FULL_CROWD: Final = 0.8
"""Of what the closed loop came to."""
_ANNOUNCED_WITHIN_S: Final = 300.0
_SHOWN_WITHIN_S: Final = 60.0


@dataclass
class Found:
    """What was found so far; see ``results.Run``."""

    figures: list[Figure] = field(default_factory=list)
    cpu_us: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


class Parts:
    """The platform, how long each thing is measured, whom to tell what is going on, and what was found so far."""

    def __init__(self, instance: Instance, progress: Progress, pace: Pace, say: Callable[[str], None]) -> None:
        self.found = Found()
        self._instance = instance
        self._where = rig.addresses(instance)
        self._progress = progress
        self._pace = pace
        self._say = say
        self._seats = Seats("bench-", HALLS, pace.seats_per_hall)
        self._booker = Booker(self._where, self._seats)
        self._ceiling_per_s: float | None = None

    def measure(self, wanted: Collection[str]) -> None:
        """Measure what is wanted of ``PARTS``, in their order; the audit comes in any case.

        Each begins once the auditor has proved what the one before has booked: a closed loop books several times as
        many a second as it takes, so that it would still be busy with them.
        """
        halls = [Hall(f"{self._seats.prefix}{number}", self._seats.seats) for number in range(self._seats.halls)]
        self._put_on_sale([*halls, Hall(LARGE_HALL, self._pace.large_hall_seats)])
        steps = (
            self.throughput,
            self.one_event,
            self.accepts,
            self.reads,
            self.contest,
            self.crowds,
            self.audit,
            self.drains,
        )
        for name, step in zip(PARTS, steps, strict=True):
            if name in wanted or step == self.audit:
                rig.wait_until_proved(self._where)
                step()

    def throughput(self) -> None:
        """Book, directly and through Frontrow in turns."""
        self._say("booking, directly and through Frontrow in turns")
        through = self._throughput(self._booker, self._pace.durable_rounds)
        ceiling, *others = figures.of_throughput(through)
        self.found.figures += [ceiling, *others]
        self.found.cpu_us = figures.cost_us(through)
        self.found.broken += through.broken
        self.found.notes += [
            f"Direct: a PostgreSQL transaction a booking, {direct.POOL_SIZE} connections, one a client, same gateway.",
            "A ratio is the median of those of rounds that were measured beside each other.",
        ]
        self._ceiling_per_s = ceiling.value

    def one_event(self) -> None:
        """Book one hall, through Frontrow and by a transaction that counts it down, in turns."""
        self._say("booking one event, directly and through Frontrow in turns")
        self._put_on_sale([Hall(f"{ONE_EVENT.prefix}0", ONE_EVENT.seats)])
        booker = Booker(self._where, ONE_EVENT, COUNTED)
        through = self._throughput(booker, self._pace.rounds)
        self.found.figures.append(figures.of_one_event(through))
        self.found.broken += [f"everything on one event: {text}" for text in through.broken]

    def contest(self) -> None:
        """Book through Frontrow and through the naive system in turns, until the bookings are shown."""
        self._say("booking through the naive system and through Frontrow in turns")
        with naive_rig.running(self._instance, self._where) as behind:
            measured = contest.measure(self._where, self._progress, self._booker, behind, self._pace)
        self.found.figures += figures.of_contest(measured)
        self.found.broken += measured.broken
        self.found.notes.append(
            f"Naive CQRS: one message, one lock, one transaction, a poll every {naive.POLL_EVERY_S:.0f} s. Its backlog"
            f" grows with the load's length, which was {self._pace.busy_s} s."
        )

    def accepts(self) -> None:
        """Accept bookings, with and without a log and by a plain route in turns; what the log itself takes."""
        self._say("accepting, with and without a log and by a plain route in turns")
        accepted = accepts.measure(self._instance, self._where, self._booker, self._progress, self._pace)
        log_limit_per_s = log_limit.measure(self._instance, self._where, self._pace)
        self.found.figures += figures.of_accepts(accepted)
        self.found.figures.append(figures.of_log_limit(log_limit_per_s, log_limit.record_bytes()))

    def reads(self) -> None:
        """Read what is kept for a second, each view against a static file; and bookings, which are not."""
        self._say("reading")
        views = (
            ("`GET /api/events`", "/api/events", figures.LIST),
            ("`GET /api/events/{id}` of 1,000 seats", f"/api/events/{THOUSAND_SEATS}", figures.SEAT_MAP),
            (
                f"a section of a hall of {self._pace.large_hall_seats:,} seats",
                f"/api/events/{LARGE_HALL}/sections/block-0",
                figures.SECTION,
            ),
        )
        sizes = []
        for name, path, target in views:
            read = reads.measure(self._where, path, self._pace)
            self.found.figures.append(figures.of_read(read, name, target))
            sizes.append(f"{path} {read.size:,} bytes")
        # Alone, so that nothing was booked before, this part has none to read.
        if booking_ids := self._progress.some_bookings(self._pace.bookings_read):
            read_per_s, failed = reads.measure_bookings(self._where, booking_ids, self._pace)
            self.found.figures.append(figures.of_bookings_read(read_per_s, failed))
        self.found.notes.append(f"Views: {', '.join(sizes)}; {len(booking_ids):,} different bookings.")

    def crowds(self) -> None:
        """Book at a constant rate, whatever the answers do: at one that is always the same, and near the ceiling."""
        self._crowd(f"open loop {CROWD_PER_S:,}/s", CROWD_PER_S, self._pace.crowd_s, figures.CROWD_MS)
        # Without the closed loop before it nobody knows where the ceiling is.
        if self._ceiling_per_s is not None:
            per_s = round(FULL_CROWD * self._ceiling_per_s)
            name = f"open loop at {FULL_CROWD * 100:.0f} % of the closed loop"
            self._crowd(name, per_s, self._pace.full_crowd_s, figures.FULL_CROWD_MS)

    def audit(self) -> None:
        """Prove that nothing was lost or decided wrongly."""
        self._say("checking the invariants")
        self.found.broken += rig.audited(self._instance)

    def drains(self) -> None:
        """Drain with a worker of the benchmark's own, and direct bookings beside it; no service runs any more."""
        for name in self._instance.status():
            if name.startswith(SERVICES):
                self._instance.stop_program(name)
        stores = drain.Stores(self._where.bootstrap, self._where.ledger, self._instance.environment_of("worker"))
        rounds, directs = [], []
        for _ in range(self._pace.drain_rounds):
            before, drained = self._booker.direct(self._pace.direct_s), {}
            for one in drain.measure(stores, drain.SCENARIOS, self._pace.drained_commands):
                self._say(str(one))
                drained[one.name] = one
                self.found.broken += [f"{one.name}: {text}" for text in one.broken]
                if one.name == "warm":
                    directs.append((before, self._booker.direct(self._pace.direct_s)))
            rounds.append(drained)
        self.found.figures += figures.of_drains(Drains(rounds, directs))
        self._say("what PostgreSQL alone takes of the worker's batches")
        replayed = replay.measure(stores, self._pace)
        self.found.figures += figures.of_replay(replayed)
        self.found.broken += [f"replayed: {text}" for text in replayed.broken]

    def idle(self, memory: Footprint, first_start_s: float, second_start_s: float) -> None:
        """Add what was found before anything was booked."""
        self.found.figures += [*figures.of_footprint(memory), *figures.of_starts(first_start_s, second_start_s)]
        servers, processes = _megabytes(memory.servers_mb), _megabytes(memory.python_mb)
        self.found.notes.append(f"Memory by server (shared pages counted once): {servers}; by process: {processes}.")

    def _put_on_sale(self, halls: list[Hall]) -> None:
        announce(self._where.bootstrap, self._where.topic, self._instance.settings.partitions, halls)
        self._progress.wait_until_shown(_ANNOUNCED_WITHIN_S)

    def _throughput(self, booker: Booker, rounds: int) -> Throughput:
        # On an idle platform the auditor goes round the stores, which would take from the reference what it is to show.
        measured = Measured(partial(spent.all_s, self._instance), partial(rig.standing_still, self._instance, AUDITOR))
        return throughput.measure(booker, self._progress, measured, self._pace, rounds)

    def _crowd(
        self, name: str, per_s: int, seconds: int, targets: tuple[float | None, float | None, float | None]
    ) -> None:
        self._say(f"a crowd of {per_s:,} a second")
        crowd = latency.measure(self._where, self._seats, self._booker.sent, per_s, seconds)
        self._booker.sent += crowd.clicks
        self._progress.wait_until_shown(_SHOWN_WITHIN_S)
        self.found.figures += figures.of_crowd(crowd, name, targets)
        self.found.broken += crowd.broken
        self.found.notes.append(f"{name[0].upper()}{name[1:]}: {seconds} s of {per_s:,} a second.")


def _megabytes(by_name: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {mb:.0f} MB" for name, mb in by_name.items())
