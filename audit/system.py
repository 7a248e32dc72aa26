"""The system as it is, for operators: every process and store, the log, the view's age, rates and latencies.

The gateway sends ``GET /api/system`` here; ``audit.health`` builds this. Metrics are sampled all the time, since a rate
needs a past; stores are asked only while somebody looks, and one answer serves everybody who asks within ``KEPT_S``.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import httpx
import orjson
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from audit.measuring import ACTIVE, AGE, LAG, MEMORY, SAMPLE_EVERY_S, Measured, latencies, rates, sample_of
from audit.replicas import replicas
from audit.stores import Stores
from contracts import problems
from contracts.callers import Caller
from contracts.moments import moment_text
from contracts.operating import ProcessState, Projection, ServiceState, State, System
from contracts.wire import ProblemDocument
from runtime.credentials import Credentials
from runtime.problems import ProblemError

ANSWER_WITHIN_S: Final = 0.8
KEPT_S: Final = 2.0
"""How long an answer is told again: a page that draws charts asks as often, however many look at it."""

NewClient = Callable[[], httpx.AsyncClient]
Wanted = Mapping[str, tuple[Sequence[str], int]]
"""A service's addresses, and how many processes there should be behind them."""

_log = logging.getLogger(__name__)


class SystemPage:
    """The route, and what it remembers. ``said``: what ``GET /health`` and ``GET /api/audit`` say now."""

    def __init__(
        self,
        services: Wanted,
        stores: Stores,
        credentials: Credentials[Caller],
        new_client: NewClient,
        said: Callable[[], tuple[State, dict[str, object]]],
    ) -> None:
        self._services = services
        self._stores = stores
        self._credentials = credentials
        self._new_client = new_client
        self._said = said
        self._measured: dict[str, dict[str, Measured]] = {}
        self._complaints: dict[str, dict[str, str]] = {}
        self._asking = asyncio.Lock()
        self._answer: tuple[float, bytes] | None = None

    def add_to(self, app: FastAPI) -> None:
        """Route and declare it."""
        path, page = "/api/system", self.system
        app.add_api_route(path, page, methods=["GET", "HEAD"], include_in_schema=False, response_model=None)
        app.add_api_route(
            path,
            page,
            methods=["GET"],
            response_model=System,
            responses={401: {"model": ProblemDocument}, 403: {"model": ProblemDocument}},
            operation_id="system",
            tags=["operators"],
            openapi_extra={"security": [{"token": []}, {"cookie": []}]},
        )

    async def run(self) -> None:
        """Sample until cancelled."""
        while True:
            try:
                await self.sample()
            except Exception:  # noqa: BLE001 - whatever failed, the next sample must come
                _log.exception("a sample failed; the next one follows")
            await asyncio.sleep(SAMPLE_EVERY_S)

    async def sample(self) -> None:
        """Ask every process for its metrics, once."""
        async with self._new_client() as client:
            await asyncio.gather(*(self._sample(client, service) for service in self._services))

    async def system(self, request: Request) -> Response:
        """Show every service and store as it is, with rates and latencies of the last minute. For operators."""
        if not self._credentials.required(request.scope).operates:
            raise ProblemError(problems.FORBIDDEN, "Only operators see this.")
        async with self._asking:
            if self._answer is None or time.monotonic() - self._answer[0] > KEPT_S:
                self._answer = time.monotonic(), orjson.dumps((await self._look()).model_dump())
            body = self._answer[1]
        return Response(body, headers={"Cache-Control": "no-store"}, media_type="application/json")

    async def _look(self) -> System:
        stores, partitions = await self._stores.states()
        projectors = list(self._measured.get("sync_service", {}).values())
        active = [one for one in projectors if one.last(ACTIVE)]
        ages = [age for one in active if (age := one.last(AGE)) is not None]
        lags = [lag for one in active if (lag := one.last(LAG)) is not None]
        status, report = self._said()
        return System(
            as_of=moment_text(datetime.now(UTC)),
            status=status,
            services=[self._service(name) for name in self._services],
            stores=stores,
            log=partitions,
            projection=Projection(age_s=max(ages, default=None), lag_s=max(lags, default=None)),
            audit=report,
        )

    def _service(self, name: str) -> ServiceState:
        complaints, measured = self._complaints.get(name, {}), self._measured.get(name, {})
        processes = [_process(process, why, measured.get(process)) for process, why in complaints.items()]
        return ServiceState(
            name=name,
            status="ok" if any(process.status == "ok" for process in processes) else "unavailable",
            processes=processes,
            rates=rates(name, measured.values()),
            latencies=latencies(name, measured.values()),
        )

    async def _sample(self, client: httpx.AsyncClient, service: str) -> None:
        urls, wanted = self._services[service]
        known, complaints = self._measured.setdefault(service, {}), {}
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                found = await replicas(service, urls, wanted)
        except TimeoutError:
            found = []
        for process, (sample, why) in zip(
            found, await asyncio.gather(*(_ask(client, one.url) for one in found)), strict=True
        ):
            complaints[process.name] = why
            if sample is not None:
                known.setdefault(process.name, Measured()).add(time.monotonic(), sample_of(sample))
        for gone in known.keys() - complaints.keys():
            del known[gone]
        self._complaints[service] = complaints


async def _ask(client: httpx.AsyncClient, url: str | None) -> tuple[str | None, str]:
    """Return a process' metrics, and what is wrong with it."""
    if url is None:
        return None, "is not there"
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            ready, metrics = await asyncio.gather(client.get(f"{url}/health/ready"), client.get(f"{url}/metrics"))
    except TimeoutError:
        return None, f"no answer within {ANSWER_WITHIN_S:g} s"
    except httpx.HTTPError:
        return None, "cannot be reached"
    return metrics.text, "" if ready.status_code == httpx.codes.OK else "not ready"


def _process(name: str, why: str, measured: Measured | None) -> ProcessState:
    memory = measured.last(MEMORY) if measured is not None else None
    return ProcessState(
        name=name,
        status="unavailable" if why else "ok",
        detail=why,
        memory_bytes=int(memory) if memory is not None else None,
    )
