"""A view that does not belong to its ledger is refused, and a rebuild makes one that does."""

from collections.abc import Awaitable, Callable
from typing import Final

import pytest

from contracts import views
from runtime.mongo import Mongo
from sync_service.ledger import Ledger
from sync_service.rebuild import RebuildRunsError, rebuild, told
from sync_service.service import SyncService, ViewRefusedError, check
from sync_service.view import View
from tests.eventually import eventually_async
from tests.integration.sync_service.conftest import Shown, running
from tests.integration.sync_service.seeding import Connection, add_event, add_outcome, book, decide_until

OpenSession = Callable[[], Awaitable[Ledger]]

REMEDY: Final = "python -m sync_service rebuild"


async def _all_is_shown(shown: Shown, bookings: int) -> None:
    assert len(await shown.all(views.BOOKINGS)) == bookings
    assert await shown.all(views.COMMANDS), "of what the first batch brings these are written last"


async def test_a_rebuilt_view_equals_the_old_one(
    sql: Connection, mongo: Mongo, shown: Shown, open_session: OpenSession
) -> None:
    add_event(sql, "concert123", blocks=2)
    add_event(sql, "draft", status="draft")
    for seat in ("A1", "B2", "A3"):
        book(sql, "concert123", seat)
    add_outcome(sql, "concert123", status="rejected", reason="seat_taken", seat_ids=["A1"], conflicts=["A1"])
    decide_until(sql, 0, 5_000)
    async with running(SyncService(open_session, View(mongo))):
        await eventually_async(lambda: _all_is_shown(shown, 4))
    before, watermark = await shown.everything(), await shown.watermark()
    assert (await rebuild(open_session, View(mongo), dry_run=True)).differences == []
    assert (await rebuild(open_session, View(mongo))).switched
    assert await shown.everything() == before
    after = await shown.watermark()
    assert (after["incarnation"], after["cursor"]) == (watermark["incarnation"], watermark["cursor"])
    assert after["partitions"] == watermark["partitions"]


async def test_a_rebuild_repairs_what_the_version_guards_would_keep(
    sql: Connection, mongo: Mongo, shown: Shown, open_session: OpenSession
) -> None:
    add_event(sql, "concert123")
    book(sql, "concert123", "A1")
    async with running(SyncService(open_session, View(mongo))):
        await eventually_async(lambda: _all_is_shown(shown, 1))
    right = await shown.everything()
    wrong = {**right["blocks"]["concert123:0"], "status": "hhhh", "version": 99}
    await mongo.write_newer(views.BLOCKS, [wrong])
    await mongo.insert_new(views.BOOKINGS, [{"_id": "bk_of_nobody"}])
    broken = await shown.everything()
    looked = await rebuild(open_session, View(mongo), dry_run=True, accept_differences=True)
    assert (looked.switched, await shown.everything()) == (False, broken)
    refused = await rebuild(open_session, View(mongo))
    assert (refused.switched, await shown.everything()) == (False, broken)
    assert refused.differences == looked.differences
    block, nobody = refused.differences
    assert block.startswith("blocks concert123:0: status is 'hhhh' in the old view, 'baaa' in the new view")
    assert nobody == "bookings bk_of_nobody: the old view has it, the new view does not"
    assert (await rebuild(open_session, View(mongo), accept_differences=True)).switched
    assert await shown.everything() == right


async def test_a_rebuild_asks_the_active_projector_to_step_aside_and_it_goes_on_after(
    sql: Connection, mongo: Mongo, shown: Shown, open_session: OpenSession
) -> None:
    add_event(sql, "concert123")
    async with running(SyncService(open_session, View(mongo))):
        book(sql, "concert123", "A1")
        await eventually_async(lambda: _all_is_shown(shown, 1))
        await rebuild(open_session, View(mongo))
        await _all_is_shown(shown, 1)
        book(sql, "concert123", "A2")
        await eventually_async(lambda: _all_is_shown(shown, 2))


async def test_a_view_of_another_ledger_is_refused_until_it_is_rebuilt(
    sql: Connection, mongo: Mongo, shown: Shown, open_session: OpenSession, caplog: pytest.LogCaptureFixture
) -> None:
    add_event(sql, "concert123")
    async with running(SyncService(open_session, View(mongo))):
        book(sql, "concert123", "A1")
        await eventually_async(lambda: _all_is_shown(shown, 1))
    sql.execute("UPDATE ledger SET incarnation = gen_random_uuid()")
    book(sql, "concert123", "A2")
    async with running(SyncService(open_session, View(mongo))) as service:

        async def is_refused() -> None:
            assert not await service.view_is_of_this_ledger()

        await eventually_async(is_refused)
        assert REMEDY in caplog.text
        await _all_is_shown(shown, 1)
        await rebuild(open_session, View(mongo))
        await _all_is_shown(shown, 2)

        async def is_accepted() -> None:
            assert await service.view_is_of_this_ledger()

        await eventually_async(is_accepted)


async def test_who_refused_a_view_and_stands_by_after_the_rebuild_is_ready_again(
    sql: Connection, mongo: Mongo, shown: Shown, open_session: OpenSession
) -> None:
    add_event(sql, "concert123")
    async with running(SyncService(open_session, View(mongo))):
        book(sql, "concert123", "A1")
        await eventually_async(lambda: _all_is_shown(shown, 1))
    sql.execute("UPDATE ledger SET incarnation = gen_random_uuid()")
    services = [SyncService(open_session, View(mongo)) for _ in range(2)]

    async def all_refuse() -> None:
        assert not any([await service.view_is_of_this_ledger() for service in services])

    async def all_are_ready() -> None:
        assert all([await service.view_is_of_this_ledger() for service in services])

    async with running(services[0]), running(services[1]):
        await eventually_async(all_refuse)
        await rebuild(open_session, View(mongo))
        await eventually_async(all_are_ready)


async def test_a_view_that_has_seen_a_row_which_the_ledger_lost_is_refused(
    sql: Connection, mongo: Mongo, shown: Shown, open_session: OpenSession
) -> None:
    add_event(sql, "concert123")
    async with running(SyncService(open_session, View(mongo))):
        book(sql, "concert123", "A1")
        await eventually_async(lambda: _all_is_shown(shown, 1))
    # What a restored backup or a promoted standby without its tail looks like.
    sql.execute("DELETE FROM outcomes WHERE id = (SELECT max(id) FROM outcomes)")
    session = await open_session()
    with pytest.raises(ViewRefusedError, match=REMEDY):
        await check(session, View(mongo))


async def test_a_view_whose_last_row_is_another_outcome_in_the_ledger_is_refused(
    sql: Connection, mongo: Mongo, shown: Shown, open_session: OpenSession
) -> None:
    add_event(sql, "concert123")
    async with running(SyncService(open_session, View(mongo))):
        book(sql, "concert123", "A1")
        await eventually_async(lambda: _all_is_shown(shown, 1))
    await check(await open_session(), View(mongo))
    # What a restored backup looks like once as many transactions and rows have come as were lost.
    sql.execute("UPDATE outcomes SET command_id = 'bk_another' WHERE id = (SELECT max(id) FROM outcomes)")
    with pytest.raises(ViewRefusedError, match=REMEDY):
        await check(await open_session(), View(mongo))


async def test_a_ledger_that_changes_under_a_running_projector_is_noticed(
    sql: Connection, mongo: Mongo, shown: Shown, open_session: OpenSession
) -> None:
    add_event(sql, "concert123")
    async with running(SyncService(open_session, View(mongo))) as service:
        book(sql, "concert123", "A1")
        await eventually_async(lambda: _all_is_shown(shown, 1))
        sql.execute("UPDATE ledger SET incarnation = gen_random_uuid()")

        async def is_refused() -> None:
            assert not await service.view_is_of_this_ledger()

        await eventually_async(is_refused)


async def test_a_view_that_mongodb_lost_under_a_running_projector_is_made_again(
    sql: Connection, mongo: Mongo, shown: Shown, open_session: OpenSession
) -> None:
    add_event(sql, "concert123")
    async with running(SyncService(open_session, View(mongo))):
        book(sql, "concert123", "A1")
        await eventually_async(lambda: _all_is_shown(shown, 1))
        before = await shown.everything()
        await View(mongo).drop()

        async def is_made_again() -> None:
            assert await shown.everything() == before

        await eventually_async(is_made_again)


async def test_two_rebuilds_do_not_write_to_the_same_place(
    sql: Connection, mongo: Mongo, open_session: OpenSession
) -> None:
    add_event(sql, "concert123")
    assert await (await open_session()).try_rebuild()
    with pytest.raises(RebuildRunsError):
        await rebuild(open_session, View(mongo))


async def test_what_the_old_view_lacks_is_a_difference_when_both_stand_at_the_same_row(
    sql: Connection, mongo: Mongo, shown: Shown, open_session: OpenSession
) -> None:
    add_event(sql, "concert123", blocks=2)
    async with running(SyncService(open_session, View(mongo))):
        lost = book(sql, "concert123", "A1")
        await eventually_async(lambda: _all_is_shown(shown, 1))
        await mongo.drop(views.BOOKINGS)
        book(sql, "concert123", "B1")
        refused = await rebuild(open_session, View(mongo))
        assert not refused.switched
        assert refused.differences == [f"bookings {lost}: the new view has it, the old view does not"]
        assert told(refused).startswith("DIFFERENT: ")
        await eventually_async(lambda: _all_is_shown(shown, 1))
        assert (await rebuild(open_session, View(mongo), accept_differences=True)).switched
        await _all_is_shown(shown, 2)
