"""By default nothing of our own network can be named; nothing is sent and no store is touched to say so."""

import base64
import time
from typing import Any

import httpx
import pytest

from contracts.callers import Caller, Role
from contracts.tokens import SigningKeys
from webhooks.app import create_app
from webhooks.settings import WebhooksSettings

ONE = base64.b64encode(b"1" * 32).decode()
SIGNING = SigningKeys.model_validate({"current": "1", "keys": {"1": ONE}})
ANNA = Caller("p_" + "a" * 24, "anna", Role.ORGANISER, "s" * 22)


def settings(**more: Any) -> WebhooksSettings:  # noqa: ANN401 - whatever a setting may be
    public = SIGNING.public()
    shown = {key_id: base64.b64encode(key).decode() for key_id, key in public.keys.items()}
    return WebhooksSettings.model_validate(
        {
            "http_host": "127.0.0.1",
            "http_port": 0,
            "postgres_url": "postgresql://nowhere.invalid",
            "token_public_keys": f'{{"keys": {str(shown).replace(chr(39), chr(34))}}}',
            "webhook_secret_keys": f'{{"current": 1, "keys": {{"1": "{ONE}"}}}}',
            **more,
        }
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://2130706433/",
        "https://127.1/",
        "https://10.0.0.1:8443/",
    ],
)
async def test_a_url_of_our_own_network_is_refused_by_default(url: str) -> None:
    transport = httpx.ASGITransport(create_app(settings()))
    token = SIGNING.mint().mint(ANNA, now_s=int(time.time()))
    async with httpx.AsyncClient(transport=transport, base_url="http://webhooks") as client:
        answer = await client.post("/api/webhooks", json={"url": url}, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["url"]


def test_our_own_network_is_reached_only_when_somebody_says_so() -> None:
    assert settings().webhooks_allow_private is False
    assert settings(webhooks_allow_private="on").webhooks_allow_private is True


def test_settings_show_no_secret() -> None:
    assert ONE not in repr(settings(postgres_password="hidden"))  # noqa: S106 - none
    assert "hidden" not in repr(settings(postgres_password="hidden"))  # noqa: S106 - none
