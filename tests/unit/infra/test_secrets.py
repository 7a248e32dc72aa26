"""Secrets: private, made once, shared by those who share them."""

import json
import stat
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import pytest

from infra.secrets.files import SECRETS, generate, read
from infra.secrets.project import OtherProjectError, claim


def test_every_file_is_private_and_so_is_every_folder(tmp_path: Path) -> None:
    generate(tmp_path)
    for path in (tmp_path / "secrets").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_second_generation_changes_nothing(tmp_path: Path) -> None:
    assert generate(tmp_path) > 0
    before = {path: path.read_text() for path in (tmp_path / "secrets").glob("*/*")}
    assert generate(tmp_path) == 0
    assert {path: path.read_text() for path in (tmp_path / "secrets").glob("*/*")} == before


def test_a_lost_copy_gets_the_value_that_the_store_knows(tmp_path: Path) -> None:
    generate(tmp_path)
    password = read(tmp_path, "worker", "postgres_password")
    (tmp_path / "secrets" / "migrate" / "frontrow_worker_postgres_password").unlink()
    assert generate(tmp_path) == 1
    assert read(tmp_path, "migrate", "worker_postgres_password") == password


def test_everybody_who_shares_a_secret_has_the_same(tmp_path: Path) -> None:
    generate(tmp_path)
    for secret in SECRETS:
        assert len({(tmp_path / "secrets" / place).read_text() for place in secret.places}) == 1, secret.places


def test_two_homes_have_different_secrets(tmp_path: Path) -> None:
    generate(tmp_path / "one")
    generate(tmp_path / "two")
    assert read(tmp_path / "one", "redis", "redis_password") != read(tmp_path / "two", "redis", "redis_password")


def test_booking_id_keys_name_the_current_one_of_32_bytes(tmp_path: Path) -> None:
    generate(tmp_path)
    keys = json.loads(read(tmp_path, "write_api", "booking_id_keys"))
    assert len(b64decode(keys["keys"][str(keys["current"])])) == 32


def test_redis_is_told_the_hash_of_its_password_and_never_the_password(tmp_path: Path) -> None:
    generate(tmp_path)
    password = read(tmp_path, "worker", "redis_password")
    acl = read(tmp_path, "redis", "redis_acl")
    assert password not in acl
    assert f"#{sha256(password.encode()).hexdigest()}" in acl


def test_a_state_folder_stays_with_the_compose_project_that_it_was_made_for(tmp_path: Path) -> None:
    claim(tmp_path, "mine")
    claim(tmp_path, "mine")
    with pytest.raises(OtherProjectError, match="COMPOSE_PROJECT_NAME=mine"):
        claim(tmp_path, "another")


def test_a_state_folder_of_before_that_was_written_down_is_frontrows(tmp_path: Path) -> None:
    (tmp_path / "docker").touch()
    claim(tmp_path, "frontrow")
    with pytest.raises(OtherProjectError, match="frontrow"):
        claim(tmp_path, "folder")
