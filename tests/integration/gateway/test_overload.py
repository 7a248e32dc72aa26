"""Everything that asks a service has a bound of requests at once, of everybody together; more are refused at once."""

import asyncio
import re
import time
from collections import Counter
from typing import Final

import pytest

from tests.eventually import eventually_async
from tests.integration.gateway.conftest import GATEWAY, Gateway
from tests.integration.gateway.service import Answer, Service
from write_api.unread import GIVEN_UP_S, READ_WITHIN_S

SEAT_MAPS = 50
TOO_MANY = 7
SLOWEST_PER_S = 400
"""Bookings a second that the write API takes of a crowd while everything is on one core (``make overload``)."""


async def seat_map(port: int) -> tuple[int, float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = time.monotonic()
    writer.write(b"POST /api/events/e/seats HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
    answer = await reader.read()
    writer.close()
    if (status := int(answer.split(b" ", 2)[1])) == 503:
        assert b"/problems/overloaded" in answer
        assert re.search(rb"Retry-After: [123]\r\n", answer)
    return status, time.monotonic() - began


async def test_what_is_more_than_can_be_answered_in_time_is_refused_at_once_and_not_passed_on(
    gateway: Gateway, write_api: Service
) -> None:
    write_api.answer = Answer(202, hold_s=5)
    served = [asyncio.create_task(seat_map(gateway.port)) for _ in range(SEAT_MAPS)]

    async def all_there() -> None:
        assert len(write_api.received) == SEAT_MAPS

    await eventually_async(all_there)
    refused = await asyncio.gather(*(seat_map(gateway.port) for _ in range(TOO_MANY)))
    assert {status for status, _ in refused} == {503}
    assert max(seconds for _, seconds in refused) < 4, "nobody waits for what takes five seconds"
    assert Counter(status for status, _ in await asyncio.gather(*served)) == {202: SEAT_MAPS}
    assert len(write_api.received) == SEAT_MAPS


ALWAYS: Final = ("location = /health ", "location = /_alive ", "location = /api/payments/webhook ")
"""What is told from memory, and best asked for when there is too much of everything else; and who is one."""


def ways() -> list[str]:
    """Return the locations that pass on what is not kept: commands, and what people ask for themselves."""
    template = (GATEWAY / "nginx.conf.template").read_text()
    top_level = re.split(r"\n {8}(?=location )", template)
    passed_on = [block for block in top_level if "proxy_pass http://" in block and not block.startswith(ALWAYS)]
    return [block for block in passed_on if "proxy_cache " not in block]


@pytest.mark.parametrize("way", ways(), ids=lambda block: block.split("{")[0].strip())
def test_every_way_by_which_something_that_is_not_kept_is_asked_for_has_its_bound(way: str) -> None:
    assert "limit_conn " in way


def test_who_waits_to_be_read_is_refused_when_half_of_the_gateways_patience_is_over() -> None:
    template = (GATEWAY / "nginx.conf.template").read_text()
    (given_up_ms,) = re.findall(r"^ {4}proxy_read_timeout (\d+)ms;", template, re.MULTILINE)
    given_up_s = int(given_up_ms) / 1_000
    assert given_up_s / 2 <= READ_WITHIN_S < given_up_s / 2 + 0.1
    assert given_up_s < GIVEN_UP_S < given_up_s + 0.2


def test_whoever_has_a_place_to_book_is_answered_before_the_gateway_gives_up() -> None:
    template = (GATEWAY / "nginx.conf.template").read_text()
    (places,) = re.findall(r"limit_conn bookings (\d+);", template)
    given_up_ms = re.findall(r"^ {4,8}proxy_read_timeout (\d+)ms;", template, re.MULTILINE)
    assert int(places) / SLOWEST_PER_S < int(given_up_ms[0]) / 1000
    assert int(places) >= 1_000, "a thousand who come at once are all taken"
