"""Calls: everything that one can ask of Frontrow, written once as steps for both clients.

``Client`` and ``AsyncClient`` enter here; ``asking`` carries each request. Every change gets an ``Idempotency-Key`` of
its own unless the caller names one, and keeps it however often it is sent. Every read names the highest position that
this client was told, so it shows at least as much; that passes the gateway's cache, so whoever only looks around does
it with a client that never books.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter

from frontrow_client.asking import Asking, read_in
from frontrow_client.attending import Attending
from frontrow_client.following import Following
from frontrow_client.memory import Memory, Tokens
from frontrow_client.models import (
    Account,
    Availability,
    Best,
    Booking,
    CommandOutcome,
    Event,
    EventSummary,
    Health,
    Page,
    Section,
)
from frontrow_client.organising import Organising
from frontrow_client.paging import cursor
from frontrow_client.patience import Settling
from frontrow_client.problems import UnreachableError, document_of, problem_of
from frontrow_client.steps import Call, Lost, Params, Pause, Request, Steps, send

M = TypeVar("M", bound=BaseModel)

WAIT_S: Final = 10.0
"""So long a change is waited for unless the caller says otherwise; a busy moment, not an outage."""
LONGEST_PREFER_S: Final = 2
"""An outcome is told to whoever waits with the request by a best effort, within milliseconds or not at all; after this
long the booking itself is waited for, which is sure."""
LONGEST_READ_WAIT_S: Final = 30
"""What one read may ask the other end to wait."""
FIRST_LOOK_S: Final = 0.05
SLOWEST_LOOK_S: Final = 0.5
"""Pauses between looks at a command, which nobody can wait for at the other end."""

_EVENTS: Final = TypeAdapter(tuple[EventSummary, ...])
_BOOKINGS: Final = TypeAdapter(tuple[Booking, ...])
_BOOKING: Final = TypeAdapter(Booking)
_COMMAND: Final = TypeAdapter(CommandOutcome)
_HEALTH: Final = TypeAdapter(Health)
_ACCOUNT: Final = TypeAdapter(Account)


def new_key() -> str:
    """Return a key that nobody else has."""
    return secrets.token_hex(16)


class Calls(Organising, Following, Attending):
    """The calls; ``user_id`` is whom bookings are for as long as there is no session."""

    def __init__(self, settling: Settling, memory: Memory, *, user_id: str | None, keys: Callable[[], str]) -> None:
        super().__init__(Asking(settling, memory, keys))
        self._user_id = user_id

    @property
    def tokens(self) -> Tokens | None:
        """The session's tokens, for whoever wants to keep them; ``None`` without a session."""
        return self._asking.memory.tokens

    @Call
    def events(self, /, **filters: str | int) -> Steps[Page[EventSummary]]:
        """Return events by date: ``q, kind, from_, to, cursor, limit`` choose."""
        answer = yield from self._asking.read("/api/events", _wire_names(filters))
        return Page(read_in(_EVENTS, answer), cursor(answer))

    @Call
    def event(self, event_id: str) -> Steps[Event]:
        """Return an event with its seats."""
        return (yield from self._read_as(Event, f"/api/events/{_name(event_id)}"))

    @Call
    def section(self, event_id: str, section: str) -> Steps[Section]:
        """Return one section with its seats."""
        return (yield from self._read_as(Section, f"/api/events/{_name(event_id)}/sections/{_name(section)}"))

    @Call
    def availability(self, event_id: str) -> Steps[Availability]:
        """Return what is free, in compact form."""
        return (yield from self._read_as(Availability, f"/api/events/{_name(event_id)}/availability"))

    @Call
    def book(  # noqa: PLR0913 - the wire's ways to say which seats, and for whom
        self,
        event_id: str,
        *,
        seats: Sequence[str] = (),
        best: Best | None = None,
        offer_id: str | None = None,
        offer: bool = False,
        user_id: str | None = None,
        wait_s: float = WAIT_S,
        key: str | None = None,
    ) -> Steps[Booking]:
        """Ask for ``seats``, for the ``best`` ones or for those of an offer, and return what became of it.

        A refusal is a booking too: ``rejected``, with a reason. ``offer``: it is to come with an offer of other seats.
        ``wait_s``: after so long the booking may still be ``pending``; 0 returns as soon as it is accepted.

        Raises:
            OutcomeUnknownError: it may have been accepted; the same call with its ``key`` settles it.
            FrontrowError: it was not accepted.
        """
        until = self._asking.clock() + wait_s
        for_whom = user_id or (None if self._asking.memory.tokens else self._user_id)
        asked = {
            "event_id": event_id,
            "user_id": for_whom,
            "seat_ids": list(seats) or None,
            "best": best.model_dump(exclude_none=True) if best else None,
            "offer_id": offer_id,
            "offer": offer or None,
        }
        body = {name: value for name, value in asked.items() if value is not None}
        prefer_s = min(int(wait_s), LONGEST_PREFER_S)
        headers = {"Prefer": f"wait={prefer_s}"} if prefer_s else {}
        request = Request("POST", "/api/book", headers=headers, json=body)
        answer = yield from self._asking.change(request, key=key, waits_s=prefer_s)
        booking = read_in(_BOOKING, answer)
        if booking.decided:
            return booking
        return (yield from self._decided(booking, until))

    @Call
    def booking(self, booking_id: str, *, wait_s: float = 0.0) -> Steps[Booking]:
        """Return a booking as it is now, or, at most ``wait_s`` later, as it was decided."""
        until = self._asking.clock() + wait_s
        booking = yield from self._read_as(Booking, f"/api/bookings/{_name(booking_id)}")
        return (yield from self._decided(booking, until))

    @Call
    def bookings(self, /, **filters: str | int) -> Steps[Page[Booking]]:
        """Return the session's own bookings, newest first: ``status, cursor, limit`` choose."""
        answer = yield from self._asking.read("/api/bookings", _wire_names(filters))
        return Page(read_in(_BOOKINGS, answer), cursor(answer))

    @Call
    def cancel(
        self, booking_id: str, *, seats: Sequence[str] = (), wait_s: float = WAIT_S, key: str | None = None
    ) -> Steps[CommandOutcome]:
        """Give a booking back, or only these of its ``seats``. Doing it twice is harmless."""
        params = {"seat_id": list(seats)} if seats else {}
        request = Request("DELETE", f"/api/bookings/{_name(booking_id)}", params)
        return (yield from self._command(request, wait_s, key))

    @Call
    def extend(self, booking_id: str, *, wait_s: float = WAIT_S, key: str | None = None) -> Steps[CommandOutcome]:
        """Let a booking's hold begin anew; once."""
        request = Request("POST", f"/api/bookings/{_name(booking_id)}/extension")
        return (yield from self._command(request, wait_s, key))

    @Call
    def pay(
        self, booking_id: str, payment_token: str, *, wait_s: float = WAIT_S, key: str | None = None
    ) -> Steps[CommandOutcome]:
        """Begin to pay for a held booking; ``done`` says that it is ``paying``, the booking says how that ends."""
        body = {"payment_token": payment_token}
        request = Request("POST", f"/api/bookings/{_name(booking_id)}/payment", json=body)
        return (yield from self._command(request, wait_s, key))

    @Call
    def command(self, command_id: str, *, wait_s: float = 0.0) -> Steps[CommandOutcome]:
        """Return what became of a command, or, at most ``wait_s`` later, that it is ``pending`` still."""
        return (yield from self._outcome(command_id, self._asking.clock() + wait_s))

    @Call
    def health(self) -> Steps[Health]:
        """Return whether bookings can be accepted, decided and shown; asked once, since "no" is an answer too."""
        reply = yield from send(Request("GET", "/health"))
        if isinstance(reply, Lost):
            raise UnreachableError(reply.why)
        if document_of(reply).get("type") is not None:
            raise problem_of(reply, self._asking.wall_clock())
        return read_in(_HEALTH, reply)

    @Call
    def register(self, user_id: str, password: str, display_name: str, *, email: str | None = None) -> Steps[Account]:
        """Make an account; ``email``: where a link goes when the password is forgotten."""
        body = {"user_id": user_id, "password": password, "display_name": display_name}
        if email is not None:
            body["email"] = email
        answer = yield from self._asking.change(Request("POST", "/api/accounts", json=body))
        return read_in(_ACCOUNT, answer)

    @Call
    def log_in(self, user_id: str, password: str) -> Steps[Tokens]:
        """Begin a session; from now on everything is asked in its name."""
        body = {"user_id": user_id, "password": password}
        answer = yield from self._asking.change(Request("POST", "/api/sessions", json=body))
        return self._asking.begin(answer)

    @Call
    def resume(self, tokens: Tokens) -> Steps[None]:
        """Go on with a session that was kept."""
        self._asking.memory.tokens = tokens
        yield from ()

    @Call
    def log_out(self) -> Steps[None]:
        """End the session."""
        yield from self._asking.change(Request("DELETE", "/api/sessions/current"))
        self._asking.memory.tokens = None

    @Call
    def me(self) -> Steps[Account]:
        """Return the session's account."""
        return (yield from self._read_as(Account, "/api/accounts/me"))

    @Call
    def erase_me(self) -> Steps[None]:
        """Erase the session's account, and end the session."""
        yield from self._asking.change(Request("DELETE", "/api/accounts/me"))
        self._asking.memory.tokens = None

    def _decided(self, booking: Booking, until: float) -> Steps[Booking]:
        """Return the booking once it is decided, or as it is when the time is over."""
        path = f"/api/bookings/{_name(booking.booking_id)}"
        while not booking.decided and (left_s := int(until - self._asking.clock())) > 0:
            wait_s = min(left_s, LONGEST_READ_WAIT_S)
            booking = yield from self._read_as(Booking, path, {"wait": wait_s}, waits_s=wait_s)
        return booking

    def _command(self, request: Request, wait_s: float, key: str | None) -> Steps[CommandOutcome]:
        until = self._asking.clock() + wait_s
        answer = yield from self._asking.change(request, key=key)
        accepted = read_in(_COMMAND, answer)
        if wait_s <= 0:
            return accepted
        return (yield from self._outcome(accepted.command_id, until))

    def _outcome(self, command_id: str, until: float) -> Steps[CommandOutcome]:
        look_s = FIRST_LOOK_S
        while True:
            outcome = yield from self._read_as(CommandOutcome, f"/api/commands/{_name(command_id)}")
            if outcome.decided or self._asking.clock() + look_s >= until:
                return outcome
            yield Pause(look_s)
            look_s = min(2 * look_s, SLOWEST_LOOK_S)

    def _read_as(self, kind: type[M], path: str, params: Params | None = None, *, waits_s: float = 0.0) -> Steps[M]:
        answer = yield from self._asking.read(path, params, waits_s=waits_s)
        return read_in(TypeAdapter(kind), answer)


def _wire_names(filters: Mapping[str, str | int]) -> Params:
    """Return filters by their names on the wire; ``from_`` is the one that is a word of Python's."""
    return {name.removesuffix("_"): value for name, value in filters.items()}


def _name(text: str) -> str:
    """Return an id as one segment of a path, whatever is in it."""
    return quote(text, safe="")
