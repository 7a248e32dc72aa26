"""Rebuild: a new view from the whole feed, while the old one is still read.

``python -m sync_service rebuild`` enters here. It projects everything into collections under other names, then asks the
active projector to step aside, catches up under the lock, and lets the new collections take the old ones' names.
Run twice it does the same twice; killed at any moment it leaves a view that is read, and can be run again.
"""

import logging
import time
from collections.abc import Awaitable, Callable

from sync_service.feed import START, Cursor
from sync_service.ledger import Ledger
from sync_service.projector import Projector, Start
from sync_service.stores import Stores
from sync_service.view import View

_log = logging.getLogger(__name__)


async def rebuild(open_ledger: Callable[[], Awaitable[Ledger]], view: View) -> None:
    """Replace the view by one that shows this ledger.

    Raises:
        LedgerAwayError: PostgreSQL is away, or the active projector did not step aside.
        MongoAwayError: MongoDB is away.
    """
    started = time.monotonic()
    shadow = view.shadow
    await shadow.drop()
    await shadow.prepare()
    ledger = await open_ledger()
    try:
        incarnation = await ledger.incarnation()
        await shadow.begin(incarnation)
        projector = Projector(ledger, shadow, Start(incarnation, Cursor(START)), Stores())
        await _drain(projector)
        await ledger.take_over()
        await _drain(projector)
        await shadow.show()
    finally:
        await ledger.close()
    _log.info("the view is rebuilt", extra={"seconds": round(time.monotonic() - started, 1)})


async def _drain(projector: Projector) -> None:
    while not await projector.run_once(_once):
        pass


def _once() -> bool:
    """Whether to go on while MongoDB is away: whoever started the rebuild is told, and starts it again."""
    return False
