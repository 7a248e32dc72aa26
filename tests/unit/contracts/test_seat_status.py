"""Status strings: one character a seat."""

from contracts.seat_status import AVAILABLE, BOOKED, HELD, WORDS, available_in


def test_the_words_are_the_wires() -> None:
    assert WORDS == {"a": "available", "h": "held", "b": "booked"}


def test_only_available_seats_count_as_available() -> None:
    assert available_in(AVAILABLE + HELD + BOOKED + AVAILABLE) == 2
