"""The nemesis: one seed gives one plan; each round is load, hurt, recovery, healing, proof.

The plan is the same for the same seed on the same machine. What happens in it is not: real processes have threads of
their own, so a seed that failed once may have to be played again a few times.
"""

import random
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import count
from typing import Final, NamedTuple

import httpx

from contracts.topics import partition_of
from tests.faults.run import checker, evidence
from tests.faults.run.clients import Clients
from tests.faults.run.damage import Damage, Probes, StuckError
from tests.faults.run.fault import Fault, Scene
from tests.faults.run.history import History, Result
from tests.faults.run.operations import Client, Hall
from tests.faults.run.site import WHOLE_WITHIN_S, Site
from tests.frontrow import Frontrow

PAIRS: Final = 0.4
"""How many of the rounds have two faults at once."""
BEFORE_S: Final = 1.0
"""Load before the fault, so that there is something under way."""
HOT: Final = ((3, 8, 0), (3, 8, 2))
"""Rows, seats a row and seconds of hold of each round's hot halls: small enough to be sold out."""
COLD_ROWS, COLD_SEATS = 10, 20
COLD_HOLD_S: Final = 3
"""Every other cold hall holds for so long, so that ticks have something to end in every round."""

NEVER: Final = (float("inf"),) * 3
"""What is said of the times of who is stuck."""
SETTLED_WITHIN_S: Final = 60.0
"""The acceptance bound of 30 s, one idle tick of 10 s, and a projection, on a busy machine."""


class Round(NamedTuple):
    """What is done at once, and the dice of what is left to chance."""

    faults: tuple[Fault, ...]
    seed: int

    @property
    def name(self) -> str:
        """As the table of damage calls it."""
        return " + ".join(fault.name for fault in self.faults)


def plan(seed: int, faults: Sequence[Fault], rounds: int) -> list[Round]:
    """Return the rounds of a seed. Pure: the same seed and faults give the same rounds."""
    dice = random.Random(seed)
    made = []
    for _ in range(rounds):
        first = _choose(dice, faults)
        others = [fault for fault in faults if not (fault.alone or first.alone or fault.touches & first.touches)]
        pair = dice.random() < PAIRS and others
        made.append(Round((first, _choose(dice, others)) if pair else (first,), dice.randrange(2**32)))
    return made


def _choose(dice: random.Random, faults: Sequence[Fault]) -> Fault:
    return dice.choices(faults, [fault.weight for fault in faults])[0]


class Nemesis:
    """Plays rounds on one site, under one history."""

    def __init__(self, site: Site, run_id: str) -> None:
        self.history = History()
        self.damages: list[Damage] = []
        self._site = site
        self._run_id = run_id
        self._cold = self._cold_halls()
        self._probes = Probes(
            site.frontrow,
            self._cold,
            lambda http, hall: Client(http, random.Random(hall.event_id), [hall], time.monotonic, run_id),
        )

    def play(self, round_: Round) -> list[str]:
        """Play a round, heal, and return what cannot have happened."""
        halls = [*self._cold, *self._hot_halls()]
        scene = Scene(self._site, self.history, halls, self._run_id)
        done_before = len(self.history.operations)
        dice = random.Random(round_.seed)
        wrong = []
        with Clients(self._site.instance.gateway_url, halls, self.history, round_.seed, self._run_id) as clients:
            clients.go_on(BEFORE_S)
            began = time.monotonic()
            try:
                with ExitStack() as hurts:
                    for fault in round_.faults:
                        hurts.enter_context(fault.hurt(scene))
                        clients.go_on(dice.uniform(*fault.lasts_s))
            except AssertionError as error:  # what the fault itself says must follow from it
                wrong.append(f"{round_.name}: {error}")
            lasted = time.monotonic() - began
            try:
                times = self._probes.times(self.history.add)
            except StuckError as error:
                wrong.append(f"stuck: {error}")
                times = NEVER
        since = self.history.operations[done_before:]
        told = Counter(operation.result for operation in since if operation.began >= began)
        slowest = max(operation.seconds for operation in since)
        self.damages.append(Damage(round_.name, lasted, *times, dict(told), slowest))
        try:
            self._site.heal()
        except AssertionError as error:
            wrong.append(f"stuck: not whole again after {WHOLE_WITHIN_S:.0f} s: {error}")
        return wrong if any(fault.last for fault in round_.faults) else [*wrong, *self._prove()]

    def _prove(self) -> list[str]:
        """Hold everything against everything: ``audit`` for log, ledger and view, the checker for the history."""
        frontrow = self._site.frontrow
        frontrow.accepted |= {
            operation.command_id
            for operation in self.history.so_far()
            if operation.writes and operation.result is Result.OK
        }
        wrong = []
        try:
            frontrow.check_invariants()
        except AssertionError as error:
            wrong.append(f"audit: {error}")
        found = evidence.gather(frontrow, self._run_id, self.history.event_ids)
        return wrong + checker.check(self.history, found)

    def settle(self) -> list[str]:
        """Return who never got to know what became of a request; at the end, since the bound is half a minute."""
        return _settled(self._site.frontrow, self.history)

    def _cold_halls(self) -> list[Hall]:
        """Put a hall on sale on each partition."""
        partitions = self._site.instance.settings.partitions
        wanted = set(range(partitions))
        halls: list[Hall] = []
        for number in count():
            if not wanted:
                return halls
            event_id = f"{self._run_id}-cold-{number}"
            partition = partition_of(event_id, partitions)
            if partition in wanted:
                wanted.remove(partition)
                halls.append(self._hall(event_id, COLD_ROWS, COLD_SEATS, COLD_HOLD_S * (partition % 2)))
        return halls

    def _hot_halls(self) -> list[Hall]:
        number = len(self.damages)
        return [
            self._hall(f"{self._run_id}-hot-{number}-{n}", rows, seats, hold_s, hot=True)
            for n, (rows, seats, hold_s) in enumerate(HOT)
        ]

    def _hall(self, event_id: str, rows: int, seats: int, hold_s: int, *, hot: bool = False) -> Hall:
        frontrow: Frontrow = self._site.frontrow
        frontrow.new_event(event_id=event_id, rows=rows, seats_a_row=seats, hold_seconds=hold_s)
        self.history.event_ids.add(event_id)
        names = tuple(f"{chr(ord('A') + row)}{n + 1}" for row in range(rows) for n in range(seats))
        return Hall(event_id, names, hot)


def _settled(frontrow: Frontrow, history: History) -> list[str]:
    wrong = []
    for operation in history.so_far():
        if operation.result is not Result.UNKNOWN or not operation.command_id.startswith("bk_") or operation.key:
            continue
        try:
            frontrow.outcome(operation.command_id, within_s=SETTLED_WITHIN_S)
        except (AssertionError, httpx.HTTPError):
            wrong.append(f"stuck: {operation.command_id} is pending {SETTLED_WITHIN_S:.0f} s after everything healed")
    return wrong
