"""Who asks is read from a header or a cookie; a token that is not good is 401, other sites' cookies do not count."""

import pytest

from contracts import problems
from runtime.credentials import Credentials, presented
from runtime.problems import ProblemError

credentials = Credentials[str](
    {"good": "anna"}.get, unauthenticated=problems.UNAUTHENTICATED, forbidden=problems.FORBIDDEN
)


def scope(method: str, *headers: tuple[str, str]) -> dict[str, object]:
    return {
        "type": "http",
        "method": method,
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
    }


def refusal(method: str, *headers: tuple[str, str]) -> ProblemError:
    with pytest.raises(ProblemError) as refused:
        credentials.optional(scope(method, *headers))
    return refused.value


@pytest.mark.parametrize("text", ["Bearer good", "bearer good", "Bearer  good "])
def test_a_good_token_in_the_header_says_who_asks(text: str) -> None:
    assert credentials.optional(scope("POST", ("Authorization", text))) == "anna"


@pytest.mark.parametrize("text", ["Bearer bad", "Bearer", "Bearer ", "", "Basic good", "good"])
def test_credentials_that_are_not_good_are_401_and_never_a_guest(text: str) -> None:
    error = refusal("GET", ("Authorization", text))
    assert error.kind is problems.UNAUTHENTICATED
    assert error.headers["WWW-Authenticate"].startswith("Bearer ")


def test_two_authorizations_are_none() -> None:
    error = refusal("GET", ("Authorization", "Bearer good"), ("Authorization", "Bearer good"))
    assert error.kind is problems.UNAUTHENTICATED


def test_the_header_counts_before_the_cookie() -> None:
    error = refusal("GET", ("Authorization", "Bearer bad"), ("Cookie", "frontrow_access=good"))
    assert error.kind is problems.UNAUTHENTICATED


def test_without_credentials_nobody_in_particular_asks() -> None:
    assert credentials.optional(scope("POST", ("Cookie", "theme=dark; x"))) is None
    with pytest.raises(ProblemError) as refused:
        credentials.required(scope("GET"))
    assert refused.value.kind is problems.UNAUTHENTICATED
    assert refused.value.headers["WWW-Authenticate"] == 'Bearer realm="frontrow"'


@pytest.mark.parametrize("text", ["frontrow_access=good", "a=b; frontrow_access=good; c=d", 'frontrow_access="good"'])
def test_a_good_token_in_the_cookie_says_who_asks(text: str) -> None:
    assert credentials.required(scope("GET", ("Cookie", text))) == "anna"


def test_a_cookie_that_is_there_twice_is_nobodys() -> None:
    twice = ("Cookie", "frontrow_access=good; frontrow_access=good")
    assert refusal("GET", twice).kind is problems.UNAUTHENTICATED
    apart = [("Cookie", "frontrow_access=good"), ("Cookie", "frontrow_access=good")]
    assert refusal("GET", *apart).kind is problems.UNAUTHENTICATED


COOKIE = ("Cookie", "frontrow_access=good")
HOST = ("X-Forwarded-Host", "tickets.example:8080")


@pytest.mark.parametrize(
    "headers",
    [
        [("Sec-Fetch-Site", "cross-site")],
        [("Sec-Fetch-Site", "same-site")],
        [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://tickets.example:8080"), HOST],
        [("Origin", "https://evil.example"), HOST],
        [("Origin", "http://tickets.example:9999"), HOST],
        [("Origin", "null"), HOST],
        [("Origin", ""), HOST],
        [("Origin", "http://["), HOST],
        [("Origin", "tickets.example:8080"), HOST],
        [("Origin", "https://tickets.example.evil:8080"), HOST],
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH", "PUT"])
def test_what_another_site_made_a_browser_send_changes_nothing(method: str, headers: list[tuple[str, str]]) -> None:
    assert refusal(method, COOKIE, *headers).kind is problems.FORBIDDEN
    assert credentials.optional(scope("GET", COOKIE, *headers)) == "anna"
    token = ("Authorization", "Bearer good")
    assert credentials.optional(scope(method, token, COOKIE, *headers)) == "anna"


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Sec-Fetch-Site", "same-origin")],
        [("Sec-Fetch-Site", "none")],
        [("Origin", "http://tickets.example:8080"), HOST],
        [("Origin", "http://tickets.example"), ("Host", "tickets.example")],
    ],
    ids=str,
)
def test_our_own_pages_and_programs_may_use_the_cookie(headers: list[tuple[str, str]]) -> None:
    assert credentials.optional(scope("POST", COOKIE, *headers)) == "anna"


def test_a_plain_request_brings_nothing() -> None:
    assert not presented({b"content-type": b"application/json"})
    assert presented({b"cookie": b"a=b"})
    assert presented({b"authorization": b""})
