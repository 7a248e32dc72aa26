"""Entries: whatever lies on the topic is read without raising."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.commands import Tick, encode
from contracts.topics import partition_of
from tests.unit.worker.logs import EVENT, book, command_id
from worker.entries import UNKNOWN_KIND, read, unreadable

PARTITIONS = 4
HOME = partition_of(EVENT, PARTITIONS)


def test_a_command_is_read_on_its_events_partition() -> None:
    command = book(1, "A1")
    assert read(encode(command), HOME, PARTITIONS) == command


def test_a_command_on_another_partition_is_no_command() -> None:
    assert read(encode(book(1, "A1")), (HOME + 1) % PARTITIONS, PARTITIONS) is None


def test_a_tick_is_read_on_every_partition() -> None:
    assert all(isinstance(read(encode(Tick()), partition, PARTITIONS), Tick) for partition in range(PARTITIONS))


def test_an_empty_message_is_no_command() -> None:
    assert read(None, 0, PARTITIONS) is None


@given(st.binary())
def test_no_bytes_make_reading_raise(value: bytes) -> None:
    assert read(value, 0, PARTITIONS) is None


@given(st.none() | st.binary(), st.lists(st.tuples(st.text(), st.none() | st.binary())))
def test_no_key_or_header_makes_a_dead_letter_raise(key: bytes | None, headers: list[tuple[str, bytes | None]]) -> None:
    said = unreadable(key, headers, "why")
    assert said.command_id is None
    assert said.kind == UNKNOWN_KIND


def test_a_dead_letter_knows_the_id_that_its_header_names() -> None:
    wanted = command_id("cm", 1)
    said = unreadable(b"concert", [("command-id", wanted.encode()), ("kind", b"add_seats")], "why")
    assert (said.command_id, said.kind, said.event_id) == (wanted, "add_seats", "concert")


def test_a_booking_id_makes_a_dead_letter_a_booking_whatever_its_kind_says() -> None:
    said = unreadable(b"concert", [("command-id", command_id("bk", 1).encode()), ("kind", b"nonsense")], "why")
    assert said.kind == "book_seats"
