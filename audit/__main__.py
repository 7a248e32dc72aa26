"""The invariant checker: ``python -m audit [--accepted FILE] [--wait SECONDS]``, and what else operators ask by hand.

Waits, within a bound, until the worker has decided what is on the log now, payments have come to rest and the view
shows it, then holds log, ledger, money and view against each other and prints what it found. Exit status 0 when
everything holds, 1 when something is broken, and 2, whatever was asked, when a store is away. It may run beside a
platform at work: what comes after the ledger's snapshot is left out. It proves the log that is there: what the ledger
keeps of a topic that was there before it, and what rests on that, cannot be replayed, and it says how much that is.
"""

import argparse
import logging
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import psycopg
from pymongo.errors import PyMongoError

from audit import log_position, restore_check
from audit.findings import Findings, Invariant
from audit.history import DecidedTo, History
from audit.invariants import check
from audit.load_ledger import LedgerPosition, LedgerReader
from audit.load_log import LogAwayError, LogReader
from audit.load_view import ViewReader
from audit.replay import RulesReplay
from audit.settings import CheckSettings
from runtime import logs
from runtime.settings import load

OK: Final = 0
BROKEN: Final = 1
CANNOT_CHECK: Final = 2
NEEDED: Final = "PostgreSQL, Kafka and MongoDB must run for this; the services need not"

COMMANDS: Final = {"restore-check": restore_check.main, "position": log_position.main}

WAIT_S: Final = 30.0
"""Three idle ticks: longer than any backlog of a healthy platform takes to be decided and shown."""
LOOK_EVERY_S: Final = 0.1
MAX_ASKS: Final = 100


def audit(settings: CheckSettings, accepted: frozenset[str], wait_s: float) -> Findings:
    """Read everything and return what is broken in it.

    Raises:
        LogAwayError, psycopg.Error, PyMongoError: a store cannot be read.
    """
    conninfo = settings.ledger_conninfo
    deadline = time.monotonic() + wait_s
    log = LogReader(settings.kafka_bootstrap, settings.topic)
    _, end = log.bounds()
    with ViewReader(settings) as view, LedgerReader(conninfo) as now, LedgerReader(conninfo) as reader:
        _wait_until_decided(now, log.topic_id, end, deadline)
        _wait_until_paid(now, deadline)
        told = view.watermark()  # before the snapshot: whatever it tells must be true there
        ledger = reader.snapshot(log.topic_id, told.cursor)
        _wait_until_shown(view, reader.last(), reader.last_account(), deadline)
        decided = {partition: at.next_offset for partition, at in ledger.decided_to.items()}
        history = History(
            log.log(end, decided),
            ledger,
            view.view(
                told,
                moved=_Moved(now.outcomes, reader.outcomes()),
                people_moved=_Moved(now.account_changes, reader.account_changes()),
            ),
            accepted,
            reader.money(test_provider=not settings.payment_provider_url),
        )
        return check(history, RulesReplay(len(log.partitions)))


class _Moved:
    """Whether the ledger has more of something than its snapshot. Asked so often at most; what follows is counted."""

    def __init__(self, now: Callable[[], int], then: int) -> None:
        self._now = now
        self._then = then
        self._moved = False
        self._asks_left = MAX_ASKS

    def __call__(self) -> bool:
        if not self._moved and self._asks_left > 0:
            self._asks_left -= 1
            self._moved = self._now() != self._then
        return self._moved


def _wait_until_decided(ledger: LedgerReader, topic_id: str, end: Mapping[int, int], deadline: float) -> None:
    nowhere = DecidedTo(0, 0)
    while any(
        at.next_offset < end[partition]
        for partition in end
        for at in (ledger.decided_to(topic_id).get(partition, nowhere),)
    ):
        if time.monotonic() > deadline:
            return  # the check says what is not decided
        time.sleep(LOOK_EVERY_S)


def _wait_until_paid(ledger: LedgerReader, deadline: float) -> None:
    """Give payments that are under way the time to end; the check allows what then still is, for as long as it may."""
    while ledger.money_is_under_way() and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY_S)


def _wait_until_shown(view: ViewReader, last: LedgerPosition, last_account: LedgerPosition, deadline: float) -> None:
    while (shown := view.watermark()).cursor < last or shown.people < last_account:
        if time.monotonic() > deadline:
            return  # the check says what is not shown
        time.sleep(LOOK_EVERY_S)


def _report(findings: Findings, seconds: float) -> None:
    print(f"{'invariant':<56} {'checked':>10} {'broken':>8}")
    for invariant in Invariant:
        print(f"{invariant:<56} {findings.checked[invariant]:>10,} {findings.broken[invariant]:>8,}")
    for violation in findings.violations:
        print(f"BROKEN: {violation.invariant}: {violation.sentence}")
    for sentence in findings.unproved:
        print(f"NOT PROVED: {sentence}")
    kept = len(findings.violations)
    if (total := findings.broken.total()) > kept:
        print(f"... and {total - kept:,} more")
    print(f"{'all invariants hold' if findings.ok else 'NOT all invariants hold'} ({seconds:.1f} s)")


def _accepted(path: Path | None) -> frozenset[str]:
    return frozenset(path.read_text(encoding="utf-8").split()) if path else frozenset()


def main() -> int:
    """Run the checker, or what is named; returns the process' exit status."""
    named = " ".join(sys.argv[1:])
    try:
        return COMMANDS.get(named, _check)()
    except (LogAwayError, psycopg.Error, PyMongoError, OSError) as error:
        logging.getLogger(__name__).debug("cannot check", exc_info=True)
        # One line, since a backup tells the last one.
        print(f"cannot check: {type(error).__name__}: {' '.join(str(error).split())} ({NEEDED})", file=sys.stderr)
        return CANNOT_CHECK


def _check() -> int:
    parser = argparse.ArgumentParser(prog="python -m audit", description="Check that log, ledger and view agree.")
    parser.add_argument(
        "--accepted",
        type=Path,
        metavar="FILE",
        help="booking ids that clients were given, one a line: each must have its outcome, and not be failed",
    )
    parser.add_argument(
        "--wait",
        type=float,
        default=WAIT_S,
        metavar="SECONDS",
        help="wait at most so long for worker and view (%(default)s)",
    )
    arguments = parser.parse_args()
    settings = load(CheckSettings)
    logs.configure("audit", settings.log_level)
    started = time.monotonic()
    findings = audit(settings, _accepted(arguments.accepted), arguments.wait)
    _report(findings, time.monotonic() - started)
    return OK if findings.ok else BROKEN


if __name__ == "__main__":
    sys.exit(main())
