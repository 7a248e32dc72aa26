"""The nemesis: one seed gives one plan; each round is load, hurt, recovery, healing, proof.

The plan is the same for the same seed on the same machine. What happens in it is not: real processes have threads of
their own, so a seed that failed once may have to be played again a few times.
"""

import random
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Final, NamedTuple

import httpx

from infra.native.errors import CannotStartError
from loadtest.listeners import Listeners
from tests.faults.run.client import Client, Hall, Session
from tests.faults.run.clients import CLIENTS, Clients
from tests.faults.run.damage import Damage, Probes, StuckError
from tests.faults.run.fault import Fault, Scene
from tests.faults.run.halls import Halls
from tests.faults.run.history import History
from tests.faults.run.proof import Proof
from tests.faults.run.site import WHOLE_WITHIN_S, Site
from tests.faults.run.witness import Witness
from tests.streams import agree_with_the_view, listen

DEALT: Final = 6
"""How many of a seed's first rounds have a fault whose turn it is: some thirty seeds in a row leave hardly one out."""
PAIRS: Final = 0.4
"""How many of the rounds have two faults at once."""
BEFORE_S: Final = 1.0
"""Load before the fault, so that there is something under way."""
LISTENERS: Final = 2
"""At the stream of each of a round's first and last hot hall."""
NEVER: Final = (float("inf"),) * 3
"""What is said of the times of who is stuck."""


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
    dice, turns = random.Random(seed), list(faults)
    random.Random(0).shuffle(turns)  # the same for every seed, or they would not be turns
    made = []
    for number in range(rounds):
        is_dealt = number < DEALT
        first = turns[(seed * DEALT + number) % len(turns)] if is_dealt else _choose(dice, faults)
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
        self._halls = Halls(site, run_id, witness, self.history)
        self._proof = Proof(site, run_id, witness, self.history)
        self._cold = self._halls.cold()
        self._sessions: list[list[Session]] = [[] for _ in range(CLIENTS)]
        self._probes = Probes(
            site.frontrow, self._cold, lambda http, hall: self._client(http, random.Random(hall.event_id), [hall])
        )

    def play(self, round_: Round) -> list[str]:
        """Play a round, heal, and return what cannot have happened."""
        self._witness.logged_in()
        hot = self._halls.hot(len(self.damages))
        with ExitStack() as stack:
            crowds = {hall: stack.enter_context(self._listeners(hall)) for hall in (hot[0], hot[-1])}
            wrong = self._hurt(round_, [*self._cold, *hot])
            try:
                self._site.heal()
            except AssertionError as error:
                wrong.append(f"stuck: not whole again after {WHOLE_WITHIN_S:.0f} s: {error}")
            if any(fault.last for fault in round_.faults):
                return wrong
            return [*wrong, *self._proof.of_a_round(), *self._stale(crowds)]

    def settle(self) -> list[str]:
        """Return what is not right at the end of a run; separate, since some bounds are half a minute."""
        return self._proof.of_the_run()

    def _hurt(self, round_: Round, halls: list[Hall]) -> list[str]:
        """Let clients work while it hurts and until it has recovered; note what it cost, and return what went wrong."""
        scene = Scene(self._site, self.history, halls, self._run_id)
        done_before = len(self.history.operations)
        dice = random.Random(round_.seed)
        wrong = []
        url = self._site.instance.gateway_url

        def client(http: httpx.Client, own: random.Random, number: int) -> Client:
            return replace(self._client(http, own, halls), sessions=self._sessions[number])

        with Clients(url, self.history, round_.seed, client) as clients:
            clients.go_on(BEFORE_S)
            began = time.monotonic()
            try:
                with ExitStack() as hurts:
                    for fault in round_.faults:
                        hurts.enter_context(fault.hurt(scene))
                        clients.go_on(dice.uniform(*fault.lasts_s))
            except (AssertionError, CannotStartError) as error:  # what the fault itself says must follow from it
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
        return wrong

    def _stale(self, crowds: dict[Hall, Listeners]) -> list[str]:
        """Return which streams do not add up to what is shown, however long they are waited for."""
        wrong = []
        for hall, crowd in crowds.items():
            try:
                agree_with_the_view(self._site.frontrow, hall.event_id, crowd)
            except AssertionError as error:
                wrong.append(f"stale for ever: a stream of {hall.event_id} does not say what its page says: {error}")
        return wrong

    def _listeners(self, hall: Hall) -> Listeners:
        return listen(self._site.frontrow, f"/api/events/{hall.event_id}/stream", LISTENERS)

    def _client(self, http: httpx.Client, dice: random.Random, halls: list[Hall]) -> Client:
        return Client(http, dice, halls, time.monotonic, self._run_id, self._witness.organiser)
