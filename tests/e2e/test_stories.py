"""Stories: what people come for, from the first step to the last, each in one test, and what becomes of the money."""

import httpx
import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from tests.e2e.asking import key
from tests.eventually import eventually
from tests.frontrow import Document, Frontrow, problem
from tests.organisers import SECTION, Organiser
from tests.people import Somebody, somebody
from tests.receiver import listening

PRICE: int = 5_000


def get(frontrow: Frontrow, path: str, who: Somebody | None = None, **question: str) -> httpx.Response:
    answer = frontrow.client.get(path, params=question or None, headers=who.headers if who else {})
    assert answer.status_code == httpx.codes.OK, answer.text
    return answer


def book(frontrow: Frontrow, who: Somebody, event_id: str, *seat_ids: str) -> Document:
    """Book with a session, as a program that wants to be sure does: with a key, and waiting for the outcome."""
    answer = frontrow.client.post(
        "/api/book",
        json={"event_id": event_id, "seat_ids": list(seat_ids)},
        headers={**who.headers, "Idempotency-Key": key(), "Prefer": "wait=10"},
    )
    assert answer.status_code == httpx.codes.OK, answer.text
    booking: Document = answer.json()
    frontrow.accepted.add(booking["booking_id"])
    return booking


def pay(frontrow: Frontrow, who: Somebody, booking: Document) -> None:
    answer = frontrow.client.post(
        f"/api/bookings/{booking['booking_id']}/payment", json={"payment_token": "tok_success"}, headers=who.headers
    )
    assert frontrow.command(answer)["status"] == "done"


def cancel(frontrow: Frontrow, who: Somebody, booking: Document) -> None:
    answer = frontrow.client.delete(f"/api/bookings/{booking['booking_id']}", headers=who.headers)
    assert frontrow.command(answer)["status"] == "done"


def stands(frontrow: Frontrow, booking: Document, status: str, *intents: tuple[str, int, int]) -> None:
    """Assert that a booking comes to this, and that the provider's books say so."""

    def so() -> None:
        assert frontrow.booking(booking["booking_id"])["status"] == status
        assert frontrow.intents(booking["booking_id"]) == list(intents)

    eventually(so)


def free(seats: list[Document]) -> list[str]:
    return [seat["seat_id"] for seat in seats if seat["status"] == "available"]


def mine(frontrow: Frontrow, who: Somebody, **question: str) -> dict[str, str]:
    return {one["booking_id"]: one["status"] for one in get(frontrow, "/api/bookings", who, **question).json()}


def test_a_traveller_registers_finds_a_train_books_pays_looks_and_cancels(frontrow: Frontrow) -> None:
    who = somebody(frontrow.client, "traveller")
    (service, *_) = get(frontrow, "/api/events", kind="train", place="vienna", day="2027-06-02").json()
    assert (service["origin"], service["destination"], service["departure"][:10]) == (
        "Vienna",
        "Budapest",
        "2027-06-02",
    )
    coach = get(frontrow, f"/api/events/{service['event_id']}/sections/coach-2").json()
    assert coach["prices"] == [{"category": "second", "price_minor": 2900, "seat_ids": None}]
    seat_ids = free(coach["seats"])[:2]
    booking = book(frontrow, who, service["event_id"], *seat_ids)
    assert (booking["status"], booking["seat_ids"], booking["user_id"]) == ("held", seat_ids, who.user_id)
    pay(frontrow, who, booking)
    stands(frontrow, booking, "confirmed", ("succeeded", 5_800, 0))
    assert mine(frontrow, who) == {booking["booking_id"]: "confirmed"}
    cancel(frontrow, who, booking)
    stands(frontrow, booking, "cancelled", ("succeeded", 5_800, 5_800))
    assert mine(frontrow, who, status="cancelled") == {booking["booking_id"]: "cancelled"}

    def free_again() -> None:
        now = get(frontrow, f"/api/events/{service['event_id']}/sections/coach-2").json()
        assert set(seat_ids) <= set(free(now["seats"]))

    eventually(free_again)


def test_a_film_lover_browses_movies_chooses_a_showtime_and_seats_and_has_them(frontrow: Frontrow) -> None:
    who = somebody(frontrow.client, "film-lover")
    movies = get(frontrow, "/api/productions", kind="movie").json()
    movie = next(one for one in movies if one["name"] == "The Long Night")
    showtimes = get(frontrow, f"/api/productions/{movie['production_id']}").json()["events"]
    showtime = next(one for one in showtimes if one["local_date"].startswith("2027-06-02"))
    seats = get(frontrow, f"/api/events/{showtime['event_id']}").json()["seats"]
    seat_ids = free(seats)[40:42]
    booking = book(frontrow, who, showtime["event_id"], *seat_ids)
    assert (booking["status"], booking["seat_ids"]) == ("confirmed", seat_ids)

    def sold() -> None:
        now = get(frontrow, f"/api/events/{showtime['event_id']}").json()["seats"]
        assert not set(seat_ids) & set(free(now))

    eventually(sold)


def test_the_seats_of_one_event_and_of_all_events_are_fetched(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event(seats_a_row=3)
    frontrow.outcome(frontrow.accept(event_id, "A2"))
    expected = {"A1": "available", "A2": "booked", "A3": "available"}

    def one() -> None:
        assert frontrow.seats(event_id) == expected

    eventually(one)
    seats: dict[str, dict[str, str]] = {}
    address = "/api/events?limit=50"
    while address:
        page = get(frontrow, address)
        for event in page.json():
            shown = get(frontrow, f"/api/events/{event['event_id']}").json()
            if shown["seats"] is None:  # too many to list: a character each
                sections = get(frontrow, f"/api/events/{event['event_id']}/availability").json()["sections"]
                assert sum(len(section["status"]) for section in sections) == event["seats_total"]
            else:
                seats[event["event_id"]] = {seat["seat_id"]: seat["status"] for seat in shown["seats"]}
        address = page.links.get("next", {}).get("url", "")
    assert seats[event_id] == expected
    assert {"concert123", "sports_event456", "theatre-hamlet"} <= seats.keys()


def test_somebody_sees_all_their_bookings_and_nobody_elses(frontrow: Frontrow) -> None:
    who, other = somebody(frontrow.client), somebody(frontrow.client)
    event_id = frontrow.new_event()
    bookings = [book(frontrow, who, event_id, f"A{n}")["booking_id"] for n in range(1, 4)]
    theirs = book(frontrow, other, event_id, "A4")["booking_id"]
    refused = book(frontrow, who, event_id, "A4")["booking_id"]

    def listed() -> None:
        assert mine(frontrow, who) == {**dict.fromkeys(bookings, "confirmed"), refused: "rejected"}
        assert mine(frontrow, other) == {theirs: "confirmed"}

    eventually(listed)
    problem(frontrow.client.get("/api/bookings"), 401, "unauthenticated")


def test_an_event_that_is_called_off_gives_everybody_their_money_back(frontrow: Frontrow) -> None:
    organiser = Organiser.of(frontrow)
    event_id = organiser.new_event(hold_seconds=600)
    who = somebody(frontrow.client)
    paid = [book(frontrow, who, event_id, f"A{n}", f"B{n}") for n in range(1, 6)]
    held, given_back, cancelled = (book(frontrow, who, event_id, f"A{n}", f"B{n}") for n in (7, 8, 9))
    for booking in (*paid, given_back, cancelled):
        pay(frontrow, who, booking)
    for booking in (*paid, given_back, cancelled):
        stands(frontrow, booking, "confirmed", ("succeeded", 2 * PRICE, 0))
    answer = frontrow.client.delete(f"/api/bookings/{given_back['booking_id']}?seat_id=A8", headers=who.headers)
    assert frontrow.command(answer)["status"] == "done"
    cancel(frontrow, who, cancelled)
    organiser.done(organiser.post(f"/api/events/{event_id}/cancel"))
    for booking in (*paid, given_back):
        frontrow.becomes(booking["booking_id"], "cancelled", "event_cancelled")
        stands(frontrow, booking, "cancelled", ("succeeded", 2 * PRICE, 2 * PRICE))
    frontrow.becomes(held["booking_id"], "cancelled", "event_cancelled")
    assert frontrow.intents(held["booking_id"]) == []
    frontrow.becomes(cancelled["booking_id"], "cancelled", "by_customer")
    stands(frontrow, cancelled, "cancelled", ("succeeded", 2 * PRICE, 2 * PRICE))


def test_the_events_organiser_is_told_signed_and_another_organiser_hears_nothing(frontrow: Frontrow) -> None:
    organiser, other = Organiser.of(frontrow), Organiser.of(frontrow)
    event_id, others_event = organiser.new_event(), other.new_event()
    with listening() as mine, listening() as theirs:
        made = organiser.post("/api/webhooks", {"url": mine.url, "events": ["booking.confirmed"]})
        overheard = other.post("/api/webhooks", {"url": theirs.url, "events": ["booking.confirmed"]})
        assert (made.status_code, overheard.status_code) == (201, 201)
        refused = other.post("/api/webhooks", {"url": theirs.url, "event_id": event_id})
        problem(refused, 403, "forbidden")
        who = somebody(frontrow.client)
        booking = book(frontrow, who, event_id, "A1", "A2")
        (told,) = mine.wait_for(1)
        told.verify(made.json()["secret"])
        with pytest.raises(WebhookVerificationError):
            told.verify(overheard.json()["secret"])
        assert (told.said["type"], told.said["data"]["booking_id"]) == ("booking.confirmed", booking["booking_id"])
        assert who.user_id not in told.body
        # The feed is told in its order: once the other one heard of a later booking, it never will of an earlier one.
        later = book(frontrow, who, others_event, "A1")
        assert [one.said["data"]["booking_id"] for one in theirs.wait_for(1)] == [later["booking_id"]]
        for webhook, owner in ((made, organiser), (overheard, other)):
            frontrow.client.delete(webhook.headers["location"], headers=owner.somebody.headers)


def test_an_organiser_is_told_at_once_that_an_event_is_somebody_elses(frontrow: Frontrow) -> None:
    organiser, other = Organiser.of(frontrow), Organiser.of(frontrow)
    event_id = organiser.new_event()
    who = somebody(frontrow.client)
    booking_id = book(frontrow, who, event_id, "A1")["booking_id"]
    path = f"/api/events/{event_id}"

    def at_once() -> None:  # a busy machine's ledger may need more than its bound; then the worker says it
        problem(other.patch(path, {"name": "Mine"}), 403, "forbidden")
        problem(other.post(f"{path}/cancel"), 403, "forbidden")
        problem(other.post(f"{path}/block", {"seat_ids": ["A2"]}), 403, "forbidden")
        problem(other.post(f"{path}/seats", {"sections": [SECTION]}), 403, "forbidden")
        answer = frontrow.client.delete(f"/api/bookings/{booking_id}", headers=other.somebody.headers)
        problem(answer, 403, "forbidden")

    eventually(at_once)
    assert organiser.shown(event_id)["status"] == "on_sale"
    answer = frontrow.client.delete(f"/api/bookings/{booking_id}", headers=organiser.somebody.headers)
    assert frontrow.command(answer)["status"] == "done"
    frontrow.becomes(booking_id, "cancelled", "by_organiser")
