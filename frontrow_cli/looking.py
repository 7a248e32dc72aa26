"""Looking: ``events``, ``productions`` and ``seats``.

Whoever looks for something enters here. Nothing is changed, and nobody needs a session.
"""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated, Final

import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from frontrow_cli import showing
from frontrow_cli.arguments import Cursor, EventId, Limit, Section
from frontrow_cli.drawing import Look, legend, section_lines
from frontrow_cli.seat_maps import SectionMap, section_map
from frontrow_cli.visit import Visit
from frontrow_client import Event, EventChange, EventSnapshot, LiveEvent, Message, StreamedSection
from frontrow_client import Section as SectionPage

MOST_SEATS_DRAWN: Final = 5_000
"""Of an event at once; a larger hall is listed by its sections, and drawn section by section."""
MOST_SECTIONS_DRAWN: Final = 20
"""One read each."""
LOOKS: Final = 4
LOOK_AGAIN_S: Final = 0.4
"""So often, and with such pauses, a section is read that the gateway may keep for a second."""
_Drawn = list[tuple[SectionPage, SectionMap]]


def events(
    visit: Visit,
    words: Annotated[list[str] | None, typer.Argument(metavar="WORDS", help="Words of its name.")] = None,
    kind: Annotated[str | None, typer.Option(help="concert, sports, theatre, movie, train or other.")] = None,
    place: Annotated[str | None, typer.Option(help="The town.")] = None,
    day: Annotated[str | None, typer.Option(help="The day at the venue: 2027-05-01.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="Not before this day.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Not after this day.")] = None,
    origin: Annotated[str | None, typer.Option(help="Trains from there.")] = None,
    destination: Annotated[str | None, typer.Option(help="Trains to there.")] = None,
    production: Annotated[str | None, typer.Option(help="Showings of this production.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> None:
    """Find events, by date."""
    asked = {
        "q": " ".join(words or []),
        "kind": kind,
        "place": place,
        "day": day,
        "from_": since,
        "to": until,
        "origin": origin,
        "destination": destination,
        "production_id": production,
        "cursor": cursor,
    }
    found = visit.client.events(**{name: value for name, value in asked.items() if value}, limit=limit)
    visit.show_said()
    if not found.items:
        visit.printer.show("No such events.")
        visit.printer.hint("See all: frontrow events")
        return
    visit.printer.show(showing.events_table(found, _now(), visit.printer.out.width))
    _more(visit, found.cursor)


def productions(
    visit: Visit,
    production: Annotated[
        str | None, typer.Argument(metavar="PRODUCTION", help="One of them, with its events.")
    ] = None,
    kind: Annotated[str | None, typer.Option(help="movie or train.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> None:
    """List movies with their showtimes and train lines with their services."""
    if production is not None:
        one = visit.client.production(production)
        visit.show_said()
        visit.printer.show(
            Text(one.name, style="bold"), showing.events_table(one.events, _now(), visit.printer.out.width)
        )
        return
    asked = {"kind": kind, "cursor": cursor}
    found = visit.client.productions(**{name: value for name, value in asked.items() if value}, limit=limit)
    visit.show_said()
    visit.printer.show(showing.productions_table(found))
    _more(visit, found.cursor)
    if found.items:
        visit.printer.hint(f"Its showings: frontrow productions {found.items[0].production_id}")


def seats(
    visit: Visit,
    event_id: EventId,
    section: Section = None,
    watch: Annotated[bool, typer.Option("--watch", help="Go on, and show what changes.")] = False,
) -> None:
    """Draw an event's seat map."""
    if visit.printer.as_json:
        if watch:
            _tell_on(visit, event_id)
        elif section is None:
            visit.client.event(event_id)
            visit.show_said()
        else:
            visit.client.section(event_id, section)
            visit.show_said()
        return
    event = visit.client.event(event_id)
    visit.printer.show(*showing.event_heading(event, _now()))
    drawn = sections_of(visit, event_id, section)
    if drawn is None:
        _list_sections(visit, event_id)
        return
    look = Look(visit.printer.out.width, visit.printer.unicode)
    if watch:
        _watch(visit, event, drawn, look)
        return
    statuses = {seat.seat_id: str(seat.status) for page, _ in drawn for seat in page.seats}
    visit.printer.show(*_sections(drawn, statuses, look))
    free = next((seat_id for seat_id, status in statuses.items() if status == "available"), None)
    if free is not None:
        visit.printer.hint(f"Book: frontrow book {event_id} {free}, or choose: frontrow pick {event_id}")


def sections_of(visit: Visit, event_id: str, only: str | None) -> _Drawn | None:
    """Return an event's sections as they are drawn; None when they are too many to draw at once."""
    if only is None:
        listed = visit.client.availability(event_id).sections
        if len(listed) > MOST_SECTIONS_DRAWN or sum(one.seats_total for one in listed) > MOST_SEATS_DRAWN:
            return None
        names = [one.section for one in listed]
    else:
        names = [only]
    pages = [visit.client.section(event_id, name) for name in names]
    return [(page, section_map(page.section, [seat.seat_id for seat in page.seats])) for page in pages]


def _list_sections(visit: Visit, event_id: str) -> None:
    listed = visit.client.availability(event_id).sections
    rows = ((one.section, "", one.seats_available, one.seats_total) for one in listed)
    visit.printer.show(showing.sections_table(rows, unicode=visit.printer.unicode))
    visit.printer.hint(f"Draw one: frontrow seats {event_id} --section {listed[0].section}")


def _sections(drawn: _Drawn, statuses: dict[str, str], look: Look) -> Iterator[RenderableType]:
    for page, section in drawn:
        free = sum(statuses.get(seat.seat_id) == "available" for seat in page.seats)
        counts = f"{free:,} of {len(page.seats):,} free" if page.seats else _counted(page)
        price = "" if page.price_minor is None and not page.prices else f" · {showing.prices(page)}"
        yield Text()
        yield Text(page.section, style="bold").append(f" · {counts}{price}", style="not bold")
        yield from section_lines(section, statuses, look)
    yield Text()
    yield legend(look)


def _counted(page: SectionPage) -> str:
    return f"{page.seats_available:,} of {page.seats_total:,} places free, without numbers"


def _watch(visit: Visit, event: Event, drawn: _Drawn, look: Look) -> None:
    """Draw anew with every change; in a pipe, a line for each.

    It begins with what was read, since a stream's first word may be that it has none yet.
    """
    statuses = {seat.seat_id: str(seat.status) for page, _ in drawn for seat in page.seats}
    live = LiveEvent(dict(statuses), facts=event.model_dump(exclude={"seats"}))
    console = visit.printer.out
    with closing(visit.client.follow_event(event.event_id)) as stream:
        if not console.is_terminal:
            began = False
            for message in stream:
                changed = _changed(visit, drawn, live, message, statuses)
                if message.name == "snapshot" and not began:
                    began = True
                    visit.printer.show(_left(live))
                    continue
                for seat_id, status in changed.items():
                    visit.printer.show(f"{seat_id} is {_WORD.get(status, status)} · {_left(live)}")
            return
        with Live(console=console, screen=True, auto_refresh=False) as screen:
            last = Text("Nothing has changed yet.", style="dim")
            for message in stream:
                changed = _changed(visit, drawn, live, message, statuses)
                if changed:
                    last = Text(", ".join(f"{seat} is {_WORD.get(now, now)}" for seat, now in changed.items()))
                state = Text(f"{live.facts.get('name', event.event_id)} · {_left(live)}", style="bold")
                note = last if live.fresh else Text("Not up to date: waiting for Frontrow…", style="yellow")
                ends = Text("Ctrl-C ends.", style="dim")
                screen.update(Group(state, note, ends, *_sections(drawn, statuses, look)), refresh=True)


def _changed(
    visit: Visit,
    drawn: _Drawn,
    live: LiveEvent,
    message: Message[EventSnapshot | EventChange],
    statuses: dict[str, str],
) -> dict[str, str]:
    """Take a message in; returns what became of the seats that are drawn, whose ``statuses`` are what is told now."""
    told = live.hear(message)
    if message.data is not None and message.data.seats is None:
        # A hall too big to list: it is told which sections changed, and those that are drawn are read.
        names = {page.section for page, _ in drawn}
        for section in message.data.sections:
            if section.section in names:
                told |= _read_again(visit, drawn[0][0].event_id, section)
    changed = {seat: status for seat, status in told.items() if statuses.get(seat, status) != status}
    statuses.update(changed)
    return changed


def _read_again(visit: Visit, event_id: str, told: StreamedSection) -> dict[str, str]:
    """Return a section's seats as the stream knows them; what is kept for a second at the gateway may be older."""
    page = visit.client.section(event_id, told.section)
    for _ in range(LOOKS - 1):
        if page.version >= told.version:
            break
        time.sleep(LOOK_AGAIN_S)
        page = visit.client.section(event_id, told.section)
    return {seat.seat_id: str(seat.status) for seat in page.seats}


_WORD: Final = {"available": "free", "booked": "taken"}


def _left(live: LiveEvent) -> str:
    return f"{live.facts.get('seats_available'):,} of {live.facts.get('seats_total'):,} free"


def _tell_on(visit: Visit, event_id: str) -> None:
    """Print each message as one line of JSON."""
    with closing(visit.client.follow_event(event_id)) as stream:
        for message in stream:
            data = json.loads(message.text) if message.data else message.text
            visit.printer.document({"message": message.name, "id": message.mark, "data": data})


def _more(visit: Visit, cursor: str | None) -> None:
    if cursor is not None:
        visit.printer.hint(f"There are more: the same command with --cursor {cursor}")


def _now() -> datetime:
    return datetime.now(UTC)
