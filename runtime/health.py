"""Health and metrics of one process: ``/health/live``, ``/health/ready`` and ``/metrics`` on its own port.

Live means that the process answers. Ready means that it can do its work now: every check is true. Checks must be quick
and bounded; one that raises or takes longer than ``CHECK_TIMEOUT_S`` counts as failed, with no text of its exception.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CHECK_TIMEOUT_S: Final = 1.0
LISTENS_WITHIN_S: Final = 60.0
"""As long as a start may take: a port in use is told at once, by the thread's end. A machine with a load of thirty took
more than five seconds, and a process that gives up for that is started again, which is more load."""

Check = Callable[[], Awaitable[bool]]

_log = logging.getLogger(__name__)


def routes(checks: Mapping[str, Check]) -> list[Route]:
    """Return the three routes; ``checks`` maps the name of what is needed to the question whether it is there."""

    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(_request: Request) -> Response:
        results = dict(zip(checks, await asyncio.gather(*map(_passes, checks.values())), strict=True))
        ok = all(results.values())
        body = {"status": "ok" if ok else "unavailable", "checks": results}
        return JSONResponse(body, 200 if ok else 503)

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return [
        Route("/health/live", live, methods=["GET"]),
        Route("/health/ready", ready, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
    ]


async def _passes(check: Check) -> bool:
    try:
        return await asyncio.wait_for(check(), CHECK_TIMEOUT_S)
    except Exception:  # noqa: BLE001 - whatever failed, the answer is "not ready"
        _log.debug("a readiness check failed", exc_info=True)
        return False


class HealthServer:
    """The three routes on a thread of their own, for a process whose work is not HTTP."""

    def __init__(self, host: str, port: int, checks: Mapping[str, Check]) -> None:
        app = Starlette(routes=routes(checks))
        # No signal handling here: uvicorn only takes signals on the main thread, which is the worker's own.
        config = uvicorn.Config(app, host=host, port=port, log_config=None, access_log=False, lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="health", daemon=True)

    def start(self) -> None:
        """Listen; returns once the port is open.

        Raises:
            OSError: the port could not be opened; in use, most likely.
        """
        self._thread.start()
        deadline = time.monotonic() + LISTENS_WITHIN_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                msg = f"cannot listen on {self._server.config.host}:{self._server.config.port}"
                raise OSError(msg)
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop listening; safe to call twice, and before ``start``."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(timeout=5)
