"""The catalogue at the gateway: what is seeded, and how it is found, page by page."""

import httpx
import pytest

from tests.frontrow import Document, Frontrow, problem
from tests.organisers import Organiser, a_name

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
