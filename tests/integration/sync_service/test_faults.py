"""What happens when the projector dies, is doubled, or loses a store: the view ends right."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable

from contracts import views
from runtime.mongo import Mongo
from sync_service.ledger import Ledger
from sync_service.projector import Projector
from sync_service.service import SyncService, check
from sync_service.stores import Stores
from sync_service.view import View
from tests.eventually import eventually_async
from tests.integration.proxy import Proxy
from tests.integration.sync_service.conftest import Shown, running
from tests.integration.sync_service.seeding import Connection, add_event, book, is_below_the_horizon

OpenSession = Callable[[], Awaitable[Ledger]]


async def _is_shown(shown: Shown, booking_id: str, status: str) -> None:
    """Assert that the booking and the seats of concert123's only block are shown."""
    await shown.booking(booking_id)
    assert (await shown.all(views.BLOCKS))["concert123:0"]["status"] == status


async def test_a_projector_killed_before_its_write_leaves_nothing_stale(
    ledger: str, sql: Connection, mongo: Mongo, mongo_database: tuple[str, str], shown: Shown, open_session: OpenSession
) -> None:
    add_event(sql, "concert123")
    first = book(sql, "concert123", "A1")
    async with running(SyncService(open_session, View(mongo))):
        await eventually_async(lambda: _is_shown(shown, first, "baaa"))
    second = book(sql, "concert123", "A2")
    victim = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.sync_service.victim", ledger, *mongo_database
    )
    assert await asyncio.wait_for(victim.wait(), 20) == -signal.SIGKILL
    assert (await shown.all(views.BLOCKS))["concert123:0"]["status"] == "baaa"
    # The successor loads seats that are newer than its cursor, so the row changes nothing; its block is written all
    # the same.
    async with running(SyncService(open_session, View(mongo))):
        await eventually_async(lambda: _is_shown(shown, second, "bbaa"))


async def test_a_second_service_stands_by_and_takes_over(
    sql: Connection, mongo: Mongo, shown: Shown, open_session: OpenSession
) -> None:
    add_event(sql, "concert123")
    first, second = (SyncService(open_session, View(mongo)) for _ in range(2))
    async with running(second):
        async with running(first):
            booked = book(sql, "concert123", "A1")
            await eventually_async(lambda: _is_shown(shown, booked, "baaa"))
        booked = book(sql, "concert123", "A2")
        await eventually_async(lambda: _is_shown(shown, booked, "bbaa"))


async def test_two_projectors_at_once_leave_the_view_right(
    sql: Connection, mongo: Mongo, shown: Shown, open_session: OpenSession
) -> None:
    """One that lost its lock while its write was on the way: it ends later than its successor, and must not win."""
    view = View(mongo)
    await view.prepare()
    add_event(sql, "concert123")
    await eventually_async(lambda: is_below_the_horizon(sql))
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def overtaken() -> None:
        reached.set()
        await go_on.wait()

    stale_session, fresh_session = await open_session(), await open_session()
    start = await check(fresh_session, view)
    stale = Projector(stale_session, view, start, Stores(), before_write=overtaken)
    writing = asyncio.create_task(stale.run_once(lambda: False))
    await reached.wait()
    booked = book(sql, "concert123", "A1")
    fresh = Projector(fresh_session, view, start, Stores())

    async def is_projected() -> None:
        await fresh.run_once(lambda: False)
        await _is_shown(shown, booked, "baaa")

    await eventually_async(is_projected)
    watermark = await shown.watermark()
    go_on.set()
    await asyncio.gather(writing, return_exceptions=True)
    await _is_shown(shown, booked, "baaa")
    assert await shown.watermark() == watermark


async def test_the_view_catches_up_after_mongodb_was_away(
    sql: Connection, mongo_database: tuple[str, str], shown: Shown, open_session: OpenSession
) -> None:
    url, name = mongo_database
    add_event(sql, "concert123")
    async with Proxy.before(url) as proxy:
        proxied = Mongo(proxy.instead(url), name, timeout_s=1)
        async with running(SyncService(open_session, View(proxied))) as service:
            booked = book(sql, "concert123", "A1")
            await eventually_async(lambda: _is_shown(shown, booked, "baaa"))
            await proxy.cut()
            booked = book(sql, "concert123", "A2")

            async def says_so() -> None:
                assert not await service.stores.view_answers()
                assert await service.stores.ledger_answers()

            await eventually_async(says_so)
            await proxy.start()
            await eventually_async(lambda: _is_shown(shown, booked, "bbaa"))
            proxy.freeze()
            booked = book(sql, "concert123", "A3")
            await eventually_async(says_so)
            proxy.thaw()
            await eventually_async(lambda: _is_shown(shown, booked, "bbba"))
        await proxied.close()


async def test_the_service_stops_while_mongodb_is_away(
    sql: Connection, mongo_database: tuple[str, str], open_session: OpenSession
) -> None:
    url, name = mongo_database
    async with Proxy.before(url) as proxy:
        proxied = Mongo(proxy.instead(url), name, timeout_s=1)
        async with running(SyncService(open_session, View(proxied))) as service:

            async def is_ready() -> None:
                assert await service.stores.view_answers()

            await eventually_async(is_ready)
            await proxy.cut()
            add_event(sql, "concert123")
        await proxied.close()


async def test_the_projector_goes_on_after_its_session_was_ended(
    sql: Connection, mongo: Mongo, shown: Shown, open_session: OpenSession
) -> None:
    add_event(sql, "concert123")
    async with running(SyncService(open_session, View(mongo))):
        booked = book(sql, "concert123", "A1")
        await eventually_async(lambda: _is_shown(shown, booked, "baaa"))
        ended = sql.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'frontrow sync_service'"""
        ).fetchall()
        assert ended == [(True,)]
        booked = book(sql, "concert123", "A2")
        await eventually_async(lambda: _is_shown(shown, booked, "bbaa"))


async def test_the_projector_waits_for_a_postgresql_that_is_away(
    sql: Connection, ledger: str, mongo: Mongo, shown: Shown
) -> None:
    add_event(sql, "concert123")
    host, port = sql.info.host, sql.info.port
    async with Proxy(host, port) as proxy:
        conninfo = f"{ledger} host=127.0.0.1 port={proxy.port}"
        async with running(SyncService(lambda: Ledger.connect(conninfo), View(mongo))) as service:
            booked = book(sql, "concert123", "A1")
            await eventually_async(lambda: _is_shown(shown, booked, "baaa"))
            await proxy.cut()
            booked = book(sql, "concert123", "A2")

            async def says_so() -> None:
                assert not await service.stores.ledger_answers()

            await eventually_async(says_so)
            await proxy.start()
            await eventually_async(lambda: _is_shown(shown, booked, "bbaa"))
