"""The announcer: tells whoever waits for an outcome that it is there. After the commit, and only for who waits.

What is told is read back from the ledger, in one statement a batch: with its position, which the ledger gave, and also
for a command that was sent again and decided long ago (test:
``test_a_command_that_comes_again_is_told_again_and_decided_once``). A batch for which nobody waits costs nothing. Redis
or PostgreSQL away: nobody is told, and finds the outcome where it is shown.
"""

import logging
from collections.abc import Iterable

import psycopg
import redis

from contracts.announcements import KEPT_MS, Announced, channel_of, encode, key_of
from contracts.commands import BookSeats, CheckIn
from contracts.ids import BOOKING_PREFIX
from runtime.breaker import Breaker
from worker import metrics
from worker.entries import Entry
from worker.ledger import Ledger

_log = logging.getLogger(__name__)


class Announcer:
    """Announces outcomes through Redis. Never raises for Redis' or PostgreSQL's sake."""

    def __init__(self, client: redis.Redis, breaker: Breaker, ledger: Ledger) -> None:
        self._client = client
        self._breaker = breaker
        self._ledger = ledger

    def announce(self, entries: Iterable[Entry]) -> None:
        """Tell those who wait for the outcomes of ``entries``, as far as these are committed."""
        waiting = [
            (entry.command.command_id, entry.command.reply_to)
            for entry in entries
            if isinstance(entry.command, BookSeats | CheckIn) and entry.command.reply_to
        ]
        if not waiting:
            return
        if self._breaker.resting:
            metrics.NOT_ANNOUNCED.inc(len(waiting))
            return
        try:
            self._tell(waiting)
        except redis.RedisError as error:
            self._breaker.failed()
            self._not_told(len(waiting), error)
        except psycopg.Error as error:
            # The connection is opened again for the next batch, which finds out whether PostgreSQL is there.
            self._not_told(len(waiting), error)

    def close(self) -> None:
        """Let go of Redis."""
        self._client.close()

    def _tell(self, waiting: list[tuple[str, str]]) -> None:
        bookings = [one for one, _ in waiting if one.startswith(BOOKING_PREFIX)]
        check_ins = [one for one, _ in waiting if not one.startswith(BOOKING_PREFIX)]
        decided: list[Announced] = []
        if bookings:
            decided += self._ledger.decided_bookings(bookings)
        if check_ins:
            decided += self._ledger.decided_check_ins(check_ins)
        messages = {one["_id"]: encode(one) for one in decided}
        pipeline = self._client.pipeline(transaction=False)
        for command_id, reply_to in waiting:
            if command_id in messages:
                # The key first: whoever hears nothing looks there afterwards.
                pipeline.set(key_of(command_id), messages[command_id], px=KEPT_MS)
                pipeline.publish(channel_of(reply_to), messages[command_id])
        pipeline.execute()

    def _not_told(self, count: int, error: Exception) -> None:
        metrics.NOT_ANNOUNCED.inc(count)
        _log.warning("nobody is told of outcomes", extra={"waiting": count, "cause": type(error).__name__})
