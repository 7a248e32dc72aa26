"""Retries without fear: whatever is killed or away, the same request under the same key is one booking."""

import signal
from concurrent.futures import ThreadPoolExecutor

import httpx
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


def test_a_command_sent_again_under_its_key_is_one_command(frontrow: Frontrow) -> None:
    event_id, under = frontrow.new_event(hold_seconds=60), key()
    booking_id = frontrow.accept(event_id, "A1", "A2", "A3")
    assert frontrow.outcome(booking_id)["status"] == "held"
    first, second = (command(frontrow, "DELETE", f"{booking_id}?seat_id=A1", under) for _ in range(2))
    assert first.json() == second.json()
    assert frontrow.command(first)["status"] == "done"
    problem(command(frontrow, "DELETE", f"{booking_id}?seat_id=A2", under), 422, "idempotency-key-reused")
    problem(command(frontrow, "DELETE", booking_id, under), 422, "idempotency-key-reused")
    extended, again = (command(frontrow, "POST", f"{booking_id}/extension", under) for _ in range(2))
    assert extended.json() == again.json()
    assert extended.json()["command_id"] != first.json()["command_id"], "another kind is another command"
    assert frontrow.command(extended)["status"] == "done"
    shown = frontrow.booking(booking_id)
    assert (shown["seat_ids"], shown["version"]) == (["A2", "A3"], 3)
    with frontrow.ledger() as ledger:
        kinds = ledger.execute("SELECT kind FROM outcomes WHERE event_id = %s ORDER BY log_offset", (event_id,))
        assert [kind for (kind,) in kinds][3:] == ["book_seats", "cancel_booking", "extend_hold"]


def test_a_command_under_a_key_that_could_be_guessed_is_refused(frontrow: Frontrow) -> None:
    booking_id = frontrow.accept("no-such-event", "A1")
    for method, path in (("DELETE", booking_id), ("POST", f"{booking_id}/extension")):
        body = problem(command(frontrow, method, path, "k" * 15), 422, "invalid-request")
        assert body["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.usefixtures("without_redis")
def test_without_redis_seats_are_given_back_once(frontrow: Frontrow) -> None:
    event_id, under = frontrow.new_event(), key()
    booking_id = frontrow.accept(event_id, "A1", "A2")
    told = [command(frontrow, "DELETE", f"{booking_id}?seat_id={seat_id}", under) for seat_id in ("A1", "A1", "A2")]
    assert len({answer.json()["command_id"] for answer in told}) == 1
    assert frontrow.command(told[0])["status"] == "done"
    assert frontrow.booking(booking_id)["seat_ids"] == ["A2"]


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

            eventually(on_the_log)
            frontrow.instance.kill("write_api", signal.SIGKILL)
            problem(asking.result(), 503, "outcome-unknown")
        finally:
            frontrow.instance.kill("worker", signal.SIGCONT)

    def accepted() -> Document:
        answer = book(frontrow, event_id, "A1", under=under)
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    booking_id = eventually(accepted)["booking_id"]
    assert frontrow.outcome(booking_id)["status"] == "confirmed"
    assert [row[:2] for row in bookings_of(frontrow, event_id)] == [(booking_id, "confirmed")]


def command(frontrow: Frontrow, method: str, path: str, under: str) -> httpx.Response:
    return frontrow.client.request(method, f"/api/bookings/{path}", headers={"Idempotency-Key": under})


def end_of_the_log(frontrow: Frontrow, event_id: str) -> int:
    """Return how many messages the partition of this event has."""
    env = frontrow.instance.environment_of("write_api")
    place = TopicPartition(env["FRONTROW_TOPIC"], partition_of(event_id, int(env["FRONTROW_PARTITIONS"])))
    consumer = Consumer({"bootstrap.servers": env["FRONTROW_KAFKA_BOOTSTRAP"], "group.id": "looks-only"})
    try:
        return int(consumer.get_watermark_offsets(place, timeout=10)[1])
    finally:
        consumer.close()
