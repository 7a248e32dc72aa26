"""The watcher: opens the stores, lets follower and sweep take their steps, and begins anew when it must. One thread's.

``service`` runs it and asks it for its report. A store away is waited for: what was replayed stays, and the follower
goes on where it was, once it has seen that log and ledger are still the same. Where they are not (a topic made anew, a
ledger restored from a backup), all is forgotten and proved from the beginning.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

import psycopg
from pymongo.errors import PyMongoError

from audit.auditor import metrics, report
from audit.auditor.follower import BeginAgainError, Follower
from audit.auditor.ledger import Ledger, Position
from audit.auditor.log_tail import LogTail
from audit.auditor.report import Report
from audit.auditor.sections import World
from audit.auditor.settings import AuditorSettings
from audit.auditor.standing import Standing
from audit.auditor.sweep import Sweep
from audit.auditor.view import View
from audit.auditor.violations import Violation, Violations, public
from audit.load_log import LogAwayError, LogReader
from audit.load_view import ViewReader
from contracts.moments import moment_text_of
from runtime.backoff import LONGEST_S, Backoff

REST_S: Final = 0.02
"""How long an idle watcher waits for the log before it looks round again."""
AGES_EVERY_S: Final = 0.5
CHECK_TOPIC_EVERY_S: Final = 5.0
"""How often it is asked whether the topic is still the same one. Outcomes of another one are not held against this."""
DOUBTS_A_STEP: Final = 20

_AWAY: Final = (psycopg.Error, PyMongoError, LogAwayError, OSError)

_log = logging.getLogger(__name__)


class Watcher:
    """Proves until it is told to stop. ``on_violation`` is called once for each that is found."""

    def __init__(self, settings: AuditorSettings, on_violation: Callable[[Violation], None] | None = None) -> None:
        self._settings = settings
        self._on_violation = on_violation
        self._stop = threading.Event()
        self._violations = Violations()
        self._sweep = Sweep(self._violations, settings.audit_round_s)
        self._follower: Follower | None = None
        self._topic_id = ""
        self._waiting_for: str | None = "the stores"
        self._ages = (0.0, 0.0)
        self._report = report.NOT_ASKED
        self._told()

    @property
    def report(self) -> Report:
        """What is known now; from any thread, and never half of it."""
        return self._report

    def stop(self) -> None:
        """Ask for the end; from any thread, and safe to call twice."""
        self._stop.set()

    def run(self) -> None:
        """Watch until ``stop``."""
        backoff = Backoff()
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self._session()
            except BeginAgainError as why:
                _log.warning("beginning again", extra={"why": str(why)})
                metrics.BEGINNINGS.labels("another world").inc()
                self._forget()
            except _AWAY as error:
                self._waiting_for = _store(error)
                self._told()
                _log.warning("waiting", extra={"store": self._waiting_for, "cause": str(error).strip()})
                if time.monotonic() - began > 2 * LONGEST_S:
                    backoff = Backoff()
                self._stop.wait(backoff.next_s())
        self._forget()

    def _forget(self) -> None:
        if self._follower is not None:
            self._follower.standing.close()
        self._follower = None
        self._violations = Violations()
        self._sweep = Sweep(self._violations, self._settings.audit_round_s)
        self._told()

    def _session(self) -> None:
        """Open everything, and go on until something is away."""
        settings = self._settings
        log = LogReader(settings.kafka_bootstrap, settings.topic)
        if log.topic_id != self._topic_id or self._follower is None:
            self._forget()
            self._topic_id = log.topic_id
            self._follower = Follower(Standing(len(log.partitions)), log.partitions)
        follower = self._follower
        with ExitStack() as opened:
            ledger = opened.enter_context(Ledger(settings.ledger_conninfo, log.topic_id))
            tail = opened.enter_context(LogTail(log, follower.positions))
            view = opened.enter_context(View(ViewReader(settings)))
            follower.connect(ledger, tail)
            self._sweep.restart()
            self._watch(World(log, ledger, view, follower))

    def _watch(self, world: World) -> None:
        follower = world.follower
        topic_asked = time.monotonic()
        aged = 0.0
        while not self._stop.is_set():
            busy = follower.step(REST_S)
            new = [one for doubt in follower.doubts[:DOUBTS_A_STEP] for one in self._sweep.doubt(doubt, world)]
            del follower.doubts[:DOUBTS_A_STEP]
            new += self._sweep.step(world)
            for violation in new:
                if self._on_violation is not None:
                    self._on_violation(violation)
            if (follower.too_many or self._sweep.dropped) and not self._violations.sections:
                msg = "more was broken than could be kept"
                raise BeginAgainError(msg)
            now = time.monotonic()
            if now - aged >= AGES_EVERY_S:
                aged = now
                self._age(world)
                self._waiting_for = None
                self._told()
            if now - topic_asked >= CHECK_TOPIC_EVERY_S:
                topic_asked = now
                if world.log.current_topic_id() != self._topic_id:
                    msg = "the topic was made anew"
                    raise BeginAgainError(msg)
            if not busy:
                self._stop.wait(REST_S)

    def _age(self, world: World) -> None:
        """Measure how old the oldest are that wait."""
        now_s = time.time()
        undecided = world.follower.oldest_undecided_s(now_s)
        shown = world.view.watermark().cursor
        since = world.ledger.oldest_not_shown_s(shown)
        self._ages = undecided, max(0.0, now_s - since) if since is not None else 0.0

    def _told(self) -> None:
        """Bring the report and the metrics up to date."""
        follower, sweep, round_ = self._follower, self._sweep, self._sweep.round
        confirmed = self._violations.confirmed
        proof = sweep.proof
        cursor = follower.cursor if follower else Position(0, 0)
        behind = follower.behind if follower else 0
        if self._waiting_for is not None:
            status = "waiting"
        elif confirmed:
            status = "broken"
        else:
            status = "watching" if proof else "first_proof"
        self._report = Report(
            status=status,
            as_of=moment_text_of(time.time()),
            violations=len(confirmed),
            broken=[report.broken(one) for one in confirmed[: report.TOLD]],
            last_full_proof=report.FullProof(
                at=moment_text_of(proof.at_s),
                seconds=round(proof.seconds, 1),
                position=proof.position,
                messages=proof.messages,
                rows=proof.rows,
            )
            if proof
            else None,
            proved_to=report.Proved(
                position=f"{cursor.tx}-{cursor.id}", messages=follower.messages if follower else 0, behind=behind
            ),
            sweep=report.Sweeping(
                round=sweep.rounds,
                progress=round(sweep.progress, 2),
                rows=round_.rows if round_ else 0,
                section=public(round_.at) if round_ else "",
            ),
            oldest_undecided_s=round(self._ages[0], 1),
            oldest_unprojected_s=round(self._ages[1], 1),
            unproved_events=len(follower.standing.former.events) if follower else 0,
            waiting_for=self._waiting_for,
            stops_sales=self._settings.audit_stops_sales,
        )
        metrics.VIOLATIONS.set(len(confirmed))
        metrics.BEHIND.set(behind)
        metrics.UNDECIDED.set(self._ages[0])
        metrics.UNPROJECTED.set(self._ages[1])


def _store(error: Exception) -> str:
    if isinstance(error, psycopg.Error):
        return "postgres"
    return "mongo" if isinstance(error, PyMongoError) else "kafka"
