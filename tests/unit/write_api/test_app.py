"""The application's document and settings; that it answers as it says is held by integration tests."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from runtime.settings import EXIT_CONFIGURATION, load
from write_api.app import create_app
from write_api.settings import WriteApiSettings

KEY = base64.b64encode(b"k" * 32).decode()
KEYS = {"current": 2, "keys": {"1": KEY, "2": KEY}}
NOWHERE = {
    "FRONTROW_HTTP_HOST": "127.0.0.1",
    "FRONTROW_HTTP_PORT": "0",
    "FRONTROW_KAFKA_BOOTSTRAP": "127.0.0.1:1",
    "FRONTROW_REDIS_URL": "redis://127.0.0.1:1/0",
    "FRONTROW_POSTGRES_URL": "postgresql://127.0.0.1:1/nowhere",
    "FRONTROW_PUBLIC_URL": "http://localhost:8080",
    "FRONTROW_MAIL_DIR": "/nowhere",
}


@pytest.fixture
def _given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in NOWHERE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("FRONTROW_SECRETS_DIR", str(tmp_path))
    (tmp_path / "frontrow_booking_id_keys").write_text(json.dumps(KEYS))
    (tmp_path / "frontrow_token_signing_keys").write_text(json.dumps({"current": "1", "keys": {"1": KEY}}))
    (tmp_path / "frontrow_ticket_public_keys").write_text(json.dumps({"keys": {}}))
    for name in ("principal_key", "derivation_key", "keyed_id_key", "payment_token_key", "refresh_key"):
        (tmp_path / f"frontrow_{name}").write_text(KEY)


@pytest.fixture
def document(_given: None) -> dict[str, Any]:
    return create_app(load(WriteApiSettings)).openapi()


def test_the_hot_route_is_declared_with_its_models(document: dict[str, Any]) -> None:
    below = "/api/bookings/{booking_id}"
    commands = {below, f"{below}/extension", f"{below}/payment"}
    people = {
        path for path in document["paths"] if path.startswith(("/api/accounts", "/api/sessions", "/api/password"))
    }
    organisers = {path for path in document["paths"] if path.startswith("/api/events")}
    assert len(organisers) == 9
    operators = {path for path in document["paths"] if path.startswith("/api/dead-letters")}
    expected = {"/api/book", *commands, *people, *organisers, *operators}
    assert set(document["paths"]) == expected, "health and metrics are not the gateway's"
    book = document["paths"]["/api/book"]["post"]
    schemas = document["components"]["schemas"]

    assert book["requestBody"]["required"] is True
    assert book["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/BookingRequest")
    assert set(schemas["BookingRequest"]["properties"]) == {
        "userId",
        "eventId",
        "seatId",
        "seatIds",
        "best",
        "offer",
        "offerId",
    }
    assert schemas["BookingRequest"]["required"] == ["eventId"], "with a session the user is known"
    assert set(schemas["BookingAccepted"]["properties"]) == {"message", "booking_id", "status", "status_url"}
    accepted = book["responses"]["202"]
    assert accepted["content"]["application/json"]["schema"]["$ref"].endswith("/BookingAccepted")
    assert set(accepted["headers"]) == {"Location", "Retry-After"}


def test_every_problem_that_it_may_answer_with_is_declared(document: dict[str, Any]) -> None:
    responses = document["paths"]["/api/book"]["post"]["responses"]

    assert set(responses) == {"200", "202", "400", "401", "403", "405", "413", "415", "422", "429", "500", "503"}
    for status in set(responses) - {"200", "202"}:
        (media_type,) = responses[status]["content"]
        assert media_type == "application/problem+json"
        schema = responses[status]["content"][media_type]["schema"]
        assert schema == {"$ref": "#/components/schemas/ProblemDocument"}
    assert "log-unavailable" in responses["503"]["description"]
    assert "outcome-unknown" in responses["503"]["description"]
    assert "ProblemDocument" in document["components"]["schemas"]


def test_every_reference_of_the_document_leads_somewhere(document: dict[str, Any]) -> None:
    names = {part.split('"')[0] for part in json.dumps(document).split("#/components/schemas/")[1:]}

    assert names <= set(document["components"]["schemas"])


@pytest.mark.usefixtures("_given")
def test_both_keys_check_ids_and_the_current_one_signs() -> None:
    loaded = load(WriteApiSettings)
    mint = loaded.booking_id_keys.mint()

    issued = mint.issue("bk", issued_at_ms=1, partition=0, dice=b"d" * 9)

    assert base64.urlsafe_b64decode(issued[3:])[0] == 2
    assert mint.read(issued) is not None
    assert KEY not in repr(loaded)
    assert "kkkk" not in repr(loaded)


@pytest.mark.usefixtures("_given")
@pytest.mark.parametrize("wrong", ["", "{", "[]", "{}", json.dumps(KEYS | {"keys": {"1": "sesame!"}})])
def test_keys_that_are_none_refuse_the_start_and_are_not_shown(
    wrong: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "frontrow_booking_id_keys").write_text(wrong)

    with pytest.raises(SystemExit) as ended:
        load(WriteApiSettings)

    said = capsys.readouterr().err
    assert ended.value.code == EXIT_CONFIGURATION
    assert "BOOKING_ID_KEYS" in said
    assert "sesame" not in said
    assert KEY not in said
