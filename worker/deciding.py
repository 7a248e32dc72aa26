"""Deciding: a log is folded, message by message, over what is known of halls and bookings. Pure.

The worker enters here with what its batch found in the ledger, ``audit``'s replay with nothing and the whole log; both
must come to the same. So nothing here may depend on where a batch was cut: a booking is known whether it was made a
message ago or in another batch, and a tick ends the same bookings in the same order (test:
``test_any_batching_of_a_log_gives_the_same_outcomes``).
"""

import heapq
from typing import Final, NamedTuple

from contracts.commands import (
    BookingCommand,
    BookSeats,
    CancelBooking,
    CancelEvent,
    CheckIn,
    Command,
    ExtendHold,
    SettlePayment,
    StartPayment,
)
from contracts.outcomes import (
    CALL_OFF,
    EXPIRE,
    OFFER,
    BookingState,
    BookingStatus,
    Offer,
    PaymentStart,
    Reason,
    Status,
)
from contracts.rights import acts_as
from contracts.seat_status import AVAILABLE, BOOKED, HELD
from worker import life_cycle, rules
from worker.best_seats import equivalent
from worker.decisions import Decision, Unreadable
from worker.hall import CANCELLED, Hall, bookings_in, change_seats, changes_of, seating_of, seats_at
from worker.life_cycle import Booking, Effect, Step
from worker.prices import price_of

EXPIRIES_PER_TICK: Final = 1_000
"""No message may stall a partition: what is due beyond these waits for the next tick, a second later."""

_BOOK: Final = "book_seats"


class Request(NamedTuple):
    """A booking request as it was decided, and nothing more has become of it."""

    partition: int
    event_id: str
    principal: str | None
    seat_ids: tuple[str, ...]
    status: Status


class State:
    """What is known: whoever decides a command must have put in what it names, as far as the ledger has it."""

    def __init__(self) -> None:
        self.halls: dict[str, Hall] = {}
        self.bookings: dict[str, Booking] = {}
        """Bookings that have a life: they were held, or something was done to them."""
        self.requests: dict[str, Request] = {}
        self.decided: set[str] = set()
        self._due: dict[int, list[tuple[int, str]]] = {}
        self._clearing: dict[int, set[str]] = {}

    def decide(self, command: Command | Unreadable, partition: int, log_time_ms: int) -> Decision | None:
        """Return what becomes of a command, and make it true; None when there is nothing to decide.

        The first message of an id counts: a repeated one finds its outcome there already.
        """
        command_id = command.command_id
        if command_id is None or command_id in self.decided:
            return None
        self.decided.add(command_id)
        # Nearly all are bookings: an exact type is told at once, and not after each of a union.
        if not isinstance(command, BookSeats) and isinstance(command, BookingCommand):
            return rules.failure(command, log_time_ms) or self._step(command, partition, log_time_ms)
        hall = self.halls.get(command.event_id)
        if hall is None:
            hall = self.halls[command.event_id] = Hall()
        if isinstance(command, BookSeats) and command.offer_id is not None:
            decision = rules.failure(command, log_time_ms) or self._take(hall, command, partition, log_time_ms)
        else:
            decision = rules.decide(hall, command, log_time_ms)
            rules.apply(hall, command, decision, log_time_ms)
        if command.kind == _BOOK:
            return self._remember(command, decision, partition, log_time_ms)
        if isinstance(command, CancelEvent) and hall.clearing is not None:
            self.clear(command.event_id, partition)
        return decision

    def tick(self, partition: int, log_time_ms: int) -> list[tuple[Effect, Decision]]:
        """End what is due on a partition, then the bookings in one block of an event that was cancelled."""
        return [*self._expire(partition, log_time_ms), *self._clear(partition)]

    def _expire(self, partition: int, log_time_ms: int) -> list[tuple[Effect, Decision]]:
        """End the bookings of a partition that are due, in order of time and id."""
        due = self._due.get(partition, [])
        ended: list[tuple[Effect, Decision]] = []
        while due and due[0][0] <= log_time_ms and len(ended) < EXPIRIES_PER_TICK:
            at_ms, booking_id = heapq.heappop(due)
            booking = self.bookings[booking_id]
            if booking.due_at_ms == at_ms:  # else something else became of it meanwhile
                expiry = Effect(booking.event_id, booking_id, EXPIRE)
                ended.append((expiry, self._make(booking, life_cycle.expire(booking))))
        return ended

    def _clear(self, partition: int) -> list[tuple[Effect, Decision]]:
        """End the bookings that have seats in the last block not yet cleared: a bounded step for an event of any size.

        Nothing is taken at a cancelled event, so a block that was cleared stays so.
        """
        waiting = self._clearing.get(partition)
        if not waiting:
            return []
        event_id = min(waiting)
        hall = self.halls[event_id]
        block = hall.clearing or 0
        ended = []
        for booking_id in bookings_in(hall, block):
            booking = self._known(booking_id)
            if booking is None:
                msg = f"{booking_id} has seats of {event_id} and is not known"
                raise ValueError(msg)
            effect = Effect(event_id, booking_id, CALL_OFF)
            ended.append((effect, self._make(booking, life_cycle.call_off(booking))))
        hall.clearing = block - 1 if block else None
        if hall.clearing is None:
            waiting.discard(event_id)
        return ended

    def clear(self, event_id: str, partition: int) -> None:
        """Take in an event whose bookings are to be ended by the partition's ticks."""
        self._clearing.setdefault(partition, set()).add(event_id)

    def know(self, booking: Booking) -> None:
        """Take in a booking that has a life."""
        self.bookings[booking.booking_id] = booking
        if booking.due_at_ms is not None:
            heapq.heappush(self._due.setdefault(booking.partition, []), (booking.due_at_ms, booking.booking_id))

    def _remember(
        self, command: Command | Unreadable, decision: Decision, partition: int, log_time_ms: int
    ) -> Decision:
        """Keep what later commands may ask of a booking request."""
        if not isinstance(command, BookSeats):
            self.requests[command.command_id or ""] = Request(partition, "", None, (), decision.status)
            return decision
        seat_ids = decision.seat_ids or command.seat_ids
        request = Request(partition, command.event_id, command.principal, seat_ids, decision.status)
        self.requests[command.command_id] = request
        if command.offer and decision.reason is Reason.SEAT_TAKEN:
            return self._offer(command, request, decision, log_time_ms)
        if decision.status is not Status.HELD:
            return decision
        hold_seconds = self.halls[command.event_id].hold_seconds
        booking = life_cycle.held(_booking(command.command_id, request, hold_seconds), log_time_ms)
        self.know(booking)
        return decision._replace(booking=booking, moved=True)

    def _offer(self, command: BookSeats, request: Request, decision: Decision, log_time_ms: int) -> Decision:
        """Hold other seats for whoever was refused, if there are any as good."""
        hall = self.halls[command.event_id]
        asked = [hall.seats[seat_id] for seat_id in command.seat_ids]
        if not hall.may_have(command.principal, len(asked)):
            return decision
        choice = equivalent(seating_of(hall), [(seat.block, seat.position) for seat in asked])
        if choice is None:
            return decision
        refused = _booking(command.command_id, request, hall.hold_seconds)
        offer = life_cycle.offered(refused, choice.seat_ids, log_time_ms)
        self.know(offer)
        changes = changes_of(seats_at(hall, choice), HELD)
        change_seats(hall, choice.seat_ids, HELD, offer.booking_id)
        hall.count(command.principal, len(choice.seat_ids))
        made = Decision(Status.DONE, changes=changes, booking=offer, moved=True, seat_ids=choice.seat_ids)
        return decision._replace(
            effects=((Effect(command.event_id, offer.booking_id, OFFER), made),),
            offer=Offer(offer.booking_id, choice.seat_ids, log_time_ms + life_cycle.OFFER_MS),
        )

    def _take(self, hall: Hall, command: BookSeats, partition: int, log_time_ms: int) -> Decision:
        """Give an offer's seats to the one whom it was made to."""
        offer = self.bookings.get(command.offer_id or "")
        if offer is None or (offer.status, offer.event_id, offer.partition, offer.principal) != (
            BookingStatus.OFFERED,
            command.event_id,
            partition,
            command.principal,
        ):
            return Decision(Status.REJECTED, Reason.HOLD_EXPIRED)
        refusal = rules.no_sale(hall, log_time_ms)
        if refusal is not None:
            return Decision(Status.REJECTED, refusal)
        gone = life_cycle.taken(offer)
        self.know(gone)
        status, seat_status = (Status.HELD, HELD) if hall.hold_seconds else (Status.CONFIRMED, BOOKED)
        changes = changes_of([hall.seats[seat_id] for seat_id in offer.seat_ids], seat_status)
        change_seats(hall, offer.seat_ids, seat_status, command.command_id)
        given = Decision(Status.DONE, booking=gone, moved=True, seat_ids=offer.seat_ids)
        effects = ((Effect(command.event_id, offer.booking_id, OFFER), given),)
        return Decision(status, changes=changes, seat_ids=offer.seat_ids, effects=effects)

    def _step(self, command: BookingCommand, partition: int, log_time_ms: int) -> Decision:
        booking = self._known(command.booking_id)
        # Another partition's log says nothing of this one's: without this, the outcome would depend on who was first.
        if booking is None or booking.partition != partition:
            return Decision(Status.REFUSED, Reason.UNKNOWN_BOOKING)
        hall = self.halls.get(booking.event_id)
        by = acts_as(command, booking.principal, hall.organiser if hall is not None else "")
        if by is None:
            return Decision(Status.REFUSED, Reason.FORBIDDEN, booking=booking)
        if self._is_cancelled(booking.event_id) and _goes_on(booking, command):
            return Decision(Status.REFUSED, Reason.EVENT_CANCELLED, booking=booking)
        if isinstance(command, CancelBooking):
            command = command.model_copy(update={"by": by})
        step = life_cycle.step(booking, command, log_time_ms, lambda: self._may_return(booking))
        if isinstance(command, StartPayment) and step.status is Status.DONE and step.booking is not None:
            return self._start_payment(booking, command, step)
        decision = self._make(booking, step)
        return decision._replace(seat_ids=(command.seat_id,)) if isinstance(command, CheckIn) else decision

    def _start_payment(self, booking: Booking, command: StartPayment, step: Step) -> Decision:
        """Fix what a payment costs as it starts; what is in two currencies cannot be paid."""
        attempt = step.booking.attempt if step.booking is not None else 0
        hall = self.halls[booking.event_id]
        priced = price_of(hall.prices, ((seat_id, hall.seats[seat_id].block) for seat_id in booking.seat_ids))
        if priced is None:
            return Decision(Status.REFUSED, Reason.UNPROCESSABLE, booking=booking)
        prices, currency = priced
        started = PaymentStart(attempt, command.payment_token, currency, booking.seat_ids, prices)
        return self._make(booking, step)._replace(payment=started)

    def _known(self, booking_id: str) -> Booking | None:
        booking = self.bookings.get(booking_id)
        if booking is None and (request := self.requests.get(booking_id)) is not None:
            booking = _booking(booking_id, request)
        return booking

    def _is_cancelled(self, event_id: str) -> bool:
        hall = self.halls.get(event_id)
        return hall is not None and hall.status == CANCELLED

    def _may_return(self, booking: Booking) -> bool:
        """Whether a booking that expired may have its seats again: the event is on, they are free and not too many."""
        hall = self.halls[booking.event_id]
        return (
            hall.status != CANCELLED
            and all(hall.seats[seat_id].status == AVAILABLE for seat_id in booking.seat_ids)
            and hall.may_have(booking.principal, len(booking.seat_ids))
        )

    def _make(self, before: Booking, step: Step) -> Decision:
        """Make a step true; a seat that is not in the state that it is to leave is a bug."""
        if step.booking is None:
            return Decision(step.status, step.reason, booking=before)
        if not step.seat_ids:
            self.know(step.booking)
            return Decision(step.status, step.reason, booking=step.booking, moved=True)
        hall = self.halls[before.event_id]
        seats = [hall.seats[seat_id] for seat_id in step.seat_ids]
        owner = before.booking_id if before.has_seats else None
        if any(seat.booking_id != owner for seat in seats):
            msg = f"{before.booking_id} does not have what it is to give, or what it is to take is not free"
            raise ValueError(msg)
        self.know(step.booking)
        changes = changes_of(seats, step.seat_status)
        change_seats(
            hall, step.seat_ids, step.seat_status, None if step.seat_status == AVAILABLE else before.booking_id
        )
        if step.seat_status == AVAILABLE:
            hall.count(before.principal, -len(step.seat_ids))
        elif owner is None:
            hall.count(before.principal, len(step.seat_ids))
        return Decision(step.status, step.reason, (), changes, step.booking, moved=True, seat_ids=step.seat_ids)


def _goes_on(booking: Booking, command: BookingCommand) -> bool:
    """Whether the command would bring a booking nearer to being used. That a payment came too late is said."""
    if isinstance(command, SettlePayment):
        return command.result == "authorised" and booking.status is BookingStatus.PAYING
    return isinstance(command, ExtendHold | StartPayment | CheckIn)


def _booking(booking_id: str, request: Request, hold_seconds: int = 0) -> Booking:
    status = BookingStatus(request.status.value)
    return Booking(
        booking_id, request.event_id, request.partition, request.principal, hold_seconds, status, None, request.seat_ids
    )


def state_of(decision: Decision, asked: tuple[str, ...]) -> BookingState | None:
    """Return what the feed says of the booking, where the outcome alone does not; ``asked``: the seats of a request."""
    if decision.offer is not None:
        return BookingState(BookingStatus.REJECTED, decision.reason, asked, None, 1, decision.offer)
    return decision.booking.state if decision.booking is not None and decision.moved else None
