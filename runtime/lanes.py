"""Lanes: what one partition's senders are told while they wait for an acknowledgement. Pure: no client, no clock.

``runtime.producer`` enters here, on its event loop's thread alone. A lane hands a message to the client's library only
while acknowledgements flow, and keeps it otherwise. So "not handed over" is a fact about our own queue: the library's
purge cannot prove as much, since it also calls "purged in queue" what was sent and came back to be tried again.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

HOLD_AFTER_S: Final = 0.5
"""A lane without an acknowledgement for so long, while it waits for one, keeps new messages to itself."""
MAX_IN_FLIGHT: Final = 2_000
"""A lane's bound of messages handed over and not settled: a hundred times what flows in a normal round trip."""
MAX_WAITING: Final = 5_000
"""A lane's bound of messages kept while it is held; one more is refused at once."""

Headers = list[tuple[str, str | bytes | None]]


class NotHandedOverError(Exception):
    """The message never reached the client's library and never will: it is safe to send it again."""


class OutcomeUnknownError(Exception):
    """No acknowledgement in time, or a delivery that failed: the message may be on the log, now or later."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Where the log's replicas have the message."""

    partition: int
    offset: int


@dataclass(slots=True, eq=False)
class Sending:
    """One message under way; ``since``: the loop's time at which its sender began to wait."""

    partition: int
    key: bytes | None
    value: bytes
    headers: Headers
    future: asyncio.Future[Acknowledgement]
    since: float
    settled: bool = False

    def refuse(self, why: str) -> None:
        """Tell the sender that the message was not handed over."""
        if not self.future.done():
            self.future.set_exception(NotHandedOverError(why))

    def give_up(self, why: str) -> None:
        """Tell the sender that nobody knows."""
        if not self.future.done():
            self.future.set_exception(OutcomeUnknownError(why))


class Lane:
    """One partition's messages in flight and waiting.

    ``hand_over`` gives a message to the library and raises ``NotHandedOverError`` when it did not take it;
    ``wait_s`` is how long a sender may wait.
    """

    def __init__(self, hand_over: Callable[[Sending], None], *, wait_s: float) -> None:
        self._hand_over = hand_over
        self._wait_s = wait_s
        self._in_flight: deque[Sending] = deque()
        self._waiting: deque[Sending] = deque()
        self._progress_at = 0.0
        self._held_since: float | None = None
        self.unsettled = 0
        self.next_offset = 0
        """The offset after the newest message that was acknowledged here; 0 before the first."""

    @property
    def held(self) -> bool:
        """Whether acknowledgements have stopped, so that nothing new is handed over."""
        return self._held_since is not None

    def add(self, sending: Sending) -> None:
        """Hand the message over, keep it, or refuse it."""
        if self._held_since is None and self.unsettled < MAX_IN_FLIGHT and not self._waiting:
            self._hand(sending, sending.since)
        elif self._held_since is not None and sending.since - self._held_since >= self._wait_s:
            sending.refuse("acknowledgements have stopped")
        elif len(self._waiting) >= MAX_WAITING:
            sending.refuse("too many wait for acknowledgements")
        else:
            self._waiting.append(sending)

    def settle(self, sending: Sending, offset: int | None, now: float) -> None:
        """Take the library's report; ``offset`` is None when the delivery failed."""
        sending.settled = True
        self.unsettled -= 1
        while self._in_flight and self._in_flight[0].settled:
            self._in_flight.popleft()
        if offset is not None:
            self._progress_at = now
            self._held_since = None
            self.next_offset = offset + 1
            if not sending.future.done():
                sending.future.set_result(Acknowledgement(sending.partition, offset))
            if self._waiting:
                self._hand_waiting(now)
            return
        sending.give_up("the delivery failed")
        if self._held_since is None:
            self._held_since = now

    def reachable(self, now: float) -> None:
        """Take a probe's word that the broker answers: opens a lane that has nothing in flight to wait for."""
        if self.unsettled == 0:
            self._held_since = None
            self._hand_waiting(now)

    def sweep(self, now: float) -> None:
        """Answer those who have waited long enough, and hold the lane when acknowledgements have stopped."""
        if self._held_since is None and self.unsettled and now - self._progress_at > HOLD_AFTER_S:
            self._held_since = now
        while self._waiting and now - self._waiting[0].since >= self._wait_s:
            self._waiting.popleft().refuse("acknowledgements have stopped")
        for sending in self._in_flight:
            if now - sending.since < self._wait_s:
                break
            sending.give_up("no acknowledgement in time")

    def refuse_waiting(self, why: str) -> None:
        """Refuse all that is kept: the broker is known to be away, or the process stops."""
        while self._waiting:
            self._waiting.popleft().refuse(why)

    def _hand_waiting(self, now: float) -> None:
        while self._waiting and self.unsettled < MAX_IN_FLIGHT:
            sending = self._waiting.popleft()
            if not sending.future.done():
                self._hand(sending, now)

    def _hand(self, sending: Sending, now: float) -> None:
        try:
            self._hand_over(sending)
        except NotHandedOverError as error:
            sending.refuse(str(error))
            return
        if self.unsettled == 0:
            self._progress_at = now
        self.unsettled += 1
        self._in_flight.append(sending)
