"""Overload: bookings are refused at once while those that were accepted wait too long (docs/decisions/0024).

``booking`` enters here for each booking, which costs it a difference and the look into a list; beside the requests a
thread asks the ledger four times a second how far it has decided, and ``lag`` makes the judgement of each partition.
Only bookings are refused: who pays, gives back or extends was served already, and is worth more than who comes.

The thread has an event loop of its own. On the one that answers requests a question of several round trips waits, at
each of them, behind the whole crowd that is there: it would get no answer in time exactly when there is too much, and
whoever was refused before would be refused until the crowd has gone (test: ``test_a_crowd_keeps_it_neither_from_...``).

What the gateway passed on and nobody read for too long is refused as well (``unread``): half of the time until the
gateway gives up is over, and whoever is told that an outcome is unknown costs more than whoever is told to come again.

The ledger away, too busy to say it, or refusing to: then nothing is decided either, as far as we know, and ``lag`` says
for how long that may be. Up to then nobody is refused because we cannot ask, and never does a booking wait for the
answer.
"""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Final, LiteralString

from prometheus_client import Gauge

from contracts import problems
from runtime.postgres import Connection, Postgres, PostgresAwayError, RefusedError
from runtime.problems import ProblemError
from write_api import metrics
from write_api.lag import Excess, Lag
from write_api.unread import Unread

LOOK_EVERY_S: Final = 0.25
"""How late at most, beside the question itself, it is noticed that the lag has grown or gone."""
WITHIN_S: Final = 1.0
CONNECTIONS: Final = 1

STARTED: Final = b"x-request-start"
"""When the gateway passed the request on, ``t=`` seconds since 1970; the gateway writes over what a client says."""
_UNREAD: Final = Excess("more came than could be read in time", 2)

# The newest row of a partition: a topic that was made anew has rows of its own, and the former one's stay.
_DECIDED: Final[LiteralString] = """
    SELECT DISTINCT ON (log_partition) log_partition, next_offset FROM kafka_offsets
    WHERE topic = %s ORDER BY log_partition, tx DESC"""

_WAIT: Final = Gauge(
    "frontrow_write_api_lag_seconds", "How long bookings wait to be decided, on the partition where they wait longest"
)

_log = logging.getLogger(__name__)


class Overload:
    """Says whether a partition takes bookings. ``appended``: for each partition, the length of the log as we know it.

    ``dice(most)`` returns a whole number from 0 to ``most``.
    """

    def __init__(
        self, postgres: Postgres, topic: str, appended: Callable[[], list[int]], dice: Callable[[int], int]
    ) -> None:
        self._postgres = postgres
        self._topic = topic
        self._appended = appended
        self._dice = dice
        self._lags = [Lag() for _ in appended()]
        self._unread = Unread()
        self._refused = False

    async def start(self, on_failure: Callable[[], None] | None = None) -> None:
        """Begin to look; PostgreSQL need not be there. ``on_failure`` is called on this thread if looking fails."""
        self._on_failure = on_failure
        self._loop = asyncio.get_running_loop()
        self._apart = asyncio.new_event_loop()
        self._looking = self._apart.create_task(self._look())
        self._thread = threading.Thread(target=self._run, name="overload", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Look no longer; safe to call twice."""
        with contextlib.suppress(RuntimeError):  # it has ended
            self._apart.call_soon_threadsafe(self._looking.cancel)
        await asyncio.to_thread(self._thread.join)

    def check_start(self, started: bytes | None) -> None:
        """Raise the problem for a request that waited for too long to be read; None: nobody said when it was sent."""
        if started is None:
            return
        with contextlib.suppress(ValueError):  # nobody's gateway
            if self._unread.is_too_late(float(started[2:]), time.time()):
                raise self._refusal(_UNREAD)

    def check(self, partition: int) -> None:
        """Raise the problem where nothing more is taken at the moment."""
        excess = self._lags[partition].excess
        if excess is not None:
            raise self._refusal(excess)

    def _refusal(self, excess: Excess) -> ProblemError:
        metrics.overloaded.inc()
        # Spread over as long again: a crowd that was refused at one moment would else be back at one moment.
        retry_after_s = excess.retry_after_s + self._dice(excess.retry_after_s)
        # Not "nothing": under its key the booking may have been accepted the time before.
        detail = (
            f"This request was not accepted: {excess.why}. "
            "Send it again after Retry-After, with the same Idempotency-Key if it had one."
        )
        return ProblemError(problems.OVERLOADED, detail, headers={"Retry-After": str(retry_after_s)})

    # On the thread of its own.

    def _run(self) -> None:
        try:
            with contextlib.suppress(asyncio.CancelledError):
                self._apart.run_until_complete(self._looking)
        except BaseException:
            # A bug. The thread dies loudly, and nobody would be refused any more: another process must come.
            if self._on_failure is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._on_failure)
            raise
        finally:
            self._apart.close()

    async def _look(self) -> None:
        await self._postgres.start()
        try:
            while True:
                self._judge(await self._decided())
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            await self._postgres.stop()

    def _judge(self, decided: dict[int, int] | None) -> None:
        now = time.monotonic()
        for partition, length in enumerate(self._appended()):
            lag = self._lags[partition]
            refused = lag.excess is not None
            lag.look(now, length, None if decided is None else decided.get(partition, 0))
            if refused != (lag.excess is not None):
                _tell(partition, lag.excess)
        _WAIT.set(max(lag.wait_s for lag in self._lags))

    async def _decided(self) -> dict[int, int] | None:
        async def work(connection: Connection) -> list[tuple[Any, ...]]:
            return await (await connection.execute(_DECIDED, (self._topic,))).fetchall()

        try:
            decided = dict(await self._postgres.run(work))
        except PostgresAwayError as away:
            _log.debug("how far it is decided is not known", extra={"cause": str(away)})
        except RefusedError as error:
            # Whatever it is, the loop goes on: its last judgement would else stand until the process ends
            # (test: ``test_a_ledger_that_refuses_to_say_how_far_it_is_stands_still``).
            if not self._refused:
                _log.warning("the ledger refuses to say how far it has decided", extra={"cause": str(error)})
            self._refused = True
        else:
            self._refused = False
            return decided
        return None


def _tell(partition: int, excess: Excess | None) -> None:
    about = {"partition": partition, "why": excess.why if excess is not None else "in time again"}
    _log.warning("bookings are refused" if excess is not None else "bookings are taken", extra=about)
