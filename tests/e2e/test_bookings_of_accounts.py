"""Bookings of people with a session: theirs alone, listed, refused at once where the ledger knows already."""

import httpx
import pytest

from tests.e2e.asking import key
from tests.eventually import eventually
from tests.frontrow import Document, Frontrow, problem
from tests.people import Somebody, again, an_operator, register, somebody
from tests.stalls import within


@pytest.fixture(scope="module")
def anna(frontrow: Frontrow) -> Somebody:
    return somebody(frontrow.client, "anna")


def book(frontrow: Frontrow, who: Somebody, event_id: str, *seat_ids: str, **headers: str) -> Document:
    """Book with a session, and return the outcome as the answer tells it."""
    given = {**who.headers, "Prefer": "wait=10", **{name.replace("_", "-"): value for name, value in headers.items()}}
    answer = frontrow.client.post("/api/book", json={"eventId": event_id, "seatIds": list(seat_ids)}, headers=given)
    assert answer.status_code == httpx.codes.OK, answer.text
    booking = dict(answer.json())
    frontrow.accepted.add(booking["booking_id"])
    return booking


def test_a_story_book_see_ones_bookings_cancel(frontrow: Frontrow, anna: Somebody) -> None:
    event_id = frontrow.new_event()
    made = [book(frontrow, anna, event_id, f"A{n + 1}") for n in range(5)]
    assert {one["status"] for one in made} == {"confirmed"}
    assert {one["user_id"] for one in made} == {anna.user_id}
    frontrow.accept(event_id, "A9", user=anna.user_id)  # a guest of the same name
    newest_first = [one["booking_id"] for one in reversed(made)]
    eventually(lambda: same(listed(frontrow, anna), newest_first))
    assert paged(frontrow, anna, limit=2) == newest_first
    gone = made[2]["booking_id"]
    answer = frontrow.client.delete(f"/api/bookings/{gone}", headers=anna.headers)
    assert frontrow.command(answer)["status"] == "done"
    assert listed(frontrow, anna, status="cancelled") == [gone]
    assert len(listed(frontrow, anna, status="confirmed")) == 4
    assert frontrow.booking(gone)["reason"] == "by_customer"


def test_a_list_is_its_owners_and_its_cursors_show_nobody_elses(frontrow: Frontrow, anna: Somebody) -> None:
    event_id = frontrow.new_event()
    bert = somebody(frontrow.client, "bert")
    for n in range(3):
        book(frontrow, anna, event_id, f"A{n + 1}")
    mine = book(frontrow, bert, event_id, "A5")["booking_id"]
    eventually(lambda: same(listed(frontrow, bert), [mine]))
    foreign = frontrow.client.get("/api/bookings?limit=1", headers=anna.headers).links["next"]["url"]
    assert [one["booking_id"] for one in frontrow.client.get(foreign, headers=bert.headers).json()] in ([], [mine])
    for wrong in ("cursor=x", "cursor=!", "limit=0", "limit=101", "status=taken"):
        problem(frontrow.client.get(f"/api/bookings?{wrong}", headers=bert.headers), 422, "invalid-request")


def test_with_a_session_a_short_key_is_enough_and_a_retry_is_the_same_booking(
    frontrow: Frontrow, anna: Somebody
) -> None:
    event_id = frontrow.new_event()
    bert = somebody(frontrow.client, "bert")
    ids = [book(frontrow, anna, event_id, "A1", Idempotency_Key="1")["booking_id"] for _ in range(2)]
    assert ids[0] == ids[1]
    assert book(frontrow, bert, event_id, "A2", Idempotency_Key="1")["booking_id"] != ids[0]
    short = frontrow.client.post(
        "/api/book",
        json={"userId": "x", "eventId": event_id, "seatId": "A3"},
        headers={"Idempotency-Key": "1"},
    )
    problem(short, 422, "invalid-request")


def test_what_the_ledger_knows_is_refused_at_once(frontrow: Frontrow, anna: Somebody) -> None:
    event_id = frontrow.new_event(hold_seconds=600)
    held = book(frontrow, anna, event_id, "A1")["booking_id"]
    refused = book(frontrow, anna, event_id, "A1")["booking_id"]
    path = f"/api/bookings/{held}"

    def at_once() -> None:  # a busy machine's ledger may need more than its bound
        problem(frontrow.client.delete(path), 403, "forbidden")
        problem(frontrow.client.delete(f"/api/bookings/{refused}", headers=anna.headers), 409, "conflict")

    eventually(at_once)
    extension = {**anna.headers, "Idempotency-Key": key()}
    first = frontrow.client.post(f"{path}/extension", headers=extension)
    assert frontrow.command(first)["status"] == "done"
    same_again = frontrow.client.post(f"{path}/extension", headers=extension)
    assert (same_again.status_code, same_again.json()) == (202, first.json()), "a retry is told what the first was"
    eventually(lambda: problem(frontrow.client.post(f"{path}/extension", headers=anna.headers), 409, "conflict"))
    for _ in range(2):  # cancelling twice is harmless
        assert frontrow.command(frontrow.client.delete(path, headers=anna.headers))["status"] == "done"


def test_a_booking_is_refused_at_once_only_once_it_is_decided(frontrow: Frontrow, frozen_worker: None) -> None:
    del frozen_worker
    guest = frontrow.accept("concert123", "J10")
    with within(5):
        answer = frontrow.client.post(f"/api/bookings/{guest}/extension")
    assert answer.status_code == httpx.codes.ACCEPTED
    frontrow.accepted.add(answer.json()["command_id"])


def test_an_operator_gives_back_anybodys_booking_as_the_organiser(frontrow: Frontrow, anna: Somebody) -> None:
    event_id = frontrow.new_event()
    booking_id = book(frontrow, anna, event_id, "A1")["booking_id"]
    answer = frontrow.client.delete(f"/api/bookings/{booking_id}", headers=an_operator(frontrow).headers)
    assert frontrow.command(answer)["status"] == "done"
    shown = frontrow.client.get(f"/api/bookings/{booking_id}", headers=anna.headers).json()
    assert (shown["status"], shown["reason"], shown["user_id"]) == ("cancelled", "by_organiser", anna.user_id)


def test_who_registers_an_erased_name_is_not_whose_bookings_they_were(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event()
    former = somebody(frontrow.client, "carla")
    booking_id = book(frontrow, former, event_id, "A1")["booking_id"]
    assert frontrow.client.delete("/api/accounts/me", headers=former.headers).status_code == 204
    assert register(frontrow.client, former.user_id).status_code == 201
    namesake = again(frontrow.client, former.user_id)
    assert listed(frontrow, namesake) == []
    answer = frontrow.client.delete(f"/api/bookings/{booking_id}", headers=namesake.headers)
    frontrow.assert_refused(answer, "forbidden")
    assert frontrow.booking(booking_id)["status"] == "confirmed"


def test_nothing_secret_is_in_any_log(frontrow: Frontrow, anna: Somebody) -> None:
    """Last in this module: what was done before is in the logs by now."""
    secrets = [anna.tokens["access_token"], anna.tokens["refresh_token"], "correct horse battery staple"]
    folder = frontrow.instance.home / "secrets"
    secrets += [path.read_text() for path in folder.glob("*/*") if path.stat().st_size > 20]
    for log in frontrow.instance.logs.iterdir():
        if log.is_file():
            text = log.read_text(errors="replace")
            assert not [secret[:12] for secret in secrets if secret in text], log.name
            assert anna.user_id not in text, log.name


def listed(frontrow: Frontrow, who: Somebody, **query: str) -> list[str]:
    answer = frontrow.client.get("/api/bookings", params=query, headers=who.headers)
    assert answer.status_code == httpx.codes.OK, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return [one["booking_id"] for one in answer.json()]


def paged(frontrow: Frontrow, who: Somebody, limit: int) -> list[str]:
    """Return all of somebody's bookings, page by page."""
    found: list[str] = []
    url = f"/api/bookings?limit={limit}"
    while url:
        answer = frontrow.client.get(url, headers=who.headers)
        assert len(answer.json()) <= limit
        found += [one["booking_id"] for one in answer.json()]
        url = answer.links.get("next", {}).get("url", "")
    return found


def same(got: list[str], wanted: list[str]) -> None:
    assert got == wanted
