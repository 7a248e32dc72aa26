"""Who accounts are: shown, taken back when they are erased, and never shown again by somebody who was overtaken."""

from collections.abc import Awaitable, Callable, Iterator

import pytest
from psycopg import Connection as Session
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.errors import InsufficientPrivilege

from contracts import views
from runtime.mongo import Mongo
from sync_service.feed import START
from sync_service.ledger import Ledger
from sync_service.people import CHANGES_AT_ONCE, People
from sync_service.rebuild import rebuild
from sync_service.service import SyncService
from sync_service.view import View
from tests.eventually import eventually_async
from tests.integration.sync_service.conftest import Shown, running

OpenSession = Callable[[], Awaitable[Ledger]]

REGISTER = "INSERT INTO accounts (principal, user_id, display_name, password_hash) VALUES (%s, %s, 'A', 'h')"
ERASE = "DELETE FROM accounts WHERE principal = %s"


@pytest.fixture
def desk(ledger: str) -> Iterator["Session[tuple[object, ...]]"]:
    """A session of write_api's role, that commits each statement."""
    with Session.connect(make_conninfo(ledger, user="frontrow_write_api"), autocommit=True) as connection:
        yield connection


@pytest.fixture
async def view(mongo: Mongo) -> View:
    one = View(mongo)
    await one.begin("this ledger")
    return one


async def names(shown: Shown) -> dict[str, str | None]:
    return {key: person["user_id"] for key, person in (await shown.all(views.PEOPLE)).items()}


async def test_who_registers_is_shown_and_who_is_erased_is_not(
    desk: "Session[tuple[object, ...]]", mongo: Mongo, shown: Shown, open_session: OpenSession
) -> None:
    async def so(**expected: str | None) -> None:
        assert await names(shown) == expected

    async with running(SyncService(open_session, View(mongo))):
        desk.execute(REGISTER, ("ac_1", "anna"))
        desk.execute(REGISTER, ("ac_2", "bert"))
        await eventually_async(lambda: so(ac_1="anna", ac_2="bert"))
        desk.execute(ERASE, ("ac_1",))
        await eventually_async(lambda: so(ac_1=None, ac_2="bert"))
        desk.execute(REGISTER, ("ac_3", "anna"))
        await eventually_async(lambda: so(ac_1=None, ac_2="bert", ac_3="anna"))


async def test_a_name_that_was_read_before_the_erasure_is_not_shown_after_it(
    desk: "Session[tuple[object, ...]]", view: View, shown: Shown, open_session: OpenSession
) -> None:
    desk.execute(REGISTER, ("ac_1", "anna"))
    (read_before,) = await (await open_session()).account_changes(START, CHANGES_AT_ONCE)
    assert read_before.user_id == "anna"
    desk.execute(ERASE, ("ac_1",))
    assert await People(await open_session(), view).run_once()
    await view.write_people([{"_id": "ac_1", "user_id": "anna", "version": read_before.id}])
    assert await names(shown) == {"ac_1": None}


async def test_a_change_that_commits_late_is_still_shown(
    desk: "Session[tuple[object, ...]]", ledger: str, view: View, shown: Shown, open_session: OpenSession
) -> None:
    people = People(await open_session(), view)
    with Session.connect(make_conninfo(ledger, user="frontrow_write_api")) as late:
        late.execute(REGISTER, ("ac_1", "anna"))
        desk.execute(REGISTER, ("ac_2", "bert"))
        await people.run_once()
        late.commit()
    await people.run_once()
    assert await names(shown) == {"ac_1": "anna", "ac_2": "bert"}


async def test_a_rebuilt_view_and_one_of_another_ledger_get_their_names_anew(
    desk: "Session[tuple[object, ...]]", mongo: Mongo, view: View, shown: Shown, open_session: OpenSession
) -> None:
    desk.execute(REGISTER, ("ac_1", "anna"))
    await People(await open_session(), view).run_once()
    wrong = {"_id": "ac_9", "user_id": "somebody who never was", "version": 99}
    await mongo.insert_new(views.PEOPLE, [wrong])
    await view.advance_people(START._replace(tx=2**40))  # a row that this ledger does not have
    await People(await open_session(), view).run_once()
    assert await names(shown) == {"ac_1": "anna"}
    await mongo.insert_new(views.PEOPLE, [wrong])
    await rebuild(open_session, View(mongo))
    await People(await open_session(), view).run_once()
    assert await names(shown) == {"ac_1": "anna"}
    assert await shown.all(views.PEOPLE + "_rebuild") == {}


async def test_of_an_account_its_name_alone_may_be_read_and_of_a_change_no_name(
    desk: "Session[tuple[object, ...]]", ledger: str
) -> None:
    desk.execute(REGISTER, ("ac_1", "anna"))
    desk.execute(ERASE, ("ac_1",))
    for role in ("sync_service", "audit"):
        with Session.connect(make_conninfo(ledger, user=f"frontrow_{role}"), autocommit=True) as reader:
            assert reader.execute("SELECT principal, user_id FROM accounts").fetchall() == []
            kept = reader.execute("SELECT c::text FROM account_changes AS c").fetchall()
            assert len(kept) == 2
            assert "anna" not in str(kept)
            for secret in ("password_hash", "email", "display_name"):
                with pytest.raises(InsufficientPrivilege):
                    reader.execute(sql.SQL("SELECT {} FROM accounts").format(sql.Identifier(secret)))
