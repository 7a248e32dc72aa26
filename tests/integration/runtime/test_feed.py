"""How a table is followed: each row is acted upon once, in commit order, whatever dies."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import psycopg
import pytest

from runtime import feed_session
from runtime.feed import Connection, CursorError, Follower, Source
from tests.eventually import eventually_async

Sql = psycopg.Connection[tuple[Any, ...]]
Act = Callable[[Connection, Sequence["News"]], Awaitable[None]]


class News(NamedTuple):
    text: str


SOURCE = Source("paper.news", News._fields, News._make, wanted="text <> 'dull'")


@pytest.fixture
def sql(ledger: str) -> Iterator[Sql]:
    with psycopg.connect(ledger, autocommit=True) as connection:
        connection.execute(
            """CREATE SCHEMA paper;
            CREATE TABLE paper.news (
                tx xid8 NOT NULL DEFAULT pg_current_xact_id(), id bigint GENERATED ALWAYS AS IDENTITY,
                text text NOT NULL, PRIMARY KEY (tx, id));
            CREATE TABLE paper.cursor (tx xid8 NOT NULL, id bigint NOT NULL);
            INSERT INTO paper.cursor VALUES ('0', 0);
            CREATE TABLE paper.said (n bigint GENERATED ALWAYS AS IDENTITY, text text NOT NULL)"""
        )
        yield connection


async def say(connection: Connection, rows: Sequence[News]) -> None:
    for row in rows:
        await connection.execute("INSERT INTO paper.said (text) VALUES (%s)", (row.text,))


def follower(ledger: str, act: Act = say) -> Follower[News]:
    return Follower(ledger, SOURCE, "paper.cursor", act, name="test")


@asynccontextmanager
async def following(ledger: str, act: Act = say) -> AsyncIterator[Follower[News]]:
    one = follower(ledger, act)
    running = asyncio.create_task(one.run())
    try:
        yield one
    finally:
        one.stop()
        await running


def add(sql: Sql, *texts: str) -> None:
    for text in texts:
        sql.execute("INSERT INTO paper.news (text) VALUES (%s)", (text,))


async def said(sql: Sql, *expected: str, within_s: float = 30) -> None:
    async def all_of_it() -> None:
        assert [row[0] for row in sql.execute("SELECT text FROM paper.said ORDER BY n").fetchall()] == list(expected)

    await eventually_async(all_of_it, within_s=within_s)


def cursor_and_last_row(sql: Sql) -> tuple[Any, Any]:
    last = "SELECT tx::text, id FROM paper.news ORDER BY tx DESC, id DESC LIMIT 1"
    return sql.execute("SELECT tx::text, id FROM paper.cursor").fetchone(), sql.execute(last).fetchone()


async def is_ready(follower: Follower[News]) -> None:
    assert await follower.is_ready()


async def test_each_row_is_acted_upon_once_in_order_also_over_a_restart(ledger: str, sql: Sql) -> None:
    add(sql, "one", "dull", "two")
    async with following(ledger) as one:
        await said(sql, "one", "two")
        assert one.active
        await eventually_async(lambda: is_ready(one))  # what it did is seen a moment before it says so
        add(sql, "three", "dull")
        await said(sql, "one", "two", "three")
    assert not one.active
    add(sql, "four")
    async with following(ledger):
        await said(sql, "one", "two", "three", "four")


async def test_more_than_a_page_is_read_and_what_is_dull_is_passed(
    ledger: str, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_session, "ROWS_A_PAGE", 3)
    add(sql, "dull", "dull", "dull", "dull", "one", "dull", "dull", "two", "dull", "dull", "dull")
    async with following(ledger):
        await said(sql, "one", "two")
    kept, last = cursor_and_last_row(sql)
    assert kept == last, "a stop keeps the cursor behind the dull rows as well"


async def test_a_transaction_that_commits_late_is_still_acted_upon(ledger: str, sql: Sql) -> None:
    with psycopg.connect(ledger) as late:
        add(late, "late")
        add(sql, "early")
        async with following(ledger) as one:

            async def looks() -> None:
                assert one.active

            await eventually_async(looks)
            late.commit()
            await said(sql, "late", "early")


async def test_a_follower_that_was_overtaken_changes_nothing(ledger: str, sql: Sql) -> None:
    add(sql, "one")
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(connection: Connection, rows: Sequence[News]) -> None:
        await say(connection, rows)
        entered.set()
        await go_on.wait()

    async with following(ledger, slowly):
        await entered.wait()
        # As another follower's commit would have left it.
        sql.execute("UPDATE paper.cursor SET (tx, id) = (SELECT tx, id FROM paper.news)")
        go_on.set()
        add(sql, "two")
        await said(sql, "two")


async def test_of_two_followers_one_acts_and_the_other_takes_over(ledger: str, sql: Sql) -> None:
    async with following(ledger) as first:
        add(sql, "one")
        await said(sql, "one")
        async with following(ledger) as second:
            await eventually_async(lambda: is_ready(second))
            add(sql, "two")
            await said(sql, "one", "two")
            assert (first.active, second.active) == (True, False)
            first.stop()
            add(sql, "three")
            await said(sql, "one", "two", "three")
            assert second.active


async def test_a_session_that_is_lost_while_it_acts_is_begun_again_and_nothing_is_doubled(
    ledger: str, sql: Sql
) -> None:
    add(sql, "one", "two")
    lost = 0

    async def loses_its_session(connection: Connection, rows: Sequence[News]) -> None:
        nonlocal lost
        await say(connection, rows)
        if lost < 2:
            lost += 1
            sql.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))

    async with following(ledger, loses_its_session):
        await said(sql, "one", "two")
        add(sql, "three")
        await said(sql, "one", "two", "three")
    assert lost == 2


async def test_a_bug_in_what_is_done_ends_the_follower_and_the_cursor_stays(ledger: str, sql: Sql) -> None:
    add(sql, "one")

    async def breaks(connection: Connection, rows: Sequence[News]) -> None:
        await say(connection, rows)
        raise KeyError

    with pytest.raises(KeyError):
        await follower(ledger, breaks).run()
    assert sql.execute("SELECT id FROM paper.cursor").fetchone() == (0,)
    async with following(ledger):
        await said(sql, "one")


async def test_a_table_that_lost_the_row_of_the_cursor_is_not_followed(ledger: str, sql: Sql) -> None:
    add(sql, "one")
    async with following(ledger):
        await said(sql, "one")
    sql.execute("TRUNCATE paper.news")
    add(sql, "two")
    with pytest.raises(CursorError):
        await follower(ledger).run()
    await said(sql, "one")


async def test_postgresql_that_is_not_there_is_waited_for(ledger: str, sql: Sql, postgres_url: str) -> None:
    name = psycopg.sql.Identifier(sql.info.dbname)
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(psycopg.sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        async with following(ledger) as one:
            add(sql, "one")
            assert not await one.is_ready()
            server.execute(psycopg.sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))
            await said(sql, "one")


@pytest.mark.parametrize("rows", [0, 5_000])
async def test_a_page_is_read_by_the_index_however_the_table_looks(ledger: str, sql: Sql, rows: int) -> None:
    sql.execute("INSERT INTO paper.news (text) SELECT 'dull' FROM generate_series(1, %s)", (rows,))
    statement = feed_session.statement_of(feed_session.PAGE, SOURCE, "paper.cursor")
    with psycopg.connect(ledger, options=feed_session.SESSION_OPTIONS) as session:
        explained = psycopg.sql.SQL("EXPLAIN (FORMAT JSON) ") + statement
        (plan,) = session.execute(explained, {"tx": "0", "id": 0, "limit": 2_000}).fetchone() or ("",)
    text = json.dumps(plan)
    assert '"Index Name": "news_pkey"' in text
    assert "Sort" not in text
    assert "Seq Scan" not in text
