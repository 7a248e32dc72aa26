"""Direct: endpoints that are answered before the framework, whose layers cost a quarter to most of a hot request.

``runtime.http`` enters here for the endpoints that an application names. They get what the framework gives all others
and nothing more: a problem as its answer, a bug's 500, the count. So a direct endpoint is an ASGI application that
reads its request itself and refuses by ``ProblemError`` alone. Whatever else it raises is a bug, and an answer that has
begun is never mended: the server breaks its connection.
"""

import time
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import get_name
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtime import answered, problems
from runtime.problems import ProblemError


class Direct:
    """One endpoint with what it needs around it; ``on_bug`` logs an error and returns what is answered instead."""

    def __init__(
        self, endpoint: ASGIApp, on_bug: Callable[[Request, Exception], Response], name: str | None = None
    ) -> None:
        self._endpoint = endpoint
        self._name = name or get_name(endpoint)
        self._on_bug = on_bug

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        started = time.perf_counter()
        status = 0  # no answer has begun

        async def noting(message: Message) -> None:
            nonlocal status
            status = status or message["status"]
            await send(message)

        try:
            await self._endpoint(scope, receive, noting)
        except Exception as error:
            request, begun = Request(scope), bool(status)
            if isinstance(error, ProblemError) and not begun:
                await problems.response(error, problems.request_id(request))(scope, receive, noting)
                return
            instead = self._on_bug(request, error)
            if not begun:
                await instead(scope, receive, noting)
            raise
        finally:
            took_s = time.perf_counter() - started
            answered.count(self._name, scope["method"], status or answered.NOTHING_BEGUN, took_s)
