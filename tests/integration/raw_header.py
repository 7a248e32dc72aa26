"""A message whose header has a name that is no text. Our client refuses to send one, so the library below it does."""

import ctypes
from pathlib import Path

import confluent_kafka

_TOPIC, _PARTITION, _VALUE, _COPY, _FLAGS, _HEADER, _END = 1, 3, 4, 2, 7, 9, 0


def append_with_illegible_header(bootstrap: str, topic: str, partition: int, value: bytes) -> None:
    """Put ``value`` on the log with a header whose name is not UTF-8, and wait until it is there."""
    bundled = Path(confluent_kafka.__file__).parents[1] / "confluent_kafka.libs"
    library = ctypes.CDLL(str(next(bundled.glob("librdkafka*"))))
    library.rd_kafka_conf_new.restype = library.rd_kafka_new.restype = ctypes.c_void_p
    why = ctypes.create_string_buffer(512)
    size = ctypes.c_size_t(len(why))
    conf = ctypes.c_void_p(library.rd_kafka_conf_new())
    assert library.rd_kafka_conf_set(conf, b"bootstrap.servers", bootstrap.encode(), why, size) == 0, why.value
    producer = ctypes.c_void_p(library.rd_kafka_new(0, conf, why, size))
    assert producer, why.value
    number = ctypes.c_int
    given = [number(_TOPIC), ctypes.c_char_p(topic.encode()), number(_PARTITION), ctypes.c_int32(partition)]
    given += [number(_VALUE), ctypes.c_char_p(value), ctypes.c_size_t(len(value)), number(_FLAGS), number(_COPY)]
    given += [number(_HEADER), ctypes.c_char_p(b"\xff\xfe"), ctypes.c_char_p(b"v"), ctypes.c_ssize_t(1), number(_END)]
    assert library.rd_kafka_producev(producer, *given) == 0
    assert library.rd_kafka_flush(producer, 10_000) == 0
    library.rd_kafka_destroy(producer)
