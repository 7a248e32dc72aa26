"""Channel: the last messages about one subject, for all of its streams.

Each message is made once and kept here; a stream is a place in this row and keeps nothing. One that falls so far behind
that its next message is gone is let go, and comes back with the id of the last that it had (test:
``test_a_client_that_does_not_read_is_let_go_and_the_others_hear_everything``).
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from read_api.live import messages
from read_api.live.messages import Name
from read_api.live.subject import Subject

MAX_MESSAGES: Final = 256
"""Some 25 s of an event that changes all the time; minutes of a usual one."""
MAX_BYTES: Final = 2_000_000
"""Of one channel's messages: a rush names at most some thousand seats, ten kB, in each; a usual row has 100 kB."""


@dataclass(frozen=True, slots=True)
class Told:
    """``mark``: the id of what is shown once this was told."""

    mark: str
    text: bytes


class Channel:
    """A subject that shows something, and what was told of it. ``streams``: how many listen."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.size = subject.size
        self.streams = 0
        self.left_at = 0.0
        self.heartbeat_at = 0.0
        self.stale = False
        self.closed = False
        self._told: deque[Told] = deque()
        self._bytes = 0
        self._first = 0
        self._before = subject.mark
        self._news = asyncio.Event()
        self._snapshot = Told("", b"")

    @property
    def end(self) -> int:
        """The place after the last message."""
        return self._first + len(self._told)

    def tell(self, text: bytes) -> None:
        """Add a message for every stream."""
        self._told.append(Told(self.subject.mark, text))
        self._bytes += len(text)
        while len(self._told) > MAX_MESSAGES or self._bytes > MAX_BYTES:
            oldest = self._told.popleft()
            self._before = oldest.mark
            self._bytes -= len(oldest.text)
            self._first += 1
        self._wake()

    def tell_change(self) -> None:
        """Tell what was noted of the subject, if that makes a difference; the last message of a subject that ended."""
        change = self.subject.change()
        if change is not None:
            self.tell(messages.message(Name.CHANGE, self.subject.mark, change))

    def tell_snapshot(self) -> None:
        """Tell everything anew."""
        self.tell(self.snapshot())

    def close(self) -> None:
        """Let every stream go once it has had what was told."""
        self.closed = True
        self._wake()

    def snapshot(self) -> bytes:
        """Return everything that is shown as a message; made once for all who come while it is the same."""
        mark = self.subject.mark
        if self._snapshot.mark != mark:
            self._snapshot = Told(mark, messages.message(Name.SNAPSHOT, mark, self.subject.snapshot()))
        return self._snapshot.text

    def after(self, mark: str) -> Sequence[bytes] | None:
        """Return what was told since ``mark`` was shown, or None when that is not known here."""
        missing: list[bytes] = []
        for told in reversed(self._told):
            if told.mark == mark:
                return missing[::-1]
            missing.append(told.text)
        return missing[::-1] if mark == self._before else None

    def since(self, place: int) -> bytes | None:
        """Return everything told from ``place`` on, or None when some of it is gone."""
        if place < self._first:
            return None
        if place == self.end - 1:
            return self._told[-1].text  # the same object for everybody who keeps up
        return b"".join(self._told[index - self._first].text for index in range(place, self.end))

    async def news(self, place: int) -> None:
        """Return when there is something from ``place`` on, or the channel is closed."""
        while place >= self.end and not self.closed:
            await self._news.wait()

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()
