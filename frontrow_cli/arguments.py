"""Arguments: those that several commands take, and how a shell completes them.

The commands enter here. A completion asks Frontrow for a second at most and says nothing when it cannot.
"""

import os
from contextlib import suppress
from typing import Annotated, Final

import typer

from frontrow_cli.settings import Settings
from frontrow_cli.wishes import Wishes
from frontrow_client import Client, FrontrowError, Patience

_AT_ONCE: Final = Patience(within_s=1.0, attempt_s=1.0)
_MOST: Final = 100


def _events(begun: str) -> list[tuple[str, str]]:
    settings = Settings.from_environment(os.environ)
    with suppress(FrontrowError), Client(settings.url, patience=_AT_ONCE) as client:
        found = client.events(limit=_MOST)
        return [(event.event_id, event.name) for event in found if event.event_id.startswith(begun)]
    return []


def _bookings(begun: str) -> list[tuple[str, str]]:
    settings = Settings.from_environment(os.environ)
    known = Wishes(settings.state, url=settings.url).remembered()
    return [(booking_id, event_id) for booking_id, event_id in known if booking_id.startswith(begun)]


EventId = Annotated[str, typer.Argument(metavar="EVENT", help="The event's id.", autocompletion=_events)]
BookingId = Annotated[str, typer.Argument(metavar="BOOKING", help="The booking's id.", autocompletion=_bookings)]
Section = Annotated[str | None, typer.Option("--section", metavar="NAME", help="In this section.")]
Limit = Annotated[int, typer.Option("--limit", metavar="NUMBER", min=1, max=1000, help="At most so many.")]
Cursor = Annotated[str | None, typer.Option("--cursor", metavar="CURSOR", help="Go on where the list before ended.")]
