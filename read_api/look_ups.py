"""Look-ups: documents by id; those that are asked for while a question is under way are the next one.

``view`` enters here for what everybody asks for at the same time. A question costs the same for one id as for some
hundred, so the more ask the less each costs, and one who asks alone waits for nobody. An answer is never older than the
call that it is for: what joins a question joins before it is sent.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

Document = dict[str, Any]

MOST_AT_ONCE: Final = 500
"""Ids of one question: a millisecond or two of the store's time; more wait for the next."""


class LookUps:
    """``ask`` returns the documents that there are of some ids, in any order. Belongs to one event loop."""

    def __init__(self, ask: Callable[[Sequence[str]], Awaitable[Sequence[Document]]]) -> None:
        self._ask = ask
        self._waiting: list[tuple[str, asyncio.Future[Document | None]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def find(self, key: str) -> Document | None:
        """Return the document of an id, None where there is none; raises what ``ask`` raises."""
        answer: asyncio.Future[Document | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, answer))
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_on())
        return await answer

    async def _ask_on(self) -> None:
        try:
            while self._waiting:
                together, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
                found = {document["_id"]: document for document in await self._ask(list({key for key, _ in together}))}
                for key, answer in together:
                    if not answer.done():
                        answer.set_result(found.get(key))
        except BaseException as error:  # noqa: BLE001 - it is raised where it was asked
            # Also those whose question was not sent yet: each would wait for the same time-out anew. So one connection
            # that breaks is an error for all who ask at that moment; they are told to ask again, as one was before.
            for _key, answer in (*together, *self._waiting):
                if not answer.done():
                    answer.set_exception(error)
            self._waiting.clear()
        finally:
            self._asking = None
