"""The scenarios: people who look around, who book, who rush for one seat, and who go through all of a booking's life.

``locust -f loadtest/locustfile.py`` from the checkout shows them on Locust's web page; ``make load`` runs them
headless. They know the platform only by its published calls at the gateway, and send load to this machine alone.

Environment: ``FRONTROW_URL`` (default http://localhost:8080); ``FRONTROW_LOAD_EVENTS`` (comma separated ids; default:
every event that is on sale); ``FRONTROW_LOAD_LIFE`` (set by ``make load``, which announces the customers' halls).
"""

import logging
import os
import random
import time
from typing import Any, Final

import gevent
from gevent.lock import BoundedSemaphore
from locust import FastHttpUser, between, constant_throughput, events, task
from locust.env import Environment

from loadtest.customers import Customer
from loadtest.loopback import refuse_unless_loopback
from loadtest.names import ACCEPT, AVAILABILITY, FOLLOW, LIST, OUTCOME, SEAT_MAP
from loadtest.seats import Seats

URL: Final = os.environ.get("FRONTROW_URL", "http://localhost:8080")

OUTCOME_WITHIN_S: Final = 30.0
"""An accepted booking without an outcome after this long counts as lost."""
FIRST_POLL_S: Final = 0.05
SLOWEST_POLL_S: Final = 0.5
FEW_SEATS: Final = 2_000
"""Up to this size people look at the seat map; a bigger hall shows them its compact availability."""
RUSH_SLOT_S: Final = 5
LEARN_AGAIN_S: Final = 20.0

UNDECIDED: Final = ("pending",)

_log = logging.getLogger(__name__)
_seats: Final = Seats(random.Random())
_learning: Final = BoundedSemaphore(1)
_learned_at = -LEARN_AGAIN_S


def stay_on_this_machine(environment: Environment, **_: Any) -> None:  # noqa: ANN401 - locust's own arguments
    """End the test before it begins when it is aimed at another machine."""
    try:
        refuse_unless_loopback(environment.host or URL)
    except ValueError as refused:
        _log.error("%s", refused)
        if environment.runner is not None:
            environment.runner.quit()


__all__ = ["Booking", "Browsing", "Customer", "Rushing"]


events.test_start.add_listener(stay_on_this_machine)  # type: ignore[no-untyped-call]  # locust's own


class _Person(FastHttpUser):
    """Anybody at the gateway; knows how to look, to book and to follow a booking."""

    abstract = True
    host = URL
    connection_timeout = 5.0
    network_timeout = 15.0

    def on_start(self) -> None:
        self.user_id = f"load-{random.getrandbits(48):x}"
        self.learn()

    def learn(self) -> None:
        """Look at all seat maps, one person for all and not too often; they are the largest answers there are."""
        global _learned_at  # noqa: PLW0603 - one process, one picture of the halls
        with _learning:
            if time.monotonic() - _learned_at < LEARN_AGAIN_S or (_seats.known and not _seats.sold_out):
                return
            wanted = os.environ.get("FRONTROW_LOAD_EVENTS", "")
            for event_id in wanted.split(",") if wanted else [event["event_id"] for event in self.list_events()]:
                seats = self.look_at(event_id).get("seats") or []
                free = [seat["seat_id"] for seat in seats if seat["status"] == "available"]
                _seats.learn(event_id, [seat["seat_id"] for seat in seats], free)
            _learned_at = time.monotonic()

    def list_events(self) -> list[dict[str, Any]]:
        """Return the list of events."""
        return self._read("/api/events", LIST) or []

    def look_at(self, event_id: str) -> dict[str, Any]:
        """Return an event with its seats."""
        return self._read(f"/api/events/{event_id}", SEAT_MAP) or {}

    def book(self, event_id: str, seat_ids: list[str]) -> None:
        """Book these seats and follow the booking to its outcome."""
        clicked = time.monotonic()
        body = {"userId": self.user_id, "eventId": event_id, "seatIds": seat_ids}
        with self.client.post("/api/book", json=body, name=ACCEPT, catch_response=True) as answer:
            if answer.status_code != 202:  # noqa: PLR2004 - accepted
                answer.failure(f"{answer.status_code} {_problem(answer)}")
                return
            status_url = answer.json()["status_url"]
        self._follow(status_url, clicked)

    def _follow(self, status_url: str, clicked: float) -> None:
        wait = FIRST_POLL_S
        while time.monotonic() - clicked < OUTCOME_WITHIN_S:
            gevent.sleep(wait)
            wait = min(wait * 1.5, SLOWEST_POLL_S)
            booking = self._read(status_url, FOLLOW) or {"status": "pending"}
            if booking["status"] not in UNDECIDED:
                broken = "failed" if booking["status"] == "failed" else None
                self._outcome(clicked, booking["status"], f"{broken}: {booking['reason']}" if broken else None)
                return
        self._outcome(clicked, "none", f"no outcome within {OUTCOME_WITHIN_S:.0f} s")

    def _outcome(self, clicked: float, status: str, broken: str | None) -> None:
        self.environment.events.request.fire(
            request_type="OUTCOME",
            name=f"{OUTCOME}{status}",
            response_time=(time.monotonic() - clicked) * 1000,
            response_length=0,
            exception=AssertionError(broken) if broken else None,
            context={},
        )

    def _read(self, path: str, name: str) -> Any:  # noqa: ANN401 - JSON
        with self.client.get(path, name=name, catch_response=True) as answer:
            if answer.status_code != 200:  # noqa: PLR2004 - ok
                answer.failure(f"{answer.status_code} {_problem(answer)}")
                return None
            return answer.json()


class Browsing(_Person):
    """Looks at the list, then at a seat map or, in a big hall, at what is free."""

    weight = 5
    wait_time = between(0.2, 1.0)

    @task
    def look_around(self) -> None:
        """List the events and look at one of them."""
        listed = self.list_events()
        if not listed:
            return
        event = random.choice(listed)
        if event["seats_total"] <= FEW_SEATS:
            self.look_at(event["event_id"])
        else:
            self._read(f"/api/events/{event['event_id']}/availability", AVAILABILITY)


class Booking(_Person):
    """Books seats that looked free, and waits for the outcome before going on."""

    weight = 4
    wait_time = between(0.05, 0.4)

    @task
    def book_something(self) -> None:
        """Book one to four seats."""
        if _seats.sold_out:
            self.learn()
        if _seats.known:
            self.book(*_seats.pick())


class Rushing(_Person):
    """Wants, at the same moment as everybody else of its kind, the same seat."""

    weight = 1
    wait_time = constant_throughput(1)

    @task
    def rush(self) -> None:
        """Book the seat of this slot of time."""
        if _seats.known:
            event_id, seat_id = _seats.coveted(int(time.time()) // RUSH_SLOT_S)
            self.book(event_id, [seat_id])


def _problem(answer: Any) -> str:  # noqa: ANN401 - locust's response, untyped where it matters
    try:
        return str(answer.json()["type"])
    except (ValueError, KeyError, TypeError):
        return "without a problem document"
