"""Reading the log: what the client leaves out is read again, and what the log does not have ends the worker."""

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from confluent_kafka import KafkaException, Message, Producer, TopicPartition

from contracts.topics import partition_of
from runtime.kafka import consumer_config
from tests.eventually import eventually
from tests.integration.conftest import Topic, make_anew
from tests.integration.worker.log import Log, booking
from worker.consumer import LogConsumer, LogError, place_of

EVENT = "read-again"
SEATS = ("A1", "A2", "A3", "A4")


@pytest.fixture
def consumer(topic: Topic) -> Iterator[LogConsumer]:
    """One that begins at the beginning of every partition."""
    with closing(LogConsumer(consumer_config(topic.bootstrap, topic.name, "reader"), topic.name)) as consumer:
        eventually(lambda: _holds(consumer.find_topic))

        def assigned() -> None:
            consumer.gather(1, 0.1, 0)
            assert len(consumer.unplaced) == topic.partitions

        eventually(assigned)
        consumer.place(dict.fromkeys(range(topic.partitions), (0, None)))
        yield consumer


def test_what_the_client_leaves_out_is_read_again(consumer: LogConsumer, log: Log, topic: Topic) -> None:
    partition = partition_of(EVENT, topic.partitions)
    jump_to(consumer, topic, partition, 2)
    log.append(*(booking(EVENT, seat_id) for seat_id in SEATS))
    got: list[Message] = []

    def all_came() -> None:
        got.extend(consumer.gather(100, 0.1, 0.1))
        assert len(got) == len(SEATS)

    eventually(all_came)
    assert [place_of(message) for message in got] == [(partition, offset) for offset in range(len(SEATS))]


def test_the_rest_of_a_log_that_lacks_an_offset_is_not_given(consumer: LogConsumer, topic: Topic) -> None:
    """Here it is the marker at the end of a transaction; nobody of ours writes one."""
    stranger = Producer({"bootstrap.servers": topic.bootstrap, "transactional.id": topic.name})
    stranger.init_transactions()
    for _ in range(2):
        stranger.begin_transaction()
        stranger.produce(topic.name, b"{}", partition=0)
        stranger.commit_transaction()
    given: list[int | None] = []

    def read_on() -> None:
        while True:  # the test's own time-out ends it
            given.extend(message.offset() for message in consumer.gather(100, 0.1, 0.1))

    with pytest.raises(LogError, match="partition 0 gives offset 2, and 1 is to be decided next"):
        read_on()
    assert given == [0]


def test_a_topic_that_was_made_anew_is_said_to_be_where_it_holds_no_such_offset(
    consumer: LogConsumer, topic: Topic
) -> None:
    """An operator is told what happened, whoever notices it first: the question that is asked now and then, or this."""

    def placed() -> None:
        try:
            consumer.place({0: (220, None)})
        except KafkaException as error:  # the client may not know the new one yet
            raise AssertionError from error

    make_anew(topic)
    with pytest.raises(LogError, match="the topic was "):
        eventually(placed)


def jump_to(consumer: LogConsumer, topic: Topic, partition: int, offset: int) -> None:
    """Make the client go on behind what is next, as it once did by itself."""
    client = consumer._consumer  # noqa: SLF001 - nothing that we ask for makes it do this
    client.incremental_unassign([TopicPartition(topic.name, partition)])
    client.incremental_assign([TopicPartition(topic.name, partition, offset)])


def _holds(is_so: Callable[[], bool]) -> None:
    assert is_so()
