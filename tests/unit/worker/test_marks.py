"""Marks: what one message is told from another by."""

from worker.marks import mark_of


def test_the_same_message_has_the_same_mark() -> None:
    assert mark_of(1000, b"tick") == mark_of(1000, b"tick")


def test_two_ticks_differ_by_their_stamp_and_a_burst_by_what_it_says() -> None:
    marks = {mark_of(1000, b"tick"), mark_of(1001, b"tick"), mark_of(1000, b"book"), mark_of(1000, None)}
    assert len(marks) == 4
