"""Golden examples: every message that was ever written stays readable, and is written the same."""

import json
from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from contracts.commands import (
    MAX_SEATS_PER_BLOCK,
    MAX_SEATS_PER_BOOKING,
    AddSeats,
    BookSeats,
    Command,
    CreateEvent,
    Tick,
    decode,
    encode,
)

EXAMPLES = sorted((Path(__file__).parents[3] / "contracts" / "examples").glob("*.json"))
BOOKING = json.loads(next(file for file in EXAMPLES if file.stem == "book_seats").read_text())


def said(example: dict[str, object]) -> bytes:
    return json.dumps(example).encode()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda file: file.stem)
def test_a_golden_example_is_read_and_written_the_same(example: Path) -> None:
    command = decode(example.read_bytes())

    assert command.kind == example.stem
    assert json.loads(encode(command)) == json.loads(example.read_bytes())


@pytest.mark.parametrize("event_id", [".", ".."])
def test_an_old_message_about_an_event_that_no_address_can_carry_stays_readable(event_id: str) -> None:
    assert decode(said(BOOKING | {"event_id": event_id})).kind == "book_seats"


def test_every_command_has_a_golden_example() -> None:
    kinds = {kind.model_fields["kind"].default for kind in (*get_args(Command), Tick)}

    assert {example.stem for example in EXAMPLES} == kinds


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda file: file.stem)
def test_a_field_of_a_later_version_is_passed_over(example: Path) -> None:
    old = json.loads(example.read_bytes())

    assert decode(said(old | {"of_a_later_version": {"deep": 1}})) == decode(said(old))


@pytest.mark.parametrize(
    "value", [b"", b"{}", b"null", b"[]", b"\xff", b'{"kind":"teleport"}', b'{"kind":"book_seats"}']
)
def test_what_is_no_command_is_refused_in_one_way(value: bytes) -> None:
    with pytest.raises(ValidationError):
        decode(value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"seat_ids": []},
        {"best": {"count": 2}},
        {"seat_ids": [], "best": {"count": 0}},
        {"seat_ids": [], "best": {"count": MAX_SEATS_PER_BOOKING + 1}},
        {"seat_ids": [f"A{number}" for number in range(MAX_SEATS_PER_BOOKING + 1)]},
        {"seat_ids": ["A 1"]},
        {"event_id": ""},
        {"event_id": "e" * 65},
        {"event_id": "e\n"},
        {"command_id": "bk_short"},
        {"principal": ""},
        {"issued_at_ms": "now"},
    ],
)
def test_a_booking_out_of_its_bounds_is_no_command(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        decode(said(BOOKING | wrong))


def test_a_command_cannot_be_changed_on_its_way() -> None:
    command = decode(said(BOOKING))
    assert isinstance(command, BookSeats)

    with pytest.raises(ValidationError):
        command.principal = "p_somebody_else"  # type: ignore[misc]  # this is the point


def test_a_date_is_utc_and_says_so() -> None:
    example = next(file for file in EXAMPLES if file.stem == "create_event")
    event = json.loads(example.read_bytes())

    assert isinstance(decode(said(event)), CreateEvent)
    for date in ("2027-05-01", "2027-05-01T19:00:00", "2027-05-01T19:00:00+02:00"):
        with pytest.raises(ValidationError):
            decode(said(event | {"date": date}))


def test_the_largest_block_is_a_small_part_of_what_a_message_may_be() -> None:
    rows = [{"row": "R" * 16, "seat_ids": ["s" * 61 + f"{number:03}" for number in range(MAX_SEATS_PER_BLOCK)]}]
    example = json.loads(next(file for file in EXAMPLES if file.stem == "add_seats").read_bytes())

    block = decode(said(example | {"rows": rows}))

    assert isinstance(block, AddSeats)
    assert len(encode(block)) < 100_000, "Kafka's own limit is 1,000,000"


@pytest.mark.parametrize(
    "value",
    [
        b'{"kind":"tick","said":{"kind":"book_seats"}}',
        b'{"kind":"book_seats","kind":"tick"}',
        b'{"said":{"kind":"book_seats"},"kind" : "tick"}',
    ],
)
def test_what_only_has_a_booking_s_words_somewhere_is_what_its_kind_says(value: bytes) -> None:
    assert decode(value) == Tick()


def test_a_message_without_a_kind_is_no_booking_whatever_else_it_says() -> None:
    nameless = {name: value for name, value in BOOKING.items() if name != "kind"}
    value = json.dumps(nameless | {"said": {"kind": "book_seats"}}, separators=(",", ":")).encode()
    with pytest.raises(ValidationError, match="kind"):
        decode(value)
