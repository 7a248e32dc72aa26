"""Accounts: register, look at oneself, leave for good; and operators, who say what others may do.

The gateway enters here, for what lies below ``/api/accounts``. Erasing somebody removes the only rows that know a
person: log and ledger have an opaque principal that is made of the account's random id, and that id goes; the view has
the name that is in the row for organisers to see, and none once the row is gone (``sync_service.people``).
"""

import logging
import uuid
from typing import Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from contracts import problems
from contracts.accounts import Account, NewAccount, NewRole
from contracts.callers import Caller, Role
from contracts.commands import Name
from runtime.credentials import Credentials
from runtime.problems import ProblemError, request_id
from write_api.callers import Principals, address_of, ended
from write_api.declared import Call, add_call
from write_api.passwords import Passwords
from write_api.people import NewPerson, People, Person, rfc3339
from write_api.requests import body_of, invalid
from write_api.session_answers import SessionCookies, answer
from write_api.throttle import Count, Limit, Throttle, site_of

REGISTRATIONS: Final = Limit("register", 30, 3600)
"""From one address: a household, a classroom; not a machine."""

_TAG: Final = "accounts"

_log = logging.getLogger(__name__)


class AccountCalls:
    """The routes."""

    def __init__(
        self,
        people: People,
        passwords: Passwords,
        throttle: Throttle,
        *,
        credentials: Credentials[Caller],
        principals: Principals,
        cookies: SessionCookies,
    ) -> None:
        self._people = people
        self._passwords = passwords
        self._throttle = throttle
        self._credentials = credentials
        self._principals = principals
        self._cookies = cookies

    def add_to(self, app: FastAPI) -> None:
        """Route and declare them."""
        taken = [problems.CONFLICT, problems.TOO_MANY_REQUESTS]
        for call in (
            Call("POST", "/api/accounts", self.register, Account, 201, NewAccount, session=False, refusals=taken),
            Call("GET", "/api/accounts/me", self.my_account, Account, 200),
            Call("DELETE", "/api/accounts/me", self.erase_me, None, 204),
            Call(
                "PUT",
                "/api/accounts/{user_id}/role",
                self.set_role,
                Account,
                200,
                NewRole,
                refusals=[problems.NOT_FOUND],
            ),
        ):
            add_call(app, call, _TAG)

    async def register(self, request: Request) -> Response:
        """Make an account. Guests of the same name are somebody else, and their bookings stay theirs."""
        asked = await body_of(request, NewAccount)
        if asked.password.get_secret_value().casefold() == asked.user_id.casefold():
            raise invalid([{"field": "password", "message": "must not be the name"}])
        address = address_of(request.scope)
        if self._throttle.limits(address):
            await self._throttle.take(Count(REGISTRATIONS, site_of(address)))
        password_hash = await self._passwords.hash(asked.password)
        account_id = str(uuid.uuid4())
        principal = self._principals.of_account(account_id)
        person = await self._people.add(
            NewPerson(account_id, principal, asked.user_id, asked.display_name, asked.email, password_hash)
        )
        if person is None:
            raise ProblemError(problems.CONFLICT, "Somebody has this name already.")
        response = answer(request, 201, _shown(person))
        response.headers["Location"] = "/api/accounts/me"
        return response

    async def my_account(self, request: Request) -> Response:
        """Show one's own account."""
        return answer(request, 200, _shown(await self._mine(request)))

    async def erase_me(self, request: Request) -> Response:
        """Erase the person. Bookings stay booked, and nobody can tell any more whose they were."""
        caller = self._credentials.required(request.scope)
        if not await self._people.erase(caller.session_id):
            raise ended(self._credentials)
        return self._cookies.take(answer(request, 204))

    async def set_role(self, request: Request, user_id: Name) -> Response:
        """Say what somebody may do; for operators. It counts from their next access token on."""
        operator = await self._mine(request)  # not what the token says: an operator may have been made none
        if operator.role is not Role.OPERATOR:
            raise ProblemError(problems.FORBIDDEN, "Only operators do this.")
        asked = await body_of(request, NewRole)
        person = await self._people.set_role(user_id, Role(asked.role))
        if person is None:
            raise ProblemError(problems.NOT_FOUND, "There is no such account.")
        _log.info("a role was given", extra={"role": asked.role, "request_id": request_id(request)})
        return answer(request, 200, _shown(person))

    async def _mine(self, request: Request) -> Person:
        person = await self._people.of_session(self._credentials.required(request.scope).session_id)
        if person is None:
            raise ended(self._credentials)
        return person


def _shown(person: Person) -> dict[str, object]:
    return Account(
        user_id=person.user_id,
        display_name=person.display_name,
        email=person.email,
        role=person.role.value,
        created_at=rfc3339(person.created_at),
    ).model_dump()
