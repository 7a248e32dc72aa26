"""Whoever asks the auditor after a test takes nothing for proof but proof: it watches, knows all, tells nothing."""

from typing import Any, Final

import httpx
import pytest

from tests import frontrow
from tests.frontrow import Frontrow

NO_INSTANCE: Final[Any] = None
PROVED = {"status": "watching", "violations": 0, "proved_to": {"behind": 0}}


def check(monkeypatch: pytest.MonkeyPatch, answer: httpx.Response) -> None:
    monkeypatch.setattr(frontrow, "WATCHED_WITHIN_S", 0)
    transport = httpx.MockTransport(lambda _request: answer)
    with httpx.Client(base_url="http://gateway", transport=transport) as client:
        Frontrow(NO_INSTANCE, client).check_what_is_watched()


def test_what_is_proved_to_the_last_message_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    check(monkeypatch, httpx.Response(200, json=PROVED))


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, json=PROVED | {"status": "away"}),
        httpx.Response(200, json=PROVED | {"status": "first_proof"}),
        httpx.Response(200, json=PROVED | {"status": "broken", "violations": 1}),
        httpx.Response(200, json=PROVED | {"proved_to": {"behind": 1}}),
        httpx.Response(503, json=PROVED),
    ],
    ids=["nobody watches", "not proved yet", "broken", "behind", "an error"],
)
def test_anything_else_is_none(monkeypatch: pytest.MonkeyPatch, answer: httpx.Response) -> None:
    with pytest.raises(AssertionError):
        check(monkeypatch, answer)
