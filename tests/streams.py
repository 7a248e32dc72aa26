"""Stream = view = ledger: what a stream's messages add up to is what the view shows, which the invariant checker
compares with the ledger. End-to-end and fault tests enter here."""  # noqa: D205, D209 - two

import json
from typing import Any

from loadtest.audience import AGREE_WITHIN_S, agree
from loadtest.listeners import Folded, Listeners, Message
from tests.eventually import eventually
from tests.frontrow import Frontrow

RETRY_S = 0.3
"""Clients of tests come back sooner than they are asked to."""


def listen(frontrow: Frontrow, path: str, count: int, *, seed: int = 0) -> Listeners:
    """Return listeners at the gateway, not yet begun."""
    return Listeners(frontrow.instance.gateway_url, path, count, longest_retry_s=RETRY_S, seed=seed)


def agree_with_the_view(
    frontrow: Frontrow, event_id: str, listeners: Listeners, *, within_s: float = AGREE_WITHIN_S
) -> None:
    """Assert that every listener ends with the event's own page, and that none was ever shown anything backwards."""

    def page() -> dict[str, Any]:
        shown: dict[str, Any] = frontrow.client.get(f"/api/events/{event_id}").json()
        return shown

    def sections() -> None:
        for name, told in Folded(listeners.all[0].heard).sections.items():
            section: dict[str, Any] = frontrow.client.get(f"/api/events/{event_id}/sections/{name}").json()
            assert told == {key: section[key] for key in told}

    assert agree(page, listeners, within_s=within_s) == []
    eventually(sections, within_s=within_s)  # a section is read later than the page, and may show more by then


def seats_of(message: Message, status: str) -> list[str]:
    """Return the seats that a message says to have become this."""
    return list(json.loads(message.data)["seats"].get(status, []))
