"""Names: an organiser sees who booked, until they are erased; then no store and no log has the name any more."""

import csv
import io
from typing import Any

import pytest
import redis
from psycopg import sql
from pymongo import MongoClient

from infra.secrets.files import read
from tests.eventually import eventually
from tests.frontrow import Frontrow
from tests.organisers import Organiser
from tests.people import Somebody, a_name, again, register, somebody
from tests.stalls import stretched

GONE_WITHIN_S = 15.0


@pytest.fixture(scope="module")
def organiser(frontrow: Frontrow) -> Organiser:
    return Organiser.of(frontrow)


def named(organiser: Organiser, event_id: str) -> dict[str, str | None]:
    """Return who booked, as a page and as CSV, which say the same."""
    path = f"/api/events/{event_id}/bookings"
    listed = {one["booking_id"]: one["user_id"] for one in organiser.get(path).json()}
    lines = csv.DictReader(io.StringIO(organiser.get(f"{path}.csv").text))
    assert {line["booking_id"]: line["user_id"] or None for line in lines} == listed
    return listed


def book(frontrow: Frontrow, who: Somebody, event_id: str, seat_id: str) -> str:
    body = {"event_id": event_id, "seat_id": seat_id}
    answer = frontrow.client.post("/api/book", json=body, headers={**who.headers, "Prefer": "wait=10"})
    booking_id = str(answer.json()["booking_id"])
    frontrow.accepted.add(booking_id)
    assert answer.json()["status"] == "confirmed", answer.text
    return booking_id


def test_who_is_erased_is_gone_from_every_store_within_seconds(frontrow: Frontrow, organiser: Organiser) -> None:
    event_id = organiser.new_event()
    leaving, staying = somebody(frontrow.client, "leaving"), somebody(frontrow.client, "staying")
    bookings = {book(frontrow, leaving, event_id, "A1"): leaving.user_id}
    bookings |= {book(frontrow, staying, event_id, "A2"): staying.user_id}
    guests = frontrow.accept(event_id, "A3", user="a-guest")
    frontrow.outcome(guests)

    def shown(expected: dict[str, str | None]) -> None:
        assert named(organiser, event_id) == expected

    eventually(lambda: shown({**bookings, guests: None}))
    assert "view people" in places_of(frontrow, leaving.user_id)
    assert "table public.accounts" in places_of(frontrow, leaving.user_id)
    assert frontrow.client.delete("/api/accounts/me", headers=leaving.headers).status_code == 204
    left: dict[str, str | None] = {
        booking: None if name == leaving.user_id else name for booking, name in bookings.items()
    }

    def gone() -> None:
        shown({**left, guests: None})
        assert places_of(frontrow, leaving.user_id) == []

    eventually(gone, within_s=stretched(GONE_WITHIN_S))
    assert register(frontrow.client, leaving.user_id).status_code == 201
    namesake = again(frontrow.client, leaving.user_id)
    theirs = book(frontrow, namesake, event_id, "A4")
    eventually(lambda: shown({**left, guests: None, theirs: namesake.user_id}))


def test_what_is_looked_for_is_found_wherever_it_is(frontrow: Frontrow) -> None:
    """The search itself: a name that is nowhere is not found, and one that is in a log is."""
    assert places_of(frontrow, a_name("nobody")) == []
    request_id = a_name("request")
    frontrow.client.get("/api/events", headers={"X-Request-Id": request_id})
    eventually(lambda: _in(places_of(frontrow, request_id), "log gateway-access.log"))


def _in(places: list[str], place: str) -> None:
    assert place in places


def places_of(frontrow: Frontrow, name: str) -> list[str]:
    """Return every table, collection, key, log, mail and file of the log that has this name in it."""
    instance = frontrow.instance
    places = []
    with frontrow.ledger(owner=True) as ledger:
        tables = ledger.execute(
            """SELECT schemaname, tablename FROM pg_tables
            WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"""
        ).fetchall()
        for schema, table in tables:
            having = sql.SQL("SELECT EXISTS (SELECT FROM {} AS t WHERE t::text LIKE %s)")
            row = ledger.execute(having.format(sql.Identifier(schema, table)), (f"%{name}%",)).fetchone()
            if row is not None and row[0]:
                places.append(f"table {schema}.{table}")
    settings = instance.environment_of("audit")
    password = read(instance.home, "audit", "mongo_password")
    with MongoClient[dict[str, Any]](
        settings["FRONTROW_MONGO_URL"], username=settings["FRONTROW_MONGO_USER"], password=password
    ) as client:
        database = client[settings["FRONTROW_MONGO_DATABASE"]]
        places += [
            f"view {collection}"
            for collection in database.list_collection_names()
            if any(name in str(document) for document in database[collection].find())
        ]
    password = read(instance.home, "redis", "redis_password")
    with redis.Redis(port=instance.ports.redis, password=password) as cache:
        places += [f"key {found!r}" for found in cache.scan_iter(match=f"*{name}*", count=1_000)]
    for folder, kind in ((instance.logs, "log"), (instance.home / "mail", "mail")):
        for file in folder.iterdir() if folder.exists() else ():
            if file.is_file() and name.encode() in file.read_bytes():
                places.append(f"{kind} {file.name}")
    return places
