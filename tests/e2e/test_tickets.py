"""Tickets at the gateway: for confirmed bookings, told from forged ones anywhere, and each lets somebody in once."""

import csv
import io
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import pytest

from frontrow_client.gate import Gate
from tests.eventually import eventually
from tests.frontrow import CHECKOUT, Document, Frontrow, problem
from tests.organisers import SECTION, Organiser
from tests.people import Somebody, somebody

SVG = "{http://www.w3.org/2000/svg}"
WAIT = {"Prefer": "wait=10"}


@pytest.fixture(scope="module")
def organiser(frontrow: Frontrow) -> Organiser:
    return Organiser.of(frontrow)


@pytest.fixture(scope="module")
def other(frontrow: Frontrow) -> Organiser:
    return Organiser.of(frontrow)


@pytest.fixture(scope="module")
def event_id(organiser: Organiser) -> str:
    return organiser.new_event(name="Café & <Friends>", place="Wien")


def booked(frontrow: Frontrow, event_id: str, count: int = 1, owner: Somebody | None = None) -> Document:
    """Return a confirmed booking of so many seats, a guest's unless it is somebody's."""
    asked: Document = {"event_id": event_id, "best": {"count": count}}
    if owner is None:
        asked["user_id"] = "guest-1"
    headers = {**WAIT, **(owner.headers if owner is not None else {})}
    booking: Document = frontrow.client.post("/api/book", json=asked, headers=headers).json()
    assert booking["status"] == "confirmed", booking
    frontrow.accepted.add(booking["booking_id"])
    return frontrow.outcome(booking["booking_id"])


def tickets(frontrow: Frontrow, booking: Document, **headers: str) -> Document:
    answer = frontrow.client.get(f"/api/bookings/{booking['booking_id']}/ticket?format=json", headers=headers)
    assert answer.status_code == httpx.codes.OK, answer.text
    return dict(answer.json())


def codes(frontrow: Frontrow, booking: Document) -> dict[str, str]:
    """Return a guest's booking's codes by seat."""
    return {one["seat_id"]: one["code"] for one in tickets(frontrow, booking)["tickets"]}


def scanned(organiser: Organiser, event_id: str, **asked: str) -> Document:
    """Return what a gate is told that waits."""
    answer = organiser.post(f"/api/events/{event_id}/check-ins", asked, headers=WAIT)
    assert answer.status_code == httpx.codes.OK, answer.text
    told: Document = answer.json()
    organiser.frontrow.accepted.add(told["command_id"])
    return told


def keys(frontrow: Frontrow) -> Document:
    return dict(frontrow.client.get("/api/tickets/keys").json())


def test_a_confirmed_booking_has_a_ticket_a_seat_that_anybody_can_tell_is_genuine(
    frontrow: Frontrow, event_id: str
) -> None:
    booking = booked(frontrow, event_id, 2)
    made = tickets(frontrow, booking)
    assert [one["seat_id"] for one in made["tickets"]] == booking["seat_ids"]
    assert {one["section"] for one in made["tickets"]} == {"stalls"}
    assert (made["event_name"], made["local_date"], made["time_zone"], made["holder"]) == (
        "Café & <Friends>",
        "2027-05-01T19:00:00+02:00",
        "Europe/Vienna",
        None,
    )
    gate = Gate(keys(frontrow), event_id)
    for one in made["tickets"]:
        assert gate.read(one["code"]) == (booking["booking_id"], 1, event_id, one["seat_id"])
    assert tickets(frontrow, booking) == made, "the same booking, the same tickets"


def test_a_ticket_comes_in_the_form_that_is_asked_for(frontrow: Frontrow, event_id: str) -> None:
    booking = booked(frontrow, event_id, 2)
    path = f"/api/bookings/{booking['booking_id']}/ticket"
    for accept, kind in (
        ("application/pdf", "application/pdf"),
        ("image/svg+xml", "image/svg+xml"),
        ("application/json", "application/json"),
        ("application/pdf;q=0.5, image/svg+xml;q=0.9", "image/svg+xml"),
        ("*/*", "image/svg+xml"),
    ):
        answer = frontrow.client.get(path, headers={"Accept": accept})
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, kind), accept
        assert answer.headers["cache-control"] == "no-store"
        assert "Accept" in answer.headers["vary"]
    drawing = ET.fromstring(frontrow.client.get(f"{path}?format=svg").content)  # noqa: S314 - our own
    texts = [text.text for text in drawing.iter(f"{SVG}text")]
    assert texts.count("Café & <Friends>") == 2
    assert any("Sat 1 May 2027, 19:00 (Europe/Vienna, UTC+02:00)" in (text or "") for text in texts)
    printed = frontrow.client.get(f"{path}?format=pdf", headers={"Accept": "image/svg+xml"})
    assert printed.content.startswith(b"%PDF-")
    problem(frontrow.client.get(f"{path}?format=png"), 422, "invalid-request")
    last = booking["seat_ids"][-1]
    one = frontrow.client.get(f"{path}?format=json&seat_id={last}").json()
    assert [ticket["seat_id"] for ticket in one["tickets"]] == [last]
    problem(frontrow.client.get(f"{path}?seat_id=Z9"), 404, "not-found")


def test_only_a_confirmed_booking_has_tickets(frontrow: Frontrow, organiser: Organiser) -> None:
    event_id = organiser.new_event(hold_seconds=600)
    booking_id = frontrow.accept(event_id, "A1")
    frontrow.outcome(booking_id)
    problem(frontrow.client.get(f"/api/bookings/{booking_id}/ticket"), 409, "conflict")
    assert frontrow.pay(booking_id).status_code == httpx.codes.ACCEPTED
    frontrow.becomes(booking_id, "confirmed")
    assert frontrow.client.get(f"/api/bookings/{booking_id}/ticket").status_code == httpx.codes.OK
    assert frontrow.command(frontrow.client.delete(f"/api/bookings/{booking_id}"))["status"] == "done"
    frontrow.becomes(booking_id, "cancelled", "by_customer")
    problem(frontrow.client.get(f"/api/bookings/{booking_id}/ticket"), 409, "conflict")
    problem(frontrow.client.get("/api/bookings/bk_nobodys/ticket"), 404, "not-found")


def test_an_accounts_tickets_carry_its_name(frontrow: Frontrow, organiser: Organiser, event_id: str) -> None:
    owner = somebody(frontrow.client)
    booking = booked(frontrow, event_id, owner=owner)

    def named() -> None:  # an account's name comes into the view by itself, within a second or so
        for who in (owner, organiser.somebody):
            assert tickets(frontrow, booking, **who.headers)["holder"] == owner.user_id

    eventually(named)


def test_a_booking_is_a_file_for_calendars(frontrow: Frontrow, event_id: str) -> None:
    booking = booked(frontrow, event_id)
    path = f"/api/bookings/{booking['booking_id']}/calendar"
    answer = frontrow.client.get(path)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    lines = answer.content.decode().replace("\r\n ", "").split("\r\n")
    assert {"DTSTART:20270501T170000Z", "STATUS:CONFIRMED", "SUMMARY:Café & <Friends>"} <= set(lines)
    assert frontrow.command(frontrow.client.delete(f"/api/bookings/{booking['booking_id']}"))["status"] == "done"
    frontrow.becomes(booking["booking_id"], "cancelled", "by_customer")
    assert "STATUS:CANCELLED" in frontrow.client.get(path).text


def test_a_ticket_lets_somebody_in_once_and_then_says_when_and_where(
    frontrow: Frontrow, organiser: Organiser, event_id: str
) -> None:
    booking = booked(frontrow, event_id, 2)
    first, second = codes(frontrow, booking).items()
    done = scanned(organiser, event_id, code=first[1], gate="north")
    assert (done["status"], done["reason"], done["target"]) == ("done", None, booking["booking_id"])
    came_in = done["check_in"]
    assert (came_in["seat_id"], came_in["gate"]) == (first[0], "north")
    again = scanned(organiser, event_id, code=first[1], gate="south")
    assert (again["status"], again["reason"], again["check_in"]) == ("refused", "already_checked_in", came_in)
    assert scanned(organiser, event_id, code=second[1])["status"] == "done"

    def listed() -> None:
        found = organiser.get(f"/api/events/{event_id}/bookings?q={booking['booking_id']}").json()
        assert [one["seat_id"] for one in found[0]["check_ins"]] == [first[0], second[0]]
        assert found[0]["check_ins"][0] == came_in

    eventually(listed)
    exported = csv.DictReader(io.StringIO(organiser.get(f"/api/events/{event_id}/bookings.csv").text))
    line = next(line for line in exported if line["booking_id"] == booking["booking_id"])
    assert line["checked_in_at"].split(" ")[0] == came_in["checked_in_at"]
    told_later = frontrow.client.get(f"/api/commands/{again['command_id']}").json()
    assert told_later == again, "who waits is told the same as who looks later"


def test_of_two_gates_that_scan_one_ticket_at_once_one_lets_somebody_in(
    frontrow: Frontrow, organiser: Organiser, event_id: str
) -> None:
    (code,) = codes(frontrow, booked(frontrow, event_id)).values()
    with ThreadPoolExecutor(8) as gates:
        told = list(gates.map(lambda gate: scanned(organiser, event_id, code=code, gate=f"gate-{gate}"), range(8)))
    assert sorted(one["status"] for one in told) == ["done", *["refused"] * 7]
    assert len({json.dumps(one["check_in"]) for one in told}) == 1, "all name the one who came in"


def test_a_forged_ticket_and_one_of_another_event_let_nobody_in(
    frontrow: Frontrow, organiser: Organiser, other: Organiser, event_id: str
) -> None:
    booking = booked(frontrow, event_id)
    (code,) = codes(frontrow, booking).values()
    seat_id = booking["seat_ids"][0]
    path = f"/api/events/{event_id}/check-ins"
    for forged in (code[:-4] + "AAAA", code.replace(f":{seat_id}:", ":B9:"), "FR1", "", "x" * 500):
        problem(organiser.post(path, {"code": forged}), 422, "invalid-request")
    elsewhere = organiser.new_event()
    problem(organiser.post(f"/api/events/{elsewhere}/check-ins", {"code": code}), 422, "invalid-request")
    frontrow.assert_refused(other.post(path, {"code": code}), "forbidden")
    by_hand = {"booking_id": booking["booking_id"], "seat_id": seat_id}
    assert scanned(organiser, elsewhere, **by_hand)["reason"] == "ticket_not_valid"
    assert scanned(organiser, event_id, **by_hand)["status"] == "done"


def test_a_seat_that_was_given_back_lets_nobody_in(frontrow: Frontrow, organiser: Organiser, event_id: str) -> None:
    booking = booked(frontrow, event_id, 2)
    made = codes(frontrow, booking)
    given, kept = booking["seat_ids"]
    back = frontrow.client.delete(f"/api/bookings/{booking['booking_id']}?seat_id={given}")
    assert frontrow.command(back)["status"] == "done"
    assert scanned(organiser, event_id, code=made[given])["reason"] == "ticket_not_valid"
    assert scanned(organiser, event_id, code=made[kept])["status"] == "done"
    refused = frontrow.command(frontrow.client.delete(f"/api/bookings/{booking['booking_id']}"))
    assert (refused["status"], refused["reason"]) == ("refused", "already_checked_in"), "they had what they paid for"
    gone = booked(frontrow, event_id)
    (code,) = codes(frontrow, gone).values()
    assert frontrow.command(frontrow.client.delete(f"/api/bookings/{gone['booking_id']}"))["status"] == "done"
    assert scanned(organiser, event_id, code=code)["reason"] == "not_confirmed"


def test_a_check_in_sent_again_under_its_key_is_the_same(
    frontrow: Frontrow, organiser: Organiser, event_id: str
) -> None:
    (code,) = codes(frontrow, booked(frontrow, event_id)).values()
    key = {"Idempotency-Key": f"scan-{code[-12:]}", **WAIT}
    path = f"/api/events/{event_id}/check-ins"
    first = organiser.post(path, {"code": code}, headers=key)
    assert first.json()["status"] == "done"
    assert organiser.post(path, {"code": code}, headers=key).json() == first.json()


def test_nobody_waits_and_the_command_says_what_became_of_it(
    frontrow: Frontrow, organiser: Organiser, event_id: str
) -> None:
    (code,) = codes(frontrow, booked(frontrow, event_id)).values()
    outcome = frontrow.command(organiser.post(f"/api/events/{event_id}/check-ins", {"code": code}))
    assert (outcome["kind"], outcome["status"]) == ("check_in", "done")
    assert outcome["check_in"]["gate"] is None


def test_an_event_that_is_called_off_lets_nobody_in_and_takes_no_account_of_who_came(
    frontrow: Frontrow, organiser: Organiser
) -> None:
    event_id = organiser.new_event(sections=[SECTION])
    inside, outside = booked(frontrow, event_id), booked(frontrow, event_id)
    assert scanned(organiser, event_id, code=next(iter(codes(frontrow, inside).values())))["status"] == "done"
    (code,) = codes(frontrow, outside).values()
    organiser.done(organiser.post(f"/api/events/{event_id}/cancel"))
    assert scanned(organiser, event_id, code=code)["reason"] in {"event_cancelled", "not_confirmed"}
    for booking in (inside, outside):
        frontrow.becomes(booking["booking_id"], "cancelled", "event_cancelled")


def test_a_gate_without_a_network_reads_codes_as_they_are_typed(
    frontrow: Frontrow, event_id: str, tmp_path: Path
) -> None:
    (code,) = codes(frontrow, booked(frontrow, event_id)).values()
    (tmp_path / "keys.json").write_text(json.dumps(keys(frontrow)))
    said = subprocess.run(
        [sys.executable, "-m", "frontrow_client.gate", "keys.json", event_id],
        input=f"{code}\n{code}\n{code[:-1]}\n",
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert said.stdout.splitlines() == ["come in", "came in before", "no ticket"]
