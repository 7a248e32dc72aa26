"""People: who the accounts are, projected for those who may see it, and taken back when one is erased.

``service`` enters here beside the projector, in the session that holds its lock. A change says only that something
happened to a principal; the name is read where it is, in ``accounts``, so that an erased one is nowhere to be read.
What is left of an erased account is a document without a name: it keeps a projector that was overtaken from writing the
name again (test: ``test_a_name_that_was_read_before_the_erasure_is_not_shown_after_it``). It must never keep a name
anywhere but in the view.

The cursor is a field of the watermark. A rebuilt view has none, and one whose row the ledger does not have is another
ledger's: then all names go, and are projected anew.
"""

import time
from typing import Final

from sync_service.feed import START, Position
from sync_service.ledger import Ledger
from sync_service.view import View

CHANGES_AT_ONCE: Final = 2_000
"""A few milliseconds of work, which bookings wait for."""
LOOK_EVERY_S: Final = 0.5
"""An organiser does not notice it; and who is erased is gone from the view within a second."""


class People:
    """Projects names. One is active, as one projector is."""

    def __init__(self, ledger: Ledger, view: View) -> None:
        self._ledger = ledger
        self._view = view
        self._cursor: Position | None = None
        self._looked_at = float("-inf")

    async def run_when_due(self) -> None:
        """Look, when the last time is long enough ago.

        Raises:
            LedgerAwayError, MongoAwayError: another session goes on where this one ended.
        """
        if time.monotonic() - self._looked_at >= LOOK_EVERY_S:
            drained = await self.run_once()
            self._looked_at = time.monotonic() if drained else float("-inf")

    async def run_once(self) -> bool:
        """Show what changed; returns whether that was all."""
        if self._cursor is None:
            self._cursor = await self._begin()
        changes = await self._ledger.account_changes(self._cursor, CHANGES_AT_ONCE)
        if changes:
            latest = {change.principal: change for change in changes}
            await self._view.write_people(
                {"_id": change.principal, "user_id": change.user_id, "version": change.id} for change in latest.values()
            )
            self._cursor = Position(changes[-1].tx, changes[-1].id)
            await self._view.advance_people(self._cursor)
        return len(changes) < CHANGES_AT_ONCE

    async def _begin(self) -> Position:
        cursor = await self._view.people_cursor()
        if cursor is not None and await self._ledger.has_account_change(cursor):
            return cursor
        await self._view.forget_people()
        return START
