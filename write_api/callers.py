"""Who calls: the account behind a session, the address behind the gateway, and what the log calls them.

Every room of this service that asks who somebody is enters here. The gateway alone says where a request came from; what
clients say of themselves does not pass it.
"""

import time
from functools import lru_cache
from typing import Final

from starlette.requests import Request
from starlette.types import Scope

from contracts import problems
from contracts.callers import Caller
from contracts.ids import opaque_principal
from contracts.tokens import SigningKeys
from runtime.credentials import Credentials
from runtime.problems import ProblemError
from write_api.people import Person

REMEMBERED_GUESTS: Final = 10_000
"""How many guests' opaque ids are kept at hand; the rest is computed again."""
NOWHERE: Final = "unknown"

_FORWARDED: Final = b"x-forwarded-for"


class Principals:
    """Makes people opaque; see ``contracts.ids.opaque_principal``. ``key`` is never changed."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.of_guest = lru_cache(REMEMBERED_GUESTS)(lambda user_id: opaque_principal("guest", user_id, key))

    def caller(self, person: Person, session_id: str) -> Caller:
        """Return what a session's access token says."""
        return Caller(self.of_account(person.account_id), person.user_id, person.role, session_id)

    def of_account(self, account_id: str) -> str:
        """Return the opaque id of an account."""
        return opaque_principal("account", account_id, self._key)


def credentials(keys: SigningKeys) -> Credentials[Caller]:
    """Return what reads callers out of requests."""
    tokens = keys.public().reader()
    return Credentials(
        lambda token: tokens.read(token, now_s=time.time()),
        unauthenticated=problems.UNAUTHENTICATED,
        forbidden=problems.FORBIDDEN,
    )


def ended(credentials: Credentials[Caller]) -> ProblemError:
    """Return the 401 of a token that is still good, of a session that has ended."""
    return credentials.refused(detail="This session has ended. Log in again.")


def address_of(scope: Scope) -> str:
    """Return the address that the gateway saw."""
    for name, value in scope["headers"]:
        if name == _FORWARDED:
            return str(value.decode("latin-1"))
    client = scope.get("client")
    return str(client[0]) if client else NOWHERE


def user_agent_of(request: Request, most: int = 200) -> str:
    """Return what a client calls itself, printable and short: people know their devices by it."""
    return "".join(filter(str.isprintable, request.headers.get("user-agent", "")))[:most]
