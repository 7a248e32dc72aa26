"""Where an event's commands go is where every other Kafka client would put its key."""

import uuid

from confluent_kafka import Producer

from contracts.topics import partition_of
from runtime.kafka import producer_config
from tests.integration.conftest import PARTITIONS, Topic


def test_our_partition_is_the_one_that_the_broker_client_chooses(topic: Topic) -> None:
    events = ["concert123", "sports_event456", "x", "e" * 64, *(uuid.uuid4().hex[: 1 + n % 32] for n in range(500))]
    chosen: dict[bytes, int] = {}
    producer = Producer(
        producer_config(topic.bootstrap, "test")
        | {"on_delivery": lambda _error, message: chosen.update({message.key(): message.partition()})}
    )
    for event_id in events:
        producer.produce(topic.name, b"{}", event_id)
    assert producer.flush(20) == 0

    assert {event_id: chosen[event_id.encode()] for event_id in events} == {
        event_id: partition_of(event_id, PARTITIONS) for event_id in events
    }
