"""Waiting for outcomes with a real Redis: told when announced, found when announced unheard, let go when it is away."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest
import redis.asyncio

from contracts.announcements import KEPT_MS, channel_of, encode, key_of
from contracts.views import BookingView
from runtime.breaker import Breaker
from runtime.redis import async_client
from tests.eventually import eventually_async
from tests.integration.proxy import Proxy
from tests.stalls import within
from write_api.waiting import Outcomes

SOON_S = 5.0


def booking() -> BookingView:
    return {
        "_id": f"bk_{uuid.uuid4().hex:0>36}",
        "event_id": "concert123",
        "principal": "p_somebody",
        "seat_ids": ["A2"],
        "status": "confirmed",
        "reason": None,
        "conflicts": [],
        "requested_at": "2027-01-02T03:04:05.678Z",
        "decided_at": "2027-01-02T03:04:05.700Z",
        "expires_at": None,
        "version": 1,
        "position": "745-12",
    }


@pytest.fixture
async def proxy(redis_url: str) -> AsyncIterator[Proxy]:
    async with Proxy.before(redis_url) as proxy:
        yield proxy


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[redis.asyncio.Redis]:
    client = async_client(redis_url, "")
    yield client
    await client.aclose()


@pytest.fixture
async def outcomes(redis_url: str, proxy: Proxy) -> AsyncIterator[Outcomes]:
    own = async_client(redis_url.rpartition(":")[0] + f":{proxy.port}/0", "")
    outcomes = Outcomes(own, Breaker(rest_s=0))
    await outcomes.start()
    await listens(outcomes)
    yield outcomes
    await outcomes.stop()
    await own.aclose()


async def listens(outcomes: Outcomes) -> None:
    async def listening() -> None:
        assert outcomes.listening

    await eventually_async(listening)


async def test_who_waits_is_told(outcomes: Outcomes, client: redis.asyncio.Redis) -> None:
    told = booking()
    with outcomes.expected(told["_id"]) as one, outcomes.expected(told["_id"]) as other:
        waiting = [asyncio.create_task(outcomes.outcome(told["_id"], each, 5)) for each in (one, other)]
        assert await client.publish(channel_of(outcomes.reply_to), encode(booking())) == 1, "somebody else's"
        await client.publish(channel_of(outcomes.reply_to), encode(told))
        assert await asyncio.gather(*waiting) == [told, told]


async def test_an_outcome_faster_than_the_acknowledgement_is_not_missed(
    outcomes: Outcomes, client: redis.asyncio.Redis
) -> None:
    told = booking()
    with outcomes.expected(told["_id"]) as waiting:
        await client.publish(channel_of(outcomes.reply_to), encode(told))
        assert await outcomes.outcome(told["_id"], waiting, 5) == told


async def test_an_outcome_that_was_announced_unheard_is_found(outcomes: Outcomes, client: redis.asyncio.Redis) -> None:
    told = booking()
    await client.set(key_of(told["_id"]), encode(told), px=KEPT_MS)
    with outcomes.expected(told["_id"]) as waiting:
        assert await outcomes.outcome(told["_id"], waiting, 5) == told


async def test_who_waits_in_vain_goes_in_time(outcomes: Outcomes) -> None:
    with within(SOON_S), outcomes.expected("bk_never") as waiting:
        assert await outcomes.outcome("bk_never", waiting, 0.2) is None


@pytest.mark.parametrize("how", ["cut", "frozen"])
async def test_while_redis_is_away_nobody_waits_and_afterwards_all_is_as_before(
    outcomes: Outcomes, client: redis.asyncio.Redis, proxy: Proxy, how: str
) -> None:
    with outcomes.expected("bk_never") as waiting, within(SOON_S):
        task = asyncio.create_task(outcomes.outcome("bk_never", waiting, 30))
        if how == "cut":
            await proxy.cut()
        else:
            proxy.freeze()
        assert await task is None
    assert not outcomes.listening
    if how == "cut":
        await proxy.start()
    else:
        proxy.thaw()
    await listens(outcomes)
    await test_who_waits_is_told(outcomes, client)


async def test_a_process_that_is_to_stop_lets_everybody_go(outcomes: Outcomes) -> None:
    with outcomes.expected("bk_never") as waiting:
        task = asyncio.create_task(outcomes.outcome("bk_never", waiting, 30))
        outcomes.let_go()
        assert await asyncio.wait_for(task, SOON_S) is None
    assert not outcomes.listening
