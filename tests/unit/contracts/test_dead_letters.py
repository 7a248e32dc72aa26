"""Which dead letters can be put on the log again, and as what."""

from datetime import UTC, datetime

import pytest

from contracts.commands import BookSeats, CancelBooking, Command, SettlePayment, StartPayment, Tick, encode
from contracts.dead_letters import (
    OBSTACLES,
    DeadLetter,
    LetterId,
    Obstacle,
    Told,
    dice_of,
    ids_of,
    letter_id_of,
    obstacle_of,
    place_of,
    replay_of,
)
from contracts.topics import partition_of

KEY = b"k" * 32
NOW_MS = 1_800_000_000_000
OLD_ID, NEW_ID = f"bk_{'o' * 36}", f"bk_{'n' * 36}"
FAILED = Told("failed", "unprocessable")
BOOKING = BookSeats(
    command_id=OLD_ID,
    request_id="request-1",
    issued_at_ms=5,
    event_id="concert123",
    seat_ids=("A1",),
    principal="p_guest",
    reply_to="somebody",
)
ABOUT = {"command_id": f"cm_{'c' * 36}", "booking_id": OLD_ID, "issued_at_ms": 5}


def letter(command: Command | Tick | bytes, *, partition: int = 3, reason: str = "no command") -> DeadLetter:
    value = command if isinstance(command, bytes) else encode(command)
    return DeadLetter(LetterId(1, partition, 42), "topic-1", value, OLD_ID, reason, datetime(2027, 1, 2, tzinfo=UTC))


def test_a_letter_is_named_by_where_it_lay() -> None:
    assert letter_id_of("1-3-42") == LetterId(1, 3, 42)
    assert str(LetterId(1, 3, 42)) == "1-3-42"
    for text in ("", "1-3", "1-3-x", "1-3-42-5", " 1-3-42", "1-3--42", f"1-3-{'9' * 19}"):
        assert letter_id_of(text) is None


def test_what_can_be_read_now_is_replayed_as_a_command_of_its_own_id() -> None:
    dead = letter(BOOKING)
    assert obstacle_of(dead, [FAILED], None) is None
    replay = replay_of(dead, NEW_ID, NOW_MS, 8, told=True)
    same = {"command_id": NEW_ID, "issued_at_ms": NOW_MS, "keyed": True, "reply_to": ""}
    assert replay.command == BOOKING.model_copy(update=same)
    assert replay.partition == partition_of("concert123", 8)


def test_a_command_about_a_booking_goes_where_it_came_to() -> None:
    dead = letter(CancelBooking(**ABOUT), partition=5)
    assert place_of(dead, CancelBooking(**ABOUT), 8) == 5
    assert replay_of(dead, f"cm_{'n' * 36}", NOW_MS, 8, told=False).partition == 5


def test_the_replay_of_a_letter_has_always_the_same_dice_and_no_other_letter_has_them() -> None:
    one, other = letter(BOOKING), letter(BOOKING, partition=4)
    assert dice_of(one, KEY) == dice_of(one, KEY)
    assert len({dice_of(one, KEY), dice_of(other, KEY), dice_of(one._replace(topic_id="topic-2"), KEY)}) == 3


@pytest.mark.parametrize("value", [b"", b"no command", encode(Tick())])
def test_what_is_still_no_command_is_not_replayed(value: bytes) -> None:
    assert obstacle_of(letter(value), [FAILED], None) is Obstacle.NO_COMMAND


def test_what_was_decided_from_another_message_is_not_done_twice() -> None:
    assert obstacle_of(letter(BOOKING), [Told("confirmed", None)], None) is Obstacle.DECIDED
    assert obstacle_of(letter(BOOKING), [FAILED, Told("rejected", "seat_taken")], None) is Obstacle.DECIDED


def test_a_letter_whose_id_nobody_was_told_of_can_be_replayed() -> None:
    assert obstacle_of(letter(BOOKING), [], None) is None


def test_a_letter_is_replayed_once() -> None:
    assert obstacle_of(letter(BOOKING), [FAILED], Told("confirmed", None)) is Obstacle.REPLAYED


def test_nobody_else_says_again_what_is_about_money() -> None:
    for command in (
        StartPayment(**ABOUT, payment_token="sealed"),  # noqa: S106 - no secret of anybody
        SettlePayment(**ABOUT, attempt=1, result="authorised"),
    ):
        assert obstacle_of(letter(command), [FAILED], None) is Obstacle.ABOUT_MONEY


def test_an_outcome_may_be_under_the_headers_id_and_under_the_messages_own() -> None:
    other = BOOKING.model_copy(update={"command_id": NEW_ID})
    assert ids_of(letter(other)) == [OLD_ID, NEW_ID]
    assert ids_of(letter(BOOKING)) == [OLD_ID]
    assert ids_of(letter(b"no command")._replace(command_id="")) == []


def test_who_decides_is_told_what_to_mind() -> None:
    guest = replay_of(letter(BOOKING), NEW_ID, NOW_MS, 8, told=True).cautions
    assert [caution.split()[0] for caution in guest] == ["who", "a"]
    account = letter(BOOKING.model_copy(update={"principal": "ac_somebody"}), reason="DataError")
    (caution,) = replay_of(account, NEW_ID, NOW_MS, 8, told=False).cautions
    assert "DataError" in caution


def test_every_obstacle_has_words() -> None:
    assert set(OBSTACLES) == set(Obstacle)
