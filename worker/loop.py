"""The loop: gather, settle, tell, again.

A batch is what all partitions give in a few milliseconds, and is settled before the next one: within each partition
that order is the log's order (``turns``). Kafka away: the client waits by itself and the loop idles. PostgreSQL or
Redis away: see ``settler`` and ``locks``. SIGTERM: the batch under way is finished, what was not begun stays in the
log.
"""

import logging
import time
from collections import Counter
from collections.abc import Sequence
from typing import Final

from confluent_kafka import Message

from contracts.commands import Tick
from runtime.lifecycle import StopRequest
from worker import metrics
from worker.announcer import Announcer
from worker.batch import Settled
from worker.consumer import LogConsumer, place_of
from worker.decisions import Unreadable
from worker.entries import Entry, headers_of, read, unreadable
from worker.ledger import Ledger
from worker.life_cycle import Effect
from worker.locks import SeatLocks
from worker.settler import Settler, StoppedError
from worker.ticks import Ticker
from worker.turns import MOST_WAITING, Turns

LARGEST_BATCH: Final = 2_000
"""Only a backlog fills it. Of 500, 1,000 and 2,000 the last cost PostgreSQL a fifth less a booking than the first; more
would hold a booking that arrives meanwhile for longer than its 100 ms."""
GATHER_S: Final = 0.008
"""How long a batch waits for company, beside the broker's own ``FETCH_WAIT_MS``: without both, batches at 1,000/s are
2-9 messages and cost many times as much. Shorter than that wait, so one answer of the broker's is what an idle worker
begins with; under load the next one comes meanwhile. 3 ms cost a third more of worker and PostgreSQL at 1,000/s."""
WAIT_S: Final = 0.2
"""How long an idle turn waits for the first message; bounds how late a tick or a stop is seen."""
CHORES_EVERY_S: Final = 1.0
"""How often offsets are noted in Kafka, metrics of the log are read, and the ledger is asked where holds will end."""
OUTCOMES_PER_LINE: Final = 100
"""How many outcomes one log line holds, about 12 kB: Docker breaks a line at 16 kB, and it is no JSON then."""
FRESH_S: Final = 5.0
"""How old a sign of life may be for readiness; PostgreSQL's longest bounded wait here is the lock timeout of 3 s."""

_log = logging.getLogger(__name__)


class Worker:
    """The worker as a part that runs: ``start``, ``run_once``, ``stop``."""

    def __init__(
        self,
        *,
        consumer: LogConsumer,
        ledger: Ledger,
        locks: SeatLocks,
        announcer: Announcer,
        ticker: Ticker,
        stop: StopRequest,
    ) -> None:
        self._consumer = consumer
        self._ledger = ledger
        self._locks = locks
        self._announcer = announcer
        self._ticker = ticker
        self._stop = stop
        self._turns: Turns[Message] = Turns(lambda message: _entry(message, consumer.partitions))
        self._settler = Settler(consumer, ledger, locks, stop, lambda: self._turns.read_ahead(LARGEST_BATCH))
        self._decided: dict[int, int] = {}
        self._chores_at = 0.0
        self._stopped = False

    def start(self) -> None:
        """Nothing to acquire: every client connects when first needed, and again after it broke."""

    def run_once(self) -> None:
        """Settle at most one batch; comes back within a fraction of a second when there is nothing to do."""
        if self._consumer.topic_id is None and not self._consumer.find_topic():
            self._stop.wait(WAIT_S)
            return
        if len(self._turns) < MOST_WAITING:
            patience = (0.0, 0.0) if self._turns else (WAIT_S, GATHER_S)
            self._turns.add(self._consumer.gather(MOST_WAITING - len(self._turns), *patience))
        try:
            if entries := self._turns.take(LARGEST_BATCH):
                self._settle(entries)
            if self._consumer.unplaced:
                self._settler.place(self._consumer.topic_id or "", self._consumer.topic)
        except StoppedError:
            return
        self._tend()

    def stop(self) -> None:
        """Release everything; what was not committed is in the log."""
        if self._stopped:
            return
        self._stopped = True
        self._consumer.note_decided(self._decided)
        self._ticker.stop()
        self._consumer.close()
        self._locks.close()
        self._announcer.close()
        self._ledger.close()

    @property
    def partitions(self) -> int:
        """How many partitions this worker decides now."""
        return len(self._consumer.placed)

    async def reads_the_log(self) -> bool:
        """Whether this worker polls, and owns partitions or stands by (asked by readiness, from another thread).

        Who stands by is ready, or more workers than partitions could never be started: others own all of them
        (test: ``test_who_stands_by_is_ready_and_takes_over``).
        """
        at_work = bool(self._consumer.placed) or self._consumer.stands_by
        return at_work and time.monotonic() - self._consumer.polled_at < FRESH_S

    async def reaches_the_ledger(self) -> bool:
        """Whether PostgreSQL did what it was asked lately (asked by readiness, from another thread)."""
        return time.monotonic() - self._settler.answered_at < FRESH_S

    def _settle(self, entries: Sequence[Entry]) -> None:
        if self._stop.wanted:
            raise StoppedError
        started = time.monotonic()
        self._ticker.saw_commands({entry.partition for entry in entries if not isinstance(entry.command, Tick)})
        for settled in self._settler.settle(entries):
            self._decided.update({p: position.next_offset for p, position in settled.positions.items()})
            _tell(settled, time.monotonic() - started)
        # Last: who waits is told what is committed, and what was sent again is told again.
        self._announcer.announce(entries)

    def _tend(self) -> None:
        """Do what has to be done now and then."""
        self._ticker.run_once(self._consumer.placed)
        # Not with the chores: /health counts the partitions that nobody decides, and a second is long there.
        metrics.PARTITIONS.set(len(self._consumer.placed))
        if time.monotonic() - self._consumer.polled_at >= CHORES_EVERY_S:
            self._consumer.keep_alive(0)
            self._consumer.go_on()
        if time.monotonic() - self._chores_at >= CHORES_EVERY_S:
            self._chores_at = time.monotonic()
            self._do_chores()

    def _do_chores(self) -> None:
        self._consumer.check_topic()
        self._consumer.ask_group()
        self._consumer.note_decided(self._decided)
        self._decided.clear()
        metrics.LOG_LAG.set(self._consumer.lag())
        # Shown, and nothing more: outcomes go by the log's time alone.
        log_time_ms = self._settler.log_time_ms
        metrics.LOG_TIME_AHEAD.set(log_time_ms / 1000 - time.time() if log_time_ms else 0)
        self._ticker.saw_waiting(*self._settler.waiting(self._consumer.placed))


def _entry(message: Message, partitions: int) -> Entry:
    partition, offset = place_of(message)
    stamp_ms = message.timestamp()[1]
    command = read(message.value(), partition, partitions)
    if command is not None:
        return Entry(partition, offset, stamp_ms, command, message)
    headers = headers_of(message)
    why = "no command" if headers.legible else "no command, and its headers cannot be read"
    said = unreadable(message.key(), headers.pairs, why)
    return Entry(partition, offset, stamp_ms, said, message, headers.pairs)


def _tell(settled: Settled, seconds: float) -> None:
    """Count a committed batch, and log it: usually one line, in which a request id is found beside its outcome."""
    metrics.BATCH_SIZE.observe(settled.messages)
    metrics.BATCH_SECONDS.observe(seconds)
    metrics.REPEATED.inc(settled.repeated)
    metrics.DEAD_LETTERS.inc(len(settled.dead_letters))
    for entry in settled.dead_letters:
        _log.warning("dead letter", extra={"partition": entry.partition, "offset": entry.offset})
    if not settled.verdicts:
        return
    counts = Counter((v.command.kind, v.decision.status, v.decision.reason or "") for v in settled.verdicts)
    for labels, count in counts.items():
        metrics.OUTCOMES.labels(*labels).inc(count)
    outcomes = [
        {
            "request_id": "" if isinstance(command, Unreadable | Effect) else command.request_id,
            "command_id": command.command_id,
            **({"booking_id": decision.booking.booking_id} if decision.booking is not None else {}),
            "status": decision.status,
            "reason": decision.reason,
        }
        for _entry, command, _time, decision in settled.verdicts
    ]
    about = {"messages": settled.messages, "ms": round(seconds * 1000, 1)}
    for first in range(0, len(outcomes), OUTCOMES_PER_LINE):
        _log.info("batch", extra={**about, "outcomes": outcomes[first : first + OUTCOMES_PER_LINE]})
