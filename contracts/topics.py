"""The log's names and routing: which topic, which headers, and which partition an event lives on.

Producers and the id mint enter here. One event has one partition for good, so this function must never change and a
live topic never gets more partitions: both would split an event's order in two.
"""

from typing import Final

BOOKING_REQUESTS: Final = "booking_requests"

COMMAND_ID_HEADER: Final = "command-id"
REQUEST_ID_HEADER: Final = "request-id"
KIND_HEADER: Final = "kind"

MAX_PARTITIONS: Final = 1024
"""Bound of the partition number that an id carries in two bytes; far above what one worker process can own."""

_SEED: Final = 0x9747B28C
_MULTIPLIER: Final = 0x5BD1E995
_UINT32: Final = 0xFFFFFFFF


def partition_of(event_id: str, partitions: int) -> int:
    """Return the partition (0 ≤ p < ``partitions``) that Kafka's default partitioner gives to this event's key.

    Source: ``org.apache.kafka.common.utils.Utils.murmur2`` and ``toPositive``. The test
    ``test_our_partition_is_the_one_that_the_broker_client_chooses`` holds the two together.
    """
    return (_murmur2(event_id.encode()) & 0x7FFFFFFF) % partitions


def _murmur2(data: bytes) -> int:
    length = len(data)
    h = _SEED ^ length
    whole = length - length % 4
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i : i + 4], "little") * _MULTIPLIER & _UINT32
        k ^= k >> 24
        h = h * _MULTIPLIER & _UINT32 ^ (k * _MULTIPLIER & _UINT32)
    if tail := data[whole:]:
        h ^= int.from_bytes(tail, "little")
        h = h * _MULTIPLIER & _UINT32
    h ^= h >> 13
    h = h * _MULTIPLIER & _UINT32
    return h ^ h >> 15
