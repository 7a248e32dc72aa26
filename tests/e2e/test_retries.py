"""Retries without fear: whatever is killed or away, the same request under the same key is one booking."""

import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from confluent_kafka import Consumer, TopicPartition

from contracts.topics import partition_of
from tests.e2e.asking import book, bookings_of, key
from tests.eventually import eventually
from tests.frontrow import Document, Frontrow, problem


def test_the_same_request_under_the_same_key_is_one_booking(frontrow: Frontrow) -> None:
    event_id, under = frontrow.new_event(), key()
    first, second = book(frontrow, event_id, "A1", "A2", under=under), book(frontrow, event_id, "A1", "A2", under=under)
    assert first.status_code == second.status_code == 202
    assert first.json() == second.json()
    outcome = frontrow.outcome(first.json()["booking_id"])
    assert (outcome["status"], outcome["seat_ids"]) == ("confirmed", ["A1", "A2"])
    late = book(frontrow, event_id, "A1", "A2", under=f'"{under}"')
    assert late.json() == first.json()
    assert len(bookings_of(frontrow, event_id)) == 1


def test_another_request_under_the_same_key_is_refused(frontrow: Frontrow) -> None:
    event_id, under = frontrow.new_event(), key()
    first = book(frontrow, event_id, "A1", under=under)
    problem(book(frontrow, event_id, "A2", under=under), 422, "idempotency-key-reused")
    frontrow.outcome(first.json()["booking_id"])
    assert [seat_ids for _, _, seat_ids in bookings_of(frontrow, event_id)] == [["A1"]]


def test_a_guests_key_that_could_be_guessed_is_refused(frontrow: Frontrow) -> None:
    body = problem(book(frontrow, "concert123", "A1", under="k" * 15), 422, "invalid-request")
    assert body["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.usefixtures("without_redis")
def test_without_redis_the_first_booking_counts_and_there_is_no_second(frontrow: Frontrow) -> None:
    event_id, under = frontrow.new_event(), key()
    told = [book(frontrow, event_id, seat_id, under=under) for seat_id in ("A1", "A1", "A2")]
    assert [answer.status_code for answer in told] == [202, 202, 202]
    booking_id = told[0].json()["booking_id"]
    assert {answer.json()["booking_id"] for answer in told} == {booking_id}
    assert frontrow.outcome(booking_id)["seat_ids"] == ["A1"]
    assert [row[:2] for row in bookings_of(frontrow, event_id)] == [(booking_id, "confirmed")]


def test_a_retry_after_the_write_api_died_finds_the_same_booking(frontrow: Frontrow) -> None:
    event_id, under = frontrow.new_event(), key()
    with ThreadPoolExecutor() as pool:
        # On the log and not answered: it waits for an outcome that a frozen worker does not give.
        frontrow.instance.kill("worker", signal.SIGSTOP)
        try:
            before = end_of_the_log(frontrow, event_id)
            asking = pool.submit(book, frontrow, event_id, "A1", under=under, prefer="wait=10")

            def on_the_log() -> None:
                assert end_of_the_log(frontrow, event_id) > before  # no tick: whoever makes them is frozen

            eventually(on_the_log, within_s=5)
            frontrow.instance.kill("write_api", signal.SIGKILL)
            problem(asking.result(), 503, "outcome-unknown")
        finally:
            frontrow.instance.kill("worker", signal.SIGCONT)

    def accepted() -> Document:
        answer = book(frontrow, event_id, "A1", under=under)
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    booking_id = eventually(accepted, within_s=15)["booking_id"]
    assert frontrow.outcome(booking_id)["status"] == "confirmed"
    assert [row[:2] for row in bookings_of(frontrow, event_id)] == [(booking_id, "confirmed")]


def end_of_the_log(frontrow: Frontrow, event_id: str) -> int:
    """Return how many messages the partition of this event has."""
    env = frontrow.instance.environment_of("write_api")
    place = TopicPartition(env["FRONTROW_TOPIC"], partition_of(event_id, int(env["FRONTROW_PARTITIONS"])))
    consumer = Consumer({"bootstrap.servers": env["FRONTROW_KAFKA_BOOTSTRAP"], "group.id": "looks-only"})
    try:
        return int(consumer.get_watermark_offsets(place, timeout=10)[1])
    finally:
        consumer.close()
