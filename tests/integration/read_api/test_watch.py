"""The watch tells every change once and in order, or says that it may have missed some."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from pymongo import MongoClient

from runtime import mongo_watch
from runtime.mongo import Mongo
from runtime.mongo_watch import MISSED, Change, Missed, Watch
from tests.eventually import eventually, eventually_async
from tests.integration.proxy import Proxy

THINGS = "things"
WITHIN_S = 10.0


class Heard:
    """What a watch told."""

    def __init__(self) -> None:
        self.all: list[Change | Missed] = []

    def told(self, burst: Sequence[Change | Missed]) -> None:
        self.all += burst

    @property
    def versions(self) -> list[int]:
        return [change.fields["version"] for change in self.all if isinstance(change, Change)]

    async def up_to(self, version: int) -> None:
        async def heard() -> None:
            assert self.versions[-1:] == [version], self.all

        await eventually_async(heard, within_s=WITHIN_S)


@pytest.fixture
async def proxy(mongo_database: tuple[str, str]) -> AsyncIterator[Proxy]:
    async with Proxy.before(mongo_database[0]) as proxy:
        yield proxy


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
async def watch(mongo_database: tuple[str, str], proxy: Proxy, heard: Heard) -> AsyncIterator[Watch]:
    """Yield a watch behind the proxy, open."""
    url, name = mongo_database
    behind = Mongo(proxy.instead(url), name, timeout_s=1)
    watch = behind.watch([THINGS], heard.told)
    watch.start()
    assert await watch.opened(WITHIN_S)
    yield watch
    await watch.stop()
    await watch.stop()
    await behind.close()


@pytest.fixture
async def view(mongo_database: tuple[str, str]) -> AsyncIterator[Mongo]:
    url, name = mongo_database
    mongo = Mongo(url, name, timeout_s=5)
    yield mongo
    await mongo.close()


async def write(view: Mongo, from_: int, to: int) -> None:
    for version in range(from_, to):
        await view.write_newer(THINGS, [{"_id": "a", "version": version, "text": "x" * (version % 2)}])


@pytest.mark.usefixtures("watch")
async def test_a_new_document_is_told_whole_and_an_older_one_by_what_is_different(view: Mongo, heard: Heard) -> None:
    await view.write_newer(THINGS, [{"_id": "a", "version": 1, "text": "x"}])
    await view.write_newer(THINGS, [{"_id": "a", "version": 2, "text": "x"}])
    await view.insert_new("others", [{"_id": "b", "version": 9}])
    await view.write_newer(THINGS, [{"_id": "a", "version": 3, "text": "y"}])
    await heard.up_to(3)
    told = [(change.key, dict(change.fields)) for change in heard.all if isinstance(change, Change)]
    assert told == [
        ("a", {"_id": "a", "version": 1, "text": "x"}),
        ("a", {"version": 2}),
        ("a", {"version": 3, "text": "y"}),
    ]


@pytest.mark.parametrize("frozen", [False, True], ids=["gone", "frozen"])
async def test_what_changed_while_mongodb_was_away_is_told_in_order(
    proxy: Proxy,
    watch: Watch,
    view: Mongo,
    heard: Heard,
    frozen: bool,  # noqa: FBT001
) -> None:
    await write(view, 1, 4)
    await heard.up_to(3)
    if frozen:
        proxy.freeze()
    else:
        await proxy.cut()
    await write(view, 4, 10)

    async def silent() -> None:
        assert watch.silent_s > mongo_watch.AWAY_AFTER_S / 2

    await eventually_async(silent, within_s=WITHIN_S)
    if frozen:
        proxy.thaw()
    else:
        await proxy.start()
    await heard.up_to(9)
    await write(view, 10, 12)
    await heard.up_to(11)
    assert heard.versions == list(range(1, 12))
    assert MISSED not in heard.all


@pytest.mark.usefixtures("watch")
async def test_a_collection_that_takes_anothers_place_may_hold_what_was_not_told(view: Mongo, heard: Heard) -> None:
    await write(view, 1, 2)
    await heard.up_to(1)
    await view.insert_new("shadow", [{"_id": "a", "version": 7}])
    await view.replace_collection(THINGS, by="shadow")
    await write(view, 8, 9)
    await heard.up_to(8)
    assert MISSED in heard.all[1:-1]


async def test_more_than_the_loop_takes_is_dropped_and_that_is_told(
    mongo_database: tuple[str, str], view: Mongo, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongo_watch, "MAX_WAITING", 5)
    watch = view.watch([THINGS], heard.told)
    watch.start()
    assert await watch.opened(WITHIN_S)
    url, name = mongo_database
    # The loop is busy with this while changes come.
    with MongoClient[dict[str, Any]](url) as blocking:
        blocking[name][THINGS].insert_many([{"_id": n, "version": n} for n in range(1, 31)])

        def overflowing() -> None:
            assert MISSED in watch._waiting  # noqa: SLF001 - what the loop does not hear of now

        eventually(overflowing, within_s=WITHIN_S)
    await heard.up_to(30)
    assert heard.all[0] is MISSED
    assert heard.versions == sorted(heard.versions)
    await watch.stop()
