"""Retries without fear: whatever is cut, killed or away, a key is one booking; and who waits is told."""

import asyncio
import json
import os
import random
import signal
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
import pytest
from confluent_kafka import Consumer, TopicPartition

from contracts.topics import partition_of
from tests.eventually import eventually
from tests.frontrow import Document, Frontrow, problem

CUT_FOR_S = float(os.environ.get("FRONTROW_TEST_CUTS_S", "8"))
"""How long connections are cut; two minutes on a day with time: ``FRONTROW_TEST_CUTS_S=120``."""
CLIENTS = 6
CUT_OF_TEN = 7
"""So many of ten connections are cut."""
ANSWER_WITHIN_S = 15.0


def key() -> str:
    return uuid.uuid4().hex


def book(
    frontrow: Frontrow, event_id: str, *seat_ids: str, under: str | None = None, prefer: str | None = None
) -> httpx.Response:
    headers = {"Idempotency-Key": under, "Prefer": prefer}
    body = {"userId": "user-123", "eventId": event_id, "seatIds": list(seat_ids)}
    answer = frontrow.client.post(
        "/api/book",
        json=body,
        headers={name: value for name, value in headers.items() if value is not None},
        timeout=20,
    )
    frontrow.remember(answer.status_code, answer.json())
    if answer.status_code == httpx.codes.OK:
        frontrow.accepted.add(answer.json()["booking_id"])
    return answer


def bookings_of(frontrow: Frontrow, event_id: str) -> list[tuple[str, str, list[str]]]:
    with frontrow.ledger() as ledger:
        return ledger.execute(
            "SELECT command_id, status, seat_ids FROM outcomes WHERE event_id = %s AND kind = 'book_seats'", (event_id,)
        ).fetchall()


@pytest.fixture
def without_redis(frontrow: Frontrow) -> Iterator[None]:
    frontrow.instance.stop_program("redis")
    yield
    frontrow.instance.start_program("redis")
    eventually(lambda: waited(frontrow, frontrow.new_event()), within_s=15)


def waited(frontrow: Frontrow, event_id: str) -> None:
    """Assert that waiting works (again), with a booking that is refused."""
    answer = book(frontrow, event_id, "Z99", prefer="wait=5")
    assert answer.status_code == 200, answer.text


@pytest.fixture
def frozen_worker(frontrow: Frontrow) -> Iterator[None]:
    frontrow.instance.kill("worker", signal.SIGSTOP)
    yield
    frontrow.instance.kill("worker", signal.SIGCONT)


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


def test_a_fast_outcome_is_the_answer(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event()
    began = time.monotonic()
    answer = book(frontrow, event_id, "A1", prefer="wait=5")
    assert time.monotonic() - began < 3
    body = answer.json()
    assert (answer.status_code, body["status"], body["seat_ids"]) == (200, "confirmed", ["A1"])
    assert answer.headers["preference-applied"] == "wait=5"
    assert answer.headers["location"] == f"/api/bookings/{body['booking_id']}"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["frontrow-position"] == body["position"]
    assert frontrow.outcome(body["booking_id"]) == body, "told as it is shown"


def test_a_refusal_is_an_answer_too(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event()
    book(frontrow, event_id, "A1", prefer="wait=5")
    answer = book(frontrow, event_id, "A2", "A1", prefer="wait=5")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["status"], body["reason"], body["conflicts"]) == ("rejected", "seat_taken", ["A1"])
    assert frontrow.outcome(body["booking_id"]) == body


def test_who_asks_again_under_the_same_key_is_told_again(frontrow: Frontrow) -> None:
    event_id, under = frontrow.new_event(), key()
    first = book(frontrow, event_id, "A1", under=under)
    frontrow.outcome(first.json()["booking_id"])
    told = [book(frontrow, event_id, "A1", under=under, prefer="wait=5") for _ in range(2)]
    assert [answer.status_code for answer in told] == [200, 200]
    assert told[0].json() == told[1].json()
    assert told[0].json()["booking_id"] == first.json()["booking_id"]


def test_many_who_wait_are_each_told_their_own(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event(rows=2)
    seat_ids = [f"{row}{n}" for row in "AB" for n in range(1, 21)]
    with ThreadPoolExecutor(20) as pool:
        told = list(pool.map(lambda seat_id: book(frontrow, event_id, seat_id, prefer="wait=10"), seat_ids))
    assert {answer.status_code for answer in told} == {200}
    assert [answer.json()["seat_ids"] for answer in told] == [[seat_id] for seat_id in seat_ids]


@pytest.mark.usefixtures("frozen_worker")
def test_who_waited_in_vain_gets_the_202(frontrow: Frontrow) -> None:
    began = time.monotonic()
    answer = book(frontrow, "concert123", "A30", prefer="wait=1")
    assert 1 <= time.monotonic() - began < 3
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    assert "preference-applied" not in answer.headers


@pytest.mark.usefixtures("without_redis")
def test_without_redis_who_would_wait_gets_the_202_at_once_and_the_view_can_be_waited_for(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event()
    began = time.monotonic()
    answer = book(frontrow, event_id, "A1", prefer="wait=10")
    assert answer.status_code == 202
    assert time.monotonic() - began < 5
    shown = frontrow.client.get(f"{answer.json()['status_url']}?wait=10", timeout=20)
    assert (shown.status_code, shown.json()["status"]) == (200, "confirmed")


def test_who_names_a_position_reads_its_own_writes(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event()
    assert frontrow.seats(event_id)["A1"] == "available"
    for n in range(1, 11):
        answer = book(frontrow, event_id, f"A{n}", prefer="wait=5")
        assert answer.status_code == 200, answer.text
        position = {"Frontrow-Min-Position": answer.headers["frontrow-position"]}
        event = frontrow.client.get(f"/api/events/{event_id}", headers=position).json()
        assert event["seats"][n - 1] == {"seat_id": f"A{n}", "status": "booked", "user_id": None}
        shown = frontrow.client.get(f"/api/bookings/{answer.json()['booking_id']}", headers=position)
        assert shown.json() == answer.json()
        assert shown.headers["frontrow-position"] == answer.headers["frontrow-position"]


def test_a_position_that_is_not_there_yet_is_not_waited_for_for_ever(frontrow: Frontrow) -> None:
    began = time.monotonic()
    answer = frontrow.client.get("/api/events/concert123", headers={"Frontrow-Min-Position": "9999999999-1"})
    assert answer.status_code == 200
    assert answer.headers["frontrow-as-of"]
    assert 2 <= time.monotonic() - began < 4


@dataclass(frozen=True)
class Wish:
    """What a client wants, and the key under which it asks until it knows."""

    seat_ids: tuple[str, ...]
    key: str


class CutClient:
    """Books over a line that is cut at any byte, and asks again until it has an answer."""

    def __init__(self, port: int, event_id: str, user: str, dice: random.Random) -> None:
        self._port = port
        self._event_id = event_id
        self._user = user
        self._dice = dice
        self.told: dict[Wish, str] = {}
        self.attempts = 0

    async def run(self, seats: Iterator[str], until: float) -> None:
        while time.monotonic() < until:
            wish = Wish(tuple(seat for _, seat in zip(range(self._dice.randint(1, 3)), seats, strict=False)), key())
            if not wish.seat_ids:
                return
            while wish not in self.told:
                self.attempts += 1
                line_is_cut = self._dice.randrange(10) < CUT_OF_TEN and time.monotonic() < until
                booking_id = await self._ask(wish, line_is_cut=line_is_cut)
                if booking_id is not None:
                    self.told[wish] = booking_id

    async def _ask(self, wish: Wish, *, line_is_cut: bool) -> str | None:
        body = {"userId": self._user, "eventId": self._event_id, "seatIds": wish.seat_ids}
        sent = json.dumps(body).encode()
        prefer = b"Prefer: wait=2\r\n" if self._dice.random() < 0.5 else b""
        request = (
            b"POST /api/book HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
            b"Idempotency-Key: %b\r\n%bContent-Length: %d\r\n\r\n%b" % (wish.key.encode(), prefer, len(sent), sent)
        )
        # Up to the last byte of the request, or so many bytes into the answer.
        send = self._dice.randint(0, len(request)) if line_is_cut and self._dice.random() < 0.5 else len(request)
        receive = self._dice.randint(0, 400) if line_is_cut else -1
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(request[:send])
            await writer.drain()
            if send < len(request):
                return None
            if receive >= 0:
                if self._dice.random() < 0.5:
                    return None  # gone before the first byte
                await asyncio.wait_for(reader.read(receive), ANSWER_WITHIN_S)
                return None
            answer = await asyncio.wait_for(reader.read(), ANSWER_WITHIN_S)
        except OSError:
            return None
        finally:
            writer.transport.abort()
        head, _, text = answer.partition(b"\r\n\r\n")
        assert head.split(b" ")[1] in {b"200", b"202"}, answer
        return str(json.loads(text)["booking_id"])


def test_a_client_whose_line_is_cut_at_random_bytes_owns_exactly_what_it_asked_for(frontrow: Frontrow) -> None:
    seed = int(os.environ.get("FRONTROW_TEST_SEED", random.randrange(2**32)))
    sys.stdout.write(f"FRONTROW_TEST_SEED={seed}\n")
    dice = random.Random(seed)
    event_id = frontrow.new_event(rows=20, seats_a_row=40)
    port = httpx.URL(frontrow.instance.gateway_url).port or 80
    seats = iter([f"{chr(ord('A') + row)}{n}" for row in range(20) for n in range(1, 41)])
    clients = [CutClient(port, event_id, f"user-{n}", random.Random(dice.random())) for n in range(CLIENTS)]

    async def everybody() -> None:
        until = time.monotonic() + CUT_FOR_S
        await asyncio.gather(*(client.run(seats, until) for client in clients))

    asyncio.run(everybody())
    told = {booking_id: wish for client in clients for wish, booking_id in client.told.items()}
    assert len(told) == sum(len(client.told) for client in clients)
    assert sum(client.attempts for client in clients) > len(told), "lines were cut"
    frontrow.accepted.update(told)
    for booking_id, wish in told.items():
        outcome = frontrow.outcome(booking_id, within_s=20)
        assert (outcome["status"], outcome["seat_ids"]) == ("confirmed", list(wish.seat_ids))

    decided = bookings_of(frontrow, event_id)
    assert {booking_id for booking_id, _, _ in decided} == set(told), "nobody has a booking that they do not know of"
    assert len(decided) == len(told)
    with frontrow.ledger() as ledger:
        owned = dict(
            ledger.execute(
                "SELECT seat_id, booking_id FROM seats WHERE event_id = %s AND booking_id IS NOT NULL", (event_id,)
            ).fetchall()
        )
    assert owned == {seat_id: booking_id for booking_id, wish in told.items() for seat_id in wish.seat_ids}
