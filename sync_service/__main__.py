"""The process: ``python -m sync_service`` projects, ``python -m sync_service rebuild`` makes the view anew.

The rebuild acts unless told ``--dry-run``: it checks itself, and leaves the old view where the two differ.

The only place of this room that builds things.
"""

import asyncio
import logging
import signal
import sys

import uvloop

from runtime import logs
from runtime.collecting import collect_seldom
from runtime.health import HealthServer
from runtime.mongo import Mongo, MongoAwayError
from runtime.settings import load
from sync_service.ledger import Ledger, LedgerAwayError
from sync_service.projector import StartAgainError
from sync_service.rebuild import RebuildRunsError, rebuild, told
from sync_service.service import SyncService
from sync_service.settings import SyncServiceSettings
from sync_service.view import View

MONGO_TIMEOUT_S = 5.0
"""How long one write may take: a batch of bookings takes some 20 ms."""

COLLECT_EVERY = 50_000
"""Objects made between two garbage collections: some batches' worth."""

EXIT_UNAVAILABLE = 69
"""EX_UNAVAILABLE of sysexits: the rebuild can be tried again."""
EXIT_DIFFERENT = 1
"""The views differ at the same row, and nothing was switched."""
DRY_RUN, ACCEPT = "--dry-run", "--accept-differences"
EXIT_USAGE = 64

_log = logging.getLogger("sync_service")


def main(arguments: list[str]) -> int:
    """Run until told to stop; returns the process' exit status."""
    options = frozenset(arguments[1:])
    if arguments[:1] not in ([], ["rebuild"]) or not options <= {DRY_RUN, ACCEPT}:
        sys.stderr.write(f"usage: python -m sync_service [rebuild [{DRY_RUN}] [{ACCEPT}]]\n")
        return EXIT_USAGE
    settings = load(SyncServiceSettings)
    # The rebuild speaks to a person, in sentences.
    logs.configure("sync_service", "WARNING" if arguments else settings.log_level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_rebuild(settings, options) if arguments else _serve(settings))


async def _serve(settings: SyncServiceSettings) -> int:
    collect_seldom(COLLECT_EVERY)
    mongo = _mongo(settings)
    service = SyncService(lambda: Ledger.connect(settings.ledger_conninfo), View(mongo))
    checks = {
        "ledger": service.stores.ledger_answers,
        "view": service.stores.view_answers,
        "view_is_of_this_ledger": service.view_is_of_this_ledger,
    }
    health = HealthServer(settings.http_host, settings.http_port, checks)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, service.stop)
    health.start()
    try:
        await service.run()
    finally:
        health.stop()
        await mongo.close()
    return 0


async def _rebuild(settings: SyncServiceSettings, options: frozenset[str]) -> int:
    mongo = _mongo(settings)
    try:
        report = await rebuild(
            lambda: Ledger.connect(settings.ledger_conninfo),
            View(mongo),
            dry_run=DRY_RUN in options,
            accept_differences=ACCEPT in options,
        )
    except (LedgerAwayError, MongoAwayError, StartAgainError):
        _log.exception("the rebuild did not finish; the old view is still there, try again")
        return EXIT_UNAVAILABLE
    except RebuildRunsError:
        sys.stderr.write("Another rebuild is at work. Wait until it is done; the old view is still there.\n")
        return EXIT_UNAVAILABLE
    finally:
        await mongo.close()
    sys.stdout.write(f"{told(report)}\n")
    return 0 if report.switched or not report.differences else EXIT_DIFFERENT


def _mongo(settings: SyncServiceSettings) -> Mongo:
    return Mongo(
        settings.mongo_url,
        settings.mongo_database,
        user=settings.mongo_user,
        password=settings.mongo_password.get_secret_value(),
        timeout_s=MONGO_TIMEOUT_S,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
