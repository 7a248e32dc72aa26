"""The catalogue at the gateway: what is seeded, how it is found, page by page; and what people do with it."""

import httpx
import pytest

from tests.eventually import eventually
from tests.frontrow import Document, Frontrow, problem
from tests.organisers import Organiser, a_name
from tests.people import Somebody, somebody

MOVIE, TRAIN = "the-long-night", "danube-express"


def events(frontrow: Frontrow, **question: object) -> list[Document]:
    answer = frontrow.client.get("/api/events", params={name: str(value) for name, value in question.items()})
    assert answer.status_code == httpx.codes.OK, answer.text
    return list(answer.json())


def ids(found: list[Document]) -> list[str]:
    return [event["event_id"] for event in found]


def test_the_demo_catalogue_was_made_by_an_organiser(frontrow: Frontrow) -> None:
    productions = {one["production_id"]: one for one in frontrow.client.get("/api/productions").json()}
    assert (productions[MOVIE]["kind"], productions[MOVIE]["events_total"]) == ("movie", 4)
    assert (productions[TRAIN]["kind"], productions[TRAIN]["events_total"]) == ("train", 3)
    with frontrow.ledger() as ledger:
        rows = ledger.execute("SELECT organiser <> '', event_id FROM events WHERE production_id IS NOT NULL").fetchall()
    assert {mine for mine, event_id in rows if event_id.startswith((MOVIE, TRAIN))} == {True}


def test_a_movie_shows_its_showtimes_by_date_in_the_cinema_s_time(frontrow: Frontrow) -> None:
    movie = frontrow.client.get(f"/api/productions/{MOVIE}").json()
    assert movie["name"] == "The Long Night"
    assert [event["local_date"] for event in movie["events"]] == [
        "2027-06-01T18:00:00+02:00",
        "2027-06-01T21:00:00+02:00",
        "2027-06-02T20:00:00+02:00",
        "2027-06-03T17:30:00+02:00",
    ]
    problem(frontrow.client.get("/api/productions/no-such"), 404, "not-found")


def test_a_train_is_found_by_its_way_and_day(frontrow: Frontrow) -> None:
    found = events(frontrow, kind="train", origin="VIENNA", destination="budapest", day="2027-06-01")
    assert ids(found) == ["danube-express-01-0740", "danube-express-01-1540"]
    assert (found[0]["departure"], found[0]["arrival"]) == ("2027-06-01T05:40:00Z", "2027-06-01T08:20:00Z")
    assert events(frontrow, origin="Budapest") == []


def test_events_are_found_by_the_beginnings_of_words_without_accents(frontrow: Frontrow) -> None:
    name = a_name("word")[:10].replace("-", "x")
    organiser = Organiser.of(frontrow)
    event_id = organiser.new_event(name=f"Žižkov {name} Soirée", place="São Paulo", kind="concert")
    assert ids(events(frontrow, q=f"zizkov {name[:7]} SOIREE")) == [event_id]
    assert ids(events(frontrow, q=name, place="sao paulo", kind="concert")) == [event_id]
    assert events(frontrow, q=name, kind="movie") == []
    assert events(frontrow, q="--") == []
    assert ids(events(frontrow, q=name, **{"from": "2027-05-01", "to": "2027-05-01"})) == [event_id]
    assert events(frontrow, q=name, **{"from": "2027-05-01T17:00:01Z"}) == []


def test_pages_follow_one_another_without_a_gap_or_a_repetition(frontrow: Frontrow) -> None:
    whole = ids(events(frontrow, production_id=MOVIE))
    pages: list[str] = []
    address = f"/api/events?production_id={MOVIE}&limit=3"
    while address:
        page = frontrow.client.get(address)
        pages += ids(page.json())
        address = page.links.get("next", {}).get("url", "")
    assert pages == whole
    assert len(whole) == 4


@pytest.mark.parametrize(
    "query", ["cursor=none", "limit=0", "day=tomorrow", "from=never", "to=0001-01-01T00:00:00%2B14:00", "limit=5000"]
)
def test_a_question_that_is_none_is_refused(frontrow: Frontrow, query: str) -> None:
    problem(frontrow.client.get(f"/api/events?{query}"), 422, "invalid-request")


def test_the_seats_of_one_event_and_of_all_events_can_be_fetched(frontrow: Frontrow) -> None:
    for event in frontrow.client.get("/api/events").json():
        page = frontrow.client.get(f"/api/events/{event['event_id']}").json()
        assert page["seats_total"] == event["seats_total"]
        assert page["seats"] is None or len(page["seats"]) <= event["seats_total"]


def book(frontrow: Frontrow, who: Somebody, event_id: str, *seat_ids: str) -> Document:
    answer = frontrow.client.post(
        "/api/book", json={"eventId": event_id, "userId": who.user_id, "seatIds": list(seat_ids)}, headers=who.headers
    )
    frontrow.remember(answer.status_code, answer.json())
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    return frontrow.outcome(answer.json()["booking_id"])


def test_somebody_browses_movies_chooses_a_showtime_and_seats_and_has_them(frontrow: Frontrow) -> None:
    who = somebody(frontrow.client)
    movie = next(
        one for one in frontrow.client.get("/api/productions?kind=movie").json() if one["name"] == "The Long Night"
    )
    showtimes = frontrow.client.get(f"/api/productions/{movie['production_id']}").json()["events"]
    showtime = next(one for one in showtimes if one["local_date"].startswith("2027-06-02"))
    seats = frontrow.client.get(f"/api/events/{showtime['event_id']}").json()["seats"]
    free = [seat["seat_id"] for seat in seats if seat["status"] == "available"]
    booking = book(frontrow, who, showtime["event_id"], *free[40:42])
    assert (booking["status"], booking["seat_ids"]) == ("confirmed", free[40:42])


def test_somebody_registers_finds_a_train_books_pays_looks_and_cancels(frontrow: Frontrow) -> None:
    who = somebody(frontrow.client)
    (service, *_) = events(frontrow, kind="train", place="vienna", day="2027-06-02")
    coach = frontrow.client.get(f"/api/events/{service['event_id']}/sections/coach-2").json()
    assert coach["prices"] == [{"category": "second", "price_minor": 2900, "seat_ids": None}]
    free = [seat["seat_id"] for seat in coach["seats"] if seat["status"] == "available"]
    booking = book(frontrow, who, service["event_id"], *free[:2])
    assert booking["status"] == "held"
    path = f"/api/bookings/{booking['booking_id']}"
    frontrow.command(
        frontrow.client.post(f"{path}/payment", json={"payment_token": "tok_success"}, headers=who.headers)
    )

    def status(wanted: str) -> None:
        assert frontrow.client.get(path, headers=who.headers).json()["status"] == wanted

    eventually(lambda: status("confirmed"), within_s=20)
    frontrow.command(frontrow.client.delete(path, headers=who.headers))
    eventually(lambda: status("cancelled"), within_s=10)
