"""The header ``Idempotency-Key``: what is taken, what is the same, and what is refused."""

import pytest

from runtime.problems import ProblemError
from write_api.idempotency import MAX_KEY, key_of

KEY = "0f9c3e1c-6f6b-4d7a"


def header(*values: str) -> list[tuple[bytes, bytes]]:
    return [(b"host", b"x"), *((b"idempotency-key", value.encode("latin-1")) for value in values)]


def test_without_the_header_there_is_no_key() -> None:
    assert key_of(header(), guest=True) is None


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (KEY, KEY),
        (f'"{KEY}"', KEY),
        (f"  {KEY}\t", KEY),
        ("k" * MAX_KEY, "k" * MAX_KEY),
        ("spaces and ; , = too", "spaces and ; , = too"),
        (r'"a \"quoted\" \\ one more"', r'a "quoted" \ one more'),
    ],
)
def test_a_key_is_the_same_in_quotes_and_without(given: str, key: str) -> None:
    assert key_of(header(given), guest=True) == key


@pytest.mark.parametrize(
    "wrong",
    [
        ("",),
        ('""',),
        ("k" * 15,),
        ("k" * (MAX_KEY + 1),),
        ("ümlauts are no ASCII",),
        ("tabs\tare not printable",),
        (f'"{KEY}',),
        (f'"{KEY}";parameter=1',),
        (rf'"{KEY}\n"',),
        (KEY, KEY),
    ],
)
def test_what_is_no_key_is_refused_by_the_name_of_the_header(wrong: tuple[str, ...]) -> None:
    with pytest.raises(ProblemError) as refused:
        key_of(header(*wrong), guest=True)

    assert refused.value.kind.status == 422
    assert [error["field"] for error in refused.value.errors] == ["Idempotency-Key"]


def test_an_account_may_use_short_keys_since_nobody_else_can() -> None:
    assert key_of(header("1"), guest=False) == "1"
