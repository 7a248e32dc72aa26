"""Kafka: how our producers and consumers are set, with the reason beside each setting that is not the default."""

from typing import Any, Final

DELIVERY_TIMEOUT_MS: Final = 8_000
"""How long the client may hold a message that the broker has not acknowledged. Callers are answered long before
(``ANSWER_WITHIN_S``): the rest of the time the outcome is unknown to them, and a keyed retry or the id settles it."""

SESSION_TIMEOUT_MS: Final = 10_000
FETCH_BYTES: Final = 16_384
FETCH_WAIT_MS: Final = 10
"""The broker gives what has come when it is some fifty bookings or the wait is over, and not after each append: at
1,000 bookings a second that is a hundred questions instead of nearly as many as bookings."""


def producer_config(bootstrap: str, client_id: str) -> dict[str, Any]:
    """Return the settings of a producer that never loses or reorders what was acknowledged.

    It repeats a message at most where another one was given up, after ``DELIVERY_TIMEOUT_MS``: then the library begins
    a new epoch, in which the broker does not know what it has. Whoever reads the log drops what it has decided.
    """
    return {
        "bootstrap.servers": bootstrap,
        "client.id": client_id,
        "acks": "all",
        "enable.idempotence": True,
        "partitioner": "murmur2_random",  # what every other Kafka client does with a key
        "linger.ms": 2,  # a burst becomes one request; a lone booking waits this long
        "compression.type": "none",  # small messages on a fast network: the bytes cost less than the CPU
        "delivery.timeout.ms": DELIVERY_TIMEOUT_MS,
        "request.timeout.ms": 2_000,
        "socket.timeout.ms": 3_000,
        "reconnect.backoff.ms": 50,
        "reconnect.backoff.max.ms": 500,  # back within a second after a broker restart
        "queue.buffering.max.messages": 20_000,
        "queue.buffering.max.kbytes": 65_536,
        "log.connection.close": False,
    }


def consumer_config(bootstrap: str, group: str, member: str) -> dict[str, Any]:
    """Return the settings of a group member that starts where it is told and is back soon after a crash.

    ``member`` is this process' stable name: with static membership its successor takes the partitions at once instead
    of waiting for the dead session to time out (test: outcomes flow again within 5 s of a kill -9).
    """
    return {
        "bootstrap.servers": bootstrap,
        "group.id": group,
        "group.instance.id": member,
        "client.id": member,
        "group.protocol": "classic",
        "partition.assignment.strategy": "cooperative-sticky",
        "session.timeout.ms": SESSION_TIMEOUT_MS,
        "heartbeat.interval.ms": 1_000,
        "max.poll.interval.ms": 60_000,
        "auto.offset.reset": "earliest",  # the default would skip requests that were accepted before the first start
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "queued.min.messages": 20_000,  # a second's worth of reading ahead; the default of 64 MB and 100,000 messages a
        "queued.max.messages.kbytes": 16_384,  # partition doubles the process' memory while a backlog is drained
        "fetch.min.bytes": FETCH_BYTES,
        "fetch.wait.max.ms": FETCH_WAIT_MS,
        "reconnect.backoff.ms": 50,
        "reconnect.backoff.max.ms": 500,
        "topic.metadata.refresh.interval.ms": 10_000,
        "allow.auto.create.topics": False,
        "log.connection.close": False,
    }
