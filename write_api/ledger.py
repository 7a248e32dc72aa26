"""The ledger, asked for what can be refused at once: somebody else's booking or event, or a booking in no state for it.

``booking_commands`` and ``organising`` enter here. It is a courtesy with a short bound: what the ledger does not say in
time, or does not know yet, is for the worker, which decides in any case and by the same rights. A command that was
decided before is never refused here: it was sent again, under its ``Idempotency-Key``, and is told the same as the
first time.
"""

import logging
from typing import Any, Final, LiteralString, NamedTuple

from contracts import problems
from contracts.commands import AboutBooking, CancelBooking, ExtendHold, StartPayment
from contracts.event_commands import Organising
from contracts.outcomes import BookingStatus
from contracts.rights import acts_as
from runtime.postgres import Connection, Postgres, PostgresAwayError
from runtime.problems import ProblemError

WITHIN_S: Final = 0.15
"""Twenty times what it takes; longer would be felt, and the answer is only spared a round."""
REST_S: Final = 2.0
"""How long a ledger that did not answer is not asked."""
CONNECTIONS: Final = 2

_STANDING: Final[LiteralString] = """
    SELECT o.principal, coalesce(b.status, o.status), coalesce(b.extended, false),
        EXISTS (SELECT FROM outcomes WHERE command_id = %s), coalesce(e.organiser, '')
    FROM outcomes AS o
    LEFT JOIN bookings AS b ON b.booking_id = o.command_id
    LEFT JOIN events AS e ON e.event_id = o.event_id
    WHERE o.command_id = %s AND o.kind = 'book_seats'"""
_ORGANISER: Final[LiteralString] = """
    SELECT organiser, EXISTS (SELECT FROM outcomes WHERE command_id = %s) FROM events WHERE event_id = %s"""

_CANCELLABLE: Final = {BookingStatus.HELD, BookingStatus.PAYING, BookingStatus.CONFIRMED, BookingStatus.CANCELLED}
_PAYABLE: Final = {BookingStatus.HELD, BookingStatus.EXPIRED}

_log = logging.getLogger(__name__)


class Standing(NamedTuple):
    """What the ledger says of a booking; ``decided``: also of the command about it; ``organiser``: whose event."""

    principal: str | None
    status: str
    extended: bool
    decided: bool
    organiser: str = ""


class Ledger:
    """Asks. ``postgres`` has the bounds of this room."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    async def check(self, command: AboutBooking) -> None:
        """Raise the problem that the ledger knows of already."""
        row = await self._row(_STANDING, command.command_id, command.booking_id)
        standing = Standing(*row) if row is not None else None
        if standing is None or standing.decided:
            return
        if acts_as(command, standing.principal, standing.organiser) is None:
            raise ProblemError(problems.FORBIDDEN, "This booking is somebody's account's, and it is not yours.")
        if conflict := conflict_of(command, standing):
            raise ProblemError(problems.CONFLICT, conflict)

    async def check_event(self, command: Organising) -> None:
        """Raise the problem when the ledger knows that the event is somebody else's. Whose it is never changes."""
        row = await self._row(_ORGANISER, command.command_id, command.event_id)
        if row is None or command.operator:
            return
        organiser, decided = row
        if organiser != command.by and not decided:
            raise ProblemError(problems.FORBIDDEN, "This event is somebody else's.")

    async def _row(self, statement: LiteralString, *keys: str) -> tuple[Any, ...] | None:
        """Return what the ledger says; None also when it does not say it in time."""

        async def work(connection: Connection) -> tuple[Any, ...] | None:
            return await (await connection.execute(statement, keys)).fetchone()

        try:
            return await self._postgres.run(work)
        except PostgresAwayError as away:
            _log.debug("the ledger was not asked", extra={"cause": str(away)})
            return None


def conflict_of(command: AboutBooking, standing: Standing) -> str:
    """Return why a booking is in no state for a command; empty when it is, or when the worker must say."""
    status = standing.status
    match command:
        case CancelBooking() if status not in _CANCELLABLE:
            return f"The booking is {status}: there is nothing to give back."
        case ExtendHold() if status != BookingStatus.HELD:
            return f"The booking is {status}: there is no hold to extend."
        case ExtendHold() if standing.extended:
            return "The hold was extended already."
        case StartPayment() if status not in _PAYABLE:
            return f"The booking is {status}: there is nothing to pay."
        case _:
            return ""
