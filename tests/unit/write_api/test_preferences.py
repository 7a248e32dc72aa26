"""``Prefer: wait``: what is understood, and that nothing else is an error."""

import pytest

from write_api.preferences import MAX_WAIT_S, wait_s


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("wait=2", 2),
        ("Wait = 2", 2),
        ('wait="3"', 3),
        ("respond-async, wait=10", 10),
        ("respond-async,wait=1;x=y", 1),
        ('foo="a, wait=7", wait=4', 4),
        ("wait=3, wait=5", 3),
        ("wait=0", 0),
        (f"wait={MAX_WAIT_S + 1}", MAX_WAIT_S),
        ("wait=999999999", MAX_WAIT_S),
    ],
)
def test_the_wait_is_understood(said: str, seconds: int) -> None:
    assert wait_s(said.encode()) == seconds


@pytest.mark.parametrize(
    "said",
    ["", "wait", "wait=", "wait=-1", "wait=1.5", "wait=soon", "awaits=3", 'x="wait=3', "wait=1 2", "wait=\xb2", ","],
)
def test_what_is_not_understood_is_left_out(said: str) -> None:
    assert wait_s(said.encode("latin-1")) == 0
