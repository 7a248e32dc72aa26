"""A channel keeps a bounded row of messages; a stream is a place in it."""

import asyncio
from dataclasses import dataclass, field

import pytest

from read_api.live import channel as room
from read_api.live.channel import Channel
from runtime.mongo_watch import Change


@dataclass
class Counter:
    """A subject that counts: a real one, whose view is a number."""

    kind: str = "event"
    key: str = "e"
    partition: int = 0
    size: int = 1
    count: int = 0
    ended: bool = False
    lost: bool = False
    noted: list[Change] = field(default_factory=list)

    @property
    def mark(self) -> str:
        return f"m-{self.count}"

    async def read(self) -> int:
        return self.count

    def take(self, found: int) -> bool:
        self.count = found
        return False

    def note(self, change: Change) -> None:
        self.noted.append(change)

    def pass_time(self, watermark: object) -> None:
        pass

    def snapshot(self) -> bytes:
        return str(self.count).encode()

    def change(self) -> bytes | None:
        self.count += 1
        return self.snapshot()


@pytest.fixture
def channel() -> Channel:
    return Channel(Counter())


def told(count: int) -> bytes:
    return f"event: change\nid: m-{count}\ndata: {count}\n\n".encode()


def test_who_comes_back_gets_what_was_told_since(channel: Channel) -> None:
    for _ in range(3):
        channel.tell_change()
    assert channel.after("m-0") == [told(1), told(2), told(3)]
    assert channel.after("m-2") == [told(3)]
    assert channel.after("m-3") == []
    assert channel.after("m-4") is None
    assert channel.after("") is None


def test_what_was_told_between_two_marks_belongs_to_the_earlier_one(channel: Channel) -> None:
    channel.tell_change()
    channel.tell(b": as of\n\n")
    channel.tell_change()
    assert channel.after("m-0") == [told(1), b": as of\n\n", told(2)]
    assert channel.after("m-1") == [told(2)], "a heartbeat is not told again"


def test_the_oldest_messages_go_and_with_them_who_needs_them(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MAX_MESSAGES", 2)
    places = [channel.end]
    for _ in range(3):
        channel.tell_change()
        places.append(channel.end)
    assert channel.since(places[0]) is None
    assert channel.since(places[1]) == told(2) + told(3)
    assert channel.since(places[2]) == told(3)
    assert channel.after("m-0") is None
    assert channel.after("m-1") == [told(2), told(3)], "the last id before what is kept"


def test_a_row_of_large_messages_is_bounded_by_its_bytes(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MAX_BYTES", 100)
    for _ in range(10):
        channel.tell_change()
    kept = channel.after(f"m-{10 - 100 // len(told(9))}")
    assert kept is not None
    assert sum(map(len, kept)) <= 100


def test_everybody_who_keeps_up_is_given_the_same_bytes(channel: Channel) -> None:
    channel.tell_change()
    assert channel.since(0) is channel.since(0)
    assert channel.snapshot() is channel.snapshot()


async def test_who_waits_is_woken_by_a_message_and_by_the_end(channel: Channel) -> None:
    waiting = [asyncio.create_task(channel.news(0)) for _ in range(3)]
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    channel.tell_change()
    await asyncio.gather(*waiting)
    last = asyncio.create_task(channel.news(channel.end))
    await asyncio.sleep(0)
    channel.close()
    await last
