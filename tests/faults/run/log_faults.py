"""Faults of the log: poison amid good messages, messages that come twice, a group whose offsets were set back.

Offsets set back in the ledger are not among them: they move in the one transaction that writes what was decided, so no
crash can part the two, and whoever parts them by hand makes another ledger.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from audit.load_log import LogReader
from contracts.topics import BOOKING_REQUESTS, REQUEST_ID_HEADER
from tests.eventually import eventually
from tests.faults.run.fault import Fault, Scene

POISON: Final = (b"no command", b"", b'{"kind": "book_seats"}', b"\x00\xff")
REPEATED: Final = 20
"""How many of each partition's last messages come again."""
GROUP: Final = "worker"
EMPTY_WITHIN_S: Final = 20.0
"""Static members keep their place for the session's 10 s."""


@contextmanager
def poison(scene: Scene) -> Iterator[None]:
    """Put messages that are no commands on the partitions that are busiest."""
    for hall in scene.halls:
        for value in POISON:
            scene.site.frontrow.append_raw(hall.event_id, value, "no id")
    yield


@contextmanager
def again(scene: Scene) -> Iterator[None]:
    """Append the last messages of every partition once more, as a producer that lost an acknowledgement might."""
    bootstrap = _bootstrap(scene)
    reader, producer = LogReader(bootstrap, BOOKING_REQUESTS), Producer({"bootstrap.servers": bootstrap})
    first, end = reader.bounds()
    for partition in reader.partitions:
        for message in reader.read(partition, max(first[partition], end[partition] - REPEATED), end[partition]):
            request_id = dict(message.headers).get(REQUEST_ID_HEADER) or b""
            said = request_id.decode() if isinstance(request_id, bytes) else request_id
            if said.startswith(f"{scene.run_id}."):
                scene.history.repeated.add(said)
                producer.produce(
                    BOOKING_REQUESTS,
                    message.value,
                    message.key,
                    partition,
                    headers=list(message.headers),
                )
    assert producer.flush(10) == 0
    yield


@contextmanager
def group_set_back(scene: Scene) -> Iterator[None]:
    """Stop the workers, set their group's offsets to the beginning, start them: nobody reads those offsets."""
    instance = scene.site.instance
    workers = [name for name in scene.site.programs() if name.partition("_")[0] == "worker"]
    for name in workers:
        instance.stop_program(name)
    admin = AdminClient({"bootstrap.servers": _bootstrap(scene)})
    partitions = [TopicPartition(BOOKING_REQUESTS, p, 0) for p in range(instance.settings.partitions)]

    def set_back() -> None:
        try:
            asked = admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(GROUP, partitions)])
            asked[GROUP].result(10)
        except KafkaException as error:  # it still has members
            raise AssertionError(error) from error

    eventually(set_back, within_s=EMPTY_WITHIN_S)
    for name in workers:
        instance.start_program(name, ready=False)
    yield


def _bootstrap(scene: Scene) -> str:
    return scene.site.instance.environment_of("audit")["FRONTROW_KAFKA_BOOTSTRAP"]


FAULTS: Final = (
    Fault("poison on the log", poison, frozenset({"kafka"}), weight=2),
    Fault("messages come twice", again, frozenset({"kafka"}), weight=2),
    Fault("offsets of the group set back", group_set_back, frozenset({"kafka", "worker"}), alone=True),
)
