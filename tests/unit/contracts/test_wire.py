"""The booking request as clients may send it; what each refusal says is write_api's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypeForm

from contracts.commands import Name
from contracts.views import block_key
from contracts.wire import BookingRequest, Id

PUBLISHED = {"userId": "user-123", "eventId": "concert123", "seatId": "A2"}


def test_both_forms_of_the_names_mean_the_same() -> None:
    snake = {"user_id": "user-123", "event_id": "concert123", "seat_id": "A2"}

    assert BookingRequest.model_validate(PUBLISHED) == BookingRequest.model_validate(snake)


def test_one_seat_or_several_in_the_callers_order() -> None:
    several = {"userId": "u", "eventId": "e", "seatIds": ["B2", "A1"]}

    assert BookingRequest.model_validate(PUBLISHED).seats == ("A2",)
    assert BookingRequest.model_validate(several).seats == ("B2", "A1")


@pytest.mark.parametrize(
    "wrong",
    [{"seatId": None}, {"seatIds": ["A1"]}, {"seatId": None, "seatIds": []}, {"seatId": None, "seatIds": ["A1", "A1"]}],
)
def test_seats_are_named_once_and_in_one_way(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        BookingRequest.model_validate(PUBLISHED | wrong)


@pytest.mark.parametrize("name", ["A-Z.a_z~9", "x", "n" * 64, ".x", "x.", "..x", "...", "." * 64, "." + "n" * 63])
def test_ids_take_the_unreserved_characters_of_an_address(name: str) -> None:
    assert BookingRequest.model_validate(PUBLISHED | {"eventId": name}).event_id == name


@pytest.mark.parametrize("name", ["", ".", "..", "n" * 65, "." * 65, "." + "n" * 64, "a/b", "a\n"])
def test_an_id_that_no_address_can_carry_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        BookingRequest.model_validate(PUBLISHED | {"eventId": name})


@given(st.text("a~.", max_size=66))
def test_an_id_is_a_name_of_the_log_but_for_one_dot_and_two(name: str) -> None:
    assert _valid(Id, name) == (_valid(Name, name) and name not in {".", ".."})


def _valid(kind: TypeForm[str], value: str) -> bool:
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True


def test_block_keys_of_two_events_never_meet() -> None:
    assert block_key("e", 11) == "e:11"
    assert block_key("e1", 1) != block_key("e", 11)
