"""Findings: how many things were held against each invariant, and what broke it, one sentence with ids each."""

from collections import Counter
from enum import StrEnum
from typing import Final, NamedTuple

MAX_SENTENCES: Final = 20
"""Kept per invariant: one fault can break thousands of things, and the first few say which."""


class Invariant(StrEnum):
    """What must hold at all times."""

    ONE_OUTCOME = "every accepted command has exactly one outcome"
    NO_FOREIGN = "no outcome without its command"
    REPLAY = "the outcomes are those that replaying the log gives"
    ONE_OWNER = "no seat has two active owners"
    SUM_OF_CHANGES = "every seat and event is the sum of its changes"
    VIEW = "ledger and view agree"
    SALES = "the sales that are told are those of outcomes and seats"
    NAMES = "names are shown of accounts that are there, and of no other"
    MONEY = "the money taken is what confirmed bookings cost"
    TOLD = "webhooks were told of everything, and of nothing else"
    WATERMARK = "the view is complete up to the time that it tells"


class Violation(NamedTuple):
    """One broken promise."""

    invariant: Invariant
    sentence: str


class Findings:
    """Collects what was checked and what was broken."""

    def __init__(self) -> None:
        self.checked: Counter[Invariant] = Counter()
        self.broken: Counter[Invariant] = Counter()
        self.violations: list[Violation] = []
        self.former = 0
        """Outcomes of logs that are no more: nothing can say whether they are what those gave."""
        self.rest_on_former = 0
        """Outcomes of the present log about what began on a former one: not replayed either."""

    @property
    def ok(self) -> bool:
        """Whether nothing was broken."""
        return not self.broken

    @property
    def unproved(self) -> list[str]:
        """What nobody can prove, one sentence each."""
        said = (
            (self.former, "outcomes are of logs that are gone: whether they are what those gave cannot be replayed"),
            (self.rest_on_former, "outcomes of this log are about what began on a former one, and were not replayed"),
        )
        return [f"{number:,} {what}" for number, what in said if number]

    def complain(self, invariant: Invariant, sentence: str) -> None:
        """Note a violation; beyond ``MAX_SENTENCES`` of one invariant it is only counted."""
        self.broken[invariant] += 1
        if self.broken[invariant] <= MAX_SENTENCES:
            self.violations.append(Violation(invariant, sentence))
