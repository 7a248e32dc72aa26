"""Every violation has a history that breaks it, and a good history has none."""

from dataclasses import replace

import pytest

from tests.faults.run.checker import check, unsettled
from tests.faults.run.evidence import Entry, Evidence, Outcome
from tests.faults.run.history import History, Operation, Result


def operation(name: str, began: float, ended: float) -> Operation:
    return Operation("book", f"run.{name}", "hall", began, ended, Result.OK, f"bk_{name}", "pending")


def outcome(
    name: str, offset: int, status: str, *seats: str, reason: str | None = None, conflicts: tuple[str, ...] = ()
) -> Outcome:
    return Outcome(0, offset, f"bk_{name}", "book_seats", "hall", status, reason, seats, conflicts, None, None)


def said(kind: str, offset: int) -> Outcome:
    """What an organiser said of the hall, and it was done."""
    return Outcome(0, offset, f"cm_{offset}", kind, "hall", "done", None, (), (), None, None)


OPENED = said("publish_event", 0)
FIRST = operation("first", 1.0, 2.0)
SECOND = operation("second", 3.0, 4.0)
ENTRIES = (Entry(0, 7, "run.first", "bk_first", "book_seats"), Entry(0, 8, "run.second", "bk_second", "book_seats"))
OUTCOMES = (
    outcome("first", 7, "confirmed", "A1"),
    outcome("second", 8, "rejected", "A1", reason="seat_taken", conflicts=("A1",)),
)
SEATS = {("hall", "A1"): "bk_first"}


def found(
    operations: tuple[Operation, ...] = (FIRST, SECOND),
    log: tuple[Entry, ...] = ENTRIES,
    outcomes: tuple[Outcome, ...] = OUTCOMES,
    seats: dict[tuple[str, str], str] = SEATS,
    repeated: frozenset[str] = frozenset(),
    before: tuple[Outcome, ...] = (OPENED,),
) -> set[str]:
    """Return the first words of what the checker says."""
    history = History(list(operations), set(repeated))
    return {sentence.partition(":")[0] for sentence in check(history, Evidence(log, (*before, *outcomes), seats))}


def test_a_history_that_can_have_happened_has_no_complaint() -> None:
    assert found() == set()


def test_an_accepted_booking_that_is_not_on_the_log_is_lost() -> None:
    assert found(log=ENTRIES[:1], outcomes=OUTCOMES[:1]) == {"lost"}


def test_a_command_without_an_outcome_is_lost() -> None:
    assert found(outcomes=OUTCOMES[:1]) == {"lost"}


def test_an_accepted_booking_that_failed_is_lost() -> None:
    failed = outcome("second", 8, "failed", reason="never_accepted")
    assert found(outcomes=(OUTCOMES[0], failed)) == {"lost"}
    unknown = replace(SECOND, result=Result.UNKNOWN)
    assert found((FIRST, unknown), outcomes=(OUTCOMES[0], failed)) == set()


def test_a_refused_booking_that_is_on_the_log_is_invented() -> None:
    assert found((FIRST, replace(SECOND, result=Result.REFUSED, told="log-unavailable"))) == {"invented"}


def test_an_unknown_booking_may_be_on_the_log_or_not() -> None:
    unknown = replace(SECOND, result=Result.UNKNOWN, command_id="")
    assert found((FIRST, unknown)) == set()
    assert found((FIRST, unknown), ENTRIES[:1], OUTCOMES[:1]) == set()


def test_what_nobody_sent_is_invented() -> None:
    assert found((FIRST,)) == {"invented"}
    assert found((FIRST,), ENTRIES[:1]) == {"invented"}


def test_a_message_that_is_there_twice_is_doubled_unless_a_fault_put_it_there() -> None:
    again = (*ENTRIES, ENTRIES[0]._replace(offset=9))
    assert found(log=again) == {"doubled"}
    assert found(log=again, repeated=frozenset({"run.first"})) == set()


def test_what_was_sent_again_as_its_producer_gave_another_message_up_is_not_doubled() -> None:
    again = (*ENTRIES, ENTRIES[0]._replace(offset=9))
    given_up = replace(FIRST, request_id="run.third", command_id="", began=FIRST.began + 9, result=Result.UNKNOWN)
    assert found((FIRST, SECOND, given_up), log=again) == set()
    long_ago = replace(given_up, began=FIRST.began + 11)
    assert found((FIRST, SECOND, long_ago), log=again) == {"doubled"}


def test_two_outcomes_of_one_command_are_doubled() -> None:
    assert "doubled" in found(outcomes=(*OUTCOMES, outcome("second", 9, "rejected")))


def test_who_was_accepted_before_another_began_lies_before_it() -> None:
    swapped = (ENTRIES[0]._replace(offset=8), ENTRIES[1]._replace(offset=7))
    assert found(log=swapped) == {"out of order"}
    at_the_same_time = replace(SECOND, began=1.5)
    assert found((FIRST, at_the_same_time), log=swapped) == set()


def test_a_seat_with_two_owners_is_sold_twice() -> None:
    assert found(outcomes=(OUTCOMES[0], outcome("second", 8, "confirmed", "A1"))) == {"sold twice"}


def test_a_seat_that_was_given_back_may_be_sold_again() -> None:
    cancelled = {"status": "cancelled", "version": 2, "seat_ids": []}
    gone = Outcome(0, 8, None, "expire", "hall", "done", None, (), (), "bk_first", cancelled)
    third = outcome("second", 9, "confirmed", "A1")
    log = (ENTRIES[0], ENTRIES[1]._replace(offset=9))
    assert found(log=log, outcomes=(OUTCOMES[0], gone, third), seats={("hall", "A1"): "bk_second"}) == set()


@pytest.mark.parametrize("conflicts", [(), ("A2",)])
def test_a_refusal_for_a_seat_that_was_free_is_wrong(conflicts: tuple[str, ...]) -> None:
    assert found(outcomes=(OUTCOMES[0], OUTCOMES[1]._replace(conflicts=conflicts))) == {"refused wrongly"}


def test_a_seat_that_is_not_its_owners_in_the_ledger_is_lost() -> None:
    assert found(seats={}) == {"lost"}


def read(status: str, version: int, began: float) -> Operation:
    return Operation(
        "read booking", "run.read", "", began, began + 0.1, Result.OK, "bk_first", status, version, writes=False
    )


def test_a_booking_is_shown_only_as_it_was_at_some_time() -> None:
    assert found((FIRST, SECOND, read("confirmed", 1, 5))) == set()
    assert found((FIRST, SECOND, read("held", 1, 5))) == {"invented"}


def test_a_booking_is_never_shown_younger_than_before() -> None:
    reads = (read("confirmed", 1, 5), read("pending", 0, 6))
    assert found((FIRST, SECOND, *reads)) == {"shown backwards"}
    assert found((FIRST, SECOND, reads[0], replace(reads[1], began=5.05))) == set()


def test_one_key_is_one_booking() -> None:
    assert found((replace(FIRST, key="k"), replace(SECOND, key="k"))) == {"doubled"}


def test_an_answer_that_is_no_document_of_ours_is_a_bug() -> None:
    assert found((FIRST, SECOND, replace(read("internal", 0, 5), result=Result.UNKNOWN))) == {"a bug"}


def test_nothing_is_sold_before_the_sale_began() -> None:
    assert found(before=()) == {"sold wrongly"}


@pytest.mark.parametrize("ended", ["close_sale", "cancel_event"])
def test_nothing_is_sold_after_the_sale_ended(ended: str) -> None:
    operations = (FIRST, SECOND, replace(FIRST, kind="close", request_id="run.close", command_id="cm_2"))
    log = (Entry(0, 2, "run.close", "cm_2", ended), *ENTRIES)
    assert found(operations, log, (said(ended, 2), *OUTCOMES)) == {"sold wrongly"}
    assert found(operations, log, (*OUTCOMES, said(ended, 9)._replace(command_id="cm_2"))) == set()


@pytest.mark.parametrize("reason", ["sale_closed", "event_cancelled", "sale_not_open", "unknown_event"])
def test_a_refusal_for_a_sale_that_was_open_is_wrong(reason: str) -> None:
    refused = outcome("second", 8, "rejected", "A1", reason=reason)
    assert found(outcomes=(OUTCOMES[0], refused)) == {"refused wrongly"}


def test_who_has_a_seat_of_an_event_that_was_called_off_is_stuck() -> None:
    evidence = Evidence(ENTRIES, (OPENED, *OUTCOMES, said("cancel_event", 9)), SEATS)
    assert [sentence.partition(":")[0] for sentence in unsettled(History(), evidence)] == ["stuck"]
    assert unsettled(History(), replace(evidence, seats={})) == []


def test_an_event_s_commands_come_from_one_request_and_none_of_them_twice() -> None:
    announced = replace(FIRST, kind="announce", request_id="run.new", event_id="new", command_id="cm_2")
    entries = [Entry(0, n, "run.new", f"cm_{n}", "add_seats") for n in (1, 2)]
    outcomes = [said("add_seats", n)._replace(event_id="new") for n in (1, 2)]
    assert found((announced,), (*entries,), (*outcomes,), {}) == set()
    assert found((announced,), (*entries, entries[0]), (*outcomes,), {}) == {"doubled"}
    refused = replace(announced, result=Result.REFUSED, told="log-unavailable")
    assert found((refused,), (*entries,), (*outcomes,), {}) == {"invented"}
