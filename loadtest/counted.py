"""Counted: a customer's questions to Frontrow, each counted by what it was and how it ended. ``customers`` enters here.

Answers of every kind are figures: a refusal, a problem, an outcome that is unknown after all attempts. What is no
figure is a broken promise: it is logged, counted as a failure, and fails the run.
"""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import gevent
from locust.env import Environment

from frontrow_client import Booking, Client, CommandOutcome, FrontrowError, OutcomeUnknownError, Patience, ProblemError
from loadtest.names import BROKEN, ENDED, LIFE
from loadtest.told import EXPIRED_WITHIN, Told

PATIENCE: Final = Patience(within_s=30.0)
WAIT_S: Final = 30.0
"""An accepted booking or command without an outcome after this long counts as lost."""
LOOK_AGAIN_S: Final = 0.5

_log = logging.getLogger(__name__)


class BrokenPromiseError(Exception):
    """Something is not as it was told; the text says what."""


class Counted:
    """One customer's questions. ``name`` is what the figures call them."""

    def __init__(self, environment: Environment, url: str, user_id: str) -> None:
        self._environment = environment
        self._user_id = user_id
        self._client = Client(url, user_id=user_id, patience=PATIENCE)

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def book(self, name: str, event_id: str, **asked: Any) -> Booking | None:  # noqa: ANN401 - as the client takes it
        """Return what became of a request for seats, or None where nothing did."""
        found: list[Booking] = []

        def ask() -> str:
            booking = self._client.book(event_id, wait_s=WAIT_S, **asked)
            if not booking.decided or booking.status == "failed":
                raise _lost(booking.booking_id, booking)
            found.append(booking)
            return str(booking.reason or booking.status)

        self._count(name, ask)
        return found[0] if found else None

    def extend(self, name: str, booking_id: str) -> bool:
        """Return whether a hold began anew."""
        return self._command(name, lambda: self._client.extend(booking_id, wait_s=WAIT_S))

    def give_back(self, name: str, booking_id: str, seats: tuple[str, ...] = ()) -> bool:
        """Return whether a booking, or these of its seats, were given back."""
        return self._command(name, lambda: self._client.cancel(booking_id, seats=seats, wait_s=WAIT_S))

    def pay(self, name: str, told: Told, token: str, *, succeeds: bool) -> Told:
        """Pay for a hold and wait for the payment's end; returns what is to be believed afterwards."""
        if not self._command(name, lambda: self._client.pay(told.booking_id, token, wait_s=WAIT_S)):
            return told
        believed = told.paid_for(succeeds=succeeds)

        def wait() -> str:
            nonlocal believed
            shown = self._while_shown("paying", told)
            _held_against(believed, shown)
            believed = Told.by(shown)
            return str(shown.reason or shown.status)

        self._count(f"{name}, its end", wait)
        return believed

    def look(self, name: str, told: Told) -> None:
        """Hold what is shown against what was told."""
        self._count(name, lambda: _held_against(told, self._client.booking(told.booking_id)))

    def see_it_end(self, name: str, told: Told) -> None:
        """Wait until a hold is over that nobody paid for."""
        self._count(name, lambda: _held_against(told, self._while_shown("held", told)))

    def broken(self, name: str, why: str) -> None:
        """Say that a promise was broken."""
        self._fire(name, BROKEN, time.monotonic(), BrokenPromiseError(why))

    def _command(self, name: str, command: Callable[[], CommandOutcome]) -> bool:
        done = False

        def ask() -> str:
            nonlocal done
            outcome = command()
            if not outcome.decided or outcome.status == "failed":
                raise _lost(outcome.command_id, outcome)
            done = outcome.status == "done"
            return str(outcome.reason or outcome.status)

        self._count(name, ask)
        return done

    def _while_shown(self, status: str, told: Told) -> Booking:
        """Return the booking once it is shown in another status, or as it is after a while."""
        until = time.monotonic() + WAIT_S + EXPIRED_WITHIN.total_seconds()
        while (shown := self._client.booking(told.booking_id)).status == status and time.monotonic() < until:
            gevent.sleep(LOOK_AGAIN_S)
        return shown

    def _count(self, name: str, ask: Callable[[], str]) -> None:
        began = time.monotonic()
        broken: BrokenPromiseError | None = None
        try:
            ended = ask()
        except OutcomeUnknownError:
            ended = "unknown after all attempts"
        except ProblemError as problem:
            ended = problem.slug or str(problem.status)
        except FrontrowError as error:
            ended = type(error).__name__
        except BrokenPromiseError as error:
            ended, broken = BROKEN, error
        self._fire(name, ended, began, broken)

    def _fire(self, name: str, ended: str, began: float, broken: BrokenPromiseError | None) -> None:
        if broken is not None:
            _log.error("%s, %s: %s", self._user_id, name, broken)
        self._environment.events.request.fire(  # type: ignore[no-untyped-call]  # locust's own
            request_type="LIFE",
            name=f"{LIFE}{name}{ENDED}{ended}",
            response_time=(time.monotonic() - began) * 1000,
            response_length=0,
            exception=broken,
            context={},
        )


def _held_against(told: Told, shown: Booking) -> str:
    complaint = told.complaint(shown, datetime.now(UTC))
    if complaint is not None:
        msg = f"{told.booking_id} {complaint}"
        raise BrokenPromiseError(msg)
    return str(shown.status)


def _lost(name: str, shown: Booking | CommandOutcome) -> BrokenPromiseError:
    return BrokenPromiseError(f"{name} is {shown.status} ({shown.reason}) after {WAIT_S:.0f} s")
