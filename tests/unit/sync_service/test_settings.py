"""What the process is told, and what it never prints."""

import pytest

from sync_service.__main__ import EXIT_USAGE, main
from sync_service.settings import SyncServiceSettings

SETTINGS = {
    "http_host": "127.0.0.1",
    "http_port": 1,
    "postgres_url": "postgresql://frontrow_sync_service@db/frontrow",
    "mongo_url": "mongodb://view",
    "mongo_database": "frontrow",
}


def test_the_password_joins_the_address_and_is_not_printed() -> None:
    settings = SyncServiceSettings.model_validate({**SETTINGS, "postgres_password": "s3cret"})
    assert "password=s3cret" in settings.ledger_conninfo
    assert "s3cret" not in repr(settings)


def test_without_a_password_none_is_sent() -> None:
    assert "password" not in SyncServiceSettings.model_validate(SETTINGS).ledger_conninfo


def test_an_unknown_command_is_refused_with_its_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rebuilt"]) == EXIT_USAGE
    assert "rebuild" in capsys.readouterr().err
