"""The commands that a drain is measured on."""

from itertools import count

from contracts.commands import AddSeats, BookSeats, CreateEvent, PublishEvent, decode
from contracts.ids import DICE_BYTES, IdMint
from contracts.topics import partition_of
from loadtest.bench.backlog import Backlog, Hall

MINT = IdMint({1: bytes(32)}, 1)
NOW_MS = 1_800_000_000_000


def _backlog() -> Backlog:
    numbers = count()
    return Backlog(MINT, 8, lambda: NOW_MS, lambda size: next(numbers).to_bytes(size))


def test_a_hall_is_announced_in_blocks_that_hold_every_seat_once_and_then_published() -> None:
    created, *blocks, published = [decode(message.value) for message in _backlog().announce(Hall("hall", 2_500))]
    assert isinstance(created, CreateEvent)
    assert isinstance(published, PublishEvent)
    assert published.blocks == len(blocks) == 3
    seats = [seat for block in blocks if isinstance(block, AddSeats) for row in block.rows for seat in row.seat_ids]
    assert seats == Hall("hall", 2_500).seat_ids()


def test_a_booking_is_what_the_write_api_would_send() -> None:
    [first, second] = _backlog().book("hall", ["S1", "S1"])
    command = decode(first.value)
    assert isinstance(command, BookSeats)
    assert command.seat_ids == ("S1",)
    assert first.partition == partition_of("hall", 8)
    assert first.key == b"hall"
    assert dict(first.headers) == {"command-id": command.command_id.encode(), "request-id": b"", "kind": b"book_seats"}
    issued = MINT.read(command.command_id)
    assert issued is not None
    assert (issued.issued_at_ms, issued.partition) == (command.issued_at_ms, first.partition)
    other = decode(second.value)
    assert isinstance(other, BookSeats)
    assert other.command_id != command.command_id
    assert other.principal != command.principal


def test_the_dice_are_of_the_size_that_an_id_needs() -> None:
    sizes: list[int] = []

    def dice(size: int) -> bytes:
        sizes.append(size)
        return bytes(size)

    list(Backlog(MINT, 8, lambda: NOW_MS, dice).book("hall", ["S1"]))
    assert sizes == [DICE_BYTES]
