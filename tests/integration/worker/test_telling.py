"""Telling: what a worker says of itself in metrics and log lines."""

import logging

import pytest
from prometheus_client import REGISTRY

from tests.eventually import eventually
from tests.integration.conftest import Topic
from tests.integration.worker.log import Log, booking, now_ms
from tests.integration.worker.records import Records
from tests.integration.worker.running import Workers

HOUR_S = 3_600


def test_a_log_whose_time_is_ahead_is_seen_in_a_metric(topic: Topic, records: Records, workers: Workers) -> None:
    """As after a forward jump of the broker's clock that was put right."""
    records.run(
        """INSERT INTO kafka_offsets (topic_id, topic, log_partition, next_offset, log_time_ms)
        VALUES (%s, %s, 0, 0, %s)""",
        topic.topic_id,
        topic.name,
        now_ms() + HOUR_S * 1000,
    )
    workers.start()

    def is_seen() -> None:
        ahead_s = REGISTRY.get_sample_value("frontrow_worker_log_time_ahead_seconds") or 0.0
        assert HOUR_S - 60 < ahead_s <= HOUR_S

    eventually(is_seen)


def test_a_great_batch_is_told_in_lines_that_a_collector_can_take(
    log: Log, records: Records, workers: Workers, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "worker.loop")
    event_id = log.open_event()
    requests = [booking(event_id, "A1") for _ in range(250)]
    log.append(*requests)
    workers.start()
    records.wait_for(requests)
    told = {request.command_id for request in requests}

    def all_told() -> None:
        lines = [record.__dict__["outcomes"] for record in caplog.records if record.message == "batch"]
        assert all(len(line) <= 100 for line in lines)
        assert told <= {outcome["command_id"] for line in lines for outcome in line}

    eventually(all_told)
