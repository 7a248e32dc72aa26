"""Who waits is told after the commit, with the position; who does not wait costs nothing; Redis may be away."""

import uuid
from collections.abc import Iterator
from datetime import UTC
from typing import cast

import pytest
import redis

from contracts.announcements import channel_of, decode, key_of
from contracts.commands import BookSeats
from contracts.views import BookingView
from sync_service.times import to_millisecond
from tests.eventually import eventually
from tests.integration.worker.log import Log, booking
from tests.integration.worker.records import Records
from tests.integration.worker.running import Workers


class Ear:
    """Somebody who listens on a channel."""

    def __init__(self, client: redis.Redis) -> None:
        self.reply_to = uuid.uuid4().hex
        self._subscription = client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]  # redis-py's
        self._subscription.subscribe(channel_of(self.reply_to))

    def hears(self) -> BookingView:
        def heard() -> BookingView:
            message = self._subscription.get_message(timeout=0.1)
            assert message is not None
            return cast("BookingView", decode(message["data"]))

        return eventually(heard)

    def hears_nothing(self) -> None:
        assert self._subscription.get_message(timeout=0.2) is None

    def close(self) -> None:
        self._subscription.close()


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def ear(client: redis.Redis) -> Iterator[Ear]:
    ear = Ear(client)
    ear.hears_nothing()  # takes the confirmation
    yield ear
    ear.close()


def asked(event_id: str, *seat_ids: str, reply_to: str = "") -> BookSeats:
    return booking(event_id, *seat_ids).model_copy(update={"reply_to": reply_to})


def test_who_waits_is_told_what_is_committed_with_its_position(
    log: Log, records: Records, workers: Workers, client: redis.Redis, ear: Ear
) -> None:
    event_id = log.open_event()
    taken, waits = asked(event_id, "A1"), asked(event_id, "A2", "A1", reply_to=ear.reply_to)
    log.append(taken, waits)
    workers.start()
    told = ear.hears()
    ((tx, row_id, requested_at, decided_at),) = records.rows(
        "SELECT tx::text, id, requested_at, decided_at FROM outcomes WHERE command_id = %s", waits.command_id
    )
    assert told == {
        "_id": waits.command_id,
        "event_id": event_id,
        "principal": "p_test",
        "seat_ids": ["A2", "A1"],
        "status": "rejected",
        "reason": "seat_taken",
        "conflicts": ["A1"],
        "requested_at": to_millisecond(requested_at.astimezone(UTC)),
        "decided_at": to_millisecond(decided_at.astimezone(UTC)),
        "expires_at": None,
        "version": 1,
        "position": f"{tx}-{row_id}",
    }
    assert client.get(key_of(waits.command_id)) is not None
    assert client.get(key_of(taken.command_id)) is None, "nobody waits for it"
    ear.hears_nothing()


def test_a_command_that_comes_again_is_told_again_and_decided_once(
    log: Log, records: Records, workers: Workers, ear: Ear
) -> None:
    event_id = log.open_event()
    first = asked(event_id, "A1")
    log.append(first)
    workers.start()
    records.wait_for([first])
    again = first.model_copy(update={"reply_to": ear.reply_to, "seat_ids": ("A2",)})
    log.append(again)
    told = ear.hears()
    assert (told["_id"], told["seat_ids"]) == (first.command_id, ["A1"]), "the first one counts"
    assert records.owner(event_id, "A2") is None


def test_without_redis_nobody_is_told_and_bookings_go_on(log: Log, records: Records, workers: Workers) -> None:
    event_id = log.open_event()
    workers.start(redis_url="redis://127.0.0.1:9/0")
    for seat_id in ("A1", "A2", "A3"):
        request = asked(event_id, seat_id, reply_to="nobody")
        log.append(request)
        assert records.wait_for([request]) == [("confirmed", None)]
