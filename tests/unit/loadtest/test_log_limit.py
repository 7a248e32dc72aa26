"""What Kafka's own tool says, and with which records it is asked."""

import pytest

from loadtest.bench.log_limit import rate, record_bytes

SAID = """
100000 records sent, 19996.0 records/sec (6.10 MB/sec), 310.2 ms avg latency, 512.0 ms max latency.
300000 records sent, 151285.9 records/sec (46.17 MB/sec), 210.51 ms avg latency, 412.00 ms max latency, 201 ms 50th
"""


def test_the_last_line_is_of_all_records() -> None:
    assert rate(SAID) == 151_285.9


def test_a_tool_that_says_no_rate_has_failed() -> None:
    with pytest.raises(ValueError, match="kafka-producer-perf-test said: nothing"):
        rate("nothing")


def test_a_record_is_as_large_as_a_plain_booking() -> None:
    assert 200 < record_bytes() < 500
