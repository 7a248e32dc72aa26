"""Verdicts: from what the processes say of themselves to whether bookings can be accepted, decided and shown.

Pure: ``audit.health`` asks the processes and the clock, and enters here with what it saw. One good process of a
service is enough; the others are named, so that somebody looks at them before the last one goes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from audit.auditor.report import Report

STALLED_AFTER_S: Final = 5.0
"""A worker that has messages before it and decides none for so long is stuck; three times its slowest good batch."""

PROJECTION_LAG_BOUND_S: Final = 30.0
"""Older views are not called shown. An idle platform moves its time every 10 s (the idle tick), so this is three."""

WRITE_API: Final = "write_api"
WORKER: Final = "worker"
READ_API: Final = "read_api"
SYNC_SERVICE: Final = "sync_service"
PAYMENTS: Final = "payments"
WEBHOOKS: Final = "webhooks"
AUDITOR: Final = "auditor"

EVENTS_NAMED: Final = 5
"""Of those in which something is broken; ``GET /api/audit`` has the rest."""

LOG_LAG: Final = "frontrow_worker_log_lag"
DECIDED: Final = "frontrow_worker_outcomes_total"
PARTITIONS: Final = "frontrow_worker_partitions"
ACTIVE: Final = "frontrow_sync_service_active"
PROJECTION_LAG: Final = "frontrow_sync_service_projection_lag_seconds"
VIEW_AGE: Final = "frontrow_sync_service_view_age_seconds"


@dataclass(frozen=True, slots=True)
class Sighting:
    """One process as it was seen: ``complaint`` is empty when it is ready; ``metrics`` are sums over all labels."""

    name: str
    complaint: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one thing can be done; ``degraded`` names the processes that do not help with it."""

    ok: bool
    detail: str
    degraded: tuple[str, ...] = ()


def accepted(write_apis: Sequence[Sighting]) -> Verdict:
    """Judge whether a booking that is sent now gets its 202."""
    return _judge(write_apis, [process.complaint for process in write_apis])


def decided(workers: Sequence[Sighting], stalled_s: Mapping[str, float], partitions: int = 0) -> Verdict:
    """Judge whether the log is being decided.

    ``stalled_s``: for how long each worker has had work and done none; ``partitions``: how many the log has. A worker
    that is gone takes its lag with it: what waits on its partitions shows in nobody's metrics, so they are counted.
    """
    complaints = [
        process.complaint
        or (
            f"{process.metrics.get(LOG_LAG, 0):.0f} messages wait and none was decided for {stalled:.0f} s"
            if (stalled := stalled_s.get(process.name, 0.0)) >= STALLED_AFTER_S
            else ""
        )
        for process in workers
    ]
    verdict = _judge(workers, complaints)
    waiting = sum(process.metrics.get(LOG_LAG, 0) for process in workers)
    detail = f"{verdict.detail}; {waiting:.0f} messages wait"
    orphans = partitions - sum(int(worker.metrics.get(PARTITIONS, 0)) for worker in workers if not worker.complaint)
    if verdict.ok and orphans > 0:
        return Verdict(ok=False, detail=f"{detail}; {orphans} partitions have no worker", degraded=verdict.degraded)
    return Verdict(verdict.ok, detail, verdict.degraded)


def shown(read_apis: Sequence[Sighting], sync_services: Sequence[Sighting]) -> Verdict:
    """Judge whether outcomes reach the view and the view can be read. A stand-by projector is no complaint."""
    readers = _judge(read_apis, [process.complaint for process in read_apis])
    complaints = [process.complaint or _lagging(process) for process in sync_services]
    projectors = _judge(sync_services, complaints)
    active = any(
        not complaint and process.metrics.get(ACTIVE, 1.0) > 0
        for process, complaint in zip(sync_services, complaints, strict=True)
    )
    if projectors.ok and not active:
        projectors = Verdict(ok=False, detail="no sync_service is active", degraded=projectors.degraded)
    return Verdict(
        readers.ok and projectors.ok,
        f"{readers.detail}; {projectors.detail}",
        readers.degraded + projectors.degraded,
    )


def paid(payments: Sequence[Sighting]) -> Verdict:
    """Judge whether payments are carried out; whether the provider is there is not ours to promise."""
    return _judge(payments, [process.complaint for process in payments])


def told(webhooks: Sequence[Sighting]) -> Verdict:
    """Judge whether organisers are told; whether their endpoints take it is theirs to see to."""
    return _judge(webhooks, [process.complaint for process in webhooks])


def audited(auditors: Sequence[Sighting], report: Report) -> Verdict:
    """Judge whether log, ledger and view agree, as far as the auditor knows; that it is away is named, and no more."""
    seen = _judge(auditors, [process.complaint for process in auditors])
    if not report.violations:
        return Verdict(ok=True, detail=f"{seen.detail}; no violation is known", degraded=seen.degraded)
    named: dict[str, str] = {}
    for one in report.broken:
        named.setdefault(one.event_id, f"event {one.event_id}: {one.what}" if one.event_id else one.what)
    told = "; ".join(list(named.values())[:EVENTS_NAMED])
    number = "1 violation" if report.violations == 1 else f"{report.violations} violations"
    return Verdict(ok=False, detail=f"{number}: {told}", degraded=seen.degraded)


def _lagging(process: Sighting) -> str:
    lag = max(process.metrics.get(PROJECTION_LAG, 0.0), process.metrics.get(VIEW_AGE, 0.0))
    if process.metrics.get(ACTIVE, 1.0) > 0 and lag > PROJECTION_LAG_BOUND_S:
        return f"the view is {lag:.0f} s old"
    return ""


def _judge(processes: Sequence[Sighting], complaints: Sequence[str]) -> Verdict:
    bad = tuple(
        f"{process.name}: {complaint}" for process, complaint in zip(processes, complaints, strict=True) if complaint
    )
    good = len(processes) - len(bad)
    if good:
        return Verdict(ok=True, detail=f"{good} of {len(processes)} {_service(processes)} ready", degraded=bad)
    return Verdict(ok=False, detail="; ".join(bad), degraded=bad)


def _service(processes: Sequence[Sighting]) -> str:
    return processes[0].name.rpartition("-")[0]


class Progress:
    """Remembers, per worker, since when it has had messages before it without deciding one."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, float, float]] = {}

    def stalled_s(self, workers: Sequence[Sighting], now_s: float) -> dict[str, float]:
        """Take a new sighting at ``now_s`` (any monotonic clock) and return how long each worker has been stuck."""
        stalled = {}
        for worker in workers:
            if LOG_LAG not in worker.metrics:
                continue  # not reached: what it said last still counts from then
            lag, done = worker.metrics[LOG_LAG], worker.metrics.get(DECIDED, 0.0)
            last_lag, last_done, since = self._seen.get(worker.name, (0.0, 0.0, now_s))
            if lag <= 0 or lag < last_lag or done != last_done:
                since = now_s
            self._seen[worker.name] = (lag, done, since)
            stalled[worker.name] = now_s - since
        return stalled
