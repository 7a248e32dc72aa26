"""Showing: events, bookings and health as tables and sentences for people. Pure.

The commands enter here with what the API said. Times are those of the venue; money is in the event's currency.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from frontrow_client import Booking, EventSummary, Health, Production, Section

_DECIMALS: Final = {
    **dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""Digits after the point of the currencies of ISO 4217 that have not two."""
FEW_LEFT: Final = 0.05
"""At most this share of the seats is "few left"."""
WIDE: Final = 120
"""From so many columns on there is room for all in one line."""
STATUS_STYLES: Final = {
    "confirmed": "green",
    "held": "yellow",
    "paying": "yellow",
    "pending": "yellow",
    "ok": "green",
    "on sale": "green",
    "few left": "yellow",
}


def decimals(currency: str) -> int:
    """Return how many digits a currency has after the point."""
    return _DECIMALS.get(currency, 2)


def money(minor: int | None, currency: str | None) -> str:
    """Return an amount as people write it."""
    if minor is None or currency is None:
        return "free"
    digits = decimals(currency)
    return f"{minor / 10**digits:,.{digits}f} {currency}"


def when(moment: datetime | None) -> str:
    """Return a moment by its own clock."""
    return "" if moment is None else f"{day(moment)}, {moment:%H:%M}"


def day(moment: datetime) -> str:
    """Return the day of a moment."""
    return f"{moment:%a} {moment.day} {moment:%b %Y}"


def sale(event: EventSummary, now: datetime) -> str:
    """Return in a word or two whether there is something to buy."""
    if event.status != "on_sale":
        return "called off" if event.status == "cancelled" else str(event.status)
    if event.on_sale_at is not None and now < event.on_sale_at:
        return f"from {when(event.on_sale_at.astimezone())}"
    if event.off_sale_at is not None and now >= event.off_sale_at:
        return "closed"
    if event.seats_available == 0:
        return "sold out"
    return "few left" if event.seats_available <= FEW_LEFT * event.seats_total else "on sale"


def table(*columns: str, right: Iterable[str] = ()) -> Table:
    """Return an empty table in the one form that all have."""
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for number, column in enumerate(columns):
        # The first column names what the line is about: it is copied, so it is never broken.
        made.add_column(column, justify="right" if column in right else "left", overflow="fold", no_wrap=number == 0)
    return made


def listing() -> Table:
    """Return an empty list of things that have a name and some lines each."""
    made = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    made.add_column(no_wrap=True, style="bold")
    made.add_column(overflow="fold")
    return made


def events_table(events: Iterable[EventSummary], now: datetime, width: int) -> Table:
    """Return events by date; in a narrow terminal each has two lines, and ids are never broken."""
    if width < WIDE:
        narrow = listing()
        for event in events:
            state = sale(event, now)
            head = Text(f"{_what(event)} · {event.seats_available:,} free")
            if state != "on sale":
                head = Text(f"{_what(event)} · ").append(styled(state))
            when_and_where = quiet(f"{when(event.local_date or event.date)} · {event.venue}")
            narrow.add_row(event.event_id, Group(head, when_and_where))
        return narrow
    made = table("event", "what", "when", "where", "free", "sale", right={"free"})
    for event in events:
        free = f"{event.seats_available:,} of {event.seats_total:,}"
        day = when(event.local_date or event.date)
        made.add_row(event.event_id, _what(event), day, event.venue, free, styled(sale(event, now)))
    return made


def event_heading(event: EventSummary, now: datetime) -> list[Text]:
    """Return what an event is, in two or three lines."""
    lines = [
        Text(_what(event), style="bold"),
        Text(f"{when(event.local_date or event.date)} · {event.venue}"),
        Text(f"{event.seats_available:,} of {event.seats_total:,} free · ").append(styled(sale(event, now))),
    ]
    if event.hold_seconds:
        lines[-1].append(f" · seats are held for {duration(event.hold_seconds)} until they are paid for")
    return lines


def productions_table(productions: Iterable[Production]) -> Table:
    """Return movies and train lines."""
    made = table("production", "what", "kind", "events", "from", "to", right={"events"})
    # Days of UTC, since a production has no place of its own: its events have the hours.
    for one in productions:
        made.add_row(
            one.production_id,
            one.name or "",
            one.kind,
            str(one.events_total),
            day(one.first_date),
            day(one.last_date),
        )
    return made


def bookings_table(bookings: Iterable[Booking], width: int) -> Table:
    """Return bookings, the newest first; in a narrow terminal each has two lines."""
    if width < WIDE:
        narrow = listing()
        for booking in bookings:
            what = f"{booking.event_id or ''} · {seat_list(booking.seat_ids or [])}".strip(" ·")
            asked = f" · {_asked(booking)}" if booking.requested_at else ""
            narrow.add_row(styled(booking.status), Group(Text(what), quiet(booking.booking_id + asked)))
        return narrow
    made = table("booking", "event", "seats", "status", "asked")
    for booking in bookings:
        seats = seat_list(booking.seat_ids or [])
        made.add_row(booking.booking_id, booking.event_id or "", seats, styled(booking.status), _asked(booking))
    return made


def sections_table(sections: Iterable[tuple[str, str, int, int]], *, unicode: bool) -> Table:
    """Return sections as ``(name, price, free, total)``, each with a bar of what is taken."""
    made = table("section", "price", "free", "", right={"price", "free"})
    for name, price, free, total in sections:
        taken = 0 if not total else round(20 * (total - free) / total)
        full, empty = ("█", "░") if unicode else ("#", ".")
        made.add_row(name, price, f"{free:,} of {total:,}", Text(full * taken + empty * (20 - taken), style="dim"))
    return made


def prices(section: Section) -> str:
    """Return what seats of a section cost, by category where there are several."""
    if len(section.prices) > 1:
        return ", ".join(
            f"{one.category or 'standard'} {money(one.price_minor, section.currency)}" for one in section.prices
        )
    return money(section.price_minor, section.currency)


def health_table(health: Health) -> Table:
    """Return what works and what does not, and since when."""
    made = table("bookings are", "status", "since", "detail")
    for name, check in health.checks.items():
        detail = "; ".join([check.detail, *check.degraded]).strip("; ")
        made.add_row(name, styled(check.status), when(check.since.astimezone()), detail)
    return made


def seat_list(seats: Sequence[str]) -> str:
    """Return seats in a line."""
    return ", ".join(seats)


def duration(seconds: float) -> str:
    """Return a time as minutes and seconds."""
    whole = max(0, int(seconds))
    return f"{whole // 60}:{whole % 60:02} min" if whole >= 60 else f"{whole} s"  # noqa: PLR2004 - a minute


def _asked(booking: Booking) -> str:
    return when(booking.requested_at.astimezone()) if booking.requested_at else ""


def _what(event: EventSummary) -> str:
    if event.origin and event.destination:
        return f"{event.name}: {event.origin} to {event.destination}"
    return event.name


def styled(word: str, text: str = "") -> Text:
    """Return a state in its colour, or a text in the colour of that state."""
    return Text(text or word, style=STATUS_STYLES.get(word, "red"))


def quiet(text: str) -> Text:
    """Return what is there for whoever needs it."""
    return Text(text, style="dim")
