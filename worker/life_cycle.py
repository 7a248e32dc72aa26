"""Life cycle: what becomes of a booking after its request was decided, as a pure function of it and the log's time.

``worker.deciding`` enters here. Nothing here knows seats but by name: a step says which seats the booking gives back or
takes, and as what; whether they are free to be taken is asked of the caller.

::

    held ──start──► paying ──authorised──► confirmed ──cancel──► cancelled
      │ ▲             │ │                     ▲
      │ └──declined───┘ │                     │ authorised late, and the seats are still free
      └──────tick───────┴──tick──► expired ───┘ (started late: paying)

``held`` and ``paying`` may be cancelled as well. Only a tick ends a hold or a payment, so an extension or a payment
that stands on the log before the tick that would end them is in time. A step that does not fit is refused and changes
nothing, with one exception: a payment that came too late is noted on the booking as ``payment_late``. People come in
with the seats of a confirmed booking, once a seat; who came in had what was paid for, so that seat is given back by the
organiser alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from contracts.commands import BookingCommand, CancelBooking, CheckIn, ExtendHold, SettlePayment, StartPayment
from contracts.ids import OFFER_PREFIX
from contracts.outcomes import BookingState, BookingStatus, Reason, SeatCheckIn, Status
from contracts.seat_status import AVAILABLE, BOOKED, HELD

PAYING_MS: Final = 60_000
"""How long an authorisation may keep the seats beyond the end of their hold."""

OFFER_MS: Final = 15_000
"""How long an offer waits to be taken."""

_LIVE: Final = frozenset({BookingStatus.HELD, BookingStatus.PAYING, BookingStatus.CONFIRMED, BookingStatus.OFFERED})
_AllFree = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Booking:
    """A booking. ``expires_at_ms``: the end of its hold; ``due_at_ms``: when a tick ends it as it stands now.

    ``seat_ids``: what it has, or had when it ended; ``attempt``: how many payments were started; ``check_ins``: who
    came in.
    """

    booking_id: str
    event_id: str
    partition: int
    principal: str | None
    hold_seconds: int
    status: BookingStatus
    reason: Reason | None
    seat_ids: tuple[str, ...]
    expires_at_ms: int | None = None
    due_at_ms: int | None = None
    extended: bool = False
    attempt: int = 0
    version: int = 1
    check_ins: tuple[SeatCheckIn, ...] = ()

    @property
    def state(self) -> BookingState:
        """What the view shows."""
        return BookingState(
            self.status, self.reason, self.seat_ids, self.due_at_ms, self.version, check_ins=self.check_ins
        )

    @property
    def has_seats(self) -> bool:
        """Whether its seats are its own."""
        return self.status in _LIVE


@dataclass(frozen=True, slots=True)
class Effect:
    """What a message did to a booking that it did not name: a tick ended it, a refused request got an offer."""

    event_id: str
    booking_id: str
    kind: str
    command_id: None = None


class Step(NamedTuple):
    """What a command does to a booking. ``booking`` is the next one, or None when nothing changes.

    ``seat_ids`` become ``seat_status`` (a character of ``contracts.seat_status``); taken ones were free before.
    """

    status: Status
    reason: Reason | None = None
    booking: Booking | None = None
    seat_ids: tuple[str, ...] = ()
    seat_status: str = AVAILABLE


def held(booking: Booking, now_ms: int) -> Booking:
    """Return a booking that was just made, held from now on."""
    until_ms = now_ms + booking.hold_seconds * 1000
    return replace(booking, status=BookingStatus.HELD, expires_at_ms=until_ms, due_at_ms=until_ms)


def offered(booking: Booking, seat_ids: tuple[str, ...], now_ms: int) -> Booking:
    """Return the offer of these seats to whoever made ``booking``, which was refused."""
    until_ms = now_ms + OFFER_MS
    return replace(
        booking,
        booking_id=f"{OFFER_PREFIX}{booking.booking_id[2:]}",
        status=BookingStatus.OFFERED,
        seat_ids=seat_ids,
        expires_at_ms=until_ms,
        due_at_ms=until_ms,
    )


def taken(offer: Booking) -> Booking:
    """Return an offer whose seats went to the booking that it was made for."""
    return _next(offer, BookingStatus.TAKEN)


def step(booking: Booking, command: BookingCommand, now_ms: int, all_free: _AllFree) -> Step:
    """Return what ``command`` does. ``all_free``: whether all seats that the booking had are free."""
    match command:
        case CancelBooking():
            return _cancel(booking, command)
        case ExtendHold():
            return _extend(booking, now_ms)
        case StartPayment():
            return _start(booking, now_ms, all_free)
        case SettlePayment():
            return _settle(booking, command, all_free)
        case CheckIn():
            return _check_in(booking, command, now_ms)
        case _:
            msg = f"no booking knows {type(command).__name__}"
            raise TypeError(msg)


def expire(booking: Booking) -> Step:
    """Return the end of a booking that is due."""
    ended = _next(booking, BookingStatus.EXPIRED, Reason.HOLD_EXPIRED)
    return Step(Status.DONE, None, ended, booking.seat_ids)


def call_off(booking: Booking) -> Step:
    """Return the end of a booking that has seats at an event that is cancelled."""
    ended = _next(booking, BookingStatus.CANCELLED, Reason.EVENT_CANCELLED)
    return Step(Status.DONE, None, ended, booking.seat_ids)


def _cancel(booking: Booking, command: CancelBooking) -> Step:
    if booking.status is BookingStatus.CANCELLED:
        return _DONE
    given_back = command.seat_ids or booking.seat_ids
    if not booking.has_seats:
        return _WRONG_STATE
    if (refusal := _not_given_back(booking, command, given_back)) is not None:
        return Step(Status.REFUSED, refusal)
    left = tuple(seat_id for seat_id in booking.seat_ids if seat_id not in given_back)
    if not left:
        reason = Reason.BY_CUSTOMER if command.by == "customer" else Reason.BY_ORGANISER
        return Step(Status.DONE, None, _next(booking, BookingStatus.CANCELLED, reason), booking.seat_ids)
    if booking.status is BookingStatus.PAYING:  # what is being authorised is the price of all of them
        return _WRONG_STATE
    fewer = replace(booking, seat_ids=left, version=booking.version + 1)
    return Step(Status.DONE, None, fewer, tuple(s for s in booking.seat_ids if s in given_back))


def _not_given_back(booking: Booking, command: CancelBooking, seat_ids: tuple[str, ...]) -> Reason | None:
    if not set(seat_ids) <= set(booking.seat_ids):
        return Reason.UNKNOWN_SEAT
    if command.by == "customer" and any(one.seat_id in seat_ids for one in booking.check_ins):
        return Reason.ALREADY_CHECKED_IN
    return None


def _extend(booking: Booking, now_ms: int) -> Step:
    if booking.status is not BookingStatus.HELD:
        return _WRONG_STATE
    if booking.extended:
        return Step(Status.REFUSED, Reason.ALREADY_EXTENDED)
    longer = held(booking, max(now_ms, (booking.expires_at_ms or 0) - booking.hold_seconds * 1000))
    return Step(Status.DONE, None, replace(longer, extended=True, version=booking.version + 1))


def _start(booking: Booking, now_ms: int, all_free: _AllFree) -> Step:
    if booking.status is BookingStatus.HELD:
        return Step(Status.DONE, None, _paying(booking, now_ms))
    if booking.status is not BookingStatus.EXPIRED:
        return _WRONG_STATE
    if all_free():
        return Step(Status.DONE, None, _paying(booking, now_ms), booking.seat_ids, HELD)
    noted = booking.reason is Reason.PAYMENT_LATE
    return Step(Status.REFUSED, Reason.PAYMENT_LATE, None if noted else _late(booking))


def _settle(booking: Booking, command: SettlePayment, all_free: _AllFree) -> Step:
    if command.attempt != booking.attempt:
        return _WRONG_STATE
    taken = Step(Status.DONE, None, _next(booking, BookingStatus.CONFIRMED), booking.seat_ids, BOOKED)
    match booking.status, command.result:
        case BookingStatus.PAYING, "authorised":
            done = taken
        case BookingStatus.PAYING, "declined":
            due_at_ms = booking.expires_at_ms
            done = Step(
                Status.DONE, None, _next(booking, BookingStatus.HELD, Reason.PAYMENT_DECLINED, due_at_ms=due_at_ms)
            )
        case BookingStatus.EXPIRED, "authorised" if booking.reason is not Reason.PAYMENT_LATE:
            done = taken if all_free() else Step(Status.DONE, None, _late(booking))
        case (BookingStatus.EXPIRED, _) | (BookingStatus.CONFIRMED, "authorised") | (BookingStatus.HELD, "declined"):
            done = _DONE  # said before, or without consequence by now
        case _:
            done = _WRONG_STATE
    return done


def _check_in(booking: Booking, command: CheckIn, now_ms: int) -> Step:
    if command.event_id != booking.event_id:
        return Step(Status.REFUSED, Reason.TICKET_NOT_VALID)
    if booking.status is not BookingStatus.CONFIRMED:
        return Step(Status.REFUSED, Reason.NOT_CONFIRMED)
    if command.seat_id not in booking.seat_ids:  # it was given back
        return Step(Status.REFUSED, Reason.TICKET_NOT_VALID)
    if any(one.seat_id == command.seat_id for one in booking.check_ins):
        return Step(Status.REFUSED, Reason.ALREADY_CHECKED_IN)
    came_in = SeatCheckIn(command.seat_id, now_ms, command.principal or "", command.gate)
    inside = replace(booking, check_ins=(*booking.check_ins, came_in), version=booking.version + 1)
    return Step(Status.DONE, None, inside)


def _paying(booking: Booking, now_ms: int) -> Booking:
    until_ms = max(booking.expires_at_ms or 0, now_ms + PAYING_MS)
    return replace(_next(booking, BookingStatus.PAYING, due_at_ms=until_ms), attempt=booking.attempt + 1)


def _late(booking: Booking) -> Booking:
    return _next(booking, BookingStatus.EXPIRED, Reason.PAYMENT_LATE)


def _next(
    booking: Booking, status: BookingStatus, reason: Reason | None = None, *, due_at_ms: int | None = None
) -> Booking:
    return replace(booking, status=status, reason=reason, due_at_ms=due_at_ms, version=booking.version + 1)


_DONE: Final = Step(Status.DONE)
_WRONG_STATE: Final = Step(Status.REFUSED, Reason.WRONG_STATE)
