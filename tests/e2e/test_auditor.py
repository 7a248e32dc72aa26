"""The auditor at the gateway: it tells what a hand has broken, and is quiet whatever is booked, killed or restarted."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.eventually import eventually
from tests.frontrow import WATCHED_WITHIN_S, Document, Frontrow
from tests.rush import rush

SEATS = 100


def audit(frontrow: Frontrow) -> Document:
    answer = frontrow.client.get("/api/audit")
    assert answer.status_code == httpx.codes.OK, answer.text
    return dict(answer.json())


def proved(frontrow: Frontrow, *, after: str = "") -> Document:
    """Return what is told once everything was proved, by a round that ended after that moment."""

    def whole() -> Document:
        told = audit(frontrow)
        assert told["status"] == "watching", told
        assert told["last_full_proof"]["at"] > after, told
        return told

    return eventually(whole, within_s=WATCHED_WITHIN_S)


@pytest.mark.timeout(4 * WATCHED_WITHIN_S)
def test_a_seat_that_was_changed_by_hand_is_named_and_makes_health_bad_until_it_is_mended(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event()
    booking_id = frontrow.accept(event_id, "A1")
    frontrow.outcome(booking_id)
    with frontrow.ledger(owner=True) as ledger:
        ledger.autocommit = True
        ledger.execute("UPDATE seats SET status = 'h' WHERE event_id = %s AND seat_id = 'A1'", (event_id,))

        def named() -> None:
            found = [one for one in audit(frontrow)["broken"] if one["event_id"] == event_id]
            assert [one["seat_id"] for one in found if "booked by" in one["log_says"]] == ["A1"], found
            assert booking_id not in str(found)
            health = frontrow.client.get("/health")
            assert health.status_code == httpx.codes.SERVICE_UNAVAILABLE
            assert f"event {event_id}: the seat is not" in health.json()["checks"]["audited"]["detail"]

        try:
            eventually(named, within_s=WATCHED_WITHIN_S)  # a round through all that other tests have made
        finally:
            ledger.execute("UPDATE seats SET status = 'b' WHERE event_id = %s AND seat_id = 'A1'", (event_id,))
    eventually(frontrow.health, within_s=WATCHED_WITHIN_S)
    frontrow.check_what_is_watched()


@pytest.mark.long  # the fault run looks at the auditor all the time
@pytest.mark.timeout(4 * WATCHED_WITHIN_S)
def test_nothing_is_told_under_load_nor_while_processes_are_killed(frontrow: Frontrow) -> None:
    events = [frontrow.new_event(rows=2, seats_a_row=SEATS // 2) for _ in range(3)]
    with never_broken(frontrow):
        for process in ("auditor", "worker", "sync_service", "auditor"):
            frontrow.instance.kill(process, signal.SIGKILL)
            bodies = [
                {"userId": f"user-{n}", "eventId": events[n % 3], "seatId": f"{'AB'[n % 2]}{n % 50 + 1}"}
                for n in range(2 * SEATS)
            ]
            for status, body in asyncio.run(rush(frontrow.instance.ports.gateway, bodies)):
                frontrow.remember(status, body)
            eventually(lambda: running(frontrow))
        proved(frontrow, after=audit(frontrow)["as_of"])


def running(frontrow: Frontrow) -> None:
    assert {state.state for state in frontrow.instance.status().values()} == {"RUNNING"}


@contextmanager
def never_broken(frontrow: Frontrow) -> Iterator[None]:
    """Look all the time whether the auditor tells of a violation; it must not."""
    told: list[Any] = []
    done = threading.Event()

    def look() -> None:
        with httpx.Client(base_url=frontrow.instance.gateway_url, timeout=10) as client:
            while not done.wait(0.2):
                told.extend(client.get("/api/audit").json()["broken"])

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield
    finally:
        done.set()
        looking.join()
    assert told == []
