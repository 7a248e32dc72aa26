"""Organising: ``event create``, ``import-seats``, ``sale open`` and ``sale close``.

Organisers enter here. A file is sent as it is, so what is wrong with it is told with its own lines.
"""

from pathlib import Path
from typing import Annotated, Final

import typer

from frontrow_cli.arguments import EventId
from frontrow_cli.exits import Exit
from frontrow_cli.visit import UsageError, Visit, read_file
from frontrow_cli.wishes import digest
from frontrow_client import EventAccepted

MOST_BYTES: Final = 5 * 1024 * 1024
"""What the API takes."""
DONE_WITHIN_S: Final = 120.0
"""A million seats are a thousand commands, a batch of the worker each."""
TYPES: Final = {".json": "application/json", ".csv": "text/csv"}
EXAMPLE: Final = """{
  "event_id": "spring-concert",
  "name": "Spring Concert",
  "date": "2027-05-01T19:00:00+02:00",
  "time_zone": "Europe/Vienna",
  "kind": "concert",
  "venue": "Riverside Hall",
  "place": "Vienna",
  "hold_seconds": 600,
  "sections": [
    {
      "section": "stalls", "price_minor": 4500, "currency": "EUR",
      "rows": [{"row": "A", "count": 20}, {"row": "B", "count": 20}]
    },
    {"section": "standing", "price_minor": 2500, "currency": "EUR", "places": 300}
  ]
}
"""
"""A file that ``event create`` takes (test: ``test_the_example_of_an_event_is_one``)."""


def create(
    visit: Visit,
    file: Annotated[Path | None, typer.Option("-f", "--file", help="The event, as JSON.")] = None,
    example: Annotated[bool, typer.Option("--example", help="Print such a file, to begin with.")] = False,
) -> Exit:
    """Announce an event, with its seats or without, from a file."""
    if example:
        visit.printer.out.print(EXAMPLE, end="", markup=False)
        return Exit.OK
    if file is None:
        msg = "Say which file: frontrow event create -f event.json. See what one looks like: --example"
        raise UsageError(msg)
    content = read_file(file, MOST_BYTES)
    with visit.wishes.asked(kind="event create", content=digest(content)) as wish:
        visit.again = f"frontrow event create -f {file}"
        with visit.printer.waiting("announcing"):
            made = visit.client.announce(content, key=wish.key)
    return _announced(visit, made)


def import_seats(
    visit: Visit,
    event_id: EventId,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The seat map, .json or .csv.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it has, or what is wrong.")] = False,
    publish: Annotated[bool, typer.Option(help="Put the event on sale then.")] = True,
) -> Exit:
    """Give an event that was announced without seats its seat map."""
    kind = TYPES.get(file.suffix.lower())
    if kind is None:
        msg = f"{file.name} is neither .json nor .csv, so it is not clear how to read it."
        raise UsageError(msg)
    content = read_file(file, MOST_BYTES)
    if dry_run:
        has = visit.client.check_seats(event_id, content, content_type=kind)
        visit.show_said()
        visit.printer.show(f"{file.name} is well: {has.seats:,} seats, sections: {has.sections}.")
        visit.printer.hint(f"Import it: frontrow import-seats {event_id} {file}")
        return Exit.OK
    what = {"event_id": event_id, "content": digest(content), "publish": publish}
    with visit.wishes.asked(kind="import-seats", **what) as wish:
        visit.again = f"frontrow import-seats {event_id} {file}"
        with visit.printer.waiting("importing"):
            made = visit.client.import_seats(event_id, content, content_type=kind, publish=publish, key=wish.key)
    return _announced(visit, made)


def sale_open(visit: Visit, event_id: EventId) -> Exit:
    """Take bookings from now on, whatever the sale times said."""
    return _sale(visit, event_id, opens=True)


def sale_close(visit: Visit, event_id: EventId) -> Exit:
    """Take no more bookings; those that there are stay."""
    return _sale(visit, event_id, opens=False)


def _sale(visit: Visit, event_id: str, *, opens: bool) -> Exit:
    with visit.wishes.asked(kind="sale", event_id=event_id, opens=opens) as wish:
        change = visit.client.open_sale if opens else visit.client.close_sale
        accepted = change(event_id, key=wish.key)
    outcome = visit.client.command(accepted.command_id, wait_s=DONE_WITHIN_S)
    done = f"The sale of {event_id} is {'open' if opens else 'closed'}."
    return visit.tell_command(outcome, done, event=event_id)


def _announced(visit: Visit, made: EventAccepted) -> Exit:
    """Follow what was announced until it is on sale, or was refused."""
    said = visit.said
    visit.again = None
    with visit.printer.waiting(f"putting {made.seats:,} seats of {made.event_id} on sale"):
        outcome = visit.client.command(made.command_id, wait_s=DONE_WITHIN_S)
    if outcome.status == "done":
        visit.printer.document(said)
        visit.printer.show(f"{made.event_id} is announced with {made.seats:,} seats.")
        hint = f"See it: frontrow seats {made.event_id}"
        visit.printer.hint(hint if made.seats else f"Give it seats: frontrow import-seats {made.event_id} seats.csv")
        return Exit.OK
    return visit.tell_command(outcome, "", event=made.event_id)
