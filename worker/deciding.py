"""Deciding: a log is folded, message by message, over what is known of halls and bookings. Pure.

The worker enters here with what its batch found in the ledger, ``audit``'s replay with nothing and the whole log; both
must come to the same. So nothing here may depend on where a batch was cut: a booking is known whether it was made a
message ago or in another batch, and a tick ends the same bookings in the same order (test:
``test_any_batching_of_a_log_gives_the_same_outcomes``).
"""

import heapq
from typing import Final, NamedTuple

from contracts.commands import BookingCommand, BookSeats, Command, StartPayment
from contracts.outcomes import EXPIRE, OFFER, BookingState, BookingStatus, Offer, PaymentStart, Reason, Status
from contracts.seat_status import AVAILABLE, BOOKED, HELD
from worker import life_cycle, rules
from worker.best_seats import equivalent
from worker.life_cycle import Booking, Effect, Step
from worker.rules import Decision, Hall, Unreadable

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

    def decide(self, command: Command | Unreadable, partition: int, log_time_ms: int) -> Decision | None:
        """Return what becomes of a command, and make it true; None when there is nothing to decide.

        The first message of an id counts: a repeated one finds its outcome there already.
        """
        command_id = command.command_id
        if command_id is None or command_id in self.decided:
            return None
        self.decided.add(command_id)
        if isinstance(command, BookingCommand):
            return rules.failure(command, log_time_ms) or self._step(command, partition, log_time_ms)
        hall = self.halls.get(command.event_id)
        if hall is None:
            hall = self.halls[command.event_id] = Hall()
        if isinstance(command, BookSeats) and command.offer_id is not None:
            decision = rules.failure(command, log_time_ms) or self._take(hall, command, partition)
        else:
            decision = rules.decide(hall, command, log_time_ms)
            rules.apply(hall, command, decision)
        if command.kind == _BOOK:
            return self._remember(command, decision, partition, log_time_ms)
        return decision

    def tick(self, partition: int, log_time_ms: int) -> list[tuple[Effect, Decision]]:
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
        choice = equivalent(rules.seating_of(hall), [(seat.block, seat.position) for seat in asked])
        if choice is None:
            return decision
        refused = _booking(command.command_id, request, hall.hold_seconds)
        offer = life_cycle.offered(refused, choice.seat_ids, log_time_ms)
        self.know(offer)
        changes = rules.changes_of(rules.seats_at(hall, choice), HELD)
        rules.change_seats(hall, choice.seat_ids, HELD, offer.booking_id)
        made = Decision(Status.DONE, changes=changes, booking=offer, moved=True, seat_ids=choice.seat_ids)
        return decision._replace(
            effects=((Effect(command.event_id, offer.booking_id, OFFER), made),),
            offer=Offer(offer.booking_id, choice.seat_ids, log_time_ms + life_cycle.OFFER_MS),
        )

    def _take(self, hall: Hall, command: BookSeats, partition: int) -> Decision:
        """Give an offer's seats to the one whom it was made to."""
        offer = self.bookings.get(command.offer_id or "")
        if offer is None or (offer.status, offer.event_id, offer.partition, offer.principal) != (
            BookingStatus.OFFERED,
            command.event_id,
            partition,
            command.principal,
        ):
            return Decision(Status.REJECTED, Reason.HOLD_EXPIRED)
        gone = life_cycle.taken(offer)
        self.know(gone)
        status, seat_status = (Status.HELD, HELD) if hall.hold_seconds else (Status.CONFIRMED, BOOKED)
        changes = rules.changes_of([hall.seats[seat_id] for seat_id in offer.seat_ids], seat_status)
        rules.change_seats(hall, offer.seat_ids, seat_status, command.command_id)
        given = Decision(Status.DONE, booking=gone, moved=True, seat_ids=offer.seat_ids)
        effects = ((Effect(command.event_id, offer.booking_id, OFFER), given),)
        return Decision(status, changes=changes, seat_ids=offer.seat_ids, effects=effects)

    def _step(self, command: BookingCommand, partition: int, log_time_ms: int) -> Decision:
        booking = self.bookings.get(command.booking_id)
        if booking is None and (request := self.requests.get(command.booking_id)) is not None:
            booking = _booking(command.booking_id, request)
        # Another partition's log says nothing of this one's: without this, the outcome would depend on who was first.
        if booking is None or booking.partition != partition:
            return Decision(Status.REFUSED, Reason.UNKNOWN_BOOKING)
        if isinstance(command, StartPayment):
            return self._start_payment(booking, command, log_time_ms)
        return self._make(booking, life_cycle.step(booking, command, log_time_ms, lambda: self._all_free(booking)))

    def _start_payment(self, booking: Booking, command: StartPayment, log_time_ms: int) -> Decision:
        """Start a payment, and fix what it costs; what is in two currencies cannot be paid."""
        step = life_cycle.step(booking, command, log_time_ms, lambda: self._all_free(booking))
        if step.status is not Status.DONE or step.booking is None:
            return self._make(booking, step)
        priced = rules.price_of(self.halls[booking.event_id], booking.seat_ids)
        if priced is None:
            return Decision(Status.REFUSED, Reason.UNPROCESSABLE, booking=booking)
        prices, currency = priced
        started = PaymentStart(step.booking.attempt, command.payment_token, currency, booking.seat_ids, prices)
        return self._make(booking, step)._replace(payment=started)

    def _all_free(self, booking: Booking) -> bool:
        seats = self.halls[booking.event_id].seats
        return all(seats[seat_id].status == AVAILABLE for seat_id in booking.seat_ids)

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
        changes = rules.changes_of(seats, step.seat_status)
        rules.change_seats(
            hall, step.seat_ids, step.seat_status, None if step.seat_status == AVAILABLE else before.booking_id
        )
        return Decision(step.status, step.reason, (), changes, step.booking, moved=True, seat_ids=step.seat_ids)


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
