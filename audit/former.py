"""Former logs: what the ledger keeps of topics that are no more, and what on the present log rests on it. Pure.

``invariants`` and ``replay`` enter here. A log that is gone cannot be replayed. So of an event that has outcomes of a
former log nothing can be replayed either: what its commands are decided by is not on the present one. All that is left
is counted and told; sums of changes, ownership and the view are proved of it like of everything else. One thing is not
told apart: a tick ends a bounded number of bookings, and would end fewer of the present log's beside a thousand others.
"""

from collections.abc import Iterable

from audit.history import LedgerOutcome
from contracts.commands import BookingCommand, BookSeats, Command


class Former:
    """The ids of events, commands and bookings that are known from a former log, or rest on one."""

    def __init__(self, outcomes: Iterable[LedgerOutcome] = ()) -> None:
        self.events: set[str] = set()
        self.ids: set[str] = set()
        self.outcomes = 0
        for outcome in outcomes:
            self.outcomes += 1
            if outcome.event_id:
                self.events.add(outcome.event_id)
            self.take(outcome)

    def take(self, outcome: LedgerOutcome) -> None:
        """Take an outcome that rests on a former log: so do the commands about its booking."""
        self.ids.update(filter(None, (outcome.command_id, outcome.booking_id)))

    def has(self, command: Command) -> bool:
        """Whether what ``command`` is decided by may be a former log's."""
        if command.command_id in self.ids:
            return True
        if isinstance(command, BookingCommand):
            return command.booking_id in self.ids
        return command.event_id in self.events or (isinstance(command, BookSeats) and command.offer_id in self.ids)
