"""The one door to settings: a refused start says what is wrong, and never what it holds."""

from pathlib import Path

import pytest
from pydantic import Field

from runtime.settings import EXIT_CONFIGURATION, HttpSettings, load


class Example(HttpSettings):
    postgres_url: str
    postgres_password: str = Field(min_length=8, repr=False)


@pytest.fixture
def _address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FRONTROW_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("FRONTROW_HTTP_HOST", "127.0.0.1")
    monkeypatch.setenv("FRONTROW_HTTP_PORT", "18110")
    monkeypatch.setenv("FRONTROW_POSTGRES_URL", "postgresql://somewhere")


@pytest.mark.usefixtures("_address")
def test_addresses_come_from_variables_and_secrets_from_files(tmp_path: Path) -> None:
    (tmp_path / "frontrow_postgres_password").write_text("open-sesame")

    loaded = load(Example)

    assert (loaded.http_port, loaded.postgres_url, loaded.log_level) == (18110, "postgresql://somewhere", "INFO")
    assert loaded.postgres_password == "open-sesame"  # noqa: S105 - a test's own
    assert "open-sesame" not in repr(loaded)


@pytest.mark.usefixtures("_address")
def test_a_refused_start_names_every_setting_and_shows_no_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "frontrow_postgres_password").write_text("sesame")
    monkeypatch.delenv("FRONTROW_POSTGRES_URL")
    monkeypatch.setenv("FRONTROW_HTTP_PORT", "70001")

    with pytest.raises(SystemExit) as ended:
        load(Example)

    said = capsys.readouterr().err
    assert ended.value.code == EXIT_CONFIGURATION
    assert said.startswith("Example: this process cannot start")
    for name in ("FRONTROW_POSTGRES_URL", "FRONTROW_POSTGRES_PASSWORD", "FRONTROW_HTTP_PORT"):
        assert name in said
    assert "sesame" not in said
    assert "70001" not in said
