"""Producer: puts messages on one topic and says, within a bound, whether the log has them.

HTTP services enter here. confluent-kafka's ``Producer`` is driven by one poll thread, which hands the event loop one
call per burst of delivery reports (its ``AIOProducer`` has no headers and is slow). When the broker is away:

- known to be away (the client reports all brokers down, or two probes in a row were not answered): refused at once;
- gone silent: what the library has is unknown after ``wait_s``; what comes later is kept here, then refused;
- a probe (metadata, every ``PROBE_WHEN_AWAY_S``) or an acknowledgement says that it is back.

Nothing is handed to the library after its sender was told that it was not: the faults tests freeze a broker for it.
"""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, Message
from confluent_kafka import Producer as Client
from prometheus_client import Gauge

from runtime.lanes import Acknowledgement, Headers, Lane, NotHandedOverError, OutcomeUnknownError, Sending

__all__ = ["ANSWER_WITHIN_S", "Acknowledgement", "NotHandedOverError", "OutcomeUnknownError", "Producer"]

ANSWER_WITHIN_S: Final = 2.5
"""Every sender has its answer by then."""
WAIT_S: Final = 2.0
"""How long a sender waits for the acknowledgement; the rest of the bound is for sweeping, answering and the gateway."""
SWEEP_EVERY_S: Final = 0.05
PROBE_WHEN_QUIET_S: Final = 1.0
"""Without an acknowledgement for so long, ask the broker whether it is there: one small request a second when idle."""
PROBE_WHEN_AWAY_S: Final = 0.25
PROBE_TIMEOUT_S: Final = 0.5
FAILED_PROBES: Final = 2
"""So many unanswered probes in a row mean away: one alone may be a pause of the broker's garbage collector."""
STOP_WITHIN_S: Final = 4.0
"""How long ``stop`` waits for what is in flight; with the requests' own grace still below a supervisor's patience."""
POLL_S: Final = 0.1
LOG_CRITICAL: Final = 2
"""Syslog's number, as librdkafka counts."""

_UNACKNOWLEDGED = Gauge("frontrow_producer_unacknowledged", "Messages handed to the client and not settled", ["topic"])

_log = logging.getLogger(__name__)


class Producer:
    """The acknowledging producer of one topic. ``send``, ``start`` and ``stop`` belong to one event loop's thread."""

    def __init__(self, config: dict[str, Any], topic: str, partitions: int, *, wait_s: float = WAIT_S) -> None:
        self._config = config
        self._topic = topic
        self._lanes = [Lane(self._hand_over, wait_s=wait_s) for _ in range(partitions)]
        self._away = True  # until the first probe: nothing is handed over to a log that was never seen
        self._said_away: bool | None = None
        self._stopping = False
        self._drained = asyncio.Event()
        self._ended = threading.Event()
        self._burst: list[tuple[Sending, int | None]] = []
        self._heard_at = 0.0
        self._failed_probes = 0
        self._broken = False

    @property
    def reachable(self) -> bool:
        """Whether a message would be handed over now."""
        return not self._away and not self._stopping and not all(lane.held for lane in self._lanes)

    def appended(self) -> list[int]:
        """Return, for each partition, the offset after the newest message that it acknowledged; 0 before the first."""
        return [lane.next_offset for lane in self._lanes]

    async def start(self, on_failure: Callable[[], None] | None = None) -> None:
        """Start the poll thread. The broker need not be there: until it is, everything is refused.

        ``on_failure`` is called on this thread if that one dies of a bug. Nothing is sent any more then, so whoever
        lives on sending ends its process; who gives none meets refusals until it gives up.
        """
        self._on_failure = on_failure
        self._loop = asyncio.get_running_loop()
        self._client = self._new_client()
        self._thread = threading.Thread(target=self._run, name="producer", daemon=True)
        self._thread.start()
        self._sweeper = self._loop.call_later(SWEEP_EVERY_S, self._sweep)
        _UNACKNOWLEDGED.labels(self._topic).set_function(lambda: sum(lane.unsettled for lane in self._lanes))

    def send(
        self, partition: int, key: bytes | None, value: bytes, headers: Headers
    ) -> asyncio.Future[Acknowledgement]:
        """Return the future acknowledgement of one message.

        It raises ``NotHandedOverError`` (safe to send again) or ``OutcomeUnknownError``, within ``ANSWER_WITHIN_S``.
        """
        future: asyncio.Future[Acknowledgement] = self._loop.create_future()
        sending = Sending(partition, key, value, headers, future, self._loop.time())
        if self._away or self._stopping:
            sending.refuse("the log is away")
        else:
            self._lanes[partition].add(sending)
        return future

    async def stop(self) -> None:
        """Refuse what is new, wait for what is in flight (bounded), end the thread; safe to call twice."""
        if self._stopping:
            return
        self._stopping = True
        for lane in self._lanes:
            lane.refuse_waiting("this process is stopping")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._drained.wait(), STOP_WITHIN_S)
        self._sweeper.cancel()
        self._ended.set()
        await asyncio.to_thread(self._thread.join)

    # On the loop's thread.

    def _hand_over(self, sending: Sending) -> None:
        try:
            self._client.produce(
                self._topic,
                sending.value,
                sending.key,
                sending.partition,
                partial(self._on_delivery, sending),
                headers=sending.headers,
            )
        except BufferError:
            msg = "the client's queue is full"
            raise NotHandedOverError(msg) from None
        except KafkaException as error:
            msg = "the client refused the message"
            _log.warning(msg, extra={"error": str(error)})
            raise NotHandedOverError(msg) from error

    def _settle(self, burst: list[tuple[Sending, int | None]]) -> None:
        now = self._loop.time()
        for sending, offset in burst:
            self._lanes[sending.partition].settle(sending, offset, now)

    def _sweep(self) -> None:
        now = self._loop.time()
        for lane in self._lanes:
            lane.sweep(now)
        if self._stopping and not any(lane.unsettled for lane in self._lanes):
            self._drained.set()
        self._sweeper = self._loop.call_later(SWEEP_EVERY_S, self._sweep)

    def _found(self) -> None:
        if self._said_away is not False:
            _log.info("the log is there", extra={"topic": self._topic})
        self._away = self._said_away = False
        now = self._loop.time()
        for lane in self._lanes:
            lane.reachable(now)

    def _lost(self, why: str) -> None:
        if self._said_away is not True:
            _log.warning("the log is away", extra={"topic": self._topic, "why": why})
        self._away = self._said_away = True
        for lane in self._lanes:
            lane.refuse_waiting("the log is away")

    def _fail(self) -> None:
        self._lost("the producer's thread has failed")
        if self._on_failure is not None:
            self._on_failure()

    # On the poll thread.

    def _run(self) -> None:
        try:
            while not self._ended.is_set():
                self._run_once()
            self._client.flush(0)
        except BaseException:
            # A bug. The thread dies loudly (``threading.excepthook``). Until another process is there everything is
            # refused instead of being left unanswered (test: ``test_a_bug_on_the_producers_thread_ends_the_process``).
            self._tell(self._fail)
            raise

    def _run_once(self) -> None:
        self._client.poll(POLL_S)
        self._report()
        if self._broken:
            self._renew()
        away = self._away or self._failed_probes
        if time.monotonic() - self._heard_at > (PROBE_WHEN_AWAY_S if away else PROBE_WHEN_QUIET_S):
            self._probe()

    def _report(self) -> None:
        if self._burst:
            burst, self._burst = self._burst, []
            self._tell(self._settle, burst)

    def _on_delivery(self, sending: Sending, error: KafkaError | None, message: Message) -> None:
        if error is None:
            self._heard_at = time.monotonic()
            self._burst.append((sending, message.offset()))
        else:
            self._burst.append((sending, None))

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal():
            _log.error("the client has failed for good", extra={"error": error.str()})
            self._broken = True
        if error.code() == KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001 - how the library spells its local codes
            self._tell(self._lost, "all brokers are down")
            self._failed_probes = FAILED_PROBES

    def _probe(self) -> None:
        try:
            seen = self._client.list_topics(self._topic, PROBE_TIMEOUT_S).topics[self._topic].partitions
        except KafkaException as error:
            self._failed_probes += 1
            code = error.args[0].code()
            if self._failed_probes >= FAILED_PROBES or code == KafkaError._TRANSPORT:  # noqa: SLF001 - as above
                self._tell(self._lost, error.args[0].str())
        else:
            self._failed_probes = 0
            if len(seen) == len(self._lanes):
                self._tell(self._found)
            else:
                # Another number of partitions would send an event's commands to two places: stay shut, loudly.
                self._tell(self._lost, f"the topic has {len(seen)} partitions, not {len(self._lanes)}")
        self._heard_at = time.monotonic()

    def _renew(self) -> None:
        """Replace a client that takes nothing any more; what it had in flight is unknown to its senders."""
        # The new one first: nothing may be handed to the old one after its purge, or nobody would ever settle it.
        failed, self._client = self._client, self._new_client()
        failed.purge()
        failed.flush(PROBE_TIMEOUT_S)
        self._report()
        self._broken = False

    def _new_client(self) -> Client:
        # Its own log lines repeat with every attempt to connect; ours say once what changed, and why.
        return Client({**self._config, "error_cb": self._on_error, "log_level": LOG_CRITICAL}, logger=_log)

    def _tell(self, what: Callable[..., None], *arguments: Any) -> None:  # noqa: ANN401 - passed through
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(what, *arguments)
