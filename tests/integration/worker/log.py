"""The log as tests write it: commands where they belong, and bytes wherever somebody might put them."""

import time
import uuid
from collections.abc import Iterable
from typing import Any

from confluent_kafka import Message, Producer

from contracts.commands import (
    AddSeats,
    BookingCommand,
    BookSeats,
    Command,
    CreateEvent,
    EventCommand,
    PublishEvent,
    Row,
    encode,
)
from contracts.topics import COMMAND_ID_HEADER, KIND_HEADER, REQUEST_ID_HEADER, partition_of
from tests.integration.raw_header import append_with_illegible_header

SEATS = tuple(f"A{number}" for number in range(1, 21))


def new_id(prefix: str = "bk") -> str:
    return f"{prefix}_{uuid.uuid4().hex}test"


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Log:
    def __init__(self, bootstrap: str, topic: str, partitions: int) -> None:
        self.topic = topic
        self._bootstrap = bootstrap
        self.partitions = partitions
        self._producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 1, "acks": "all"})

    def append(self, *commands: Command, about: str = "") -> None:
        """Put commands on their events' partitions, and wait until they are there; those about bookings on the one of
        ``about``."""  # noqa: D205, D209 - one sentence
        for command in commands:
            headers: dict[str, str | bytes | None] = {
                COMMAND_ID_HEADER: command.command_id,
                REQUEST_ID_HEADER: command.request_id,
                KIND_HEADER: command.kind,
            }
            event_id = about if isinstance(command, BookingCommand) else command.event_id
            key = command.booking_id if isinstance(command, BookingCommand) else event_id
            partition = partition_of(event_id, self.partitions)
            self._producer.produce(self.topic, encode(command), key, partition, headers=headers)
        self._producer.flush(10)

    def append_bytes(self, value: bytes, partition: int, key: bytes | None = None, **headers: str) -> tuple[int, int]:
        """Put bytes on a partition; returns partition and offset. Header names take ``_`` for ``-``."""
        places: list[tuple[int, int]] = []

        def note(error: object, message: Message) -> None:
            assert error is None
            places.append((message.partition() or 0, message.offset() or 0))

        given: dict[str, str | bytes | None] = {name.replace("_", "-"): text for name, text in headers.items()}
        self._producer.produce(self.topic, value, key, partition, headers=given, on_delivery=note)
        self._producer.flush(10)
        return places[0]

    def append_illegible(self, value: bytes, partition: int) -> None:
        """Put bytes on a partition, with a header that the client cannot read."""
        append_with_illegible_header(self._bootstrap, self.topic, partition, value)

    def hall(self, event_id: str, blocks: int) -> list[EventCommand]:
        """Return the commands of a large event, each block as full as one may be."""
        about: dict[str, Any] = {"event_id": event_id, "issued_at_ms": now_ms()}
        create = CreateEvent(
            **about,
            command_id=new_id("cm"),
            name="A stadium",
            event_kind="sports",
            venue="Hall",
            time_zone="Europe/Vienna",
            date="2027-05-01T19:00:00Z",
        )
        additions = [
            AddSeats(
                **about,
                command_id=new_id("cm"),
                block=block,
                section=f"block-{block}",
                rows=tuple(
                    Row(row=f"{row}", seat_ids=tuple(f"{block}-{row}-{n}" for n in range(100))) for row in range(10)
                ),
            )
            for block in range(blocks)
        ]
        return [create, *additions, PublishEvent(**about, command_id=new_id("cm"), blocks=blocks)]

    def open_event(self, seat_ids: Iterable[str] = SEATS, hold_seconds: int = 0, price_minor: int | None = None) -> str:
        """Announce an event with these seats, and return its id."""
        event_id = f"event-{uuid.uuid4().hex[:8]}"
        create = CreateEvent(
            command_id=new_id("cm"),
            issued_at_ms=now_ms(),
            event_id=event_id,
            name='Évent "quoted" \\ {x}',
            event_kind="concert",
            venue="Hall",
            time_zone="Europe/Vienna",
            date="2027-05-01T19:00:00Z",
            hold_seconds=hold_seconds,
        )
        add = AddSeats(
            command_id=new_id("cm"),
            issued_at_ms=now_ms(),
            event_id=event_id,
            block=0,
            section="stalls",
            rows=(Row(row="A", seat_ids=tuple(seat_ids)),),
            price_minor=price_minor,
            currency=None if price_minor is None else "EUR",
        )
        publish = PublishEvent(command_id=new_id("cm"), issued_at_ms=now_ms(), event_id=event_id, blocks=1)
        self.append(create, add, publish)
        return event_id


def booking(event_id: str, *seat_ids: str, issued_at_ms: int | None = None) -> BookSeats:
    """Return a request for these seats, issued now."""
    return BookSeats(
        command_id=new_id(),
        request_id="request-1",
        issued_at_ms=now_ms() if issued_at_ms is None else issued_at_ms,
        event_id=event_id,
        seat_ids=seat_ids,
        principal="p_test",
    )
