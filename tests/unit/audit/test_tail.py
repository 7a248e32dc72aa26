"""What the log has beyond a restored ledger, and what it no longer has."""

from datetime import UTC, datetime

from audit.history import Message
from audit.tail import UNREADABLE, Kept, Place, Restored, Tail, former_log, losses
from contracts.commands import BookSeats, Command, StartPayment, Tick, encode
from contracts.topics import partition_of

PARTITIONS = 8
PARTITION = partition_of("concert123", PARTITIONS)
AT = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)


def said_of(*commands: Command | Tick | bytes, accounts: frozenset[str] = frozenset()) -> list[str]:
    tail = Tail()
    values = [command if isinstance(command, bytes) else encode(command) for command in commands]
    messages = [Message(PARTITION, offset, 0, None, value) for offset, value in enumerate(values)]
    tail.take(messages, PARTITIONS, accounts)
    return tail.sentences


def booking(principal: str) -> BookSeats:
    seats = {"event_id": "concert123", "seat_ids": ("A1",)}
    return BookSeats(command_id=f"bk_{'1' * 36}", issued_at_ms=1, principal=principal, **seats)


def test_a_log_that_has_everything_from_the_ledgers_place_on_loses_nothing() -> None:
    places = {0: Place(5, "mark"), 1: Place(0, None)}
    assert losses(places, {0: Kept(0, 9, "mark"), 1: Kept(0, 0, None)}) == []
    assert losses({0: Place(5, "mark")}, {0: Kept(5, 9, None)}) == []


def test_messages_that_were_deleted_undecided_are_counted() -> None:
    (said,) = losses({0: Place(5, None)}, {0: Kept(7, 9, None)})
    assert "The 2 messages between" in said
    (said,) = losses({}, {0: Kept(7, 9, None)})
    assert "The 7 messages between" in said


def test_a_log_that_lost_its_end_is_not_gone_on_with() -> None:
    (said,) = losses({0: Place(5, "mark")}, {0: Kept(0, 4, None)})
    assert "the log lost its end" in said


def test_a_log_with_another_message_before_our_place_is_another_log() -> None:
    (said,) = losses({0: Place(5, "mark")}, {0: Kept(0, 9, "another")})
    assert "is not the one that the ledger decided" in said


def test_a_partition_that_is_gone_is_said() -> None:
    (said,) = losses({3: Place(5, "mark")}, {})
    assert "no such partition" in said


def test_what_will_be_decided_again_is_counted_by_kind_and_ticks_are_left_out() -> None:
    pay = StartPayment(command_id=f"cm_{'1' * 36}", booking_id=f"bk_{'1' * 36}", issued_at_ms=1, payment_token="x")  # noqa: S106
    total, payments = said_of(Tick(), booking("p_guest"), booking("p_guest"), pay, b"no command")
    assert total.startswith("4 commands will be decided again")
    assert "2 book_seats" in total
    assert f"1 {UNREADABLE}" in total
    assert payments.startswith("1 of them start a payment")
    assert said_of(Tick())[0].startswith("Nothing is to be decided again")


def test_accounts_that_the_backup_does_not_have_are_told() -> None:
    known, stranger = booking("ac_known"), booking("ac_stranger")
    said = said_of(known, stranger, stranger, accounts=frozenset({"ac_known"}))
    assert said[1].startswith("1 accounts that asked for seats there are not in this ledger")
    assert len(said_of(known, accounts=frozenset({"ac_known"}))) == 1


def test_of_a_former_log_only_a_backup_that_says_so_lost_nothing() -> None:
    assert former_log("new", None, [])[0]
    whole, said = former_log("new", None, ["old"])
    assert not whole
    assert "a former log" in said[0]
    assert former_log("new", Restored(AT, "old", 0), ["old"])[0]
    whole, said = former_log("new", Restored(AT, "old", 3), ["old"])
    assert (whole, "left out 3 commands" in said[-1]) == (False, True)
    assert not former_log("new", Restored(AT, "another", 0), ["old"])[0]
