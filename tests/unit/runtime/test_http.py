"""A process of which a part has died ends; a crowd is let in; who cannot listen says so."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest
import uvloop
from fastapi import FastAPI

from runtime.http import ACCEPTED_AT_ONCE, EXIT_BROKEN, EXIT_NOT_STARTED, end_if_it_failed, server
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


CROWD = 4 * ACCEPTED_AT_ONCE


def test_a_crowd_is_let_in_within_some_turns_of_the_loop(app: FastAPI) -> None:
    async def turns() -> int:
        serving = server(app, "127.0.0.1", 0)
        serving.config.load()
        serving.lifespan = serving.config.lifespan_class(serving.config)
        await serving.startup()
        address = serving.servers[0].sockets[0].getsockname()
        with contextlib.ExitStack() as crowd:
            for _ in range(CROWD):
                crowd.enter_context(socket.create_connection(address))
            taken = 0
            while len(serving.server_state.connections) < CROWD and taken < 2 * CROWD:
                await asyncio.sleep(0)
                taken += 1
        await serving.shutdown()
        return taken

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(turns()) < CROWD / 8


async def test_a_port_that_another_has_ends_the_process(app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        serving = server(app, *taken.getsockname())
        with pytest.raises(SystemExit) as ended:
            await serving.startup()
    assert ended.value.code == EXIT_NOT_STARTED
    assert "cannot listen" in caplog.text


async def test_a_port_that_another_took_meanwhile_ends_the_process_and_what_was_begun(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ended = False

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        nonlocal ended
        other.listen()
        yield
        ended = True

    made = FastAPI(lifespan=lifespan)
    made.state.exit_status, made.state.stopping = None, asyncio.Event()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", 0))
        serving = server(made, *other.getsockname())
        serving.config.load()
        serving.lifespan = serving.config.lifespan_class(serving.config)
        with pytest.raises(SystemExit) as refused:
            await serving.startup()
    assert refused.value.code == EXIT_NOT_STARTED
    assert ended
    assert "cannot listen" in caplog.text
