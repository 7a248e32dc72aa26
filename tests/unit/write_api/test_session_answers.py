"""Cookies: out of reach of scripts, of other sites' forms, and of plain HTTP where there is TLS."""

import pytest
from starlette.responses import Response

from write_api.session_answers import SessionCookies


def _cookies(response: Response) -> list[list[str]]:
    return [
        [part.strip() for part in value.decode().split(";")]
        for name, value in response.raw_headers
        if name == b"set-cookie"
    ]


@pytest.mark.parametrize("secure", [False, True])
def test_no_script_and_no_other_site_gets_at_a_cookie_and_by_tls_alone_where_there_is_tls(*, secure: bool) -> None:
    cookies = SessionCookies(secure=secure)
    for response in (cookies.give(Response(), "access", "refresh"), cookies.take(Response())):
        set_here = _cookies(response)
        assert [cookie[0].partition("=")[0] for cookie in set_here] == ["frontrow_access", "frontrow_refresh"]
        for cookie in set_here:
            assert "HttpOnly" in cookie
            assert "SameSite=lax" in cookie
            assert ("Secure" in cookie) is secure
            assert not [part for part in cookie if part.startswith("Domain")], "no other host below ours gets it"


def test_only_the_calls_about_sessions_get_the_refresh_token() -> None:
    access, refresh = _cookies(SessionCookies(secure=True).give(Response(), "access", "refresh"))
    assert "Path=/api" in access
    assert "Path=/api/sessions" in refresh
