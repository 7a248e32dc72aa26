"""A world of pure parts: the rules of worker, payments and provider, and everything that may go wrong between them.

Each method of ``World`` is one thing that can happen, in any order: a message is decided, a row is read, a step is
begun, a call arrives or its answer is lost, a webhook comes again, the process dies. What is on record (``payments``,
the provider's books, the log) survives; what is under way does not, though a call that was sent may still arrive.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from contracts.commands import BookingCommand, SettlePayment
from contracts.ids import settlement_id
from contracts.outcomes import BookingState, BookingStatus, Status
from payments.payment import Booking, Payment, heard, refused, seen, superseded, told
from payments.provider import Answer, IntentStatus
from payments.steps import Ask, Authorise, Capture, Refund, Rest, Step, Tell, Void, before, next_step
from test_provider import intents
from test_provider.intents import Intent, UnexpectedStateError
from test_provider.tokens import Behaviour
from tests.unit.worker.logs import NOW_MS, book, cancel, extend, on_sale, start
from worker.deciding import State
from worker.decisions import Decision

HOLD_S = 2
BOOKINGS = (10, 11)
SEATS_OF = {10: ("A1", "A2", "A3"), 11: ("B1", "B2")}

Key = tuple[str, int]


class Row(NamedTuple):
    """What the feed says of a decision."""

    command_id: str | None
    booking_id: str
    decision: Decision
    state: BookingState | None


class Call(NamedTuple):
    """A step on its way; ``payment`` is as it was when the step was begun."""

    key: Key
    step: Step
    payment: Payment


class Reply(NamedTuple):
    """What came of a call, on its way back."""

    key: Key
    answer: Answer | None


@dataclass
class World:
    """See the module. ``behaviours``: what the provider makes of each attempt, in order."""

    behaviours: list[Behaviour]
    now_ms: int = NOW_MS
    state: State = field(default_factory=State)
    log: list[BookingCommand] = field(default_factory=list)
    feed: list[Row] = field(default_factory=list)
    read: int = 0
    payments: dict[Key, Payment] = field(default_factory=dict)
    books: dict[str, Intent] = field(default_factory=dict)
    behaviour_of: dict[str, Behaviour] = field(default_factory=dict)
    refunds: set[str] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    webhooks: list[Intent] = field(default_factory=list)
    confirmed: set[Key] = field(default_factory=set)
    captures: list[str] = field(default_factory=list)
    numbers: int = 1_000

    def __post_init__(self) -> None:
        for command in on_sale(HOLD_S):
            self.state.decide(command, 0, self.now_ms)

    # ------------------------------------------------------------------------------------------- what customers do

    def book(self, number: int) -> None:
        command = book(number, *SEATS_OF[number])
        self._decide(command, None)

    def rival(self, number: int) -> None:
        """Let somebody else have a seat of a booking, where it is free."""
        self._decide(book(self._next(), SEATS_OF[number][0]), None)

    def start(self, number: int) -> None:
        self.log.append(start(self._next(), number))

    def cancel(self, number: int, seat: int) -> None:
        seats = SEATS_OF[number]
        self.log.append(cancel(self._next(), number, *([seats[seat % len(seats)]] if seat % 2 else [])))

    def extend(self, number: int) -> None:
        self.log.append(extend(self._next(), number))

    # ---------------------------------------------------------------------------------------- what the worker does

    def decide(self) -> None:
        """Decide the next message on the log."""
        if self.log:
            command = self.log.pop(0)
            self._decide(command, command.booking_id)

    def tick(self, ms: int) -> None:
        """Let time pass, and end what is due; commands on the log before the tick are decided before it."""
        while self.log:
            self.decide()
        self.now_ms += ms
        for effect, ended in self.state.tick(0, self.now_ms):
            self._note(None, effect.booking_id, ended)

    def _decide(self, command: Any, booking_id: str | None) -> None:  # noqa: ANN401 - any command
        decision = self.state.decide(command.model_copy(update={"keyed": True}), 0, self.now_ms)
        if decision is not None and booking_id is not None:
            self._note(command.command_id, booking_id, decision)

    def _note(self, command_id: str | None, booking_id: str, decision: Decision) -> None:
        booking = decision.booking
        state = booking.state if booking is not None and decision.moved else None
        if booking is not None and booking.status is BookingStatus.CONFIRMED:
            self.confirmed.add((booking_id, booking.attempt))
        self.feed.append(Row(command_id, booking_id, decision, state))

    # ------------------------------------------------------------------------------------------ what payments does

    def intake(self) -> None:
        """Take in the next row of the feed."""
        if self.read == len(self.feed):
            return
        row = self.feed[self.read]
        self.read += 1
        for key, payment in list(self.payments.items()):
            if key[0] == row.booking_id:
                self.payments[key] = self._taken_in(payment, row)
        started = row.decision.payment
        if started is not None and row.state is not None:
            for key, payment in list(self.payments.items()):
                if key[0] == row.booking_id:
                    self.payments[key] = superseded(payment, started.attempt)
            self.payments[row.booking_id, started.attempt] = Payment(
                row.booking_id,
                started.attempt,
                0,
                started.token,
                started.currency,
                started.seat_ids,
                started.prices,
                _booking(row.state),
            )

    def _taken_in(self, payment: Payment, row: Row) -> Payment:
        if row.state is not None:
            return seen(payment, _booking(row.state), self.now_ms)
        ours = payment.told and row.command_id == settlement_id(payment.booking_id, payment.attempt, payment.told)
        return refused(payment) if ours and row.decision.status is not Status.DONE else payment

    def begin(self, which: int) -> Step | None:
        """Begin the next step of a payment: it is on record, and the call is sent."""
        if not self.payments:
            return None
        key = sorted(self.payments)[which % len(self.payments)]
        step = next_step(self.payments[key], self.now_ms)
        self.payments[key] = before(self.payments[key], step)
        if not isinstance(step, Rest):
            self.calls.append(Call(key, step, self.payments[key]))
        return step

    def die(self) -> None:
        """Lose all that was on its way back to us; what was sent may still arrive."""
        self.replies.clear()

    def cut(self) -> None:
        """Let everything arrive, and lose every answer."""
        self.arrive_all()
        self.die()

    def lose(self, which: int) -> None:
        """Lose a call on its way."""
        if self.calls:
            self.calls.pop(which % len(self.calls))

    def hear(self, which: int) -> None:
        """Take in a reply."""
        if self.replies:
            key, answer = self.replies.pop(which % len(self.replies))
            payment = self.payments[key]
            self.payments[key] = told(payment) if answer is None else heard(payment, answer, self.now_ms)

    def hear_webhook(self, which: int) -> None:
        """Take in a webhook, whether new, old or heard before."""
        if self.webhooks:
            intent = self.webhooks[which % len(self.webhooks)]
            key = intent.metadata["booking_id"], int(intent.metadata["attempt"])
            self.payments[key] = heard(self.payments[key], _answer(intent), self.now_ms)

    # --------------------------------------------------------------- what the provider and the log make of it

    def arrive(self, which: int) -> None:
        """Let a call arrive, however old it is."""
        if not self.calls:
            return
        call = self.calls.pop(which % len(self.calls))
        if isinstance(call.step, Tell):
            self.log.append(_settlement(call.payment, call.step))
            self.replies.append(Reply(call.key, None))
        else:
            self.replies.append(Reply(call.key, _answer(self._asked(call))))

    def bank(self, which: int) -> None:
        """Let the bank say what it thinks of an intent that is processing."""
        processing = [key for key, intent in self.books.items() if intent.status == intents.PROCESSING]
        if processing:
            key = processing[which % len(processing)]
            self._keep(key, intents.decided(self.books[key], self.behaviour_of[key]))

    def _asked(self, call: Call) -> Intent:
        payment, key = call.payment, call.payment.key
        if isinstance(call.step, Authorise):
            if key not in self.books:
                behaviour = self.behaviours.pop(0) if self.behaviours else Behaviour()
                metadata = {"booking_id": payment.booking_id, "attempt": str(payment.attempt)}
                self.behaviour_of[key] = behaviour
                self._keep(key, intents.made(f"pi_{key}", payment.amount_minor, "eur", metadata, behaviour))
            return self.books[key]
        intent = self.books[key]
        try:
            match call.step:
                case Capture():
                    self._keep(key, intents.captured(intent))
                    assert call.key in self.confirmed, "captured for a booking that was never confirmed by it"
                    self.captures.append(key)
                case Void():
                    self._keep(key, intents.canceled(intent))
                case Refund(amount, total):
                    self._refund(f"{key}:refund:{total}", key, amount)
                case Ask():
                    pass
        except UnexpectedStateError as error:
            assert not isinstance(call.step, Refund), "more was to be refunded than was captured"
            return error.intent
        return self.books[key]

    def _refund(self, refund: str, key: str, amount: int) -> None:
        if refund not in self.refunds:
            self._keep(key, intents.refunded(self.books[key], amount))
            self.refunds.add(refund)

    def _keep(self, key: str, intent: Intent) -> None:
        if self.books.get(key) != intent:
            self.books[key] = intent
            if intents.notice_of(intent) is not None:
                self.webhooks.append(intent)

    # ----------------------------------------------------------------------------------------------------- the end

    def go_well(self) -> None:
        """Let each part do what it has to do once, without time."""
        for phase in (self.decide_all, self.read_all, self.begin_all, self.arrive_all, self.hear_all):
            phase()

    def decide_all(self) -> None:
        while self.log:
            self.decide()

    def read_all(self) -> None:
        while self.read < len(self.feed):
            self.intake()

    def begin_all(self) -> None:
        for n in range(len(self.payments)):
            self.begin(n)

    def arrive_all(self) -> None:
        while self.calls:
            self.arrive(0)

    def hear_all(self) -> None:
        while self.replies:
            self.hear(0)

    def settle(self) -> None:
        """Let everything that is under way come to its end, as it does while nothing fails."""
        for _ in range(40):
            self.go_well()
            self.bank(0)
            self.tick(20_000)

    def net_minor(self, booking_id: str) -> int:
        """Return what the provider has taken for a booking and not given back."""
        return sum(
            intent.amount_received - intent.amount_refunded
            for intent in self.books.values()
            if intent.metadata["booking_id"] == booking_id
        )

    def _next(self) -> int:
        self.numbers += 1
        return self.numbers


def _settlement(payment: Payment, step: Tell) -> SettlePayment:
    return SettlePayment(
        command_id=settlement_id(payment.booking_id, payment.attempt, step.result),
        booking_id=payment.booking_id,
        issued_at_ms=0,
        keyed=True,
        attempt=payment.attempt,
        result=step.result,
    )


def _booking(state: BookingState) -> Booking:
    return Booking(state.status, state.reason, state.seat_ids, state.version)


def _answer(intent: Intent) -> Answer:
    return Answer(intent.id, IntentStatus(intent.status), intent.amount_received, intent.amount_refunded)
