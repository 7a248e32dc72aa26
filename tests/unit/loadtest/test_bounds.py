"""Where load may go, and how much of it."""

import argparse

import pytest

from loadtest.bench import closed_loop, open_loop
from loadtest.listeners import Listeners
from loadtest.load import MAX_USERS, bounded
from loadtest.loopback import refuse_unless_loopback


@pytest.mark.parametrize("url", ["http://localhost:8080", "http://127.0.0.1:8280/x", "http://[::1]:80"])
def test_this_machine_may_be_loaded(url: str) -> None:
    refuse_unless_loopback(url)


@pytest.mark.parametrize("url", ["http://example.com", "http://10.0.0.1:8080", "http://localhost.example.com", "", "x"])
def test_no_other_machine_is_loaded(url: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        refuse_unless_loopback(url)
    with pytest.raises(ValueError, match="loopback"):
        closed_loop.read(url, 1)
    with pytest.raises(ValueError, match="loopback"):
        closed_loop.read_many(url, ["/"], 1)
    with pytest.raises(ValueError, match="loopback"):
        open_loop.post(url, "/api/book", [b"{}"], 1)
    with pytest.raises(ValueError, match="loopback"):
        Listeners(url, "/api/events/e/stream", 1)


@pytest.mark.parametrize("text", ["0", "-1", "1001", "many", "1.5", ""])
def test_a_bound_is_a_bound(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="whole number from 1 to 1000"):
        bounded(MAX_USERS)(text)


def test_within_its_bound_a_number_is_taken() -> None:
    assert bounded(MAX_USERS)("1000") == 1000
