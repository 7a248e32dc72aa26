"""The auditor's process: the watcher on a thread of its own, its report, health and metrics on a port of its own.

``__main__`` runs it; ``audit.health`` asks it for its report, and nobody else. A watcher that dies of a bug takes the
process with it, so that the supervisor brings a new one.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

from fastapi import FastAPI
from starlette.responses import JSONResponse

from audit.auditor.report import Report
from audit.auditor.settings import AuditorSettings
from audit.auditor.suspending import Suspending
from audit.auditor.watcher import Watcher
from contracts import problems
from runtime.http import FrameworkProblems, create_app, end_if_it_failed

STALE_AFTER_S: Final = 30.0
"""A report older than this is none: longer than any one question may take, with those that follow from it."""


def build(settings: AuditorSettings) -> FastAPI:
    """Return the service's application."""
    suspending = (
        Suspending(settings.kafka_bootstrap, settings.topic, settings.partitions)
        if settings.audit_stops_sales
        else None
    )
    watcher = Watcher(settings, suspending.suspend if suspending is not None else None)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as running:
            if suspending is not None:
                await suspending.start()
                running.push_async_callback(suspending.stop)
                sending = asyncio.create_task(suspending.run())
                sending.add_done_callback(end_if_it_failed(app))
                running.callback(sending.cancel)
            watching = asyncio.create_task(asyncio.to_thread(watcher.run))
            watching.add_done_callback(end_if_it_failed(app))
            yield
            watcher.stop()
            with contextlib.suppress(Exception):  # said already
                await watching

    async def stores() -> bool:
        return watcher.report.waiting_for is None

    async def watching() -> bool:
        return time.time() - datetime.fromisoformat(watcher.report.as_of).timestamp() < STALE_AFTER_S

    app = create_app(
        title="Frontrow auditor",
        version="1",
        lifespan=lifespan,
        checks={"stores": stores, "watching": watching},
        refusals=FrameworkProblems(
            problems.NOT_FOUND,
            problems.METHOD_NOT_ALLOWED,
            problems.BAD_REQUEST,
            problems.INVALID_REQUEST,
            problems.INTERNAL,
        ),
    )

    @app.get("/report", response_model=Report)
    async def report() -> JSONResponse:
        return JSONResponse(watcher.report.model_dump())

    return app
