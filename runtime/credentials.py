"""Credentials: what a request brings to show who sent it, as a token in ``Authorization`` or in a cookie.

An API enters with its reader of tokens and the problems that it answers with. A token that is presented and not good is
401, never a guest. A browser sends cookies along with what another site made it send, so a cookie counts for a request
that changes something only when the browser says that the request came from our own pages. The rule is that of Go's
``http.CrossOriginProtection``: ``Sec-Fetch-Site`` where it is there, else ``Origin`` against the host; who sends
neither is no browser. A token in a header cannot be sent by another site.
"""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

from starlette.requests import cookie_parser
from starlette.types import Scope

from runtime.problems import ProblemError, ProblemKind

C = TypeVar("C")

ACCESS_COOKIE: Final = "frontrow_access"

AUTHORIZATION: Final = b"authorization"
COOKIE: Final = b"cookie"
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITE: Final = frozenset({b"same-origin", b"none"})
_REALM: Final = 'Bearer realm="frontrow"'


class Credentials(Generic[C]):
    """Reads callers out of requests. ``read`` returns the caller whom a token names, or None when it is not good."""

    def __init__(
        self, read: Callable[[str], C | None], *, unauthenticated: ProblemKind, forbidden: ProblemKind
    ) -> None:
        self._read = read
        self._unauthenticated = unauthenticated
        self._forbidden = forbidden

    def optional(self, scope: Scope) -> C | None:
        """Return who asks, or None for somebody without a session.

        Raises:
            ProblemError: 401 for a token that is not good; 403 for a cookie that another site made a browser send.
        """
        given = _all(scope, AUTHORIZATION)
        if given:
            scheme, _, token = given[0].decode("latin-1").partition(" ")
            return self._caller(token.strip() if len(given) == 1 and scheme.lower() == "bearer" else "")
        token_in_cookie = cookie(scope, ACCESS_COOKIE)
        if token_in_cookie is None:
            return None
        self.check_origin(scope)
        return self._caller(token_in_cookie)

    def required(self, scope: Scope) -> C:
        """Return who asks; without a session it is 401."""
        caller = self.optional(scope)
        if caller is None:
            headers = {"WWW-Authenticate": _REALM}
            raise ProblemError(self._unauthenticated, "Log in first: POST /api/sessions.", headers=headers)
        return caller

    def check_origin(self, scope: Scope) -> None:
        """Raise 403 when a browser says that another site made it send a request that changes something."""
        if scope["method"] not in _SAFE_METHODS and not _from_own_site(scope):
            raise ProblemError(self._forbidden, "Another site made the browser send this; cookies do not count for it.")

    def refused(self, *, detail: str) -> ProblemError:
        """Return the 401 for credentials that are not good."""
        headers = {"WWW-Authenticate": f'{_REALM}, error="invalid_token"'}
        return ProblemError(self._unauthenticated, detail, headers=headers)

    def _caller(self, token: str) -> C:
        caller = self._read(token) if token else None
        if caller is None:
            raise self.refused(
                detail="The access token is not good, or no longer. Refresh the session, or log in again."
            )
        return caller


def presented(headers: dict[bytes, bytes]) -> bool:
    """Whether a request brings anything that says who sent it; all that a request without it pays for."""
    return AUTHORIZATION in headers or COOKIE in headers


def cookie(scope: Scope, name: str) -> str | None:
    """Return the cookie; empty when it is there more than once, since only one of them can be ours."""
    texts = [value.decode("latin-1") for value in _all(scope, COOKIE)]
    named = [part for text in texts for part in text.split(";") if part.partition("=")[0].strip() == name]
    if not named:
        return None
    return cookie_parser(named[0]).get(name, "") if len(named) == 1 else ""


def _all(scope: Scope, name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key == name]


def _from_own_site(scope: Scope) -> bool:
    headers: dict[bytes, bytes] = dict(scope["headers"])
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site in _OWN_SITE
    origin = headers.get(b"origin")
    if origin is None:
        return True
    # The gateway says what the client asked for: what it sends us as Host has no port.
    host = headers.get(b"x-forwarded-host") or headers.get(b"host", b"")
    return origin.partition(b"://")[2] == host
