"""Array literals: whatever a column holds, PostgreSQL reads the same values back."""

import pytest

from worker.literals import numbers, texts


@pytest.mark.parametrize(
    ("values", "literal"),
    [
        ([], "{}"),
        (["A1"], '{"A1"}'),
        (["A1", "", "NULL"], '{"A1","","NULL"}'),
        ([None, "A1"], '{NULL,"A1"}'),
        (['say "a"', "back\\slash", "{a,b}"], '{"say \\"a\\"","back\\\\slash","{a,b}"}'),
        (["\\", '"'], '{"\\\\","\\""}'),
        ([None, 'a"b'], '{NULL,"a\\"b"}'),
    ],
)
def test_texts_are_quoted_and_none_is_null(values: list[str | None], literal: str) -> None:
    assert texts(values) == literal
    assert texts(value for value in values) == literal, "and of anything that can be gone through once"


def test_a_text_that_postgresql_refuses_stays_one_text() -> None:
    assert texts(["a\0b", "c"]) == '{"a\0b","c"}'


def test_numbers_are_as_they_are_and_none_is_null() -> None:
    assert numbers([]) == "{}"
    assert numbers(iter([1, None, -3])) == "{1, NULL, -3}"
