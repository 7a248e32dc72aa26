"""Customers: people who go through the whole life of a booking, and believe what they are told.

``locustfile`` takes this kind of user; ``make load`` announces halls for it and prints what it counts. Seats by name,
the best ones, places without numbers, offers, payment, extensions, giving back whole and in part. Some leave their
holds to end; some are impatient: they ask twice at once, or hang up and ask again. After each of these the booking must
be shown as its customer was told, and once more when the customer leaves.

Never asks for anything outside the two halls of its own, and owns a bounded number of bookings.
"""

import os
import random
from contextlib import suppress
from typing import Any, Final

import gevent
from locust import User, between, task
from locust.env import Environment

from frontrow_client import Best, Booking, Client, FrontrowError, Patience
from loadtest.counted import Counted
from loadtest.halls import SEATED, STANDING, Halls, seat_ids
from loadtest.told import Told

URL: Final = os.environ.get("FRONTROW_URL", "http://localhost:8080")
RUN: Final = os.environ.get("FRONTROW_LOAD_LIFE", "")
"""Which halls, see ``Halls.of_run``; without it there are no customers."""

MOST_OWNED: Final = 4
"""Whoever has more bookings gives the oldest back, so that the halls do not sell out in a long run."""
IMPATIENCE: Final = Patience(within_s=0.2, attempt_s=0.01, first_pause_s=0.005, longest_pause_s=0.01)
"""Hangs up long before a busy platform answers."""

WANTS_AN_OFFER: Final = 0.5
TAKES_AN_OFFER: Final = 0.7
EXTENDS_A_HOLD: Final = 0.2
PAYS: Final = 0.4
IS_DECLINED: Final = 0.25
GIVES_A_HOLD_BACK: Final = 0.15
GIVES_A_SEAT_BACK: Final = 0.2
"""How likely each is; whoever does nothing with a hold leaves it to end."""

ACCEPTED_CARDS: Final = ("tok_success", "tok_success", "tok_slow", "tok_webhook_twice", "tok_webhook_first")
DECLINED_CARD: Final = "tok_declined"
"""Payment tokens of the test provider."""

LOOK: Final = "look at one's booking"
_ROWS: Final = {section: seat_ids(section) for section in SEATED}
_WISHES: Final[tuple[dict[str, Any], ...]] = (
    {},
    {},
    {"section": "stalls"},
    {"max_price": 3_000},
    {"accessible": True},
)


class Customer(User):
    """One customer, with a user id and a memory of their own."""

    abstract = not RUN
    weight = 3
    host = URL
    wait_time = between(0.1, 0.6)

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._halls = Halls.of_run(int(RUN))
        self._user_id = f"life-{random.getrandbits(48):x}"
        self._asks = Counted(environment, self.host, self._user_id)
        self._owned: list[Told] = []

    def on_stop(self) -> None:
        """Hold every booking against what was told, those in hold when they must be over."""
        for told in self._owned:
            if told.is_held:
                self._asks.see_it_end("leave a hold to end", told)
            else:
                self._asks.look("still own what was told", told)
        self._asks.close()

    @task(4)
    def named(self) -> None:
        """Ask for seats by name, side by side; take what is offered instead of them, or do not."""
        row = random.choice(_ROWS[random.choice(SEATED)])
        first, count = random.randrange(len(row) - 3), random.randint(1, 3)
        seats, event_id = row[first : first + count], self._event_id()
        booking = self._asks.book("named seats", event_id, seats=seats, offer=_happens(WANTS_AN_OFFER))
        if booking is not None and booking.offer is not None and _happens(TAKES_AN_OFFER):
            self._own(self._asks.book("an offer", event_id, offer_id=booking.offer.offer_id))
        self._own(booking)

    @task(4)
    def best(self) -> None:
        """Ask for the best two to six seats, sometimes with a wish besides."""
        best = Best(count=random.randint(2, 6), **random.choice(_WISHES))
        self._own(self._asks.book("best seats", self._event_id(), best=best))

    @task(2)
    def standing(self) -> None:
        """Ask for places without numbers."""
        best = Best(count=random.randint(1, 4), section=STANDING)
        self._own(self._asks.book("places without numbers", self._event_id(), best=best))

    @task(1)
    def twice_at_once(self) -> None:
        """Send one request twice, the second while the first is under way: it is one booking."""
        name, key, event_id, best = "the same twice at once", _key(), self._event_id(), Best(count=2)
        asked = [gevent.spawn(self._asks.book, name, event_id, best=best, key=key) for _ in range(2)]
        told = [booking for booking in (one.get() for one in asked) if booking is not None]
        if len({booking.booking_id for booking in told}) > 1:
            self._asks.broken(name, f"two bookings under one key: {told}")
        self._own(told[0] if told else None)

    @task(1)
    def hung_up(self) -> None:
        """Hang up again and again, then ask once more with patience: it is one booking."""
        name, key, event_id, best = "hang up and ask again", _key(), self._event_id(), Best(count=2)
        heard: Booking | None = None
        with Client(self.host, user_id=self._user_id, patience=IMPATIENCE) as hasty, suppress(FrontrowError):
            # Whether it was accepted is not known: that is what hanging up is for.
            heard = hasty.book(event_id, best=best, key=key, wait_s=0)
        booking = self._asks.book(name, event_id, best=best, key=key)
        if heard is not None and booking is not None and heard.booking_id != booking.booking_id:
            self._asks.broken(name, f"{heard.booking_id} and {booking.booking_id} under one key")
        self._own(booking)

    def _own(self, booking: Booking | None) -> None:
        """Go on with a booking, and believe what is told of it."""
        if booking is None:
            return
        told = Told.by(booking)
        if told.is_held:
            told = self._with_hold(told)
        elif booking.has_seats and _happens(GIVES_A_SEAT_BACK):
            told = self._give_back("give one seat back", told, told.seat_ids[:1])
        self._asks.look(LOOK, told)
        if told.has_seats:
            self._owned.append(told)
        if len(self._owned) > MOST_OWNED:
            self._let_go(self._owned.pop(0))

    def _with_hold(self, told: Told) -> Told:
        if _happens(EXTENDS_A_HOLD):
            self._asks.extend("extend a hold", told.booking_id)
        if _happens(PAYS):
            if _happens(IS_DECLINED):
                return self._asks.pay("pay, declined", told, DECLINED_CARD, succeeds=False)
            return self._asks.pay("pay", told, random.choice(ACCEPTED_CARDS), succeeds=True)
        return self._give_back("give a hold back", told) if _happens(GIVES_A_HOLD_BACK) else told

    def _let_go(self, told: Told) -> None:
        if told.is_held:
            self._asks.see_it_end("leave a hold to end", told)
        else:
            self._asks.look(LOOK, self._give_back("give a booking back", told))

    def _give_back(self, name: str, told: Told, seats: tuple[str, ...] = ()) -> Told:
        done = self._asks.give_back(name, told.booking_id, seats)
        return told.given_back(seats) if done else told

    def _event_id(self) -> str:
        return random.choice((self._halls.at_once, self._halls.holding))


def _happens(likely: float) -> bool:
    return random.random() < likely


def _key() -> str:
    return f"{random.getrandbits(128):032x}"
