"""The deliverer: attempts what is due, some at once, and writes down what came of it.

One is active: the one whose process follows the feed, by the lock of the follower's session. So what is under way needs
no mark in PostgreSQL: after kill -9 whoever comes next finds every delivery as it was before its attempt, and makes it
again (test: ``test_a_process_killed_while_it_sends_loses_nothing``). For the moment in which two believe that they are
active, a result counts only if the delivery still stands as it was, and the endpoint may hear twice, under one id.

Bounds keep endpoints apart: so many attempts in all, few of them for one endpoint, one for an endpoint that fails; each
is over within a bound. PostgreSQL away: what came of attempts is kept and written when it is back; nothing new begins.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final, NamedTuple

from contracts.webhooks import NoticeType
from runtime.backoff import Backoff
from runtime.postgres import Connection, Postgres, PostgresAwayError
from webhooks import deliveries, metrics, schedule
from webhooks.deliveries import FORGET_AT_ONCE, Due, Effect, Result
from webhooks.schedule import Answer
from webhooks.sending import Sender
from webhooks.signing import SealingKeys, UnreadableSecretError

AT_ONCE: Final = 256
"""Attempts in all: thirty endpoints that take their time do not fill it, and those that fail count one each."""
AT_ONCE_FOR_ONE: Final = 8
"""For one endpoint, so that a burst is not a flood, and one that is slow is not everybody's delay."""
LOOK_EVERY_S: Final = 1.0
"""How often an idle one looks: another process may have taken a replay."""
GATHER_S: Final = 0.02
"""What ends within so long is written down together."""
FORGET_EVERY_S: Final = 60.0
STOP_WITHIN_S: Final = 3.0
"""How long a stop waits for attempts; those that take longer are made again by whoever comes next."""

_log = logging.getLogger(__name__)


class _Ended(NamedTuple):
    delivery: Due
    answer: Answer


class Deliverer:
    """``active``: whether this process is the one. ``dice``: 0 up to 1."""

    def __init__(
        self,
        postgres: Postgres,
        sender: Sender,
        keys: SealingKeys,
        active: Callable[[], bool],
        dice: Callable[[], float],
    ) -> None:
        self._postgres = postgres
        self._sender = sender
        self._keys = keys
        self._active = active
        self._dice = dice
        self._wake = asyncio.Event()
        self._stopping = False
        self._under_way: dict[str, Due] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended: list[_Ended] = []
        self._forget_at = 0.0
        self._bug: BaseException | None = None

    def wake(self) -> None:
        """Look now: something may be due. Called on this loop's thread."""
        self._wake.set()

    def stop(self) -> None:
        """Ask for the end; safe to call twice."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Deliver until ``stop``; then wait a moment for what is under way, and write down what came of it."""
        backoff = Backoff()
        while not self._stopping:
            pause_s = LOOK_EVERY_S
            try:
                pause_s = await self.run_once()
                backoff = Backoff()
            except PostgresAwayError as away:
                metrics.RETRIES.inc()
                _log.warning("PostgreSQL is away; what came of attempts is kept", extra={"cause": str(away)})
                pause_s = backoff.next_s()
            await self._pause(pause_s)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_WITHIN_S)
        for task in list(self._tasks):
            task.cancel()
        with suppress(PostgresAwayError):
            await self._write()

    async def run_once(self) -> float:
        """Write down what ended, begin what is due; returns for how long there is nothing to do but wait for those."""
        if self._bug is not None:
            raise self._bug
        await self._write()
        if not self._active():
            return LOOK_EVERY_S
        await self._forget()
        room = AT_ONCE - len(self._under_way)
        if room <= 0:
            return LOOK_EVERY_S
        under_way: dict[str, list[str]] = defaultdict(list)
        for delivery in self._under_way.values():
            under_way[delivery.webhook_id].append(delivery.delivery_id)
        found = await self._postgres.run(
            lambda connection: deliveries.due(connection, under_way, (AT_ONCE_FOR_ONE, room))
        )
        for delivery in found:
            self._under_way[delivery.delivery_id] = delivery
            task = asyncio.create_task(self._attempt(delivery))
            self._tasks.add(task)
            task.add_done_callback(self._over)
        if found:
            return LOOK_EVERY_S
        next_s = await self._postgres.run(deliveries.next_due_in_s)
        return LOOK_EVERY_S if next_s is None or next_s <= 0 else min(next_s, LOOK_EVERY_S)

    async def _attempt(self, delivery: Due) -> None:
        try:
            opened = [self._keys.open(sealed, delivery.webhook_id) for sealed in delivery.secrets]
        except UnreadableSecretError:
            # Its key was taken away while it was needed. Whoever gives it back has the schedule's time for it.
            _log.exception("a secret cannot be read", extra={"webhook_id": delivery.webhook_id})
            answer = Answer(None, "secret_unreadable")
        else:
            answer = await self._sender.send(delivery.url, delivery.delivery_id, delivery.body, opened)
        self._ended.append(_Ended(delivery, answer))
        self._wake.set()

    def _over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._bug = task.exception()
            self._wake.set()

    async def _write(self) -> None:
        """Write down what ended; kept for the next turn when PostgreSQL is away."""
        ended = list(self._ended)
        if not ended:
            return

        async def work(connection: Connection) -> tuple[list[Result], list[tuple[str, str]]]:
            # PostgreSQL's time, by which deliveries are due: a process whose own clock is an hour ahead would put an
            # endpoint off for an hour (test: ``test_a_process_whose_clock_is_wrong_puts_nobody_off``).
            now = await deliveries.now(connection)
            results = [self._result(one, now) for one in ended]
            return results, await deliveries.settle(
                connection, results, _effects(ended, now), now - schedule.DISABLED_AFTER
            )

        results, disabled = await self._postgres.run(work)
        del self._ended[: len(ended)]
        for one in ended:
            self._under_way.pop(one.delivery.delivery_id, None)
        metrics.DEAD.inc(sum(result.status == "dead" for result in results))
        for webhook_id, reason in disabled:
            metrics.DISABLED.labels(reason).inc()
            _log.warning("a webhook is disabled", extra={"webhook_id": webhook_id, "reason": reason})

    def _result(self, ended: _Ended, now: datetime) -> Result:
        delivery, answer = ended
        attempts = delivery.attempts + 1
        next_at = None
        if not answer.delivered and delivery.type != NoticeType.TEST:
            next_at = schedule.next_attempt(attempts, answer, now, self._dice())
        status = "delivered" if answer.delivered else "dead" if next_at is None else "pending"
        return Result(
            delivery.delivery_id,
            delivery.webhook_id,
            attempts,
            status,
            next_at,
            now,
            answer.status,
            answer.error if answer.error or answer.delivered else "refused",
        )

    async def _forget(self) -> None:
        now = asyncio.get_running_loop().time()
        if now < self._forget_at:
            return
        if await self._postgres.run(deliveries.forget) < FORGET_AT_ONCE:
            self._forget_at = now + FORGET_EVERY_S

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)
            if not self._stopping:
                await asyncio.sleep(GATHER_S)
        self._wake.clear()


def _effects(ended: Sequence[_Ended], now: datetime) -> list[Effect]:
    """Return what attempts say of endpoints, one for each. One that took anything is well."""
    found: dict[str, Effect] = {}
    for delivery, answer in ended:
        one = found.get(delivery.webhook_id) or Effect(delivery.webhook_id, False, None, None, False)  # noqa: FBT003 - fields
        alone = [until for until in (one.left_alone_until, schedule.left_alone_until(answer, now)) if until is not None]
        found[delivery.webhook_id] = Effect(
            delivery.webhook_id,
            one.well or answer.delivered,
            one.failed_at if answer.delivered else one.failed_at or now,
            max(alone, default=None),
            one.gone or answer.gone,
        )
    return list(found.values())
