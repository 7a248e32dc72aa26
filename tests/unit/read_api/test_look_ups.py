"""Who looks something up at the same time is answered by one question, never by one that was sent before."""

import asyncio
from collections.abc import Sequence

import pytest

from read_api.look_ups import MOST_AT_ONCE, Document, LookUps


class Store:
    """Documents, and every question that was asked of them; a question is answered when a test lets it."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self.asked: list[set[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Exception | None = None

    async def ask(self, keys: Sequence[str]) -> list[Document]:
        self.asked.append(set(keys))
        assert len(keys) == len(set(keys))
        there = [self.documents[key] for key in keys if key in self.documents]
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return there


async def test_one_question_for_all_who_ask_at_the_same_time() -> None:
    store = Store()
    store.documents = {key: {"_id": key} for key in "ac"}
    look_ups = LookUps(store.ask)
    found = await asyncio.gather(*map(look_ups.find, "abca"))
    assert found == [{"_id": "a"}, None, {"_id": "c"}, {"_id": "a"}]
    assert store.asked == [{"a", "b", "c"}]


async def test_who_comes_while_a_question_is_under_way_is_answered_by_the_next() -> None:
    store = Store()
    store.gate.clear()
    look_ups = LookUps(store.ask)
    first = asyncio.create_task(look_ups.find("a"))
    await asyncio.sleep(0.01)
    store.documents["a"] = {"_id": "a"}  # after the store was asked
    later = [asyncio.create_task(look_ups.find(key)) for key in "ab"]
    await asyncio.sleep(0.01)
    store.gate.set()
    assert (await first, await later[0], await later[1]) == (None, {"_id": "a"}, None)
    assert store.asked == [{"a"}, {"a", "b"}]


async def test_a_question_has_a_bound() -> None:
    store = Store()
    look_ups = LookUps(store.ask)
    await asyncio.gather(*(look_ups.find(str(number)) for number in range(MOST_AT_ONCE + 1)))
    assert [len(keys) for keys in store.asked] == [MOST_AT_ONCE, 1]


async def test_an_error_is_told_to_all_who_wait_and_the_next_is_asked_anew() -> None:
    store = Store()
    store.gate.clear()
    store.error = ConnectionError()
    look_ups = LookUps(store.ask)
    told = [asyncio.create_task(look_ups.find("a"))]
    await asyncio.sleep(0.01)
    told.append(asyncio.create_task(look_ups.find("b")))
    await asyncio.sleep(0.01)
    store.gate.set()
    assert [type(error) for error in await asyncio.gather(*told, return_exceptions=True)] == [ConnectionError] * 2
    assert store.asked == [{"a"}], "nobody waits for a second time-out"
    store.error = None
    assert await look_ups.find("a") is None


async def test_who_has_gone_is_no_harm_to_the_others() -> None:
    store = Store()
    store.documents["b"] = {"_id": "b"}
    store.gate.clear()
    look_ups = LookUps(store.ask)
    gone, stays = (asyncio.create_task(look_ups.find(key)) for key in "ab")
    await asyncio.sleep(0.01)
    gone.cancel()
    store.gate.set()
    assert await stays == {"_id": "b"}
    with pytest.raises(asyncio.CancelledError):
        await gone
