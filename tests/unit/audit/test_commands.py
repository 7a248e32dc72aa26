"""What operators ask ``python -m audit`` by hand."""

import sys

import psycopg
import pytest

from audit import __main__ as commands


@pytest.mark.parametrize("named", ["", *commands.COMMANDS])
def test_a_store_that_is_away_is_one_sentence_and_a_status_whatever_is_asked(
    named: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def away() -> int:
        msg = "connection refused\nIs the server running?"
        raise psycopg.OperationalError(msg)

    monkeypatch.setattr(commands, "_check", away)
    monkeypatch.setattr(commands, "COMMANDS", dict.fromkeys(commands.COMMANDS, away))
    monkeypatch.setattr(sys, "argv", ["audit", *named.split()])
    assert commands.main() == commands.CANNOT_CHECK
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("cannot check: OperationalError: connection refused Is the server running?")
