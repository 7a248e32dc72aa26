"""How the feed is read: by its index, in commit order, as a role that can do nothing else."""

import json
from collections.abc import Awaitable, Callable

import psycopg
import pytest

from sync_service import statements
from sync_service.feed import START, Position
from sync_service.ledger import Ledger
from tests.eventually import eventually_async
from tests.integration.sync_service.seeding import Connection, add_event, add_outcome, is_below_the_horizon

OpenSession = Callable[[], Awaitable[Ledger]]


@pytest.mark.parametrize("rows", [0, 1, 5_000])
@pytest.mark.parametrize("analysed", [False, True])
async def test_the_feed_is_read_by_its_index_however_the_tables_look(
    ledger: str,
    sql: Connection,
    rows: int,
    analysed: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    sql.execute(
        """INSERT INTO outcomes (command_id, kind, event_id, status, log_partition, log_offset, requested_at,
            decided_at, rules_version)
        SELECT 'bk_' || n, 'book_seats', 'concert123', 'rejected', 0, n, now(), now(), 1
        FROM generate_series(1, %s) AS n""",
        (rows,),
    )
    if analysed:
        sql.execute("ANALYZE")
    with psycopg.connect(ledger, options=statements.SESSION_OPTIONS) as session:
        plan = session.execute(
            "EXPLAIN (FORMAT JSON) " + statements.POLL, {"tx": "0", "id": 0, "limit": 2_000}
        ).fetchone()
    assert plan is not None
    text = json.dumps(plan[0])
    assert '"Index Name": "outcomes_pkey"' in text
    assert '"Relation Name": "outcomes"' in text
    feed = text[text.index('"Node Type": "Limit"') :]
    assert "Sort" not in feed
    assert "Seq Scan" not in feed


async def test_a_batch_is_cut_where_the_next_one_goes_on(sql: Connection, open_session: OpenSession) -> None:
    with sql.transaction():
        ids = [add_outcome(sql, "concert123", status="rejected") for _ in range(5)]
    await eventually_async(lambda: is_below_the_horizon(sql))
    session = await open_session()
    first = await session.poll(START, 3)
    rest = await session.poll(Position(*first.rows[-1][:2]), 3)
    assert [row.command_id for row in first.rows + rest.rows] == ids
    assert (first.drained, rest.drained) == (False, True)


async def test_one_session_at_a_time_holds_the_lock(open_session: OpenSession) -> None:
    one, other = await open_session(), await open_session()
    assert await one.try_lock()
    assert not await other.try_lock()
    await one.close()

    async def is_free() -> None:
        assert await other.try_lock()

    await eventually_async(is_free)


async def test_an_event_of_many_blocks_gives_all_its_layouts(sql: Connection, open_session: OpenSession) -> None:
    add_event(sql, "arena", seats=2, blocks=25)
    session = await open_session()
    layouts = [layout["block"] async for some in session.layouts("arena") for layout in some]
    assert layouts == list(range(25))
    event = await session.event("arena")
    assert event is not None
    assert [(block.status, block.versions) for block in event.blocks] == [("aa", [0, 0])] * 25


async def test_the_role_can_change_nothing(ledger: str) -> None:
    with psycopg.connect(f"{ledger} user=frontrow_sync_service", autocommit=True) as session:
        session.execute("SET default_transaction_read_only = off")
        for statement in ("DELETE FROM outcomes", "UPDATE seats SET version = 0", "SELECT * FROM dead_letters"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute(statement)
