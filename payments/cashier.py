"""The cashier: makes the steps that ``steps`` says, one at a time for each payment, some payments at once.

A step is on record before it is made, and what came of it is recorded after; whoever dies in between makes it again,
and the provider and the log know it by its key. No answer, from anybody: the same step after a pause, for as long as
it takes. A payment that fails by a bug of ours waits as well, so that it keeps nobody else from paying.

Only the active follower of the feed works here, so that one process asks the provider; that two might for a moment,
after one froze, is harmless for the same reason.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

from contracts.payment_tokens import TokenSeal
from payments import metrics
from payments.answers import Answers
from payments.payment import Payment, heard, told
from payments.provider import Answer, IntentStatus, Order, Provider, ProviderAwayError
from payments.steps import Ask, Authorise, Capture, Refund, Rest, Step, Tell, Void
from payments.store import Key, Store
from runtime.postgres import PostgresAwayError
from runtime.producer import NotHandedOverError, OutcomeUnknownError

AT_ONCE: Final = 16
"""Payments of which a step is being made; a provider answers in some 0.2 s, so some 80 steps a second."""
LOOK_EVERY_S: Final = 0.2
"""How often one looks for what is due when nobody said that something is."""
STEPS_AT_ONCE: Final = 10
"""Steps made of one payment before others have their turn; the longest life has about so many."""

_log = logging.getLogger(__name__)


class Cashier:
    """``is_active``: whether this process is the one that works. Not for two event loops."""

    def __init__(
        self,
        store: Store,
        provider: Provider,
        answers: Answers,
        seal: TokenSeal,
        clock_ms: Callable[[], int],
        is_active: Callable[[], bool],
    ) -> None:
        self._store = store
        self._provider = provider
        self._answers = answers
        self._seal = seal
        self._clock_ms = clock_ms
        self._is_active = is_active
        self._under_way: dict[Key, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """Say that something may be due."""
        self._wake.set()

    def stop(self) -> None:
        """Ask for the end: steps under way are finished. Safe to call twice."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Work until ``stop``."""
        while not self._stopping:
            self._wake.clear()
            if self._is_active():
                await self._take_up()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), LOOK_EVERY_S)
        await asyncio.gather(*self._under_way.values())

    async def _take_up(self) -> None:
        try:
            due = await self._store.due(2 * AT_ONCE)
        except PostgresAwayError:
            return  # the follower says so, and the next look comes
        for key in due:
            if key not in self._under_way and len(self._under_way) < AT_ONCE:
                self._under_way[key] = asyncio.create_task(self._work_on(key))
                self._under_way[key].add_done_callback(partial(self._done, key))
        metrics.UNDER_WAY.set(len(self._under_way))

    def _done(self, key: Key, _task: "asyncio.Task[None]") -> None:
        del self._under_way[key]
        self._wake.set()

    async def _work_on(self, key: Key) -> None:
        """Make the steps of one payment until it rests or something fails."""
        step: Step = Rest()
        try:
            for _ in range(STEPS_AT_ONCE):
                payment, step = await self._store.begin_step(key)
                if isinstance(step, Rest) or self._stopping:
                    return
                await self._make(key, payment, step)
                metrics.STEPS.labels(_name(step), "done").inc()
        except PostgresAwayError:
            metrics.STEPS.labels(_name(step), "postgres_away").inc()
        except (ProviderAwayError, NotHandedOverError, OutcomeUnknownError) as error:
            await self._try_again(key, step, error, "away")
        except Exception as error:  # noqa: BLE001 - it is that payment's alone: it waits, and is said, and others go on
            _log.exception("a step failed", extra={"booking_id": key.booking_id, "step": _name(step)})
            await self._try_again(key, step, error, "failed")

    async def _try_again(self, key: Key, step: Step, error: Exception, result: str) -> None:
        metrics.STEPS.labels(_name(step), result).inc()
        _log.warning(
            "a step is made again",
            extra={"booking_id": key.booking_id, "attempt": key.attempt, "step": _name(step), "cause": str(error)},
        )
        with suppress(PostgresAwayError):  # then it is still due
            await self._store.retry(key)

    async def _make(self, key: Key, payment: Payment, step: Step) -> None:
        if isinstance(step, Tell):
            await self._answers.tell(payment, step.result, self._clock_ms())
            await self._store.learn(key, lambda payment, _now_ms: told(payment))
            return
        with metrics.PROVIDER_SECONDS.labels(_name(step)).time():
            answer = await self._ask(payment, step)
        await self._store.learn(key, lambda now, now_ms: heard(now, answer, now_ms))

    async def _ask(self, payment: Payment, step: Step) -> Answer:
        intent_id = payment.intent_id or ""
        match step:
            case Authorise():
                return await self._authorise(payment)
            case Ask():
                return await self._provider.ask(intent_id)
            case Capture():
                return await self._provider.capture(intent_id, f"{payment.key}:capture")
            case Void():
                return await self._provider.void(intent_id, f"{payment.key}:void")
            case Refund():
                key = f"{payment.key}:refund:{step.total_minor}"
                return await self._provider.refund(intent_id, step.amount_minor, key)
            case _:
                msg = f"{_name(step)} asks nobody"
                raise TypeError(msg)

    async def _authorise(self, payment: Payment) -> Answer:
        token = self._seal.open(payment.token or "", payment.booking_id)
        if token is None:
            _log.error("a token that cannot be opened", extra={"booking_id": payment.booking_id})
            return Answer("", IntentStatus.DECLINED)
        return await self._provider.authorise(
            Order(payment.key, payment.booking_id, payment.attempt, payment.amount_minor, payment.currency or "", token)
        )


def _name(step: Step) -> str:
    return type(step).__name__.lower()
