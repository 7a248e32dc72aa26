"""How often somebody may try, counted by one process alone: what it does while Redis is away."""

from ipaddress import IPv4Network

import pytest

from contracts import problems
from runtime.breaker import Breaker
from runtime.problems import ProblemError
from runtime.redis import async_client
from write_api.throttle import MOST_COUNTERS, Count, Limit, Throttle, site_of

THREE = Limit("three", 3, 60)
NOWHERE = "redis://127.0.0.1:9/0"


class Alone:
    """A throttle without Redis, and its clock."""

    def __init__(self) -> None:
        self.now_s = 0.0
        resting = Breaker(1_000)
        resting.failed()
        self.throttle = Throttle(async_client(NOWHERE, ""), resting, IPv4Network("127.0.0.0/8"), lambda: self.now_s)

    async def refused(self, *counts: Count) -> ProblemError | None:
        try:
            await self.throttle.take(*counts)
        except ProblemError as error:
            return error
        return None


async def test_the_one_too_many_is_told_when_to_come_again() -> None:
    alone = Alone()
    assert [await alone.refused(Count(THREE, "anna")) for _ in range(3)] == [None] * 3
    alone.now_s = 20
    refused = await alone.refused(Count(THREE, "anna"))
    assert refused is not None
    assert refused.kind is problems.TOO_MANY_REQUESTS
    assert refused.headers["Retry-After"] == "40"
    assert await alone.refused(Count(THREE, "bert")) is None
    alone.now_s = 60
    assert await alone.refused(Count(THREE, "anna")) is None


async def test_the_longest_wait_of_several_limits_is_told() -> None:
    alone = Alone()
    counts = Count(THREE, "anna"), Count(Limit("hourly", 3, 3600), "anna")
    for _ in range(3):
        assert await alone.refused(*counts) is None
    refused = await alone.refused(*counts)
    assert refused is not None
    assert refused.headers["Retry-After"] == "3600"


async def test_what_is_given_back_does_not_count() -> None:
    alone = Alone()
    for _ in range(10):
        assert await alone.refused(Count(THREE, "anna")) is None
        await alone.throttle.give_back(Count(THREE, "anna"))


async def test_counters_are_bounded_and_the_one_that_ends_first_makes_room() -> None:
    alone = Alone()
    for number in range(MOST_COUNTERS + 10):
        alone.now_s = number / 1000
        await alone.refused(Count(THREE, str(number)))
    assert len(alone.throttle._own) == MOST_COUNTERS  # noqa: SLF001 - its bound is the point


@pytest.mark.parametrize(
    ("address", "limited"),
    [("127.0.0.1", False), ("127.9.9.9", False), ("192.0.2.1", True), ("::1", True), ("x", True)],
)
def test_who_comes_from_this_machine_is_not_limited(address: str, limited: bool) -> None:  # noqa: FBT001 - a case
    assert Alone().throttle.limits(address) is limited


def test_one_ipv6_site_is_one_address() -> None:
    assert site_of("2001:db8::1") == site_of("2001:db8::ffff") != site_of("2001:db8:0:1::1")
    assert site_of("192.0.2.1") == "192.0.2.1"
