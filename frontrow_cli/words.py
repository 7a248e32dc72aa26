"""Words: every reason and every problem in a sentence, and what to do next. The one catalogue; pure.

Whatever prints a "no" enters here. A reason that a later Frontrow adds is shown as it came
(test: ``test_every_reason_and_problem_has_words``).
"""

from typing import Final, NamedTuple

from frontrow_client import (
    Booking,
    CommandOutcome,
    FieldError,
    FrontrowError,
    OutcomeUnknownError,
    ProblemError,
    UnauthenticatedError,
    UnreachableError,
)


class Words(NamedTuple):
    """What is so, and what to do next where there is something to do."""

    what: str
    next: str = ""

    def of(self, **facts: str) -> "Words":
        """Return the words with these facts in their places."""
        return Words(self.what.format_map(_Facts(facts)), self.next.format_map(_Facts(facts)))


class _Facts(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return name.upper()


_LOOK: Final = "See what is free: frontrow seats {event}"
_BEST: Final = "Let Frontrow choose: frontrow book {event} --best {count}"

REASONS: Final = {
    "seat_taken": Words("Somebody was faster: {conflicts} taken.", _BEST),
    "unknown_event": Words("There is no event {event}.", "See what there is: frontrow events"),
    "unknown_seat": Words("{event} has no such seat, or not all of them.", _LOOK),
    "not_enough_seats": Words("{event} has not so many free seats as you asked for.", _LOOK),
    "sale_not_open": Words("The sale of {event} has not begun.", "See when it does: frontrow seats {event}"),
    "sale_closed": Words("The sale of {event} is closed.", "See what else there is: frontrow events"),
    "limit_exceeded": Words(
        "That would be more seats than one person may have at {event}.",
        "Book fewer, or give some back: frontrow cancel BOOKING",
    ),
    "event_cancelled": Words("{event} was called off.", "What you paid is given back. Others: frontrow events"),
    "never_accepted": Words("The request never reached Frontrow in time; nothing was booked.", "Book again."),
    "unprocessable": Words("Frontrow could not read the request.", "This is a bug: tell whoever runs Frontrow."),
    "already_exists": Words("There is an event of this id already.", "Choose another event_id in the file."),
    "already_published": Words(
        "{event} has its seats and is on sale already.", "Its seats stay as they are; announce another event instead."
    ),
    "blocks_missing": Words("Not all seats of {event} arrived.", "Send the same file again."),
    "duplicate_seat": Words("{event} has one of these seats already.", "Announce an event without seats, and import."),
    "hold_expired": Words("The time to pay is over; the seats are free again.", "Book again: frontrow book {event}"),
    "by_customer": Words("You gave it back."),
    "by_organiser": Words("The organiser cancelled it.", "What you paid is given back."),
    "payment_declined": Words(
        "The payment was declined; nothing was charged.",
        "Pay in another way while the seats are held: frontrow pay {booking}",
    ),
    "payment_late": Words(
        "The payment came when the time was over; nothing was charged.", "Book again: frontrow book {event}"
    ),
    "unknown_booking": Words("There is no booking {booking}.", "See yours: frontrow mine"),
    "wrong_state": Words("That cannot be done with it as it is now.", "See how it is: frontrow booking {booking}"),
    "already_extended": Words("Its time was extended once already.", "Pay now: frontrow pay {booking}"),
    "forbidden": Words("That is not yours.", "Log in as whose it is: frontrow login"),
    "not_confirmed": Words("The booking is not paid for.", "Pay: frontrow pay {booking}"),
    "ticket_not_valid": Words("The ticket is not valid.", "See how its booking is: frontrow booking {booking}"),
    "already_checked_in": Words("Somebody came in with this seat already."),
}

PROBLEMS: Final = {
    "malformed-json": Words("The file is not the JSON that this takes.", "Mend it at the place named above."),
    "bad-request": Words("Frontrow cannot read the request.", "Look for odd characters in what you typed."),
    "unauthenticated": Words("You are not logged in, or your session is over.", "Log in: frontrow login"),
    "forbidden": Words("That is not yours.", "Log in as whose it is: frontrow login"),
    "not-found": Words("There is no such thing.", "See what there is: frontrow events, frontrow mine"),
    "method-not-allowed": Words("This Frontrow cannot do that.", "Is it older than this program? Ask whoever runs it."),
    "conflict": Words("That cannot be done with it as it is now.", "See how it is: frontrow booking BOOKING"),
    "payload-too-large": Words("The file is too large: 5 MB at most.", "Say rows by their count of seats."),
    "uri-too-long": Words("What you typed is too long.", "Give fewer or shorter arguments."),
    "unsupported-media-type": Words("Frontrow takes JSON and CSV.", "Name the file .json or .csv, as what it is."),
    "headers-too-large": Words("What you typed is too long.", "Give fewer or shorter arguments."),
    "invalid-request": Words("Frontrow does not take that.", "Change what is named above, then try again."),
    "idempotency-key-reused": Words(
        "The key of this request was used for another one.", "Try again: it gets a key of its own."
    ),
    "too-many-requests": Words("Too many requests from here.", "Wait a moment, then try again."),
    "log-unavailable": Words(
        "Frontrow takes no bookings right now; nothing was booked.", "Try again in a minute: frontrow status"
    ),
    "view-unavailable": Words(
        "Frontrow can show nothing right now; bookings may go on.", "Try again in a minute: frontrow status"
    ),
    "overloaded": Words("Frontrow is too busy right now; nothing was changed.", "Try again in a minute."),
    "internal": Words("Something went wrong at Frontrow's side.", "Tell whoever runs it, with the request id."),
    "outcome-unknown": Words(
        "The answer was lost: it may have been accepted.",
        "The same command again comes back to it, and never does it twice.",
    ),
}
UNREACHABLE: Final = Words(
    "Nobody answers at {url}; nothing was changed.",
    "Is the address right (--url, FRONTROW_URL)? Is it running (./start-services.sh status)?",
)
INTERRUPTED: Final = Words("Interrupted.")
INTERRUPTED_AMID_REQUEST: Final = Words(
    "Interrupted: the request may have been accepted.", "Come back to it, without a second one: {again}"
)
STATES: Final = {
    "pending": Words("Accepted; it is decided in a moment.", "frontrow booking {booking} --wait"),
    "held": Words("Held for you until {until} ({left}).", "Pay: frontrow pay {booking}"),
    "paying": Words("The payment is on its way.", "frontrow booking {booking} --wait"),
    "confirmed": Words("Yours.", "Give it back: frontrow cancel {booking}"),
    "rejected": Words("Not booked."),
    "failed": Words("Not booked."),
    "cancelled": Words("Given back."),
    "expired": Words("Not yours any more."),
}


def of_problem(error: FrontrowError, url: str) -> Words:
    """Return the words for what a call raised; Frontrow's own detail comes first where it says more."""
    if isinstance(error, OutcomeUnknownError):
        return PROBLEMS["outcome-unknown"]
    if isinstance(error, UnreachableError):
        return UNREACHABLE.of(url=url)
    if isinstance(error, ProblemError):
        known = PROBLEMS.get(error.slug)
        if known is None:
            return Words(
                error.detail or error.title or f"Something answered {error.status} that is not Frontrow.",
                UNREACHABLE.next,
            )
        # Of a session Frontrow says which call begins one; here a command does.
        told = known.what if isinstance(error, UnauthenticatedError) else error.detail or known.what
        return Words(told, known.next)
    return Words(str(error))


def of_field(error: FieldError) -> str:
    """Return what is wrong with a field, and in which line."""
    return f"{f'line {error.line}: ' if error.line is not None else ''}{error.field}: {error.message}"


def of_reason(reason: str | None, **facts: str) -> Words:
    """Return the words for why something was not done."""
    return REASONS.get(reason or "", Words(f"Frontrow says: {reason}" if reason else "")).of(**facts)


def of_booking(booking: Booking, event_id: str, count: int, **facts: str) -> Words:
    """Return the words for how a booking stands: its state, and its reason where it has one."""
    facts |= {
        "event": booking.event_id or event_id,
        "booking": booking.booking_id,
        "count": str(count),
        "conflicts": _are(booking.conflicts),
    }
    state = STATES.get(booking.status, Words(booking.status)).of(**facts)
    why = of_reason(booking.reason, **facts)
    said = f"{state.what} {why.what}".strip()
    return Words(said, state.next if booking.has_seats else why.next or state.next)


def of_command(outcome: CommandOutcome, done: str, **facts: str) -> Words:
    """Return the words for what became of a command."""
    if outcome.status == "done":
        return Words(done)
    if outcome.status == "pending":
        return Words("Accepted; it is decided in a moment.", "Look again in a moment: frontrow mine")
    return of_reason(outcome.reason, **facts)


def _are(seats: list[str]) -> str:
    return "" if not seats else f"{', '.join(seats)} {'is' if len(seats) == 1 else 'are'}"
