"""The settler: gets a batch decided and committed, whatever PostgreSQL does meanwhile.

PostgreSQL away: the batch is kept and tried again in place for as long as it takes, while polling goes on, so that the
group keeps its member. A message that cannot be decided is found by halving its batch, and fails alone. A partition
that became another's is dropped, to be placed again if it is still ours, and the rest is redone. Nothing is ever
skipped: what is not committed is read again from where the ledger says.
"""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import psycopg
from confluent_kafka import KafkaException
from psycopg.errors import LockNotAvailable

from contracts.commands import BookingCommand, BookSeats, Tick
from runtime.lifecycle import StopRequest
from worker import metrics
from worker.batch import GapError, PoisonError, Settled, settle
from worker.consumer import LogConsumer
from worker.decisions import Unreadable
from worker.entries import Entry, headers_of
from worker.faults import Fault, fault_of
from worker.ledger import Ledger, LostPartitionsError, Position, Waiting, nothing
from worker.locks import SeatLocks

RETRY_S: Final = 0.1
LONGEST_RETRY_S: Final = 1.0
"""Pause before the first attempt anew, doubled for each one after it up to the longest: what PostgreSQL's return costs
a booking at most, and little enough work for it while it recovers."""
MOST_TIMES_IN_THE_WAY: Final = 60
"""How often one batch may meet another transaction in its way before somebody must look: about a minute."""

_log = logging.getLogger(__name__)


class StoppedError(Exception):
    """A stop was wanted while PostgreSQL was away: the batch stays in the log for whoever comes next."""


class Settler:
    """Where this worker's partitions stand, and how to move them. Not for two threads.

    ``meanwhile``: see ``Ledger.transact``.
    """

    def __init__(
        self,
        consumer: LogConsumer,
        ledger: Ledger,
        locks: SeatLocks,
        stop: StopRequest,
        meanwhile: Callable[[], None] = nothing,
    ) -> None:
        self.answered_at = 0.0
        """When PostgreSQL last did what it was asked, on the monotonic clock."""
        self._consumer = consumer
        self._ledger = ledger
        self._locks = locks
        self._stop = stop
        self._meanwhile = meanwhile
        self._positions: dict[int, Position] = {}

    @property
    def log_time_ms(self) -> int:
        """The latest log time of our partitions, which outcomes go by; 0 while we have none."""
        return max((self._positions[p].log_time_ms for p in self._consumer.placed if p in self._positions), default=0)

    def place(self, topic_id: str, topic: str) -> None:
        """Start the partitions that were assigned to us from where the ledger says. What fails is tried next turn."""
        unplaced = self._consumer.unplaced
        try:
            positions = self._ledger.positions(topic_id, topic, unplaced)
            if not any(position.next_offset for position in positions.values()):
                self._warn_of_another_log(topic_id, topic)
            self._consumer.place({p: (position.next_offset, position.mark) for p, position in positions.items()})
        except psycopg.Error as error:
            if fault_of(error) is Fault.BUG:
                raise
            self._note_retry("placing", error)
            self._stop.wait(LONGEST_RETRY_S)
        except KafkaException as error:
            self._note_retry("placing", error)
        else:
            self._positions.update(positions)
            self.answered_at = time.monotonic()

    def settle(self, entries: Sequence[Entry]) -> list[Settled]:
        """Get ``entries`` decided; returns what was committed, usually one batch.

        Raises:
            StoppedError: a stop was wanted while PostgreSQL was away.
        """
        tokens = _tokens(entries)
        self._locks.take(tokens)
        try:
            return self._until_settled(entries)
        finally:
            self._locks.free(tokens)
            self._consumer.go_on()

    def waiting(self, partitions: Iterable[int]) -> Waiting:
        """Return those of ``partitions`` that have bookings to end; also a sign of life of PostgreSQL, or none."""
        try:
            waiting = self._ledger.waiting(partitions)
        except psycopg.Error as error:
            self._note_retry("waiting", error)
            return Waiting()
        self.answered_at = time.monotonic()
        return waiting

    def _until_settled(self, entries: Sequence[Entry]) -> list[Settled]:
        attempts = in_the_way = 0
        while entries := self._still_ours(entries):
            try:
                return [self._attempt(entries)]
            except LostPartitionsError as lost:
                self._let_go(lost.partitions)
            except GapError as gap:
                # A ledger that was set back: what waited for its turn is read again, after the rest.
                self._let_go(frozenset({gap.partition}))
            except PoisonError as poison:
                entries = [_condemned(entry, poison) if entry is poison.entry else entry for entry in entries]
            except psycopg.Error as error:
                fault = fault_of(error)
                in_the_way += fault is Fault.AGAIN
                if fault is Fault.BUG or in_the_way > MOST_TIMES_IN_THE_WAY:
                    raise
                self._note_retry(fault.name.lower(), error)
                if isinstance(error, LockNotAvailable):
                    self._end_frozen()
                if fault is not Fault.POISON:
                    self._wait(min(RETRY_S * 2**attempts, LONGEST_RETRY_S))
                    attempts += 1
                elif len(entries) == 1:
                    entries = [_condemned(entries[0], error)]
                else:
                    middle = len(entries) // 2
                    return self._until_settled(entries[:middle]) + self._until_settled(entries[middle:])
        return []

    def _attempt(self, entries: Sequence[Entry]) -> Settled:
        settled = settle(self._ledger, self._consumer.topic_id or "", entries, self._positions, self._meanwhile)
        self._positions.update(settled.positions)
        self.answered_at = time.monotonic()
        return settled

    def _let_go(self, partitions: frozenset[int]) -> None:
        metrics.RETRIES.labels("lost_partition").inc()
        _log.warning("partitions lost", extra={"partitions": sorted(partitions)})
        for partition in partitions:
            self._positions.pop(partition, None)
        self._consumer.unplace(partitions)

    def _still_ours(self, entries: Sequence[Entry]) -> list[Entry]:
        """Return the entries that continue where our partitions stand, without what was settled or lost meanwhile."""
        placed = self._consumer.placed
        return [
            entry
            for entry in entries
            if entry.partition in placed
            and (position := self._positions.get(entry.partition)) is not None
            and entry.offset >= position.next_offset
        ]

    def _end_frozen(self) -> None:
        try:
            ended = self._ledger.end_frozen()
        except psycopg.Error as error:
            self._note_retry("end_frozen", error)
        else:
            _log.warning("waited for a lock in vain", extra={"frozen_sessions_ended": ended})

    def _wait(self, seconds: float) -> None:
        self._consumer.keep_alive(seconds)
        if self._stop.wanted:
            raise StoppedError

    def _note_retry(self, cause: str, error: Exception) -> None:
        metrics.RETRIES.labels(cause).inc()
        _log.warning(
            "PostgreSQL: trying again", extra={"cause": cause, "error": type(error).__name__, "text": str(error)}
        )

    def _warn_of_another_log(self, topic_id: str, topic: str) -> None:
        others = self._ledger.other_topic_ids(topic_id, topic)
        if others:
            _log.warning(
                "the topic was made anew: starting at its beginning",
                extra={"topic": topic, "topic_id": topic_id, "former_topic_ids": others},
            )


def _condemned(entry: Entry, error: Exception) -> Entry:
    command = entry.command
    if isinstance(command, Tick | Unreadable):  # neither has a value that could be refused: this is a bug
        raise error
    _log.error("a command that cannot be decided", exc_info=error, extra={"command_id": command.command_id})
    event_id = "" if isinstance(command, BookingCommand) else command.event_id
    refused = Unreadable(command.command_id, command.kind, event_id, type(error).__name__)
    return entry._replace(command=refused, headers=headers_of(entry.raw).pairs if entry.raw is not None else ())


def _tokens(entries: Sequence[Entry]) -> dict[str, dict[str, str]]:
    """Return whose lock each seat of the batch gets: the one that asks first."""
    tokens: dict[str, dict[str, str]] = {}
    for entry in entries:
        command = entry.command
        if isinstance(command, BookSeats):
            seats = tokens.setdefault(command.event_id, {})
            for seat_id in command.seat_ids:
                seats.setdefault(seat_id, command.command_id)
    return tokens
