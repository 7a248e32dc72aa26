"""Sessions: log in, refresh, log out, and see where one is logged in.

The gateway enters here, for what lies below ``/api/sessions``. A session is an access token, which every API believes
for a quarter of an hour without asking, and a refresh token, which only this room takes (``session_rows``). Browsers
get both as cookies that no script can read. Whether a name exists is told by no answer and by no answer's time.
"""

import logging
import secrets
from typing import Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from contracts import problems
from contracts.accounts import LogIn, Refresh, Session, SessionTokens
from contracts.callers import Caller
from contracts.commands import Name
from contracts.tokens import LIFE_S
from runtime.credentials import Credentials, cookie
from runtime.problems import ProblemError
from write_api.callers import address_of, ended, user_agent_of
from write_api.declared import WITH_SESSION, Call, add_call
from write_api.issuer import Issuer, digest
from write_api.passwords import Passwords
from write_api.people import People, Person, rfc3339
from write_api.requests import body_of
from write_api.session_answers import REFRESH_COOKIE, SessionCookies, answer
from write_api.session_rows import AbandonedError, Reused, SessionRows
from write_api.throttle import Count, Limit, Throttle, site_of

BY_NAME_AND_ADDRESS: Final = Limit("log_in", 10, 300)
BY_ADDRESS: Final = Limit("log_in_from", 50, 300)
"""Failed attempts; a whole office behind one address makes few of them."""
BY_NAME: Final = Limit("log_in_as", 100, 3600)
"""Failed attempts from everywhere: above what people do, below what guessing needs (NIST SP 800-63B's hundred)."""

_WRONG: Final = "The name or the password is not right."
_TAG: Final = "sessions"

_log = logging.getLogger(__name__)


class SessionCalls:
    """The routes."""

    def __init__(  # noqa: PLR0913 - each is a part that logging in needs
        self,
        people: People,
        rows: SessionRows,
        passwords: Passwords,
        *,
        throttle: Throttle,
        credentials: Credentials[Caller],
        issuer: Issuer,
        cookies: SessionCookies,
    ) -> None:
        self._people = people
        self._rows = rows
        self._passwords = passwords
        self._throttle = throttle
        self._credentials = credentials
        self._issuer = issuer
        self._cookies = cookies

    def add_to(self, app: FastAPI) -> None:
        """Route and declare them."""
        refused = [*WITH_SESSION, problems.TOO_MANY_REQUESTS]
        refresh = "/api/sessions/refresh"
        for call in (
            Call("POST", "/api/sessions", self.log_in, SessionTokens, 201, LogIn, session=False, refusals=refused),
            Call("POST", refresh, self.refresh_session, SessionTokens, 200, Refresh, session=False, refusals=refused),
            Call("GET", "/api/sessions", self.sessions, list[Session], 200),
            Call("DELETE", "/api/sessions/current", self.log_out, None, 204),
            Call("DELETE", "/api/sessions/{session_id}", self.end_session, None, 204, refusals=[problems.NOT_FOUND]),
        ):
            add_call(app, call, _TAG)

    async def log_in(self, request: Request) -> Response:
        """Log in. The tokens are in the body for programs, and set as cookies for browsers."""
        self._credentials.check_origin(request.scope)
        asked = await body_of(request, LogIn)
        counts = self._counts(request, asked.user_id)
        await self._throttle.take(*counts)
        found = await self._people.named(asked.user_id)
        right = await self._passwords.verify(found.password_hash if found else None, asked.password)
        session_id, token = secrets.token_urlsafe(16), self._issuer.refresh()
        began = (
            found is not None
            and right
            and await self._rows.begin(found, session_id, digest(token), user_agent_of(request))
        )
        if found is None or not began:
            raise self._credentials.refused(detail=_WRONG)
        await self._throttle.give_back(*counts)
        if self._passwords.outdated(found.password_hash):
            await self._people.rehash(found, await self._passwords.hash(asked.password))
        return self._answer(request, 201, found, session_id, token)

    async def refresh_session(self, request: Request) -> Response:
        """Go on with a session: a new access token, and a new refresh token in place of the one that is used up."""
        token = await self._refresh_token(request)
        successor = self._issuer.successor_of(token)
        try:
            found = await self._rows.refresh(digest(token), digest(successor), request.is_disconnected)
        except AbandonedError:
            raise ProblemError(problems.OVERLOADED, "Nobody waits for this answer any more.") from None
        if isinstance(found, Reused):
            _log.warning("a refresh token came again: its session is ended", extra={"session_id": found.session_id})
        if found is None or isinstance(found, Reused):
            raise self._credentials.refused(detail="This refresh token is not good, or no longer. Log in again.")
        return self._answer(request, 200, found.person, found.session_id, successor)

    async def sessions(self, request: Request) -> Response:
        """Show where one is logged in."""
        caller = self._credentials.required(request.scope)
        rows = await self._rows.of_same_account(caller.session_id)
        if not rows:
            raise ended(self._credentials)
        shown = [
            Session(
                session_id=row.session_id,
                user_agent=row.user_agent,
                created_at=rfc3339(row.created_at),
                refreshed_at=rfc3339(row.refreshed_at),
                expires_at=rfc3339(row.expires_at),
                current=row.session_id == caller.session_id,
            ).model_dump()
            for row in rows
        ]
        return answer(request, 200, shown)

    async def log_out(self, request: Request) -> Response:
        """End this session. Its access token is believed for the rest of its quarter of an hour."""
        caller = self._credentials.required(request.scope)
        await self._rows.end(caller.session_id, caller.session_id)  # ended already: that is what was wanted
        return self._cookies.take(answer(request, 204))

    async def end_session(self, request: Request, session_id: Name) -> Response:
        """End another of one's sessions."""
        caller = self._credentials.required(request.scope)
        if not await self._rows.end(caller.session_id, session_id):
            raise ProblemError(problems.NOT_FOUND, "You have no such session.")
        response = answer(request, 204)
        return self._cookies.take(response) if session_id == caller.session_id else response

    def _counts(self, request: Request, user_id: str) -> tuple[Count, ...]:
        address = address_of(request.scope)
        site = site_of(address)
        by_name = Count(BY_NAME_AND_ADDRESS, f"{site} {user_id}"), Count(BY_NAME, user_id)
        return (*by_name, Count(BY_ADDRESS, site)) if self._throttle.limits(address) else by_name

    async def _refresh_token(self, request: Request) -> str:
        if "content-type" in request.headers or int(request.headers.get("content-length", "0")):
            asked = await body_of(request, Refresh)
            if asked.refresh_token is not None:
                return asked.refresh_token.get_secret_value()
        else:
            await request.body()  # it is empty; behind it is whether the caller is still there
        in_cookie = cookie(request.scope, REFRESH_COOKIE)
        if not in_cookie:
            raise self._credentials.refused(detail="Bring the session's refresh_token, in the body or as a cookie.")
        self._credentials.check_origin(request.scope)
        return in_cookie

    def _answer(self, request: Request, status: int, person: Person, session_id: str, token: str) -> Response:
        access = self._issuer.access(person, session_id)
        tokens = SessionTokens(
            access_token=access,
            token_type="Bearer",  # noqa: S106 - the scheme's name
            expires_in=LIFE_S,
            refresh_token=token,
            session_id=session_id,
        )
        return self._cookies.give(answer(request, status, tokens.model_dump()), access, token)
