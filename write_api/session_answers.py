"""Answers about people: never kept by anybody on the way, and with the cookies by which a browser stays logged in.

``accounts``, ``sessions`` and ``password_resets`` enter here.
"""

from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from runtime.credentials import ACCESS_COOKIE
from runtime.problems import request_id
from write_api.session_rows import LONGEST_S

REFRESH_COOKIE: Final = "frontrow_refresh"

_PATHS: Final = {ACCESS_COOKIE: "/api", REFRESH_COOKIE: "/api/sessions"}


def answer(request: Request, status: int, body: object = None) -> Response:
    """Return a private answer."""
    headers = {"Cache-Control": "no-store"}
    if given := request_id(request):
        headers["X-Request-Id"] = given
    content = orjson.dumps(body) if body is not None else b""
    return Response(content, status, headers, "application/json" if body is not None else None)


class SessionCookies:
    """Cookies that no script can read. ``secure``: they only travel by HTTPS."""

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure

    def give(self, response: Response, access: str, refresh: str) -> Response:
        """Set them.

        Both live as long as a session may: with an access token that is over a browser is told so (401) and refreshes;
        without one it would be taken for a guest.
        """
        for name, value in ((ACCESS_COOKIE, access), (REFRESH_COOKIE, refresh)):
            response.set_cookie(
                name, value, LONGEST_S, path=_PATHS[name], secure=self._secure, httponly=True, samesite="lax"
            )
        return response

    def take(self, response: Response) -> Response:
        """Take them away."""
        for name, path in _PATHS.items():
            response.delete_cookie(name, path, secure=self._secure, httponly=True, samesite="lax")
        return response
