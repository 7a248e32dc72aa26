"""Create the topic of the commands, with as many replicas as there are brokers for. Harmless when run twice.

A one-shot of both ways to run Frontrow: it waits for the broker. It never changes a topic that is there, above all not
its number of partitions: one event lives on one partition for good, so more partitions would split an event's order.
"""

import sys
import time
from typing import Final

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from pydantic import Field

from contracts.topics import BOOKING_REQUESTS, MAX_PARTITIONS
from runtime.settings import EXIT_CONFIGURATION, Settings, load

WAIT_S: Final = 60.0
"""How long the broker may take to answer; a first start on a slow disk takes about ten seconds."""
ATTEMPT_S: Final = 2.0
MAX_REPLICAS: Final = 3
"""Three replicas survive the loss of one node without refusing writes; more would only slow each acknowledgement."""


class TopicSettings(Settings):
    """Where the broker is and what the topic is to be."""

    kafka_bootstrap: str
    topic: str = BOOKING_REQUESTS
    partitions: int = Field(default=8, ge=1, le=MAX_PARTITIONS)


class WrongPartitionsError(Exception):
    """The topic exists with another number of partitions than the settings say."""


def create_topic(bootstrap: str, topic: str, partitions: int, *, wait_s: float = WAIT_S) -> bool:
    """Create the topic unless it is there; returns whether it was created.

    Raises:
        KafkaException: no broker answered within ``wait_s`` seconds.
        WrongPartitionsError: see there.
    """
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0, "reconnect.backoff.max.ms": 200})
    topics, brokers = _wait_for(admin, wait_s)
    if topic in topics:
        found = topics[topic]
        if found != partitions:
            msg = (
                f"topic {topic} has {found} partitions and FRONTROW_PARTITIONS says {partitions}: "
                f"a live topic keeps its partitions, so set FRONTROW_PARTITIONS={found}"
            )
            raise WrongPartitionsError(msg)
        return False
    replicas = min(MAX_REPLICAS, brokers)
    config = {
        "retention.ms": "-1",  # replay is the proof: the log keeps everything
        "retention.bytes": "-1",
        "cleanup.policy": "delete",
        "message.timestamp.type": "LogAppendTime",  # time is the log's, not the clients'
        "min.insync.replicas": str(max(1, replicas - 1)),
        "unclean.leader.election.enable": "false",
        "max.message.bytes": "1048576",
    }
    wanted = NewTopic(topic, num_partitions=partitions, replication_factor=replicas, config=config)
    try:
        admin.create_topics([wanted], request_timeout=30)[topic].result()
    except KafkaException as error:
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:  # another one-shot was faster
            raise
        return False
    return True


def _wait_for(admin: AdminClient, wait_s: float) -> tuple[dict[str, int], int]:
    """Return the topics with their numbers of partitions, and the number of brokers."""
    deadline = time.monotonic() + wait_s
    while True:
        try:
            cluster = admin.list_topics(timeout=ATTEMPT_S)
        except KafkaException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return {name: len(found.partitions) for name, found in cluster.topics.items()}, len(cluster.brokers)


def main() -> int:
    """Run the one-shot; returns the process' exit status."""
    settings = load(TopicSettings)
    try:
        created = create_topic(settings.kafka_bootstrap, settings.topic, settings.partitions)
    except WrongPartitionsError as error:
        print(error, file=sys.stderr)
        return EXIT_CONFIGURATION
    print(f"topic {settings.topic}: {'created' if created else 'is there'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
