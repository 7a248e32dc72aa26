"""A sync service that is killed just before it writes its first batch: ``victim.py <conninfo> <mongo url> <database>``.

Memory has changed by then, MongoDB has not, and nothing is cleaned up: the process kills itself with SIGKILL.
"""

import asyncio
import os
import signal
import sys

from runtime.mongo import Mongo
from sync_service.ledger import Ledger
from sync_service.service import SyncService
from sync_service.view import View


async def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def _main(conninfo: str, url: str, database: str) -> None:
    mongo = Mongo(url, database, timeout_s=5)
    await SyncService(lambda: Ledger.connect(conninfo), View(mongo), before_write=_die).run()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
