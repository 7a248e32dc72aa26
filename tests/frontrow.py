"""Frontrow as its clients see it, for e2e and fault tests: what goes in at the gateway, what comes out.

It remembers every booking id that it was given in a 202, so that the invariant checker can ask for each one's outcome.
"""

import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
from confluent_kafka import Message, Producer
from psycopg.conninfo import make_conninfo

from contracts.commands import AddSeats, CreateEvent, EventCommand, PublishEvent, Row, encode
from contracts.topics import BOOKING_REQUESTS, COMMAND_ID_HEADER, partition_of
from infra.native.instance import Instance
from infra.native.services import inherited
from infra.secrets.files import read
from tests.eventually import WITHIN_S, eventually

CHECKOUT = Path(__file__).parents[1]
CHECK_WITHIN_S = 45.0
WATCHED_WITHIN_S = 120.0
"""An auditor that was killed, or lost a store, begins anew: the whole log of a session's tests, on a busy machine."""

Document = dict[str, Any]


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass
class Frontrow:
    """The running platform and what was asked of it so far."""

    instance: Instance
    client: httpx.Client
    accepted: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)

    def book(self, event_id: str, *seat_ids: str, user: str = "user-123") -> httpx.Response:
        """Ask for seats; a connection that breaks raises, as it does for every client."""
        seats: Document = {"seatId": seat_ids[0]} if len(seat_ids) == 1 else {"seatIds": list(seat_ids)}
        answer = self.client.post("/api/book", json={"userId": user, "eventId": event_id, **seats})
        self.remember(answer.status_code, answer.json())
        return answer

    def remember(self, status: int, body: Document) -> None:
        """Note what a client was told."""
        if status == httpx.codes.ACCEPTED:
            self.accepted.add(body["booking_id"])
        elif "booking_id" in body:
            self.unknown.add(body["booking_id"])

    def accept(self, event_id: str, *seat_ids: str, user: str = "user-123") -> str:
        """Book and return the booking id; the platform must accept."""
        answer = self.book(event_id, *seat_ids, user=user)
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        return str(answer.json()["booking_id"])

    def booking(self, booking_id: str) -> Document:
        """Return a booking as it is shown now."""
        answer = self.client.get(f"/api/bookings/{booking_id}")
        assert answer.status_code == httpx.codes.OK, answer.text
        return dict(answer.json())

    def outcome(self, booking_id: str, *, within_s: float = WITHIN_S) -> Document:
        """Return the booking once it is decided and shown."""

        def decided() -> Document:
            shown = self.booking(booking_id)
            assert shown["status"] != "pending", f"{booking_id} is pending"
            return shown

        return eventually(decided, within_s=within_s)

    def seats(self, event_id: str) -> dict[str, str]:
        """Return the seat map as status by seat; up to a second old, as the gateway keeps it so long."""
        answer = self.client.get(f"/api/events/{event_id}")
        assert answer.status_code == httpx.codes.OK, answer.text
        return {seat["seat_id"]: seat["status"] for seat in answer.json()["seats"]}

    def health(self) -> None:
        """Assert that everything can be done."""
        answer = self.client.get("/health")
        assert answer.status_code == httpx.codes.OK, answer.text

    def command(self, answer: httpx.Response, *, within_s: float = WITHIN_S) -> Document:
        """Return what became of a command that was accepted with ``answer``."""
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        body = answer.json()
        assert body["status_url"] == answer.headers["location"] == f"/api/commands/{body['command_id']}"
        self.accepted.add(body["command_id"])

        def decided() -> Document:
            shown: Document = self.client.get(body["status_url"]).json()
            assert shown["status"] != "pending", shown
            return shown

        return eventually(decided, within_s=within_s)

    def assert_refused(self, answer: httpx.Response, reason: str) -> None:
        """Assert that a command came to nothing: by the ledger's word, if it gave it in time, else by the worker's."""
        if answer.status_code == httpx.codes.ACCEPTED:
            outcome = self.command(answer)
            assert (outcome["status"], outcome["reason"]) == ("refused", reason), outcome
        elif reason == "forbidden":
            problem(answer, 403, "forbidden")
        else:
            problem(answer, 409, "conflict")

    def pay(self, booking_id: str, token: str = "tok_success") -> httpx.Response:  # noqa: S107 - no secret of anybody
        """Start a payment with what the test provider makes of ``token``."""
        return self.client.post(f"/api/bookings/{booking_id}/payment", json={"payment_token": token})

    def becomes(
        self, booking_id: str, status: str, reason: str | None = None, *, within_s: float = WITHIN_S
    ) -> Document:
        """Return the booking once it is shown to be so."""

        def shown() -> Document:
            booking = self.booking(booking_id)
            assert (booking["status"], booking["reason"]) == (status, reason), booking
            return booking

        return eventually(shown, within_s=within_s)

    def intents(self, booking_id: str) -> list[tuple[str, int, int]]:
        """Return status, captured and refunded amount of what the test provider has for a booking, oldest first."""
        with self.ledger() as ledger:
            return ledger.execute(
                """SELECT status, amount_received, amount_refunded FROM test_provider.intents
                WHERE metadata ->> 'booking_id' = %s ORDER BY (metadata ->> 'attempt')::int""",
                (booking_id,),
            ).fetchall()

    def new_event(  # noqa: PLR0913 - each is one thing that an event may have
        self,
        *,
        event_id: str = "",
        rows: int = 1,
        seats_a_row: int = 20,
        hold_seconds: int = 0,
        standing: int = 0,
        price_minor: int | None = None,
        accessible: Sequence[str] = (),
        organiser: str | None = None,
    ) -> str:
        """Put an event of its own on sale and return its id; seats are A1, A2 and so on, then B1.

        ``standing``: how many places the section ``floor`` of general admission has; ``price_minor``: in EUR, a seat;
        ``accessible``: which seats are; ``organiser``: the principal whose event it is.
        """
        event_id = event_id or f"event-{uuid.uuid4().hex[:12]}"
        lines = tuple(
            Row(row=(letter := chr(ord("A") + row)), seat_ids=tuple(f"{letter}{n + 1}" for n in range(seats_a_row)))
            for row in range(rows)
        )
        about: Document = {"event_id": event_id, "issued_at_ms": now_ms()}
        if organiser is not None:
            about["by"] = organiser
        self.append(
            CreateEvent(
                **about,
                command_id=_command_id(),
                name="An evening",
                event_kind="concert",
                venue="The hall",
                time_zone="Europe/Vienna",
                date="2027-05-01T19:00:00Z",
                hold_seconds=hold_seconds,
            ),
            AddSeats(
                **about,
                command_id=_command_id(),
                block=0,
                section="main",
                rows=lines,
                price_minor=price_minor,
                currency=None if price_minor is None else "EUR",
                accessible=tuple(accessible),
            ),
            *(
                AddSeats(
                    **about,
                    command_id=_command_id(),
                    block=1,
                    section="floor",
                    rows=(Row(row="", seat_ids=tuple(f"floor~{n + 1}" for n in range(count))),),
                    general_admission=True,
                )
                for count in [standing]
                if count
            ),
            PublishEvent(**about, command_id=_command_id(), blocks=2 if standing else 1),
        )
        eventually(lambda: self.seats(event_id))
        return event_id

    def append(self, *commands: EventCommand) -> None:
        """Put commands on the log, as write_api would."""
        for command in commands:
            self.append_raw(command.event_id, encode(command), command.command_id)

    def append_raw(self, event_id: str, value: bytes | None, command_id: str, *, partition: int | None = None) -> int:
        """Put whatever on the log, on the event's partition or another one; returns its place there."""
        env = self.instance.environment_of("write_api")
        producer = Producer({"bootstrap.servers": env["FRONTROW_KAFKA_BOOTSTRAP"], "acks": "all"})
        headers: list[tuple[str, str | bytes | None]] = [(COMMAND_ID_HEADER, command_id)]
        delivered: list[Message] = []
        producer.produce(
            BOOKING_REQUESTS,
            key=event_id,
            value=value,
            partition=self.partition_of(event_id) if partition is None else partition,
            headers=headers,
            on_delivery=lambda _error, message: delivered.append(message),
        )
        assert producer.flush(10) == 0
        (message,) = delivered
        assert message.error() is None, message.error()
        offset = message.offset()
        assert offset is not None
        return offset

    def partition_of(self, event_id: str) -> int:
        """Return the partition whose messages are about an event."""
        return partition_of(event_id, int(self.instance.environment_of("write_api")["FRONTROW_PARTITIONS"]))

    def ledger(self, *, owner: bool = False) -> "psycopg.Connection[tuple[Any, ...]]":
        """Open the ledger, as the auditor or as its owner."""
        service = "migrate" if owner else "audit"
        url = self.instance.environment_of(service)["FRONTROW_POSTGRES_URL"]
        return psycopg.connect(make_conninfo(url, password=read(self.instance.home, service, "postgres_password")))

    def run(self, module: str, *arguments: str, within_s: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a command of ours as the instance would: with what it gives it, and nobody else's settings."""
        return subprocess.run(
            [sys.executable, "-m", module, *arguments],
            env=inherited() | self.instance.environment_of(module.rpartition(".")[2]),
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            timeout=within_s,
            check=False,
        )

    def check_what_is_watched(self) -> None:
        """Ask the auditor, which looks on all the time: it has proved everything until now, and has nothing to tell."""

        def all_is_proved() -> None:
            answer = self.client.get("/api/audit")
            assert answer.status_code == httpx.codes.OK, answer.text
            told = answer.json()
            assert (told["status"], told["violations"], told["proved_to"]["behind"]) == ("watching", 0, 0), told

        eventually(all_is_proved, within_s=WATCHED_WITHIN_S)

    def check_history(self) -> None:
        """Hold the whole history against all invariants; every accepted id must have its outcome."""
        accepted = self.instance.home / "accepted"
        accepted.write_text("\n".join(sorted(self.accepted)))
        wait = ("--wait", str(CHECK_WITHIN_S))
        done = self.run("audit", "--accepted", str(accepted), *wait, within_s=CHECK_WITHIN_S + 60)
        assert done.returncode == 0, done.stdout + done.stderr

    def check_invariants(self) -> None:
        """Check the history, and that the auditor, which looks on all the time, says the same."""
        self.check_history()
        self.check_what_is_watched()


def problem(answer: httpx.Response, status: int, slug: str) -> Document:
    """Assert that the answer is this problem, and return it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: Document = answer.json()
    assert body["type"] == f"/problems/{slug}", body
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["instance"] == answer.headers["x-request-id"]
    return body


def reasons(outcomes: Sequence[Document]) -> set[tuple[str, str | None]]:
    """Return how these bookings ended."""
    return {(outcome["status"], outcome["reason"]) for outcome in outcomes}


def _command_id() -> str:
    return f"cm_{uuid.uuid4().hex:0>36}"
