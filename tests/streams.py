"""Stream = view = ledger: what a stream's messages add up to is what the view shows, which the invariant checker
compares with the ledger. End-to-end and fault tests enter here."""  # noqa: D205, D209 - two

import json
from typing import Any

from loadtest.listeners import Folded, Listener, Listeners, Message
from tests.eventually import eventually
from tests.frontrow import Frontrow

RETRY_S = 0.3
"""Clients of tests come back sooner than they are asked to."""
AGREE_WITHIN_S = 20.0


def listen(frontrow: Frontrow, path: str, count: int, *, seed: int = 0) -> Listeners:
    """Return listeners at the gateway, not yet begun."""
    return Listeners(frontrow.instance.gateway_url, path, count, longest_retry_s=RETRY_S, seed=seed)


def agree_with_the_view(
    frontrow: Frontrow, event_id: str, listeners: Listeners, *, within_s: float = AGREE_WITHIN_S
) -> None:
    """Assert that every listener ends with the event's own page, and that none was ever shown anything backwards."""

    def agree() -> None:
        page: dict[str, Any] = frontrow.client.get(f"/api/events/{event_id}").json()
        seats = {seat["seat_id"]: seat["status"] for seat in page.pop("seats")}
        page.pop("description")  # streams say what lists say of an event
        known: dict[tuple[str, ...], Folded] = {}
        for listener in listeners.all:
            folded = _folded(listener, known)
            assert folded.seats == seats
            assert folded.event == page
            assert not folded.backwards

    eventually(agree, within_s=within_s)
    for name, told in Folded(listeners.all[0].heard).sections.items():
        section: dict[str, Any] = frontrow.client.get(f"/api/events/{event_id}/sections/{name}").json()
        assert told == {key: section[key] for key in told}


def seats_of(message: Message, status: str) -> list[str]:
    """Return the seats that a message says to have become this."""
    return list(json.loads(message.data)["seats"].get(status, []))


def _folded(listener: Listener, known: dict[tuple[str, ...], Folded]) -> Folded:
    """Fold what many have heard once."""
    heard = list(listener.heard)
    key = tuple(message.mark + message.name for message in heard)
    if key not in known:
        known[key] = Folded(heard)
    return known[key]
