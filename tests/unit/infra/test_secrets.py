"""Secrets: private, made once, shared by those who share them."""

import json
import stat
from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from contracts.callers import Caller, Role
from contracts.tokens import PublicKeys, SigningKeys
from infra.secrets.files import REDIS_ACL, SECRETS, TICKET_KEYS, TOKEN_KEYS, generate, read
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


def test_redis_is_told_the_hashes_of_its_users_passwords_and_never_a_password(tmp_path: Path) -> None:
    generate(tmp_path)
    acl = read(tmp_path, "redis", "redis_acl")
    for user, folder in {"default": "redis", "worker": "worker", "write_api": "write_api"}.items():
        password = read(tmp_path, folder, "redis_password")
        assert password not in acl
        assert f"user {user} on #{sha256(password.encode()).hexdigest()} " in acl


def test_users_of_redis_that_an_earlier_release_did_not_know_are_made(tmp_path: Path) -> None:
    generate(tmp_path)
    path = tmp_path / "secrets" / REDIS_ACL
    wanted = path.read_text()
    path.write_text(wanted.splitlines(keepends=True)[0])
    assert generate(tmp_path) == 1
    assert path.read_text() == wanted


def test_who_reads_tokens_has_the_public_half_of_the_signing_keys_and_nothing_else(tmp_path: Path) -> None:
    generate(tmp_path)
    signing = SigningKeys.model_validate_json(read(tmp_path, "write_api", "token_signing_keys"))
    public = PublicKeys.model_validate_json(read(tmp_path, "read_api", "token_public_keys"))
    caller = Caller("p_a", "anna", Role.CUSTOMER, "s")
    assert public.reader().read(signing.mint().mint(caller, now_s=0), now_s=0) == caller
    assert public == signing.public()
    for place in TOKEN_KEYS.public:
        assert not (tmp_path / "secrets" / place).with_name("frontrow_token_signing_keys").exists(), place


def test_who_takes_tickets_has_the_public_half_of_the_keys_that_sign_them(tmp_path: Path) -> None:
    generate(tmp_path)
    signing = SigningKeys.model_validate_json(read(tmp_path, "read_api", "ticket_signing_keys"))
    public = PublicKeys.model_validate_json(read(tmp_path, "write_api", "ticket_public_keys"))
    assert public == signing.public()
    assert [path.name for path in (tmp_path / "secrets").glob("*/*ticket_signing*")] == [Path(TICKET_KEYS.private).name]
    assert (
        signing.public() != SigningKeys.model_validate_json(read(tmp_path, "write_api", "token_signing_keys")).public()
    )


def test_a_key_that_was_added_is_in_the_public_keys_that_are_made_anew(tmp_path: Path) -> None:
    generate(tmp_path)
    path = tmp_path / "secrets" / TOKEN_KEYS.private
    keys = json.loads(path.read_text())
    path.write_text(json.dumps({"current": "2", "keys": {**keys["keys"], "2": b64encode(b"2" * 32).decode()}}))
    for place in TOKEN_KEYS.public:
        (tmp_path / "secrets" / place).unlink()
    assert generate(tmp_path) == len(TOKEN_KEYS.public)
    assert set(json.loads(read(tmp_path, "read_api", "token_public_keys"))["keys"]) == {"1", "2"}


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
