"""HTTP: how our APIs are made and served; problems for everything they refuse, health, metrics, the request id.

An API brings its routes, its readiness checks and the problems it may answer with. It must never answer an error in
any other form than ``application/problem+json``, nor show the text of an exception.
"""

import asyncio
import logging
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, NoReturn

import uvicorn
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtime import answered, health, problems
from runtime.collecting import collect_seldom
from runtime.direct import Direct
from runtime.problems import ProblemError, ProblemKind
from runtime.protocol import JoiningProtocol
from runtime.settings import EXIT_DATA

KEEP_ALIVE_S = 75
"""Longer than the gateway's 60 s, so that the gateway never sends a POST into a connection that we are closing."""
BACKLOG = 4_096
"""Connections that wait to be accepted."""
ACCEPTED_AT_ONCE = 128
"""Of a crowd's new connections in one turn of the event loop. The loop's library takes one a turn for each handle on
which it listens (libuv since 1.45), and a turn amid a crowd is long: new connections waited behind those that were
there for longer than the gateway does (``make overload``: half of what it passed on). So there are as many handles. A
lone new connection wakes all of them, all but one in vain; the gateway keeps its connections."""
STOP_GRACE_S = 5
"""How long requests under way may finish after SIGTERM; above the longest answer (2.5 s). Who waits
for an outcome is let go before (``stopping``)."""
YOUNG_OBJECTS = 10_000
"""How many objects more than before there may be until the youngest are searched for cycles. Python's 700 are those of
64 requests under way, so that each burst was searched, and in vain: an answered request leaves no cycle behind."""

EXIT_BROKEN = 1
"""Something in the process is broken that only a new one mends: no status of ``EXITS_FOR_GOOD``, so one is started."""
EXIT_NOT_STARTED = 3
"""uvicorn's own status for it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FrameworkProblems:
    """What to answer when the framework itself refuses a request."""

    not_found: ProblemKind
    method_not_allowed: ProblemKind
    bad_request: ProblemKind
    invalid_request: ProblemKind
    internal: ProblemKind


def create_app(
    *,
    title: str,
    version: str,
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[Any]],
    checks: Mapping[str, health.Check],
    refusals: FrameworkProblems,
) -> FastAPI:
    """Return an application without documentation pages of its own: the gateway serves one for the whole API."""
    app = _Application(
        title=title,
        version=version,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    app.state.stopping = asyncio.Event()
    app.state.exit_status = None
    app.router.routes.extend(health.routes(checks))
    app.add_middleware(_Measured)

    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, ProblemError)  # noqa: S101 - the registration below says so
        return problems.response(error, problems.request_id(request))

    async def on_refusal(request: Request, error: Exception) -> Response:
        return problems.response(_refusal(refusals, error, request), problems.request_id(request))

    def bug(request: Request, error: Exception) -> Response:
        _log.error("bug", exc_info=error, extra={"request_id": problems.request_id(request)})
        text = "This is a bug on our side; the request id helps us to find it."
        return problems.response(ProblemError(refusals.internal, text), problems.request_id(request))

    async def on_bug(request: Request, error: Exception) -> Response:
        return bug(request, error)

    app.add_exception_handler(ProblemError, on_problem)
    app.add_exception_handler(HTTPException, on_refusal)
    app.add_exception_handler(RequestValidationError, on_refusal)
    app.add_exception_handler(Exception, on_bug)
    app.on_bug = bug
    return app


def answer_directly(app: FastAPI, method: str, path: str, endpoint: ASGIApp, name: str | None = None) -> None:
    """Have requests of this method and path answered before the framework; a path that ends in / has one part more.

    Whoever calls routes it as well: other methods are refused there as everywhere, and requests with a query go that
    way, since the framework knows what each page may be asked. ``name``: what they are counted as, if not by the
    endpoint's own.
    """
    assert isinstance(app, _Application)  # noqa: S101 - create_app made it
    app.directly[method, path] = Direct(endpoint, app.on_bug, name)


class _Application(FastAPI):
    """The framework, and what is answered before it is asked, by method and path."""

    on_bug: Callable[[Request, Exception], Response]

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - the framework's own
        super().__init__(**settings)
        self.directly: dict[tuple[str, str], ASGIApp] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = None
        if scope["type"] == "http" and not scope.get("query_string") and not scope["path"].endswith("/"):
            method, path = scope["method"], scope["path"]
            parent = path[: path.rfind("/") + 1]
            endpoint = self.directly.get((method, path)) or self.directly.get((method, parent))
        if endpoint is None:
            await super().__call__(scope, receive, send)
        else:
            await endpoint(scope, receive, send)


def _refusal(refusals: FrameworkProblems, error: Exception, request: Request) -> ProblemError:
    if isinstance(error, RequestValidationError):
        fields = [
            {"field": ".".join(str(part) for part in item["loc"][1:]), "message": item["msg"]}
            for item in error.errors()
        ]
        return ProblemError(refusals.invalid_request, "Some fields are not what this call takes.", errors=fields)
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict((error.headers or {}) if isinstance(error, HTTPException) else {})
    path, method = request.url.path, request.method
    known = {
        404: ProblemError(refusals.not_found, f"There is nothing at {path}.", headers=headers),
        405: ProblemError(refusals.method_not_allowed, f"{path} does not take {method}.", headers=headers),
        400: ProblemError(refusals.bad_request, "The request cannot be read.", headers=headers),
    }
    return known.get(status) or ProblemError(refusals.internal, "An unexpected refusal.")


class _Measured:
    """Counts and times every request by the name of its endpoint, so that the labels stay few."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = answered.NOTHING_BEGUN

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            endpoint = getattr(scope.get("endpoint"), "__name__", "none")
            answered.count(endpoint, scope["method"], status, time.perf_counter() - started)


def stopping(app: FastAPI) -> asyncio.Event:
    """Return what is set when the application is about to stop: who waits for something goes now."""
    event: asyncio.Event = app.state.stopping
    return event


def end(app: FastAPI, status: int = EXIT_BROKEN) -> None:
    """End the process with ``status`` once the requests under way are answered; called on the loop's thread."""
    app.state.exit_status = status


def end_if_it_failed(app: FastAPI, hopeless: tuple[type[Exception], ...] = ()) -> "Callable[[asyncio.Task[Any]], None]":
    """Return what is called when a task beside the requests is over: where it died, half a process must not look alive.

    ``hopeless``: errors that a new process would meet again, so that a person must look first.
    """

    def over(task: "asyncio.Task[Any]") -> None:
        error = task.exception() if not task.cancelled() else None
        if error is not None:
            _log.critical("a part of this process has failed", exc_info=error)
            end(app, EXIT_DATA if isinstance(error, hopeless) else EXIT_BROKEN)

    return over


class _Server(uvicorn.Server):
    """Says that it is about to stop before it waits for the requests under way; stops when the process is to end."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        assert sockets is None  # noqa: S101 - of our own making, so that they are as many as there are to be
        listening = self._bound()
        handles = [listening, *(listening.dup() for _ in range(ACCEPTED_AT_ONCE - 1))]
        try:
            await super().startup(handles)
        except OSError as error:  # another bound the address too, and listens
            await self.lifespan.shutdown()
            for handle in handles:
                handle.close()
            self._refuse_to_start(error)
        if self.started:
            host, port, *_ = listening.getsockname()
            _log.info("listening", extra={"address": f"{host}:{port}"})

    def _bound(self) -> socket.socket:
        """Return the socket, on which nobody listens before the application has started."""
        host, port = self.config.host, self.config.port
        bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind((host, port))
        except OSError as error:
            bound.close()
            self._refuse_to_start(error)
        return bound

    def _refuse_to_start(self, error: OSError) -> NoReturn:
        address = f"{self.config.host}:{self.config.port}"
        _log.critical("cannot listen", extra={"address": address, "cause": str(error)})
        sys.exit(EXIT_NOT_STARTED)

    async def on_tick(self, counter: int) -> bool:
        return await super().on_tick(counter) or self._app.state.exit_status is not None

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        stopping(self._app).set()
        await super().shutdown(sockets)


def server(app: FastAPI, host: str, port: int) -> uvicorn.Server:
    """Return what serves the application, not started."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http=JoiningProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=STOP_GRACE_S,
        backlog=BACKLOG,
    )
    return _Server(config, app)


def serve(app: FastAPI, host: str, port: int) -> None:
    """Serve until SIGTERM, then finish the requests under way and return.

    A start that failed ends the process, and so does ``end``, once the requests under way are answered.
    """
    serving = server(app, host, port)
    collect_seldom(YOUNG_OBJECTS)
    serving.run()
    if not serving.started:
        sys.exit(EXIT_NOT_STARTED)
    if app.state.exit_status is not None:
        sys.exit(app.state.exit_status)
