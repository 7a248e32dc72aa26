"""The desk: everything about accounts and sessions, built and wired together.

``app`` enters here. Bookings do not pass this desk: what they ask of people is in their tokens.
"""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from contracts import problems
from contracts.callers import Caller
from runtime.credentials import Credentials
from runtime.postgres import Postgres, PostgresAwayError
from runtime.problems import ProblemError, request_id, response
from write_api.accounts import AccountCalls
from write_api.callers import Principals
from write_api.issuer import Issuer
from write_api.mail import mail
from write_api.password_resets import PasswordResetCalls
from write_api.passwords import Passwords
from write_api.people import People
from write_api.session_answers import SessionCookies
from write_api.session_rows import SessionRows
from write_api.sessions import SessionCalls
from write_api.settings import WriteApiSettings
from write_api.throttle import Throttle


class Desk:
    """The calls about people; ``start`` and ``stop`` belong to the application's lifespan."""

    def __init__(
        self, settings: WriteApiSettings, throttle: Throttle, credentials: Credentials[Caller], principals: Principals
    ) -> None:
        self._postgres = Postgres(settings.postgres_conninfo, "write_api")
        self._passwords = Passwords()
        people, rows = People(self._postgres), SessionRows(self._postgres)
        cookies = SessionCookies(secure=settings.public_url.startswith("https:"))
        self._accounts = AccountCalls(
            people, self._passwords, throttle, credentials=credentials, principals=principals, cookies=cookies
        )
        self._sessions = SessionCalls(
            people,
            rows,
            self._passwords,
            throttle=throttle,
            credentials=credentials,
            issuer=Issuer(principals, settings.token_signing_keys, settings.refresh_key),
            cookies=cookies,
        )
        self._resets = PasswordResetCalls(people, self._passwords, throttle, mail(settings), settings.public_url)

    def add_to(self, app: FastAPI) -> None:
        """Route and declare the calls."""
        for calls in (self._accounts, self._sessions, self._resets):
            calls.add_to(app)
        app.add_exception_handler(PostgresAwayError, _unavailable)

    async def start(self) -> None:
        """Begin to serve; PostgreSQL need not be there."""
        await self._postgres.start()

    async def stop(self) -> None:
        """Serve no longer."""
        await self._resets.stop()
        self._passwords.stop()
        await self._postgres.stop()


async def _unavailable(request: Request, _away: Exception) -> Response:
    text = "Accounts cannot be reached at the moment; bookings are taken all the same."
    return response(ProblemError(problems.OVERLOADED, text), request_id(request))
