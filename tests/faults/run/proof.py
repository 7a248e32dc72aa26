"""The proof: everything held against everything, once a round has healed, and once more at a run's end.

``nemesis`` enters here. ``audit`` replays log, ledger and view; ``checker`` knows the history. What must only come to
rest is asked again until it has, within a bound.
"""

import time
from typing import Final

import httpx

from tests.faults.run import checker, evidence
from tests.faults.run.evidence import Evidence
from tests.faults.run.history import History, Result
from tests.faults.run.organising import ANNOUNCE
from tests.faults.run.site import Site
from tests.faults.run.telling_checker import invented, untold
from tests.faults.run.witness import Witness

SETTLED_WITHIN_S: Final = 100.0
"""Above the 60 s that a booking may be paying, and the acceptance bound of 30 s; then a tick and a projection."""
LOOK_EVERY_S: Final = 0.25


class Proof:
    """Of one run, which ``run_id`` names."""

    def __init__(self, site: Site, run_id: str, witness: Witness, history: History) -> None:
        self._site = site
        self._run_id = run_id
        self._witness = witness
        self._history = history

    def of_a_round(self) -> list[str]:
        """Return what cannot have happened, and what does not come to rest: money, seats of what was called off."""
        frontrow = self._site.frontrow
        frontrow.accepted |= {
            operation.command_id
            for operation in self._history.so_far()
            if operation.writes and operation.result is Result.OK
        }
        wrong = []
        try:
            frontrow.check_invariants()
        except AssertionError as error:
            wrong.append(f"audit: {error}")
        return wrong + checker.check(self._history, self._evidence()) + self._unsettled()

    def of_the_run(self) -> list[str]:
        """Return who never got to know what became of a request, and what nobody was told."""
        return [*self._unanswered(), *self._untold()]

    def _evidence(self) -> Evidence:
        told = self._witness.told()  # before the ledger, which then knows all of it
        announced = {one.event_id for one in self._history.so_far() if one.kind == ANNOUNCE}
        return evidence.gather(self._site.frontrow, self._run_id, self._history.event_ids | announced, told)

    def _unsettled(self) -> list[str]:
        deadline = time.monotonic() + SETTLED_WITHIN_S
        while unsettled := checker.unsettled(self._history, self._evidence()):
            if time.monotonic() > deadline:
                return unsettled
            time.sleep(LOOK_EVERY_S)
        return []

    def _untold(self) -> list[str]:
        """Return what is not told, however long it is waited for, and what was told for no reason."""
        deadline = time.monotonic() + SETTLED_WITHIN_S
        while True:
            put_off = self._witness.move_on()
            found = self._evidence()
            missing = untold(found)
            if not missing or time.monotonic() > deadline:
                return [*put_off, *missing, *invented(found)]
            time.sleep(LOOK_EVERY_S)

    def _unanswered(self) -> list[str]:
        wrong = []
        for operation in self._history.so_far():
            if operation.result is not Result.UNKNOWN or operation.key or not operation.command_id.startswith("bk_"):
                continue
            try:
                self._site.frontrow.outcome(operation.command_id, within_s=SETTLED_WITHIN_S)
            except (AssertionError, httpx.HTTPError):
                wrong.append(f"stuck: {operation.command_id} is pending {SETTLED_WITHIN_S:.0f} s after all healed")
        return wrong
