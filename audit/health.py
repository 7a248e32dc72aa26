"""The health service: can bookings be accepted, decided, shown and paid, and if not, since when?

The gateway sends ``GET /health`` here, and ``GET /api/audit``, which is what the auditor said a moment ago. A poll
every second asks every process on its own port and remembers since when each answer has been what it is, so that a
question costs nothing and is answered at once, however many ask. Health touches no store: what a process says of the
stores it needs is what counts. Operators see more (``system``).
"""

import asyncio
import contextlib
import logging
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal

import httpx
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from pydantic import BaseModel
from starlette.responses import JSONResponse

from audit import verdicts
from audit.auditor.report import NOT_ASKED, Report
from audit.replicas import Replica, replicas
from audit.settings import HealthSettings
from audit.stores import Stores
from audit.system import SystemPage
from audit.verdicts import Progress, Sighting, Verdict
from contracts import problems
from contracts.moments import moment_text
from runtime import logs
from runtime.credentials import Credentials
from runtime.http import FrameworkProblems, create_app, serve
from runtime.settings import load

POLL_EVERY_S: Final = 1.0
ANSWER_WITHIN_S: Final = 0.8
"""Bound of one question to one process; all are asked at once, so a poll takes no longer either."""
FOUND_WITHIN_S: Final = 0.5
"""Bound of asking where a service's processes are; both bounds together are below ``STALE_AFTER_S`` by far."""
STALE_AFTER_S: Final = 5.0
"""An answer older than five polls is none: this service itself is stuck, and says so."""

AUDIT: Final = """\
What the auditor knows, which replays the log and goes round ledger and view all the time: the last full proof, how far
it is, what is broken (nothing), and how old the oldest request is that is not decided, and the oldest change that is
not shown. The same for everybody; ids of bookings are cut, since who holds a whole one may give the booking back."""

PAID: Final = "paid"
TOLD: Final = "told"

_METRICS: Final = frozenset(
    {
        verdicts.LOG_LAG,
        verdicts.DECIDED,
        verdicts.PARTITIONS,
        verdicts.ACTIVE,
        verdicts.PROJECTION_LAG,
        verdicts.VIEW_AGE,
    }
)

_log = logging.getLogger(__name__)


class Check(BaseModel):
    """One check. ``since``: when it became what it is; ``degraded``: processes that do not do their part."""

    status: Literal["ok", "unavailable"]
    since: str
    detail: str
    degraded: list[str] = []


class Health(BaseModel):
    """The answer of ``GET /health``: 200 when ``ok``, else 503."""

    status: Literal["ok", "unavailable"]
    checks: dict[str, Check]


class Watch:
    """Asks all processes, one round after another, and knows the current answer.

    Each round has a client of its own, which ``new_client`` makes. A pool of connections that outlives a round loses
    one for good whenever a time-out meets it while it is being made, as often happens on a machine that is too busy;
    a hundred such moments later nobody would be well ever again (test:
    ``test_a_machine_that_was_too_busy_is_well_again_afterwards``).
    """

    def __init__(self, settings: HealthSettings, new_client: Callable[[], httpx.AsyncClient]) -> None:
        self._new_client = new_client
        self.services = {
            verdicts.WRITE_API: (settings.write_api_urls, settings.write_api_processes),
            verdicts.WORKER: (settings.worker_urls, settings.worker_processes),
            verdicts.READ_API: (settings.read_api_urls, settings.read_api_processes),
            verdicts.SYNC_SERVICE: (settings.sync_service_urls, settings.sync_service_processes),
            verdicts.PAYMENTS: (settings.payments_urls, settings.payments_processes),
            verdicts.WEBHOOKS: (settings.webhooks_urls, settings.webhooks_processes),
            verdicts.AUDITOR: (settings.auditor_urls, len(settings.auditor_urls)),
        }
        self._partitions = settings.partitions
        self._progress = Progress()
        self._checks: dict[str, Check] = {}
        self._report = NOT_ASKED
        self._polled_s = float("-inf")

    @property
    def fresh(self) -> bool:
        """Whether the last poll is recent enough to be an answer."""
        return time.monotonic() - self._polled_s < STALE_AFTER_S

    @property
    def health(self) -> Health:
        """The current answer."""
        # Who cannot pay can still book, and much that is booked costs nothing; organisers who are told late sell all
        # the same: the absence of payments and of webhooks is named, and no more.
        needed = (check for name, check in self._checks.items() if name not in {PAID, TOLD})
        ok = self.fresh and all(check.status == "ok" for check in needed)
        return Health(status="ok" if ok else "unavailable", checks=self._checks)

    @property
    def report(self) -> Report:
        """What the auditor knew last; ``away`` once it does not answer, with all that it said before."""
        return self._report

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            await asyncio.sleep(POLL_EVERY_S)
            try:
                await self.poll()
            except Exception:  # noqa: BLE001 - whatever failed, the next poll must come; a stale answer says so
                _log.exception("a poll failed; the next one follows")

    async def poll(self) -> None:
        """Ask every process once and bring the answer up to date."""
        names = list(self.services)
        async with self._new_client() as client:
            answers, report = await asyncio.gather(
                asyncio.gather(*(self._service(client, name) for name in names)), self._ask_auditor(client)
            )
        seen = dict(zip(names, answers, strict=True))
        now_s = time.monotonic()
        workers = seen[verdicts.WORKER]
        self._note("accepted", verdicts.accepted(seen[verdicts.WRITE_API]))
        stalled_s = self._progress.stalled_s(workers, now_s)
        self._note("decided", verdicts.decided(workers, stalled_s, self._partitions))
        self._note("shown", verdicts.shown(seen[verdicts.READ_API], seen[verdicts.SYNC_SERVICE]))
        self._note(PAID, verdicts.paid(seen[verdicts.PAYMENTS]))
        self._note(TOLD, verdicts.told(seen[verdicts.WEBHOOKS]))
        # A violation is one until the auditor says that it is mended, also while it does not answer.
        self._report = report or self._report.model_copy(update={"status": "away"})
        self._note("audited", verdicts.audited(seen[verdicts.AUDITOR], self._report))
        self._polled_s = now_s

    async def _ask_auditor(self, client: httpx.AsyncClient) -> Report | None:
        urls, _wanted = self.services[verdicts.AUDITOR]
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                answer = await client.get(f"{urls[0]}/report")
            return Report.model_validate_json(answer.content) if answer.status_code == httpx.codes.OK else None
        except (TimeoutError, httpx.HTTPError, ValueError):
            return None

    def _note(self, name: str, verdict: Verdict) -> None:
        status: Literal["ok", "unavailable"] = "ok" if verdict.ok else "unavailable"
        before = self._checks.get(name)
        changed = before is None or before.status != status
        since = moment_text(datetime.now(UTC)) if changed or before is None else before.since
        if changed:
            _log.log(logging.INFO if verdict.ok else logging.WARNING, "%s: %s, %s", name, status, verdict.detail)
        self._checks[name] = Check(status=status, since=since, detail=verdict.detail, degraded=list(verdict.degraded))

    async def _service(self, client: httpx.AsyncClient, service: str) -> Sequence[Sighting]:
        measured = service in (verdicts.WORKER, verdicts.SYNC_SERVICE)
        urls, wanted = self.services[service]
        try:
            async with asyncio.timeout(FOUND_WITHIN_S):
                processes = await replicas(service, urls, wanted)
        except TimeoutError:
            return [Sighting(f"{service}-0", f"not found within {FOUND_WITHIN_S:g} s")]
        return await asyncio.gather(*(self._process(client, process, measured=measured) for process in processes))

    async def _process(self, client: httpx.AsyncClient, process: Replica, *, measured: bool) -> Sighting:
        name, url = process
        if url is None:
            return Sighting(name, "is not there")
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                complaint, metrics = await asyncio.gather(
                    _complaint(client, url), _metrics(client, url) if measured else _no_metrics()
                )
        except TimeoutError:
            return Sighting(name, f"no answer within {ANSWER_WITHIN_S:g} s")
        except (httpx.HTTPError, ValueError):
            return Sighting(name, "cannot be reached")
        return Sighting(name, complaint, metrics)


async def _complaint(client: httpx.AsyncClient, url: str) -> str:
    answer = await client.get(f"{url}/health/ready")
    if answer.status_code == httpx.codes.OK:
        return ""
    checks = answer.json().get("checks", {})
    return "not ready: " + (", ".join(name for name, ok in checks.items() if not ok) or "it does not say why")


async def _metrics(client: httpx.AsyncClient, url: str) -> Mapping[str, float]:
    answer = await client.get(f"{url}/metrics")
    sums: dict[str, float] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            if sample.name in _METRICS:
                sums[sample.name] = sums.get(sample.name, 0.0) + sample.value
    return sums


async def _no_metrics() -> Mapping[str, float]:
    return {}


def build(settings: HealthSettings) -> FastAPI:
    """Return the service's application."""
    # Made once: our own processes speak plain HTTP, and each client would read all certificates of the machine anew.
    tls = ssl.create_default_context()

    # trust_env off: a proxy in the environment has no business between our own processes.
    def new_client() -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=ANSWER_WITHIN_S, trust_env=False, verify=tls)

    watch = Watch(settings, new_client)
    tokens = settings.token_public_keys.reader()
    credentials = Credentials(
        lambda token: tokens.read(token, now_s=time.time()),
        unauthenticated=problems.UNAUTHENTICATED,
        forbidden=problems.FORBIDDEN,
    )
    system = SystemPage(
        watch.services,
        Stores(settings),
        credentials,
        new_client,
        lambda: (watch.health.status, watch.report.model_dump()),
    )

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await watch.poll()
        running = [asyncio.create_task(part.run()) for part in (watch, system)]
        yield
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def polling() -> bool:
        return watch.fresh

    app = create_app(
        title="Frontrow health",
        version="1",
        lifespan=lifespan,
        checks={"polling": polling},
        refusals=FrameworkProblems(
            problems.NOT_FOUND,
            problems.METHOD_NOT_ALLOWED,
            problems.BAD_REQUEST,
            problems.INVALID_REQUEST,
            problems.INTERNAL,
        ),
    )

    system.add_to(app)

    unavailable: dict[int | str, dict[str, Any]] = {503: {"model": Health}}

    @app.get("/health", response_model=Health, responses=unavailable, summary="Can bookings be made?")
    async def health() -> JSONResponse:
        answer = watch.health
        headers = {"Cache-Control": "no-store"}
        return JSONResponse(answer.model_dump(), 200 if answer.status == "ok" else 503, headers)

    @app.get(
        "/api/audit",
        response_model=Report,
        tags=["health"],
        summary="Do log, ledger and view agree?",
        description=AUDIT,
    )
    async def proof() -> JSONResponse:
        return JSONResponse(watch.report.model_dump(), headers={"Cache-Control": "public, max-age=1"})

    return app


def main() -> None:
    """Run the health service until SIGTERM."""
    settings = load(HealthSettings)
    logs.configure("audit", settings.log_level)
    serve(build(settings), settings.http_host, settings.http_port)


if __name__ == "__main__":
    main()
