"""Organisers as tests know them: with a session, and what they ask of their events."""

import uuid
from dataclasses import dataclass
from typing import Any

import httpx

from tests.eventually import eventually
from tests.frontrow import Document, Frontrow
from tests.people import Somebody, an_operator, an_organiser

ROWS = [{"row": "A", "count": 10}, {"row": "B", "count": 10}]
SECTION: Document = {"section": "stalls", "price_minor": 5000, "currency": "EUR", "rows": ROWS}
ABOUT: Document = {
    "name": "An evening",
    "date": "2027-05-01T19:00:00+02:00",
    "time_zone": "Europe/Vienna",
    "venue": "Riverside Hall",
}


@dataclass
class Organiser:
    """Somebody who organises, at the gateway."""

    frontrow: Frontrow
    somebody: Somebody

    @classmethod
    def of(cls, frontrow: Frontrow) -> "Organiser":
        return cls(frontrow, an_organiser(frontrow, an_operator(frontrow)))

    def post(self, path: str, json: object = None, **more: Any) -> httpx.Response:  # noqa: ANN401 - httpx' own options
        headers = {**self.somebody.headers, **more.pop("headers", {})}
        return self.frontrow.client.post(path, json=json, headers=headers, timeout=60, **more)

    def patch(self, path: str, json: object) -> httpx.Response:
        return self.frontrow.client.patch(path, json=json, headers=self.somebody.headers)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.frontrow.client.get(path, headers={**self.somebody.headers, **headers})

    def done(self, answer: httpx.Response, *, within_s: float = 40) -> Document:
        """Assert that a command was accepted and done, and return what was answered."""
        outcome = self.frontrow.command(answer, within_s=within_s)
        assert (outcome["status"], outcome["reason"]) == ("done", None), outcome
        return dict(answer.json())

    def refused(self, answer: httpx.Response) -> str | None:
        """Assert that a command was accepted and refused, and return why."""
        outcome = self.frontrow.command(answer)
        assert outcome["status"] == "refused", outcome
        return str(outcome["reason"])

    def new_event(self, **about: object) -> str:
        """Announce an event by the API and return its id once it is shown."""
        body = {**ABOUT, "event_id": a_name(), "sections": [SECTION], **about}
        made = self.done(self.post("/api/events", body))
        event_id = str(made["event_id"])
        if body.get("publish", True):
            eventually(lambda: self.shown(event_id))
        return event_id

    def shown(self, event_id: str) -> Document:
        """Return an event as it is shown now."""
        answer = self.frontrow.client.get(f"/api/events/{event_id}")
        assert answer.status_code == httpx.codes.OK, answer.text
        return dict(answer.json())


def a_name(prefix: str = "event") -> str:
    return f"{prefix}-{uuid.uuid4().hex[:12]}"
