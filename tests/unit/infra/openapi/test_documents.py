"""The committed documents are what the services say now, and they say everything."""

import json
import re
from html.parser import HTMLParser
from typing import Any, Final

import pytest

from contracts import problems
from infra.openapi import build
from infra.openapi.document import ConflictError, merge

WRITTEN: Final = {name: (build.STATIC / name).read_text() for name in ("openapi.json", "docs.html", "docs.css")}
DOCUMENT: Final[dict[str, Any]] = json.loads(WRITTEN["openapi.json"])

CALLS: Final = {
    ("post", "/api/book", "200"),
    ("post", "/api/book", "202"),
    ("get", "/api/bookings", "200"),
    ("get", "/api/bookings/{booking_id}", "200"),
    ("delete", "/api/bookings/{booking_id}", "202"),
    ("post", "/api/bookings/{booking_id}/extension", "202"),
    ("post", "/api/bookings/{booking_id}/payment", "202"),
    ("get", "/api/commands/{command_id}", "200"),
    ("post", "/api/accounts", "201"),
    ("get", "/api/accounts/me", "200"),
    ("delete", "/api/accounts/me", "204"),
    ("put", "/api/accounts/{user_id}/role", "200"),
    ("post", "/api/sessions", "201"),
    ("get", "/api/sessions", "200"),
    ("post", "/api/sessions/refresh", "200"),
    ("delete", "/api/sessions/current", "204"),
    ("delete", "/api/sessions/{session_id}", "204"),
    ("post", "/api/password-resets", "202"),
    ("post", "/api/password-resets/confirmation", "204"),
    ("get", "/api/events", "200"),
    ("get", "/api/events/{event_id}", "200"),
    ("get", "/api/events/{event_id}/sections/{section}", "200"),
    ("get", "/api/events/{event_id}/availability", "200"),
    ("get", "/api/events/{event_id}/layout", "200"),
    ("get", "/api/accounts/me/events", "200"),
    ("get", "/api/events/{event_id}/stream", "200"),
    ("get", "/api/bookings/{booking_id}/stream", "200"),
    ("get", "/api/bookings/{booking_id}/stream", "204"),
    ("get", "/health", "200"),
    ("get", "/api/audit", "200"),
    ("post", "/api/events", "202"),
    ("patch", "/api/events/{event_id}", "202"),
    ("post", "/api/events/{event_id}/seats", "202"),
    ("post", "/api/events/{event_id}/open", "202"),
    ("post", "/api/events/{event_id}/close", "202"),
    ("post", "/api/events/{event_id}/cancel", "202"),
    ("post", "/api/events/{event_id}/block", "202"),
    ("post", "/api/events/{event_id}/release", "202"),
    ("get", "/api/events/{event_id}/bookings", "200"),
    ("get", "/api/productions", "200"),
    ("get", "/api/productions/{production_id}", "200"),
    ("post", "/api/webhooks", "201"),
    ("get", "/api/webhooks", "200"),
    ("get", "/api/webhooks/{webhook_id}", "200"),
    ("delete", "/api/webhooks/{webhook_id}", "204"),
    ("post", "/api/webhooks/{webhook_id}/secret", "200"),
    ("post", "/api/webhooks/{webhook_id}/activation", "200"),
    ("post", "/api/webhooks/{webhook_id}/test", "202"),
    ("get", "/api/webhooks/{webhook_id}/deliveries", "200"),
    ("post", "/api/webhooks/{webhook_id}/deliveries/replay", "202"),
    ("post", "/api/webhooks/{webhook_id}/deliveries/{delivery_id}/replay", "202"),
    ("get", "/api/bookings/{booking_id}/ticket", "200"),
    ("get", "/api/bookings/{booking_id}/calendar", "200"),
    ("get", "/api/tickets/keys", "200"),
    ("post", "/api/events/{event_id}/check-ins", "200"),
    ("post", "/api/events/{event_id}/check-ins", "202"),
    ("get", "/api/events/{event_id}/sales", "200"),
    ("get", "/api/system", "200"),
    ("get", "/api/dead-letters", "200"),
    ("post", "/api/dead-letters/{letter_id}/replay", "202"),
    ("get", "/api/docs", "200"),
    ("get", "/api/openapi.json", "200"),
}
BY_BOOKING: Final = {
    problems.MALFORMED_JSON,
    problems.BAD_REQUEST,
    problems.METHOD_NOT_ALLOWED,
    problems.PAYLOAD_TOO_LARGE,
    problems.URI_TOO_LONG,
    problems.UNSUPPORTED_MEDIA_TYPE,
    problems.INVALID_REQUEST,
    problems.IDEMPOTENCY_KEY_REUSED,
    problems.UNAUTHENTICATED,
    problems.FORBIDDEN,
    problems.TOO_MANY_REQUESTS,
    problems.HEADERS_TOO_LARGE,
    problems.INTERNAL,
    problems.LOG_UNAVAILABLE,
    problems.OUTCOME_UNKNOWN,
    problems.OVERLOADED,
}
BY_VIEW: Final = {
    problems.NOT_FOUND,
    problems.BAD_REQUEST,
    problems.METHOD_NOT_ALLOWED,
    problems.URI_TOO_LONG,
    problems.INVALID_REQUEST,
    problems.TOO_MANY_REQUESTS,
    problems.HEADERS_TOO_LARGE,
    problems.INTERNAL,
    problems.VIEW_UNAVAILABLE,
}


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_the_committed_file_is_what_the_services_say_now(name: str) -> None:
    assert build.built()[name] == WRITTEN[name], "run: python -m infra.openapi.build"


def test_every_call_of_the_wire_is_there_and_no_other() -> None:
    described = {
        (method, path, status)
        for path, item in DOCUMENT["paths"].items()
        for method, operation in item.items()
        for status in operation["responses"]
        if status.startswith("2")
    }
    assert described == CALLS


@pytest.mark.parametrize(
    ("path", "method", "known"),
    [("/api/book", "post", BY_BOOKING), ("/api/events/{event_id}", "get", BY_VIEW)],
)
def test_a_call_names_every_problem_that_it_may_answer(path: str, method: str, known: set[problems.Problem]) -> None:
    responses = DOCUMENT["paths"][path][method]["responses"]
    named = {
        (int(status), slug)
        for status, response in responses.items()
        for slug in re.findall(r"`([a-z-]+)`", response["description"])
    }
    assert named == {(problem.status, problem.slug) for problem in known}
    for status, response in responses.items():
        if status >= "400":
            assert set(response["content"]) == {"application/problem+json"}


@pytest.mark.parametrize("path", ["/api/events/{event_id}/layout", "/api/audit", "/health"])
def test_what_the_gateway_keeps_or_has_in_memory_is_never_too_much(path: str) -> None:
    assert "`overloaded`" not in DOCUMENT["paths"][path]["get"]["responses"]["503"]["description"]


def test_what_operators_read_of_the_ledger_is_no_view() -> None:
    said = DOCUMENT["paths"]["/api/dead-letters"]["get"]["responses"]["503"]["description"]
    assert re.findall(r"`([a-z-]+)`", said) == ["overloaded"]


def test_every_answer_carries_the_request_id() -> None:
    for item in DOCUMENT["paths"].values():
        for operation in item.values():
            assert all("X-Request-Id" in response["headers"] for response in operation["responses"].values())


def test_every_reference_leads_somewhere() -> None:
    for reference in re.findall(r'"\$ref": "#/components/(\w+)/(\w+)"', WRITTEN["openapi.json"]):
        kind, name = reference
        assert name in DOCUMENT["components"][kind]


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for item in DOCUMENT["paths"].values() for operation in item.values()]
    assert len(set(names)) == len(names)


def test_two_services_cannot_mean_different_things_by_one_name() -> None:
    one: dict[str, Any] = {"paths": {}, "components": {"schemas": {"Seat": {"type": "object"}}}}
    other: dict[str, Any] = {"paths": {}, "components": {"schemas": {"Seat": {"type": "string"}}}}
    with pytest.raises(ConflictError, match="Seat"):
        merge([one, other], "1")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.beside: list[tuple[str | None, str | None]] = []
        self.forbidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag not in {"meta", "link", "img", "br"}:
            self.open.append(tag)
        if tag == "link":
            self.beside.append((known.get("rel"), known.get("href")))
        if tag in {"script", "style", "img", "iframe"} or "src" in known or "style" in known:
            self.forbidden.append(tag)
        self.ids.add(known.get("id") or "")
        if tag == "a":
            self.links.add(known.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_needs_nothing_but_the_style_beside_it() -> None:
    page = _Page()
    page.feed(WRITTEN["docs.html"])
    assert page.open == []
    assert page.forbidden == []
    assert page.beside == [("stylesheet", "/api/docs.css")]
    assert page.links == {f"#{name}" for name in page.ids if name not in {"", "top"}}
    assert "url(" not in WRITTEN["docs.css"]


def test_the_page_shows_every_path_and_every_problem() -> None:
    for path in DOCUMENT["paths"]:
        assert f"<code>{path}</code>" in WRITTEN["docs.html"]
    for problem in problems.ALL:
        assert problem.type in WRITTEN["docs.html"]


def test_whatever_may_be_asked_in_a_query_may_be_refused() -> None:
    calls = [call for path in DOCUMENT["paths"].values() for call in path.values()]
    asked = [call for call in calls if any(one.get("in") == "query" for one in call.get("parameters", ()))]
    assert asked
    assert [call["operationId"] for call in asked if "422" not in call["responses"]] == []
