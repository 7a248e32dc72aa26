"""An answer leaves in as few calls of the kernel as it can, and never later than the turn in which it was written."""

import asyncio
from collections.abc import Iterable

import uvicorn
from starlette.types import Message, Receive, Scope, Send
from uvicorn.server import ServerState

from runtime.protocol import JoiningProtocol

HEAD: Message = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]}
REQUEST = b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n"


class Kernel(asyncio.Transport):
    """Notes what leaves with each call, and that it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.calls.append(bytes(data))

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.calls.append(b"".join(list_of_data))

    def close(self) -> None:
        self.calls.append(b"closed")

    def is_closing(self) -> bool:
        return b"closed" in self.calls


def body(text: bytes, *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": text, "more_body": more}


def connected(*turns: list[Message]) -> tuple[Kernel, JoiningProtocol]:
    """Return a connection to an application that answers with these, turn after turn."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for messages in turns:
            for message in messages:
                await send(message)
            await some_turns()

    config = uvicorn.Config(app, log_config=None, server_header=False, date_header=False)
    config.load()
    protocol = JoiningProtocol(config, ServerState(), {}, asyncio.get_running_loop())
    kernel = Kernel()
    protocol.connection_made(kernel)
    return kernel, protocol


async def some_turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_head_and_body_leave_together_at_each_answer_of_a_connection() -> None:
    kernel, protocol = connected([HEAD, body(b"done")])
    for _ in range(2):
        protocol.data_received(REQUEST)
        await some_turns()
    assert [call.endswith(b"content-length: 4\r\n\r\ndone") for call in kernel.calls] == [True, True]


async def test_what_has_nothing_to_go_with_leaves_by_itself_in_its_turn() -> None:
    kernel, protocol = connected([HEAD], [body(b"do", more=True)], [body(b"ne")])
    protocol.data_received(REQUEST)
    for _ in range(4):
        await some_turns()
    assert [call[-4:] for call in kernel.calls] == [b"\r\n\r\n", b"do", b"ne"]


async def test_what_was_written_before_a_close_or_before_more_at_once_leaves_before_it() -> None:
    kernel, protocol = connected()
    protocol.transport.write(b"one")
    protocol.transport.writelines([b"two", b"three"])
    protocol.transport.write(b"four")
    protocol.transport.close()
    assert kernel.calls == [b"one", b"twothree", b"four", b"closed"]
    assert protocol.transport.is_closing()
    await some_turns()
    assert len(kernel.calls) == 4


async def test_what_was_kept_for_whoever_has_gone_is_not_written() -> None:
    kernel, protocol = connected()
    protocol.transport.write(b"one")
    kernel.close()  # the line broke
    await some_turns()
    assert kernel.calls == [b"closed"]
