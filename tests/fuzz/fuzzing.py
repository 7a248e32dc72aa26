"""The fuzz itself: schemathesis makes requests from the document, good ones and bad ones, and everybody sends them.

``test_fuzz`` enters with a few of each call and a fixed seed, ``make fuzz`` with as many as there is time for. What is
asked about is there half of the time (an event, a booking, a webhook), since most of what is made up is 404. Every
answer must be one that the document has for the call, in its form, within three seconds, and none may be a 5xx: nothing
is hurt here, so that one would be a bug.
"""

import json
from typing import Any, Final

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.e2e.who_may import World
from tests.frontrow import CHECKOUT

DOCUMENT: Final = CHECKOUT / "gateway" / "static" / "openapi.json"
CALLERS: Final = ("nobody", "owner", "organiser", "operator")
ANSWER_WITHIN_S: Final = 5.0
"""Three, and a busy machine's share."""
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ENDS_THE_CALLERS_SESSION: Final = {"DELETE /api/accounts/me", "DELETE /api/sessions/current"}
"""Asked by nobody, or everybody's later calls would be."""


def _operations() -> dict[str, Any]:
    schema = schemathesis.openapi.from_dict(json.loads(DOCUMENT.read_bytes()))
    operations: list[Any] = [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]
    return {operation.label: operation for operation in operations}


OPERATIONS: Final = _operations()


class Fuzz:
    """Asks a running platform; ``known``: what fills a path or a body by its name."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._session = requests.Session()
        event_id = world.event_id
        booking_id = world.booking("owner", {})["booking_id"]
        self._known = {
            "event_id": event_id,
            "eventId": event_id,
            "section": "stalls",
            "booking_id": booking_id,
            "production_id": "the-long-night",
            "user_id": world.people["other"].user_id,
            "url": world.receiver.url,
        }
        self.asked = 0
        self.statuses: dict[int, int] = {}

    def close(self) -> None:
        self._session.close()

    def play(self, call: str, examples: int, number: int) -> None:
        """Send so many requests of one call; raises what schemathesis found, with the request as a command line."""

        @seed(number)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=_cases(call), caller=st.sampled_from(CALLERS), known=st.booleans())
        def ask(case: "Case[Any]", caller: str, *, known: bool) -> None:
            self._ask(case, "nobody" if call in ENDS_THE_CALLERS_SESSION else caller, known=known)

        ask()

    def _ask(self, case: "Case[Any]", caller: str, *, known: bool) -> None:
        if known and not case.operation.path.endswith("/stream"):  # a stream that is there does not end
            for values in (case.path_parameters, case.body):
                if isinstance(values, dict):
                    values.update({name: self._known[name] for name in values.keys() & self._known.keys()})
        case.headers.update(self._world.headers(caller))
        answer = case.call(
            base_url=self._world.frontrow.instance.gateway_url, session=self._session, timeout=ANSWER_WITHIN_S
        )
        self._session.cookies.clear()
        self.asked += 1
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        self._note(case, answer.status_code, answer.content)
        case.validate_response(answer, checks=CHECKS)

    def _note(self, case: "Case[Any]", status: int, content: bytes) -> None:
        """Remember what was accepted: each must have its outcome; and what was made that there is a limit of."""
        if status in (200, 202) and case.operation.path == "/api/book":
            self._world.frontrow.accepted.add(json.loads(content)["booking_id"])
        elif status == 202 and b'"command_id"' in content:
            self._world.frontrow.accepted.add(json.loads(content)["command_id"])
        elif status == 201 and case.operation.path == "/api/webhooks":
            self._world.made.append(f"/api/webhooks/{json.loads(content)['id']}")


def _cases(call: str) -> "st.SearchStrategy[Case[Any]]":
    operation = OPERATIONS[call]
    good: st.SearchStrategy[Case[Any]] = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    bad: st.SearchStrategy[Case[Any]] = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    try:
        bad.validate()
    except Unsatisfiable:
        return good
    return good | bad
