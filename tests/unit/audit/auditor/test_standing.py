"""The standing forgets after each message, and must come to what a replay that forgets nothing comes to."""

from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given, settings

from audit.auditor.standing import SeatStanding, Seen, Standing
from audit.auditor.standing_halls import SEATS_IN_MEMORY
from audit.history import Message
from audit.replay import RulesReplay
from contracts.commands import Command, EventCommand, Tick, encode
from contracts.outcomes import BookingStatus
from contracts.topics import COMMAND_ID_HEADER
from tests.unit.worker.logs import (
    EVENT,
    NOW_MS,
    add,
    best,
    block,
    book,
    call_off,
    cancel,
    command_id,
    create,
    lives,
    on_sale,
    organised,
    publish,
    seasons,
    take,
)
from worker import rules
from worker.hall import Hall, change_seats

MESSAGE_MS = 300
A_SEAT = "A1"


def log(commands: Sequence[Command | Tick]) -> list[Message]:
    """Put commands on a log of one partition; some messages come twice, and one is no command."""
    values = [encode(command) for command in commands]
    values = [*values, b"no command", *values[3:6]]
    return [Message(0, offset, NOW_MS + offset * MESSAGE_MS, b"", value) for offset, value in enumerate(values)]


def held_against_a_whole_replay(commands: Sequence[Command | Tick]) -> None:
    for seats_in_memory in (0, SEATS_IN_MEMORY):
        hold_against_a_whole_replay(commands, seats_in_memory)


def hold_against_a_whole_replay(commands: Sequence[Command | Tick], seats_in_memory: int) -> None:
    """With no seats in memory every hall is put away after each message in which another one was used."""
    other = create(200).model_copy(update={"event_id": "other"})
    commands = [each for command in commands for each in (command, other.model_copy(update=_another()))]
    whole, standing = RulesReplay(1), Standing(1, seats_in_memory=seats_in_memory)
    for message in log(commands):
        assert standing.apply(message) == whole.apply(message)
    hall, known = whole.state.halls[EVENT], standing.hall(EVENT)
    assert known is not None
    assert {block: standing.seats(EVENT, block) for block in hall.blocks} == {
        block: [
            SeatStanding(seat_id, seat.status, seat.booking_id, seat.version)
            for seat_id, seat in hall.seats.items()
            if seat.block == block
        ]
        for block in hall.blocks
    }
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


def test_who_has_seats_of_a_cancelled_event_is_found_block_by_block() -> None:
    commands = [*organised(), book(10, "A1", "A2"), block(30, "A3"), book(11, "B1"), call_off(31)]
    held_against_a_whole_replay([*commands, *[Tick()] * 4])


def test_a_message_that_is_no_command_hides_no_event() -> None:
    poison = Message(0, 90, NOW_MS, EVENT.encode(), b"nothing", ((COMMAND_ID_HEADER, command_id("bk", 90).encode()),))
    unknown = poison._replace(key=b"never", headers=((COMMAND_ID_HEADER, command_id("bk", 91).encode()),))
    other = create(200).model_copy(update={"event_id": "other"})
    messages = [*log([*on_sale(), other])[:4], poison, unknown]
    messages.append(Message(0, 92, NOW_MS, b"", encode(book(10, A_SEAT))))
    whole, standing = RulesReplay(1), Standing(1, seats_in_memory=0)
    for message in messages:
        assert standing.apply(message) == whole.apply(message)
    assert standing.hall("never") is None


def test_an_offer_is_known_whatever_else_is_asked_for() -> None:
    taken = take(12, 11).model_copy(update={"offer": True})
    held_against_a_whole_replay([*on_sale(), book(10, A_SEAT), book(11, A_SEAT, offer=True), taken])


def test_a_hall_in_which_the_rules_raised_half_way_is_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker gives such a command up, and what it had changed by then with it."""
    standing = standing_after(*on_sale(), best(10, 1))
    before = standing.seats(EVENT, 0)

    def half_way(hall: Hall, seat_ids: Iterable[str], status: str, booking_id: str | None) -> None:
        change_seats(hall, seat_ids, status, booking_id)
        raise ArithmeticError

    with monkeypatch.context() as broken:
        broken.setattr(rules, "change_seats", half_way)
        given_up = standing.apply(Message(0, 4, NOW_MS, b"", encode(best(11, 1))))
    assert given_up.dead_letter
    assert standing.seats(EVENT, 0) == before
    (next_one,) = standing.apply(Message(0, 5, NOW_MS, b"", encode(best(12, 1)))).outcomes
    whole = RulesReplay(1)
    for message in log([*on_sale(), best(10, 1), best(12, 1)])[:5]:
        expected = whole.apply(message).outcomes
    assert next_one.seat_ids == expected[0].seat_ids, "the seat that was given up is free"


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
