"""Booking: ``book``, ``hold``, ``pay``, ``extend``, ``cancel``, ``mine`` and ``booking``.

Whoever wants seats enters here. What is asked is a wish first, on the disk (``wishes``), so that a command which was
killed, cut off or interrupted comes back to the same booking.
"""

import math
import shlex
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final, get_args

import typer

from frontrow_cli import showing, words
from frontrow_cli.arguments import BookingId, Cursor, EventId, Limit, Section
from frontrow_cli.exits import Exit, of_reason
from frontrow_cli.visit import UsageError, Visit
from frontrow_cli.wishes import digest
from frontrow_cli.words import Words
from frontrow_client import Best, Booking, NotFoundError

MOMENT_S: Final = 2.0
"""So long an outcome is waited for that nobody asked to wait for: it usually takes some milliseconds."""
PATIENT_S: Final = 60.0
"""With ``--wait``: longer than a restart of Frontrow takes."""
FOLLOW_PAYMENT_S: Final = 60.0
_UNSUCCESSFUL: Final = frozenset({"rejected", "failed", "expired"})
_STATUSES: Final[tuple[str, ...]] = get_args(Booking.model_fields["status"].annotation)
_LISTED: Final = tuple(status for status in _STATUSES if status != "pending")
"""What an account's list can be asked for: it has what is decided, and a guest's, which is this machine's, has all."""

Seats = Annotated[list[str] | None, typer.Argument(metavar="SEAT", help="Seats, all or none.")]
Wait = Annotated[
    bool | None,
    typer.Option("--wait/--no-wait", help="Until it is decided, or not a moment.", show_default=False),
]
BestCount = Annotated[
    int | None, typer.Option("--best", metavar="NUMBER", min=1, max=10, help="The best seats together, so many.")
]
MaxPrice = Annotated[
    str | None, typer.Option("--max-price", metavar="PRICE", help="For --best: at most so much a seat: 49.50")
]
Accessible = Annotated[bool, typer.Option("--accessible", help="For --best: seats for wheelchair users.")]
WithOffer = Annotated[bool, typer.Option("--offer", help="If they are taken, hold others for me.")]
Take = Annotated[str | None, typer.Option("--take", metavar="OFFER", help="Take the seats of an offer.")]
Resume = Annotated[bool, typer.Option("--resume", help="Come back to what was asked last and not answered.")]


def book(
    visit: Visit,
    event_id: Annotated[str | None, typer.Argument(metavar="EVENT", help="The event's id.")] = None,
    seats: Seats = None,
    best: BestCount = None,
    section: Section = None,
    max_price: MaxPrice = None,
    accessible: Accessible = False,
    offer: WithOffer = False,
    take: Take = None,
    wait: Wait = None,
    resume: Resume = False,
) -> Exit:
    """Book seats: these, the best ones, or those of an offer.

    A booking of an event that holds its seats is held until it is paid for: frontrow pay.
    """
    if resume:
        what = visit.wishes.latest("book")
        if what is None:
            visit.printer.show("Nothing that you asked for is without an answer.")
            visit.printer.hint("See your bookings: frontrow mine")
            return Exit.OK
        if what["who"] != visit.who:
            msg = f"It was asked for as {what['who']}, and you are {visit.who}: log in or out, or say --user, first."
            raise UsageError(msg)
        return ask(visit, what["event_id"], what["asked"], wait=wait)
    if event_id is None:
        msg = "Say which event: frontrow book EVENT SEAT... See what there is: frontrow events"
        raise UsageError(msg)
    asked = _asked(visit, event_id, seats or [], best, section, max_price, take, accessible=accessible, offer=offer)
    return ask(visit, event_id, asked, wait=wait)


def hold(
    visit: Visit,
    event_id: EventId,
    seats: Seats = None,
    best: BestCount = None,
    section: Section = None,
    max_price: MaxPrice = None,
    offer: WithOffer = False,
    wait: Wait = None,
) -> Exit:
    """Hold seats of an event that holds them, to pay for within the time it gives; never book them at once."""
    held_s = visit.client.event(event_id).hold_seconds
    if not held_s:
        msg = f"{event_id} books at once and holds nothing. Book: frontrow book {event_id} SEAT..."
        raise UsageError(msg)
    asked = _asked(visit, event_id, seats or [], best, section, max_price, None, accessible=False, offer=offer)
    return ask(visit, event_id, asked, wait=wait)


def pay(
    visit: Visit,
    booking_id: BookingId,
    token: Annotated[
        str | None, typer.Option("--token", help="From the payment provider; its test: tok_success, tok_declined.")
    ] = None,
) -> Exit:
    """Pay for a held booking, and follow the payment to its end."""
    if token is None:
        if not sys.stdin.isatty():
            msg = "Say what the payment provider gave you: --token TOKEN (the test provider takes tok_success)."
            raise UsageError(msg)
        token = str(typer.prompt("Token of the payment provider (the test provider takes tok_success)", err=True))
    visit.again = f"frontrow booking {booking_id}"
    # The token itself is not kept: another one is another wish, and a second payment beside a first one is refused.
    wished = visit.wishes.asked(kind="pay", booking_id=booking_id, token=digest(token.encode()))
    with wished as wish, visit.printer.waiting("paying"):
        outcome = visit.client.pay(booking_id, token, key=wish.key, wait_s=PATIENT_S)
    if outcome.status != "done":
        return visit.tell_command(outcome, "", booking=booking_id)
    booking = visit.client.booking(booking_id)
    if booking.status == "paying":
        with visit.printer.waiting("paying"):
            booking = _followed(visit, booking)
    visit.again = None
    return tell(visit, booking, "", 0)


def extend(visit: Visit, booking_id: BookingId) -> Exit:
    """Let a booking's time to pay begin anew; once."""
    with visit.wishes.asked(kind="extend", booking_id=booking_id) as wish:
        outcome = visit.client.extend(booking_id, key=wish.key, wait_s=PATIENT_S)
    if outcome.status != "done":
        return visit.tell_command(outcome, "", booking=booking_id)
    return tell(visit, visit.client.booking(booking_id), "", 0)


def cancel(
    visit: Visit,
    booking_id: BookingId,
    seats: Annotated[list[str] | None, typer.Option("--seat", help="Only this seat; again for others.")] = None,
) -> Exit:
    """Give a booking back, or some of its seats; what was paid for them is refunded."""
    visit.again = f"frontrow booking {booking_id}"
    with visit.wishes.asked(kind="cancel", booking_id=booking_id, seats=seats or []) as wish:
        outcome = visit.client.cancel(booking_id, seats=seats or [], key=wish.key, wait_s=PATIENT_S)
    visit.again = None
    given = f"{showing.seat_list(seats)} given back." if seats else "Given back."
    return visit.tell_command(outcome, given, booking=booking_id)


def mine(
    visit: Visit,
    status: Annotated[str | None, typer.Option(help="Only those that are so: confirmed, held, …")] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> None:
    """List your bookings: the session's, or without one those that were asked for on this machine."""
    is_guest = visit.session.user_id is None
    statuses = _STATUSES if is_guest else _LISTED
    if status is not None and status not in statuses:
        none = "No booking" if is_guest else "No booking in an account's list"
        msg = f"{none} is ever {status}: say {', '.join(statuses[:-1])} or {statuses[-1]}."
        raise UsageError(msg)
    if is_guest:
        _remembered(visit, status, limit)
        return
    asked = {"status": status, "cursor": cursor}
    page = visit.client.bookings(**{name: value for name, value in asked.items() if value}, limit=limit)
    visit.show_said()
    _list(visit, page.items)
    if page.cursor:
        visit.printer.hint(f"There are more: the same command with --cursor {page.cursor}")


def booking(visit: Visit, booking_id: BookingId, wait: Wait = None) -> Exit:
    """Show how a booking stands."""
    shown = visit.client.booking(booking_id)
    if wait and shown.status == "pending":
        with visit.printer.waiting("waiting for the outcome"):
            shown = visit.client.booking(booking_id, wait_s=PATIENT_S)
    if wait and shown.status == "paying":
        with visit.printer.waiting("paying"):
            shown = _followed(visit, shown)
    code = tell(visit, shown, "", 0, undecided=Exit.UNDECIDED)
    return code if wait else Exit.OK


def ask(visit: Visit, event_id: str, asked: dict[str, Any], *, wait: bool | None) -> Exit:
    """Ask for seats, under the key of the same wish where it has no answer yet, and tell what became of it."""
    wait_s = MOMENT_S if wait is None else PATIENT_S if wait else 0.0
    with visit.wishes.asked(kind="book", event_id=event_id, asked=asked) as wish:
        visit.again = "frontrow book --resume"
        if wish.came_back is not None:
            since = showing.when(datetime.fromtimestamp(wish.came_back, UTC).astimezone())
            visit.printer.note(f"You asked for this on {since} and got no answer: this is that booking, no second one.")
        with visit.printer.waiting("booking"):
            found = visit.client.book(
                event_id,
                seats=asked.get("seats", ()),
                best=Best(**asked["best"]) if "best" in asked else None,
                offer_id=asked.get("offer_id"),
                offer=asked.get("offer", False),
                wait_s=wait_s,
                key=wish.key,
            )
        visit.wishes.remember(found.booking_id, event_id)
    visit.again = f"frontrow booking {found.booking_id}"
    count = len(asked.get("seats", ())) or asked.get("best", {}).get("count", 1)
    return tell(visit, found, event_id, count, undecided=Exit.UNDECIDED if wait else Exit.OK)


def tell(visit: Visit, found: Booking, event_id: str, count: int, *, undecided: Exit = Exit.OK) -> Exit:
    """Tell how a booking stands; returns what that means to a script."""
    visit.show_said()
    printer = visit.printer
    left_s = 0.0
    until = ""
    if found.expires_at is not None:
        left_s = (found.expires_at - datetime.now(UTC)).total_seconds()
        until = f"{found.expires_at.astimezone():%H:%M:%S}"
    said = words.of_booking(found, event_id, count, until=until, left=showing.duration(left_s))
    seats = showing.seat_list(found.seat_ids or [])
    head = " · ".join(filter(None, [found.status, found.event_id or event_id, seats]))
    printer.show(showing.styled(found.status, head))
    printer.words(said if found.offer is None else Words(said.what))
    if found.offer is not None:
        offer_s = (found.offer.expires_at - datetime.now(UTC)).total_seconds()
        offered = showing.seat_list(found.offer.seat_ids)
        printer.words(
            Words(
                f"Held for you instead, for {showing.duration(offer_s)}: {offered}.",
                f"Take: frontrow book {found.event_id or event_id} --take {found.offer.offer_id}",
            )
        )
    printer.show(showing.quiet(f"booking {found.booking_id}"))
    if found.status == "pending":
        return undecided
    return of_reason(found.reason) if found.status in _UNSUCCESSFUL or found.reason == "payment_declined" else Exit.OK


def _asked(
    visit: Visit,
    event_id: str,
    seats: Sequence[str],
    best: int | None,
    section: str | None,
    max_price: str | None,
    take: str | None,
    *,
    accessible: bool,
    offer: bool,
) -> dict[str, Any]:
    """Return which seats are asked for.

    Raises:
        UsageError: none are, or in two ways.
    """
    ways = [bool(seats), best is not None, take is not None]
    if sum(ways) != 1:
        msg = (
            "Say which seats in one way: their ids, --best NUMBER, or --take OFFER. "
            f"See what is free: frontrow seats {shlex.quote(event_id)}"
        )
        raise UsageError(msg)
    if best is None and (section or max_price or accessible):
        msg = "--section, --max-price and --accessible go with --best."
        raise UsageError(msg)
    if take is not None:
        return {"offer_id": take}
    if best is None:
        return {"seats": list(seats)} | ({"offer": True} if offer else {})
    if offer:
        msg = "--offer is for seats that you name; --best finds others by itself."
        raise UsageError(msg)
    most = None if max_price is None else _minor(visit, event_id, max_price)
    wanted = {"count": best, "section": section, "max_price": most, "accessible": accessible or None}
    return {"best": {name: value for name, value in wanted.items() if value is not None}}


def _minor(visit: Visit, event_id: str, price: str) -> int:
    """Return a price in minor units of the event's currency."""
    names = [one.section for one in visit.client.availability(event_id).sections]
    pages = (visit.client.section(event_id, name) for name in names)
    currency = next((page.currency for page in pages if page.currency is not None), "EUR")
    try:
        minor = Decimal(price).scaleb(showing.decimals(currency))
    except InvalidOperation:
        minor = Decimal(-1)
    # nan and inf are numbers to Decimal, too.
    if not minor.is_finite() or minor < 0 or minor != minor.to_integral_value():
        msg = f"{price} is no price in {currency}: write 90 or 49.50."
        raise UsageError(msg)
    return int(minor)


def is_through(told: Booking | None, shown: Booking) -> bool:
    """Say whether a stream tells the end of a payment; what it tells first may be older than what was shown. Pure."""
    return told is not None and told.version > shown.version and told.status not in {"paying", "pending"}


def _followed(visit: Visit, shown: Booking) -> Booking:
    """Return a booking once it is paid for, or not, or as it is when the time is over.

    A line that is silent for all that time is no reason to say less: the booking is read all the same.
    """
    follow = visit.client.follow_booking
    with closing(follow(shown.booking_id, give_up_s=math.inf, within_s=FOLLOW_PAYMENT_S)) as stream:
        for message in stream:
            if is_through(message.data, shown):
                break
    return visit.client.booking(shown.booking_id)


def _remembered(visit: Visit, status: str | None, limit: int) -> None:
    found: list[Booking] = []
    documents = []
    for one in visit.wishes.remembered():
        if len(found) == limit:
            break
        try:
            shown = visit.client.booking(one.booking_id)
        except NotFoundError:
            continue  # another Frontrow answered at this address then
        if status is None or shown.status == status:
            found.append(shown)
            documents.append(visit.said)
    visit.printer.document(documents)
    _list(visit, found)
    visit.printer.hint("These are the guest's of this machine. An account keeps them everywhere: frontrow register")


def _list(visit: Visit, found: Sequence[Booking]) -> None:
    if not found:
        visit.printer.show("No bookings.")
        visit.printer.hint("Find something: frontrow events")
        return
    visit.printer.show(showing.bookings_table(found, visit.printer.out.width))
