"""The system page's data: every process and store as it is, for operators. ``audit.health`` enters here.

The gateway sends ``GET /api/system`` here.
"""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from contracts import problems
from contracts.callers import Caller
from contracts.operating import System
from contracts.wire import ProblemDocument
from runtime.credentials import Credentials
from runtime.problems import ProblemError


class SystemPage:
    """The route."""

    def __init__(self, credentials: Credentials[Caller]) -> None:
        self._credentials = credentials

    def add_to(self, app: FastAPI) -> None:
        """Route and declare it."""
        app.add_api_route(
            "/api/system",
            self.system,
            methods=["GET", "HEAD"],
            include_in_schema=False,
        )
        app.add_api_route(
            "/api/system",
            self.system,
            methods=["GET"],
            response_model=System,
            responses={401: {"model": ProblemDocument}, 403: {"model": ProblemDocument}},
            operation_id="system",
            tags=["operators"],
            openapi_extra={"security": [{"token": []}, {"cookie": []}]},
        )

    async def system(self, request: Request) -> Response:
        """Show every service and store as it is, with rates and latencies of the last minute. For operators."""
        if not self._credentials.required(request.scope).operates:
            raise ProblemError(problems.FORBIDDEN, "Only operators see this.")
        raise ProblemError(problems.OVERLOADED, "The system is not shown yet.")
