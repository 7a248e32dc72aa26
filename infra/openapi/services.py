"""What each service says of itself: its application's own document, made without starting anything."""

import base64
import json
from typing import Any, Final

from fastapi import FastAPI

import audit.health
import read_api.app
import webhooks.app
import write_api.app
from audit.settings import HealthSettings
from read_api.settings import ReadApiSettings
from webhooks.settings import WebhooksSettings
from write_api.settings import WriteApiSettings

Document = dict[str, Any]

NOWHERE: Final = "nowhere.invalid"
"""An address at which nobody is: making an application touches no store."""
_KEY: Final = base64.b64encode(bytes(32)).decode()
_NO_KEYS: Final = {"current": 1, "keys": {"1": _KEY}}


def documents() -> list[Document]:
    """Return the documents of all services that answer at the gateway."""
    return [app.openapi() for app in (_write_api(), _read_api(), _webhooks(), _audit())]


def _write_api() -> FastAPI:
    settings = WriteApiSettings.model_validate(
        {
            "http_host": NOWHERE,
            "http_port": 0,
            "kafka_bootstrap": NOWHERE,
            "booking_id_keys": json.dumps(_NO_KEYS),
            "principal_key": _KEY,
            "derivation_key": _KEY,
            "keyed_id_key": _KEY,
            "payment_token_key": _KEY,
            "token_signing_keys": json.dumps({"current": "1", "keys": {"1": _KEY}}),
            "ticket_public_keys": json.dumps({"keys": {}}),
            "refresh_key": _KEY,
            "postgres_url": f"postgresql://{NOWHERE}",
            "public_url": f"http://{NOWHERE}",
            "mail_dir": "/",
            "redis_url": f"redis://{NOWHERE}",
        }
    )
    return write_api.app.create_app(settings)


def _read_api() -> FastAPI:
    settings = ReadApiSettings.model_validate(
        {
            "http_host": NOWHERE,
            "http_port": 0,
            "mongo_url": f"mongodb://{NOWHERE}",
            "mongo_database": "nowhere",
            "booking_id_keys": json.dumps(_NO_KEYS),
            "keyed_id_key": _KEY,
            "token_public_keys": json.dumps({"keys": {}}),
            "ticket_signing_keys": json.dumps({"current": "1", "keys": {"1": _KEY}}),
        }
    )
    return read_api.app.create_app(settings)


def _webhooks() -> FastAPI:
    settings = WebhooksSettings.model_validate(
        {
            "http_host": NOWHERE,
            "http_port": 0,
            "postgres_url": f"postgresql://{NOWHERE}",
            "token_public_keys": json.dumps({"keys": {}}),
            "webhook_secret_keys": json.dumps(_NO_KEYS),
        }
    )
    return webhooks.app.create_app(settings)


def _audit() -> FastAPI:
    nowhere = f"http://{NOWHERE}"
    names = (
        "write_api_urls",
        "worker_urls",
        "read_api_urls",
        "sync_service_urls",
        "payments_urls",
        "webhooks_urls",
        "auditor_urls",
    )
    settings = HealthSettings.model_validate(
        {
            "http_host": NOWHERE,
            "http_port": 0,
            "partitions": 1,
            "token_public_keys": json.dumps({"keys": {}}),
            "kafka_bootstrap": NOWHERE,
            "postgres_url": f"postgresql://{NOWHERE}",
            "mongo_url": f"mongodb://{NOWHERE}",
            "mongo_database": "nowhere",
            "redis_url": f"redis://{NOWHERE}",
            **dict.fromkeys(names, nowhere),
        }
    )
    return audit.health.build(settings)
