"""A process of which a part has died ends; one whose parts ended by themselves goes on."""

import asyncio

import pytest
from fastapi import FastAPI

from runtime.http import EXIT_BROKEN, end_if_it_failed, server
from runtime.settings import EXIT_DATA


class LostPlaceError(Exception):
    """What a new process would meet again."""


@pytest.fixture
def app() -> FastAPI:
    made = FastAPI()
    made.state.exit_status, made.state.stopping = None, asyncio.Event()
    return made


@pytest.mark.parametrize(("error", "status"), [(KeyError(), EXIT_BROKEN), (LostPlaceError(), EXIT_DATA)])
async def test_a_part_that_died_ends_the_process(app: FastAPI, error: Exception, status: int) -> None:
    async def dies() -> None:
        raise error

    serving = server(app, "127.0.0.1", 0)
    assert not await serving.on_tick(1)
    task = asyncio.create_task(dies())
    task.add_done_callback(end_if_it_failed(app, hopeless=(LostPlaceError,)))
    await asyncio.gather(task, return_exceptions=True)
    await asyncio.sleep(0)
    assert app.state.exit_status == status
    assert await serving.on_tick(1), "the server stops"


async def test_a_part_that_ended_or_was_cancelled_ends_nothing(app: FastAPI) -> None:
    tasks = [asyncio.create_task(asyncio.sleep(seconds)) for seconds in (0, 60)]
    for task in tasks:
        task.add_done_callback(end_if_it_failed(app))
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)
    assert app.state.exit_status is None
