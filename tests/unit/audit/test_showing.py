"""The view is held against the ledger: whatever was lost on the way is named."""

from zoneinfo import available_timezones

import pytest

from audit import showing
from audit.findings import Invariant
from audit.history import LedgerEvent
from audit.invariants import check
from audit.replay import RulesReplay
from tests.unit.audit.histories import (
    PARTITION,
    PARTITIONS,
    START_MS,
    Parts,
    book,
    booking_id,
    command_id,
    healthy,
)


def complaints(parts: Parts) -> list[str]:
    findings = check(parts.history(), RulesReplay(PARTITIONS))
    others = {violation.invariant for violation in findings.violations} - {Invariant.VIEW}
    assert not others or parts.event.status == "draft", "which its commands do not make it"
    return [
        violation.sentence for violation in findings.violations if violation.invariant is not Invariant.SUM_OF_CHANGES
    ]


def sold() -> Parts:
    return healthy(book(1, "A1", "A2"), book(2, "A2"), book(3, "A4"))


def test_a_booking_that_is_not_shown_is_named() -> None:
    parts = sold()
    del parts.bookings[1]
    assert complaints(parts) == [f"{booking_id(2)} is decided but not in the view"]


def test_a_booking_that_shows_another_outcome_is_named() -> None:
    parts = sold()
    parts.bookings[1] = parts.bookings[1]._replace(status="confirmed")
    (sentence,) = complaints(parts)
    assert sentence == f"{booking_id(2)} shows status 'confirmed' instead of 'rejected'"


def test_a_booking_that_nobody_decided_is_named() -> None:
    for number in (0, 2, 9):
        parts = sold()
        foreign = parts.bookings[0]._replace(booking_id=booking_id(number) + "x")
        parts.bookings.append(foreign)
        assert complaints(parts) == [f"{foreign.booking_id} is in the view but has no outcome in the ledger"]


def test_a_command_that_is_not_shown_is_named() -> None:
    parts = sold()
    del parts.commands[0]
    assert complaints(parts) == [f"{command_id(1)} is decided but not in the view"]


def test_a_block_that_lost_an_update_is_named() -> None:
    parts = sold()
    assert parts.block is not None
    parts.block["status"] = "bbaa"
    parts.block["version"] -= 1
    (sentence,) = complaints(parts)
    assert sentence == "block concert1:0 is stalls at version 3 in the view, stalls at 4 in the ledger"


def test_a_block_of_the_right_version_and_the_wrong_seats_is_named() -> None:
    parts = sold()
    assert parts.block is not None
    parts.block["status"] = "babb"
    (sentence,) = complaints(parts)
    assert "at positions [1, 2]" in sentence


def test_a_wrong_counter_is_named() -> None:
    parts = sold()
    assert parts.event_view is not None
    parts.event_view["seats_available"] = 2
    assert complaints(parts) == ["event concert1 shows seats_available 2, the ledger makes it 1"]


def test_an_event_or_block_or_layout_that_is_not_shown_is_named() -> None:
    parts = sold()
    parts.event_view = parts.block = parts.layout = None
    assert complaints(parts) == [
        "block concert1:0 has no layout in the view",
        "block concert1:0 is not in the view",
        "event concert1 is not in the view",
    ]


def test_an_event_that_is_not_on_sale_must_not_be_shown() -> None:
    parts = sold()
    parts.event = parts.event._replace(status="draft")
    assert len(complaints(parts)) == 4


def test_a_changed_layout_is_named() -> None:
    parts = sold()
    assert parts.layout is not None
    parts.layout["rows"][0]["seat_ids"].reverse()
    assert complaints(parts) == ["the layout of block concert1:0 differs from the ledger's"]


def test_a_view_of_another_ledger_is_named() -> None:
    parts = sold()
    parts.incarnation = "two"
    assert complaints(parts) == ["the view is of ledger two, the ledger is one"]


def test_a_view_that_went_on_may_be_newer_but_never_older() -> None:
    parts = sold()
    parts.moved = True
    assert parts.block is not None
    assert parts.event_view is not None
    parts.block["version"] += 1
    parts.event_view["version"] += 1
    parts.bookings.append(parts.bookings[0]._replace(booking_id=booking_id(50)))
    assert complaints(parts) == []
    parts.block["version"] -= 2
    assert len(complaints(parts)) == 1


def watermark_complaints(parts: Parts) -> list[str]:
    findings = check(parts.history(), RulesReplay(PARTITIONS))
    assert {violation.invariant for violation in findings.violations} <= {Invariant.WATERMARK}
    return [
        violation.sentence for violation in findings.violations if violation.invariant is not Invariant.SUM_OF_CHANGES
    ]


def test_a_view_that_tells_a_time_to_which_nothing_is_decided_is_named() -> None:
    parts = sold()
    parts.shown_to_ms = {PARTITION: START_MS + 11}
    assert watermark_complaints(parts) == [
        f"partition {PARTITION} was said to be shown up to {START_MS + 11} ms, but is decided up to {START_MS + 10} ms"
    ]


def test_a_view_that_told_a_time_before_all_of_it_was_shown_is_named() -> None:
    parts = sold()
    parts.not_shown_ms = {PARTITION: START_MS + 9}
    (sentence,) = watermark_complaints(parts)
    assert sentence.endswith(f"before an outcome of {START_MS + 9} ms was")


def test_what_was_decided_in_the_very_millisecond_that_is_told_may_be_shown_later() -> None:
    parts = sold()
    parts.not_shown_ms = {PARTITION: START_MS + 10}
    assert watermark_complaints(parts) == []


def test_the_machine_s_time_zones_are_looked_up_once_whatever_the_number_of_events(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_up = []

    def noting() -> set[str]:
        looked_up.append(1)
        return available_timezones()

    monkeypatch.setattr(showing, "available_timezones", noting)
    event = LedgerEvent(
        "concert123", "An evening", "concert", "The hall", "Europe/Vienna", "2027-05-01T19:00:00Z", "on_sale", 0, 1
    )
    for _ in range(3):
        wrong = {name: should for name, should, _shown in showing.event_differences(event, 2, 2, 1, {"local_date": ""})}
        assert wrong["local_date"] == "2027-05-01T21:00:00+02:00"
    assert len(looked_up) <= 1, "each look walks through all files of zones"
