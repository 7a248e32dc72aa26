"""Rebuild: a new view from the whole feed, while the old one is still read.

``python -m sync_service rebuild`` enters here. It projects everything into collections under other names, holds them
against the ledger and the old view, asks the active projector to step aside, brings both views to the same row of the
feed, and lets the new collections take the old ones' names. Two views that stand at the same row and differ are a
mistake in one of them: then nothing is switched unless somebody says that the new one is right. A view that is not of
this ledger needs no such word: it is what the rebuild is for.

Run twice it does the same twice; killed at any moment it leaves a view that is read, and can be run again. Reads and
streams go on all the while (test: ``test_reads_and_streams_go_on_while_the_view_is_rebuilt_under_load``).
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sync_service.checking import MOST_TOLD, Check, drained
from sync_service.feed import START, Cursor
from sync_service.ledger import Ledger
from sync_service.projector import Projector, Start
from sync_service.service import ViewRefusedError, check
from sync_service.stores import Stores
from sync_service.view import View


@dataclass(slots=True)
class Report:
    """What came of it. ``old``: why the old view could not be compared, empty when it was.

    ``aside_s``: for how long nobody else projected, so that what was decided was shown later by as much.
    """

    switched: bool = False
    old: str = ""
    differences: list[str] = field(default_factory=list)
    seconds: float = 0.0
    aside_s: float = 0.0


class RebuildRunsError(Exception):
    """Another rebuild is at work: two would write to the same place."""


async def rebuild(
    open_ledger: Callable[[], Awaitable[Ledger]],
    view: View,
    *,
    dry_run: bool = False,
    accept_differences: bool = False,
) -> Report:
    """Replace the view by one that shows this ledger, unless the two differ; returns what was found.

    Raises:
        LedgerAwayError: PostgreSQL is away, or the active projector did not step aside.
        MongoAwayError: MongoDB is away.
        StartAgainError: something else wrote to the views or changed the ledger meanwhile.
        RebuildRunsError: see there.
    """
    started = time.monotonic()
    report = Report()
    shadow = view.shadow
    ledger = await open_ledger()
    try:
        if not await ledger.try_rebuild():
            raise RebuildRunsError
        await shadow.drop()
        await shadow.prepare()
        incarnation = await ledger.incarnation()
        await shadow.begin(incarnation)
        projector = Projector(ledger, shadow, Start(incarnation, Cursor(START)), Stores())
        await drained(projector)
        there = await view.is_there()
        checking = Check(ledger, shadow, projector, view if there else None)
        await checking.suspect()
        await ledger.take_over()
        aside = time.monotonic()
        report.differences = await checking.settle(await _old_projector(ledger, view, report) if there else None)
        report.switched = not dry_run and (accept_differences or not report.differences)
        if report.switched:
            await shadow.show()
        else:
            await shadow.drop()
        report.aside_s = time.monotonic() - aside
    finally:
        await ledger.close()
    report.seconds = time.monotonic() - started
    return report


async def _old_projector(ledger: Ledger, view: View, report: Report) -> Projector | None:
    """Return what brings the old view to the new one's row; None when it is not of this ledger, which is no mistake."""
    try:
        start = await check(ledger, view)
    except ViewRefusedError as refused:
        report.old = str(refused)
        return None
    return Projector(ledger, view, start, Stores())


def told(report: Report) -> str:
    """Return what an operator is to know."""
    lines = [f"The old view could not be compared: {report.old}"] if report.old else []
    lines += [f"DIFFERENT: {line}" for line in report.differences[:MOST_TOLD]]
    if (more := len(report.differences) - MOST_TOLD) > 0:
        lines.append(f"... and {more:,} more")
    if report.switched:
        took = f"{report.seconds:.1f} s, and the projector stood aside for {report.aside_s:.2f} s of it"
        lines.append(f"The view is rebuilt ({took}). python -m audit proves that it is right.")
    elif report.differences:
        lines.append(
            "The old view stays. Look at the differences: where they are what a repair or another release changes, "
            "say --accept-differences; else python -m audit tells which of the two is wrong."
        )
    else:
        lines.append("The new view is the same as the old one. Nothing was changed (--dry-run).")
    return "\n".join(lines)
