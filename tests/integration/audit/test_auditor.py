"""The auditor over real stores: what a hand has broken is named, and told until it is mended; else it is quiet."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pymongo import MongoClient

from audit.auditor.violations import SHOWN_OF_AN_ID
from contracts import views
from contracts.commands import CancelBooking, CancelEvent, CheckIn, OpenSale, encode
from contracts.moments import moment_text_of
from infra.native.services import inherited
from tests.eventually import eventually
from tests.integration.audit.conftest import CHECKOUT, Platform, process
from tests.integration.audit.test_checker import book, now_ms, sell
from tests.integration.conftest import make_anew
from tests.unit.audit.histories import EVENT, booking_id, command_id, hall
from write_api.halls import commands, load_hall

FOUND_WITHIN_S: Final = 30
GIVE_A1: Final = "UPDATE seats SET booking_id = %s WHERE seat_id = 'A1' AND event_id = %s"
SOLD: Final = 12
"""How many messages ``sell`` puts on the log; ticks come beside them."""
PROVED_WITHIN_S: Final = 60
ROUND_S: Final = 1
"""Sooner than a platform's: each test waits for some rounds."""

Report = dict[str, Any]


@dataclass
class Auditor:
    """The process, and what it says."""

    platform: Platform
    url: str
    running: subprocess.Popen[bytes]

    def report(self) -> Report:
        try:
            answer = httpx.get(f"{self.url}/report")
        except httpx.TransportError as error:
            raise AssertionError(self.url) from error
        assert answer.status_code == httpx.codes.OK
        return dict(answer.json())

    def proved(self, *, messages: int, after: str = "", fresh: bool = False) -> Report:
        """Return the report once so many messages were proved, by a round that ended after that moment.

        ``fresh``: by an auditor that has begun again since.
        """
        before = self.report()["last_full_proof"] if fresh else None

        def whole() -> Report:
            report = self.report()
            assert report["status"] == "watching", report
            proof = report["last_full_proof"]
            assert proof["messages"] >= messages, report
            assert proof["at"] > after, report
            assert proof != before, report
            assert report["proved_to"]["behind"] == 0, report
            return report

        return eventually(whole, within_s=PROVED_WITHIN_S)

    @contextmanager
    def never_broken(self) -> Iterator[None]:
        """Look all the time whether it tells of a violation; it must not."""
        told: list[Report] = []
        done = threading.Event()

        def look() -> None:
            while not done.wait(0.1):
                try:
                    report = self.report()
                except AssertionError:
                    continue  # it is being started
                told.extend(report["broken"])

        looking = threading.Thread(target=look)
        looking.start()
        try:
            yield
        finally:
            done.set()
            looking.join()
        assert told == []

    def names(self, *words: str) -> dict[str, str]:
        """Return the violation that has all of these words."""

        def named() -> dict[str, str]:
            report = self.report()
            assert report["status"] == "broken", report
            found = [one for one in report["broken"] if all(word in str(one.values()) for word in words)]
            assert found, report
            return dict(found[0])

        return eventually(named, within_s=FOUND_WITHIN_S)


@contextmanager
def auditing(platform: Platform, **env: str) -> Iterator[Auditor]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {
        "FRONTROW_HTTP_PORT": str(port),
        "FRONTROW_PARTITIONS": str(platform.topic.partitions),
        "FRONTROW_AUDIT_ROUND_S": str(ROUND_S),
    }
    with process("audit.auditor", {**platform.env, **own, **env}) as running:
        auditor = Auditor(platform, f"http://127.0.0.1:{port}", running)
        eventually(auditor.report, within_s=60)
        yield auditor


@pytest.fixture
def auditor(platform: Platform) -> Iterator[Auditor]:
    with auditing(platform) as auditor:
        yield auditor


def cut(some_id: str) -> str:
    """Return an id as the public is shown it."""
    return f"{some_id[:SHOWN_OF_AN_ID]}…"


def test_what_is_broken_is_named_with_its_evidence_and_told_until_it_is_mended(auditor: Auditor) -> None:
    platform = auditor.platform
    sell(platform)
    proof = auditor.proved(messages=SOLD)
    assert proof["violations"] == 0
    with (
        psycopg.connect(platform.ledger, autocommit=True) as ledger,
        MongoClient[dict[str, Any]](platform.mongo[0]) as client,
    ):
        blocks = client[platform.mongo[1]][views.BLOCKS]
        ledger.execute(GIVE_A1, (booking_id(2), EVENT))
        blocks.update_one({"event_id": EVENT}, {"$set": {"status": "bbhb"}})
        ledger.execute("CREATE TABLE taken AS SELECT * FROM outcomes WHERE command_id = %s", (booking_id(6),))
        ledger.execute("DELETE FROM outcomes WHERE command_id = %s", (booking_id(6),))

        seat = auditor.names(EVENT, "A1", "its changes make it")
        assert seat["booking_id"] == cut(booking_id(1))
        assert seat["log_says"] == f"booked by {cut(booking_id(1))}, version 1"
        assert seat["ledger_says"] == f"booked by {cut(booking_id(2))}, version 1"
        shown = auditor.names(EVENT, "A3", "the seat is shown as it is not")
        assert (shown["ledger_says"], shown["view_says"]) == ("available", "held")
        gone = auditor.names(EVENT, "gone")
        assert (gone["booking_id"], gone["seat_id"]) == (cut(booking_id(6)), "A4")
        assert gone["ledger_says"] == "nothing"
        assert booking_id(6) not in httpx.get(f"{auditor.url}/report").text  # who holds a whole one may cancel
        assert auditor.report()["violations"] >= 3

        ledger.execute(GIVE_A1, (booking_id(1), EVENT))
        ledger.execute("INSERT INTO outcomes OVERRIDING SYSTEM VALUE SELECT * FROM taken")
        ledger.execute("DROP TABLE taken")
        blocks.update_one({"event_id": EVENT}, {"$set": {"status": "bbab"}})
    auditor.proved(messages=SOLD, after=proof["last_full_proof"]["at"])


def test_a_sale_is_suspended_for_the_event_that_is_broken_and_no_other_once(platform: Platform) -> None:
    other = load_hall("another-event", sections=1, rows=1, seats_per_row=3)
    with auditing(platform, FRONTROW_AUDIT_STOPS_SALES="on") as auditor:
        sell(platform)
        platform.append(*commands(other, lambda _event_id: (f"cm_{uuid4().hex:0>36}", now_ms())))
        assert auditor.proved(messages=SOLD + 3)["stops_sales"]
        with psycopg.connect(platform.ledger, autocommit=True) as ledger:
            ledger.execute(GIVE_A1, (booking_id(2), EVENT))
            auditor.names(EVENT, "A1")
            assert eventually(partial(outcomes_of, ledger, "suspend_sales")) == [(EVENT, "done", None)]
            elsewhere = book(21, "A1").model_copy(update={"event_id": other.event_id})
            platform.append(book(20, "A3"), elsewhere)
            assert eventually(partial(outcome, ledger, booking_id(20))) == ("rejected", "sale_closed")
            assert eventually(partial(outcome, ledger, booking_id(21))) == ("confirmed", None)
            # Whoever may open the sale opens it, broken as it is: the auditor does not insist.
            asked = {"event_id": EVENT, "command_id": command_id(50), "issued_at_ms": now_ms()}
            platform.append(OpenSale(**asked), book(22, "A3"))
            assert eventually(partial(outcome, ledger, booking_id(22))) == ("confirmed", None)
            ledger.execute(GIVE_A1, (booking_id(1), EVENT))
        auditor.proved(messages=SOLD + 8)
    with auditing(platform, FRONTROW_AUDIT_STOPS_SALES="on") as auditor, psycopg.connect(platform.ledger) as ledger:
        auditor.proved(messages=SOLD + 8)
        assert outcomes_of(ledger, "suspend_sales") == [(EVENT, "done", None)]


def test_it_begins_anew_with_a_topic_that_was_made_anew(auditor: Auditor) -> None:
    platform = auditor.platform
    sell(platform)
    auditor.proved(messages=SOLD)
    platform.worker.terminate()  # as whoever makes a topic anew must (worker/consumer.py, CHECK_TOPIC_EVERY_S)
    platform.worker.wait(20)
    make_anew(platform.topic)
    with process("worker", {**platform.worker_env, "FRONTROW_WORKER_ID": "after"}), auditor.never_broken():
        another = load_hall("event-of-the-new-log", sections=1, rows=1, seats_per_row=3)
        platform.append(*commands(another, lambda _event_id: (f"cm_{uuid4().hex:0>36}", now_ms())))
        platform.append(
            book(7, "A3"), book(1, "A1", "A2"), book(9, "A1").model_copy(update={"event_id": another.event_id})
        )
        assert auditor.proved(messages=6, fresh=True)["unproved_events"] == 1


def test_it_is_quiet_while_the_view_is_rebuilt_and_the_ledger_restored(auditor: Auditor) -> None:
    platform = auditor.platform
    sell(platform)
    proof = auditor.proved(messages=SOLD)
    with auditor.never_broken(), taking_turns(platform.ledger) as (backup, restore):
        backup()
        platform.append(book(30, "A3"))
        with psycopg.connect(platform.ledger) as ledger:
            eventually(partial(outcome, ledger, booking_id(30)))
        auditor.proved(messages=SOLD + 1, after=proof["last_full_proof"]["at"])
        restore()
        with psycopg.connect(platform.ledger) as ledger:
            eventually(partial(outcome, ledger, booking_id(30)))
        rebuild(platform)
        auditor.proved(messages=SOLD + 1, after=moment_text_of(time.time()))


def test_bookings_that_end_and_events_that_are_called_off_are_followed(auditor: Auditor) -> None:
    platform = auditor.platform
    create, *rest = (command.model_copy(update={"issued_at_ms": now_ms()}) for command in hall())
    with auditor.never_broken():
        platform.append(create.model_copy(update={"hold_seconds": 1}), *rest)
        platform.append(book(1, "A1"), book(2, "A2"), book(3, "A2"))
        asked = {"issued_at_ms": now_ms(), "booking_id": booking_id(2)}
        platform.append_raw(EVENT, encode(CancelBooking(command_id=command_id(60), **asked)), command_id(60))
        with psycopg.connect(platform.ledger) as ledger:
            eventually(lambda: became(ledger, booking_id(1), "expired"))
            platform.append(book(4, "A3"))
            eventually(partial(outcome, ledger, booking_id(4)))
            called_off = {"event_id": EVENT, "command_id": command_id(61), "issued_at_ms": now_ms()}
            platform.append(CancelEvent(**called_off))
            eventually(lambda: became(ledger, booking_id(4), "cancelled", "expired"))
        auditor.proved(messages=9)


def test_who_has_come_in_is_part_of_a_booking_that_agrees(auditor: Auditor) -> None:
    platform = auditor.platform
    with auditor.never_broken():
        platform.append(*(command.model_copy(update={"issued_at_ms": now_ms()}) for command in hall()))
        platform.append(book(1, "A1", "A2"))
        asked = {"issued_at_ms": now_ms(), "booking_id": booking_id(1), "event_id": EVENT, "seat_id": "A2"}
        check_in = CheckIn(command_id=command_id(60), principal="p_usher", operator=True, gate="north", **asked)
        platform.append_raw(EVENT, encode(check_in), command_id(60))
        with psycopg.connect(platform.ledger) as ledger:
            assert eventually(partial(outcome, ledger, command_id(60))) == ("done", None)
        proof = auditor.proved(messages=5)
        auditor.proved(messages=5, after=proof["last_full_proof"]["at"])  # a round that began after it


def outcome(ledger: "psycopg.Connection[Any]", command: str) -> tuple[str, str | None]:
    found = ledger.execute("SELECT status, reason FROM outcomes WHERE command_id = %s", (command,)).fetchall()
    ledger.rollback()
    assert found, command
    status, reason = found[0]
    return status, reason


def outcomes_of(ledger: "psycopg.Connection[Any]", kind: str) -> list[tuple[str, str, str | None]]:
    found = ledger.execute("SELECT event_id, status, reason FROM outcomes WHERE kind = %s", (kind,)).fetchall()
    assert found, kind
    return found


def became(ledger: "psycopg.Connection[Any]", booking: str, *statuses: str) -> None:
    found = ledger.execute("SELECT status FROM bookings WHERE booking_id = %s", (booking,)).fetchone()
    ledger.rollback()
    assert found is not None
    assert found[0] in statuses, found


def rebuild(platform: Platform) -> None:
    url = platform.env["FRONTROW_POSTGRES_URL"].replace("frontrow_audit", "frontrow_sync_service")
    env = {**inherited(), **platform.env, "FRONTROW_POSTGRES_URL": url}
    subprocess.run([sys.executable, "-m", "sync_service", "rebuild"], env=env, cwd=CHECKOUT, check=True, timeout=60)


@contextmanager
def taking_turns(ledger: str) -> Iterator[tuple[Callable[[], None], Callable[[], None]]]:
    """Yield how a copy of the ledger is kept, and how that is put in its place, as a restoration does."""
    name = str(conninfo_to_dict(ledger)["dbname"])
    copy = f"{name}_backup"
    with psycopg.connect(make_conninfo(ledger, dbname="postgres"), autocommit=True) as server:

        def run(statement: str, *names: str) -> None:
            server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

        def alone(what: Callable[[], None]) -> None:
            run("ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
            server.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (name,))
            what()
            run("ALTER DATABASE {} ALLOW_CONNECTIONS true", name)

        def replace() -> None:
            run("DROP DATABASE {} WITH (FORCE)", name)
            run("CREATE DATABASE {} TEMPLATE {} ALLOW_CONNECTIONS false", name, copy)

        try:
            yield (
                lambda: alone(lambda: run("CREATE DATABASE {} TEMPLATE {}", copy, name)),
                lambda: alone(replace),
            )
        finally:
            run("DROP DATABASE IF EXISTS {} WITH (FORCE)", copy)
