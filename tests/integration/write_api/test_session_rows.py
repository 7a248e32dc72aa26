"""Sessions and refresh tokens in a real PostgreSQL, as the role that write_api has."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import LiteralString

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.errors import InsufficientPrivilege

from runtime.postgres import Postgres
from write_api.issuer import digest
from write_api.people import NewPerson, People, Person
from write_api.session_rows import GRACE_S, MOST_SESSIONS, Refreshed, Reused, SessionRows

FIRST, SECOND, THIRD = (digest(name) for name in ("first", "second", "third"))


@dataclass
class Rows:
    """The rooms under test, an account, and a door for the test itself."""

    people: People
    sessions: SessionRows
    anna: Person
    owner: "psycopg.Connection[tuple[object, ...]]"

    async def begin(self, session_id: str = "s1", token: bytes = FIRST) -> bool:
        return await self.sessions.begin(self.anna, session_id, token, "a phone")

    def change(self, statement: LiteralString, *values: object) -> None:
        assert self.owner.execute(statement, values).rowcount

    def count(self) -> object:
        row = self.owner.execute("SELECT count(*) FROM sessions").fetchone()
        return row[0] if row else None


@pytest.fixture
async def rows(ledger: str) -> AsyncIterator[Rows]:
    pool = Postgres(make_conninfo(ledger, user="frontrow_write_api"), "test")
    await pool.start()
    people = People(pool)
    anna = await people.add(NewPerson(str(uuid.uuid4()), "ac_1", "anna", "Anna", None, "a hash"))
    assert anna is not None
    with psycopg.connect(ledger, autocommit=True) as owner:
        yield Rows(people, SessionRows(pool), anna, owner)
    await pool.stop()


async def test_a_token_is_used_once_and_gives_the_next_one(rows: Rows) -> None:
    assert await rows.begin()
    assert await rows.sessions.refresh(FIRST, SECOND) == Refreshed("s1", rows.anna)
    assert await rows.sessions.refresh(SECOND, THIRD) == Refreshed("s1", rows.anna)
    assert await rows.sessions.refresh(digest("never ours"), THIRD) is None


async def test_one_that_comes_again_after_its_successor_was_used_ends_the_session(rows: Rows) -> None:
    await rows.begin()
    await rows.sessions.refresh(FIRST, SECOND)
    await rows.sessions.refresh(SECOND, THIRD)
    assert await rows.sessions.refresh(FIRST, SECOND) == Reused("s1")
    assert rows.count() == 0
    assert await rows.sessions.refresh(THIRD, FIRST) is None


async def test_one_that_comes_again_later_ends_the_session_though_its_successor_was_never_used(rows: Rows) -> None:
    await rows.begin()
    await rows.sessions.refresh(FIRST, SECOND)
    rows.change(
        "UPDATE refresh_tokens SET used_at = used_at - %s * '1 s'::interval WHERE token_hash = %s", GRACE_S, FIRST
    )
    assert await rows.sessions.refresh(FIRST, SECOND) == Reused("s1")


async def test_many_who_refresh_at_once_with_one_token_are_all_told_the_same(rows: Rows) -> None:
    for n in range(20):
        first, second, third = (digest(f"{name} {n}") for name in ("first", "second", "third"))
        await rows.begin(f"s{n}", first)
        told = await asyncio.gather(*(rows.sessions.refresh(first, second) for _ in range(8)))
        assert told == [Refreshed(f"s{n}", rows.anna)] * 8
        assert isinstance(await rows.sessions.refresh(second, third), Refreshed)


async def test_a_session_that_is_over_is_refreshed_by_nobody_and_swept_away_by_the_next_one(rows: Rows) -> None:
    await rows.begin()
    rows.change("UPDATE sessions SET expires_at = now()")
    assert await rows.sessions.refresh(FIRST, SECOND) is None
    assert await rows.people.of_session("s1") is None
    assert not await rows.sessions.of_same_account("s1")
    assert await rows.begin("s2", THIRD)
    assert rows.count() == 1


async def test_a_password_that_was_changed_meanwhile_begins_no_session(rows: Rows) -> None:
    await rows.people.add_reset(rows.anna, digest("reset"), 60)
    assert await rows.people.reset(digest("reset"), "another hash")
    assert not await rows.begin()
    assert not await rows.people.reset(digest("reset"), "a third hash"), "a link works once"


async def test_a_link_is_good_until_its_time_and_only_the_last_one(rows: Rows) -> None:
    await rows.people.add_reset(rows.anna, digest("one"), 60)
    await rows.people.add_reset(rows.anna, digest("other"), 60)
    assert not await rows.people.may_reset(digest("one"))
    assert await rows.people.may_reset(digest("other"))
    rows.change("UPDATE password_resets SET expires_at = now()")
    assert not await rows.people.may_reset(digest("other"))
    assert not await rows.people.reset(digest("other"), "another hash")


async def test_an_account_has_so_many_sessions_and_the_stalest_makes_room(rows: Rows) -> None:
    for number in range(MOST_SESSIONS + 2):
        await rows.begin(f"s{number}", digest(f"token {number}"))
    assert rows.count() == MOST_SESSIONS
    assert await rows.people.of_session("s0") is None
    assert await rows.people.of_session(f"s{MOST_SESSIONS + 1}") == rows.anna


async def test_people_are_known_to_write_api_alone_but_for_their_names_and_it_reads_nothing_of_the_ledger_but_standings(
    ledger: str,
) -> None:
    tried: list[tuple[str, LiteralString]] = [
        ("worker", "SELECT FROM accounts"),
        ("sync_service", "SELECT email FROM accounts"),
        ("audit", "SELECT FROM sessions"),
        ("write_api", "SELECT FROM seats"),
        ("write_api", "SELECT changes FROM outcomes"),
        ("write_api", "UPDATE bookings SET status = 'cancelled'"),
    ]
    for role, statement in tried:
        with psycopg.connect(ledger, user=f"frontrow_{role}") as connection, pytest.raises(InsufficientPrivilege):
            connection.execute(statement)
