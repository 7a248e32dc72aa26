"""The audience: many who hold an event's stream open while it is booked, and whether all end with what the view shows.

``make load`` and the tests enter here. The invariant checker compares the view with the ledger, so that after both
stream, view and ledger are one. It listens at the gateway of this machine alone.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from loadtest.listeners import Folded, Listeners, Message

AGREE_WITHIN_S: Final = 20.0
"""A stream that was cut comes back within its ``retry``, at most 5 s, and is told what it missed; then some margin."""
POLL_S: Final = 0.25
MOST_TOLD: Final = 5
"""What is wrong with one stream is mostly wrong with all of them."""

Page = dict[str, Any]


def disagreements(page: Page, heard: Sequence[Sequence[Message]]) -> list[str]:
    """Return in words how what each stream said differs from the event's page, which is as ``GET`` gave it."""
    seats = {seat["seat_id"]: seat["status"] for seat in page["seats"]}
    # Streams say what lists say of an event.
    event = {name: value for name, value in page.items() if name not in {"seats", "description"}}
    return list(_wrong(seats, event, heard))


def agree(read: Callable[[], Page], listeners: Listeners, *, within_s: float = AGREE_WITHIN_S) -> list[str]:
    """Return what ``disagreements`` are left once they had time to go; ``read`` gets the event's page."""
    until = time.monotonic() + within_s
    while (wrong := disagreements(read(), [one.heard for one in listeners.all])) and time.monotonic() < until:
        time.sleep(POLL_S)
    return wrong[:MOST_TOLD]


def _wrong(seats: dict[str, str], event: Page, heard: Sequence[Sequence[Message]]) -> Iterator[str]:
    known: dict[tuple[Message, ...], Folded] = {}
    for number, messages in enumerate(map(tuple, heard)):
        folded = known.get(messages) or known.setdefault(messages, Folded(messages))  # heard by many: added up once
        if folded.backwards:
            yield f"stream {number} was shown something backwards: {folded.backwards[:MOST_TOLD]}"
        if folded.seats != seats:
            differing = sorted(
                seat for seat in seats.keys() | folded.seats if seats.get(seat) != folded.seats.get(seat)
            )
            yield f"stream {number} ends with other seats than the page: {differing[:MOST_TOLD]}"
        elif folded.event != event:
            differing = sorted(
                name for name in event.keys() | folded.event if event.get(name) != folded.event.get(name)
            )
            yield f"stream {number} ends with another event than the page: {differing}"
