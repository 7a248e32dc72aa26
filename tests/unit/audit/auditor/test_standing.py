"""The standing forgets after each message, and must come to what a replay that forgets nothing comes to."""

from collections.abc import Sequence

from hypothesis import given, settings

from audit.auditor.standing import SeatStanding, Seen, Standing
from audit.history import Message
from audit.replay import RulesReplay
from contracts.commands import Command, EventCommand, Tick, encode
from contracts.outcomes import BookingStatus
from tests.unit.worker.logs import (
    EVENT,
    NOW_MS,
    add,
    book,
    cancel,
    command_id,
    create,
    lives,
    on_sale,
    publish,
    seasons,
)

MESSAGE_MS = 300
A_SEAT = "A1"


def log(commands: Sequence[Command | Tick]) -> list[Message]:
    """Put commands on a log of one partition; some messages come twice, and one is no command."""
    values = [encode(command) for command in commands]
    values = [*values, b"no command", *values[3:6]]
    return [Message(0, offset, NOW_MS + offset * MESSAGE_MS, b"", value) for offset, value in enumerate(values)]


def held_against_a_whole_replay(commands: Sequence[Command | Tick]) -> None:
    """Every hall is put away after each message in which another one was used."""
    other = create(200).model_copy(update={"event_id": "other"})
    commands = [each for command in commands for each in (command, other.model_copy(update=_another()))]
    whole, standing = RulesReplay(1), Standing(1, seats_in_memory=0)
    for message in log(commands):
        assert standing.apply(message) == whole.apply(message)
    hall, known = whole.state.halls[EVENT], standing.hall(EVENT)
    assert known is not None
    assert known.seats == hall.seats
    assert (known.status, known.version, known.clearing) == (hall.status, hall.version, hall.clearing)
    assert standing.bookings("", "~", 1_000) == {key: one.state for key, one in whole.state.bookings.items()}
    standing.close()


_numbers = iter(range(10_000, 10_000_000))


def _another() -> dict[str, object]:
    return {"command_id": command_id("cm", next(_numbers))}


@settings(max_examples=60, deadline=None)
@given(lives())
def test_with_nothing_in_memory_bookings_live_as_with_everything(commands: list[Command | Tick]) -> None:
    held_against_a_whole_replay(commands)


@settings(max_examples=60, deadline=None)
@given(seasons())
def test_with_nothing_in_memory_events_go_on_as_with_everything(commands: list[Command | Tick]) -> None:
    held_against_a_whole_replay(commands)


def standing_after(*commands: EventCommand | Command) -> Standing:
    standing = Standing(1)
    for offset, command in enumerate(commands):
        standing.apply(Message(0, offset, NOW_MS, b"", encode(command)))
    return standing


def test_it_knows_what_every_seat_must_be() -> None:
    standing = standing_after(*on_sale(), book(10, A_SEAT))
    first, second, *_ = standing.seats(EVENT, 0)
    assert first == SeatStanding(A_SEAT, "b", command_id("bk", 10), 1)
    assert second == SeatStanding("A2", "a", None, 0)
    assert standing.seats_of(command_id("bk", 10)) == (A_SEAT,)
    assert standing.event_of(command_id("bk", 10)) == EVENT
    assert standing.event_of(command_id("bk", 11)) == ""
    assert standing.seats("another", 0) == []


def test_a_booking_has_a_life_once_something_became_of_it() -> None:
    standing = standing_after(*on_sale(), book(10, A_SEAT))
    assert standing.bookings("", "~", 1_000) == {}
    standing.apply(Message(0, 9, NOW_MS, b"", encode(cancel(60, 10))))
    assert {key: state.status for key, state in standing.bookings("", "~", 1_000).items()} == {
        command_id("bk", 10): BookingStatus.CANCELLED
    }
    assert standing.bookings(command_id("bk", 10), "~", 1_000) == {}


def test_events_that_never_were_leave_nothing_behind() -> None:
    standing = standing_after(book(10, A_SEAT), create(), add(), publish())
    assert set(standing.partition_of_event) == {EVENT}
    assert standing.hall("another") is None


def test_the_feeds_rows_are_remembered_in_its_order() -> None:
    standing = Standing(1)
    rows = [Seen(3, 1, -7, "bk_1", EVENT), Seen(3, 2, 8, "bk_2", EVENT), Seen(9, 3, 9, "bk_3", EVENT)]
    standing.see(rows[:2])
    standing.see(rows[2:])
    assert standing.rows_seen() == 3
    assert [seen for _n, seen in standing.seen(0, 2)] == rows[:2]
    assert [seen for _n, seen in standing.seen(2, 2)] == rows[2:]
