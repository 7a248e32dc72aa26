"""Whoever says whether bookings are taken goes on looking, whatever keeps the service busy."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, cast

import pytest

from runtime.postgres import Postgres, PostgresAwayError
from runtime.problems import ProblemError
from write_api import overload
from write_api.overload import Overload

ROUND_TRIPS: Final = 8
"""A connection is tried, a transaction begun, the question asked and the transaction ended; each is sent and heard."""
BUSY_S: Final = 0.25
LOOK_EVERY_S: Final = 0.05
A_SECOND: Final = 1_000


class _Ledger:
    """Answers after some round trips, or not in time; what is decided is half of what comes, of ``A_SECOND``."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.is_broken = False
        self.is_open = False

    def came(self) -> list[int]:
        return [int((time.monotonic() - self.began) * A_SECOND)]

    async def start(self) -> None:
        self.is_open = True

    async def stop(self) -> None:
        self.is_open = False

    async def run(self, _work: object) -> list[tuple[Any, ...]]:
        try:
            async with asyncio.timeout(overload.WITHIN_S):
                for _ in range(ROUND_TRIPS):
                    await asyncio.sleep(0)
        except TimeoutError:
            raise PostgresAwayError from None
        if self.is_broken:
            raise ZeroDivisionError
        return [(0, self.came()[0] // 2)]


@asynccontextmanager
async def looking(ledger: _Ledger) -> AsyncIterator[Overload]:
    too_much = Overload(cast("Postgres", ledger), "requests", ledger.came, lambda _most: 0)
    await too_much.start()
    try:
        yield too_much
    finally:
        await too_much.stop()
        assert not ledger.is_open


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overload, "LOOK_EVERY_S", LOOK_EVERY_S)


async def test_a_crowd_does_not_keep_it_from_seeing_how_much_waits() -> None:
    until = time.monotonic() + 8
    async with looking(_Ledger()) as too_much:
        while time.monotonic() < until:
            time.sleep(BUSY_S)  # noqa: ASYNC251 - requests, a thousand at a turn of the loop
            await asyncio.sleep(0)
            try:
                too_much.check(0)
            except ProblemError:
                return
    pytest.fail("too much waits, and nobody was refused")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_where_looking_fails_the_service_is_told() -> None:
    ledger, told = _Ledger(), asyncio.Event()
    too_much = Overload(cast("Postgres", ledger), "requests", ledger.came, lambda _most: 0)
    ledger.is_broken = True
    await too_much.start(on_failure=told.set)
    await asyncio.wait_for(told.wait(), 5)
    await too_much.stop()
    await too_much.stop()
