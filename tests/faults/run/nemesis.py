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
from tests.faults.run.client import Client, Hall
from tests.faults.run.clients import Clients
from tests.faults.run.damage import Damage, Probes, StuckError
from tests.faults.run.evidence import Evidence
from tests.faults.run.fault import Fault, Scene
from tests.faults.run.history import History, Result
from tests.faults.run.organising import ANNOUNCE
from tests.faults.run.site import WHOLE_WITHIN_S, Site
from tests.faults.run.telling_checker import invented, untold
from tests.faults.run.witness import Witness
from tests.frontrow import Frontrow
from tests.streams import agree_with_the_view, listen

PAIRS: Final = 0.4
"""How many of the rounds have two faults at once."""
BEFORE_S: Final = 1.0
"""Load before the fault, so that there is something under way."""
ROWS, SEATS = 3, 8
"""Of a hot hall: small enough to be sold out."""
COLD_ROWS, COLD_SEATS = 10, 20
HOLD_S: Final = 3
"""Every other hall holds for so long, so that ticks have something to end in every round."""
PRICED_HOLD_S: Final = 6
"""Time to begin a payment, in most cases."""
PRICE_MINOR: Final = 1_750
PRICED: Final = 3
"""Which of four partitions' cold halls cost something."""
LOOK_EVERY_S: Final = 0.25
LISTENERS: Final = 2
"""At the stream of each of a round's first and last hot hall."""

NEVER: Final = (float("inf"),) * 3
"""What is said of the times of who is stuck."""
SETTLED_WITHIN_S: Final = 100.0
"""Above the 60 s that a booking may be paying, and the acceptance bound of 30 s; then a tick and a projection."""


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
    """Plays rounds on one site, under one history. ``witness``: whose the halls are, and who is told of them."""

    def __init__(self, site: Site, run_id: str, witness: Witness) -> None:
        self.history = History()
        self.damages: list[Damage] = []
        self._site = site
        self._run_id = run_id
        self._witness = witness
        self._cold = self._cold_halls()
        self._probes = Probes(
            site.frontrow, self._cold, lambda http, hall: self._client(http, random.Random(hall.event_id), [hall])
        )

    def play(self, round_: Round) -> list[str]:
        """Play a round, heal, and return what cannot have happened."""
        self._witness.logged_in()
        hot = self._hot_halls()
        halls = [*self._cold, *hot]
        scene = Scene(self._site, self.history, halls, self._run_id)
        done_before = len(self.history.operations)
        dice = random.Random(round_.seed)
        wrong = []
        gateway_url = self._site.instance.gateway_url
        with ExitStack() as stack:
            crowds = [
                (
                    hall,
                    stack.enter_context(listen(self._site.frontrow, f"/api/events/{hall.event_id}/stream", LISTENERS)),
                )
                for hall in (hot[0], hot[-1])
            ]
            with Clients(
                gateway_url, self.history, round_.seed, lambda http, dice: self._client(http, dice, halls)
            ) as clients:
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
            if any(fault.last for fault in round_.faults):
                return wrong
            wrong += self._prove()
            for hall, crowd in crowds:
                try:
                    agree_with_the_view(self._site.frontrow, hall.event_id, crowd)
                except AssertionError as error:
                    wrong.append(
                        f"stale for ever: a stream of {hall.event_id} does not say what its page says: {error}"
                    )
        return wrong

    def _client(self, http: httpx.Client, dice: random.Random, halls: list[Hall]) -> Client:
        return Client(http, dice, halls, time.monotonic, self._run_id, self._witness.organiser)

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
        return wrong + checker.check(self.history, self._evidence()) + self._at_rest()

    def _evidence(self) -> Evidence:
        told = self._witness.told()  # before the ledger, which then knows all of it
        announced = {one.event_id for one in self.history.so_far() if one.kind == ANNOUNCE}
        return evidence.gather(self._site.frontrow, self._run_id, self.history.event_ids | announced, told)

    def _at_rest(self) -> list[str]:
        """Return what does not come to rest: money, and the seats of what was called off."""
        deadline = time.monotonic() + SETTLED_WITHIN_S
        while unsettled := checker.unsettled(self.history, self._evidence()):
            if time.monotonic() > deadline:
                return unsettled
            time.sleep(LOOK_EVERY_S)
        return []

    def settle(self) -> list[str]:
        """Return who never got to know what became of a request, and what nobody was told; at the end of a run."""
        return [*_settled(self._site.frontrow, self.history), *self._all_told()]

    def _all_told(self) -> list[str]:
        deadline = time.monotonic() + SETTLED_WITHIN_S
        while True:
            self._witness.move_on()
            found = self._evidence()
            missing = untold(found)
            if not missing or time.monotonic() > deadline:
                return [*missing, *invented(found)]
            time.sleep(LOOK_EVERY_S)

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
                price = PRICE_MINOR if partition % 4 == PRICED else 0
                hold_s = PRICED_HOLD_S if price else HOLD_S * (partition % 2)
                halls.append(self._hall(Hall(event_id, _seats(COLD_ROWS, COLD_SEATS), price_minor=price), hold_s))
        return halls

    def _hot_halls(self) -> list[Hall]:
        """One that books at once, one that holds, one that costs something, and one whose organiser is busy."""
        number, seats = len(self.damages), _seats(ROWS, SEATS)
        named = [f"{self._run_id}-hot-{number}-{n}" for n in range(4)]
        return [
            self._hall(Hall(named[0], seats, hot=True), 0),
            self._hall(Hall(named[1], seats, hot=True), HOLD_S),
            self._hall(Hall(named[2], seats, hot=True, price_minor=PRICE_MINOR), PRICED_HOLD_S),
            self._hall(Hall(named[3], seats, hot=True, price_minor=PRICE_MINOR, organised=True), PRICED_HOLD_S),
        ]

    def _hall(self, hall: Hall, hold_s: int) -> Hall:
        rows = len({seat_id[0] for seat_id in hall.seats})
        self._site.frontrow.new_event(
            event_id=hall.event_id,
            rows=rows,
            seats_a_row=len(hall.seats) // rows,
            hold_seconds=hold_s,
            price_minor=hall.price_minor or None,
            organiser=self._witness.principal,
        )
        self.history.event_ids.add(hall.event_id)
        if hall.price_minor:
            self.history.prices[hall.event_id] = hall.price_minor
        return hall


def _seats(rows: int, seats: int) -> tuple[str, ...]:
    return tuple(f"{chr(ord('A') + row)}{n + 1}" for row in range(rows) for n in range(seats))


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
