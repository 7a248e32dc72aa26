"""Which errors of the log's client end the worker; its supervisor brings another, that is whole."""

import pytest
from confluent_kafka import KafkaError

from worker.consumer import is_the_end


@pytest.mark.parametrize("code", [KafkaError._FATAL, KafkaError._FENCED, KafkaError.FENCED_INSTANCE_ID])  # noqa: SLF001
def test_a_client_that_is_of_no_use_any_more_ends_its_worker(code: int) -> None:
    error = KafkaError(code)
    assert not error.fatal(), "the flag is not there when such an error is told"
    assert is_the_end(error)


@pytest.mark.parametrize("code", [KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._TIMED_OUT])  # noqa: SLF001
def test_a_log_that_is_away_does_not(code: int) -> None:
    assert not is_the_end(KafkaError(code))
