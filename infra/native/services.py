"""Our own processes in native mode: what each runs, and the ``FRONTROW_*`` variables that tell it where it is.

The tables here are those of ARCHITECTURE.md as addresses: a service learns the address of a store only when it may
touch it. Passwords are never among them: each process reads its own from the folder in ``FRONTROW_SECRETS_DIR``.
"""

import os
import sys
from typing import Final

from contracts.topics import BOOKING_REQUESTS
from infra.native.home import Home
from infra.native.ports import LOOPBACK
from infra.native.postgres import DATABASE, OWNER
from infra.native.program import Program
from infra.native.settings import CHECKOUT, NativeSettings

MODULES: Final = {
    "write_api": "write_api",
    "worker": "worker",
    "sync_service": "sync_service",
    "read_api": "read_api",
    "webhooks": "webhooks",
    "audit": "audit.health",
    "auditor": "audit.auditor",
    "payments": "payments",
    "test_provider": "test_provider",
}
ONE_SHOTS: Final = {
    "migrate": "infra.postgres.migrate",
    "topics": "infra.kafka.topics",
    "mongo_init": "infra.mongo.init",
    "seed": "write_api.seed",
}
PROVIDER_URL: Final = "FRONTROW_PAYMENT_PROVIDER_URL"
STOP_WAIT_S: Final = 15
"""Above the five seconds that a service takes to finish what it is at."""

_SECRETS_OF: Final = {"seed": "write_api", "operator": "write_api", "dead_letters": "write_api", "auditor": "audit"}


def process_names(service: str, count: int) -> list[str]:
    """Return the supervisor's names of a service's processes: ``worker``, ``worker_1``, ``worker_2`` and so on."""
    return [service, *(f"{service}_{index}" for index in range(1, count))]


def programs(settings: NativeSettings) -> list[Program]:
    """Return one program a process of every service."""
    made = []
    for service, module in MODULES.items():
        for index, name in enumerate(process_names(service, settings.processes.get(service, 1))):
            made.append(
                Program(
                    name,
                    (sys.executable, "-m", module),
                    environment(settings, service, index),
                    directory=CHECKOUT,
                    stop_wait_s=STOP_WAIT_S,
                )
            )
    return made


def inherited() -> dict[str, str]:
    """Return our own environment without anybody's settings: an instance has its own, and no others."""
    return {key: value for key, value in os.environ.items() if not key.startswith("FRONTROW_")}


def environment(settings: NativeSettings, service: str, index: int = 0) -> dict[str, str]:
    """Return the variables of a service's process, or of a one-shot. Also what a test needs to reach its stores."""
    home, ports = Home(settings.home), settings.ports
    kafka = {"FRONTROW_KAFKA_BOOTSTRAP": f"{LOOPBACK}:{ports.kafka}", "FRONTROW_TOPIC": BOOKING_REQUESTS}
    partitions = {"FRONTROW_PARTITIONS": str(settings.partitions)}
    # Not the replica set's address: before the first start there is no set.
    mongo_server = {"FRONTROW_MONGO_URL": f"mongodb://{LOOPBACK}:{ports.mongo}", "FRONTROW_MONGO_DATABASE": DATABASE}
    own = {
        "write_api": {
            **kafka,
            **partitions,
            "FRONTROW_REDIS_URL": _redis(settings, "write_api"),
            "FRONTROW_POSTGRES_URL": _postgres(settings, "frontrow_write_api"),
            "FRONTROW_MAIL_DIR": str(home.mail),
            "FRONTROW_PUBLIC_URL": settings.extra.get("FRONTROW_PUBLIC_URL", settings.public_url),
        },
        "operator": {"FRONTROW_POSTGRES_URL": _postgres(settings, "frontrow_write_api")},
        "dead_letters": {
            **kafka,
            **partitions,
            "FRONTROW_POSTGRES_URL": _postgres(settings, "frontrow_write_api"),
        },
        "seed": {
            **kafka,
            **partitions,
            "FRONTROW_POSTGRES_URL": _postgres(settings, "frontrow_write_api"),
            "FRONTROW_READ_API_URL": f"http://{LOOPBACK}:{ports.read_api[0]}",
            "FRONTROW_WRITE_API_URL": f"http://{LOOPBACK}:{ports.write_api[0]}",
        },
        "worker": {
            **kafka,
            "FRONTROW_CONSUMER_GROUP": "worker",
            "FRONTROW_WORKER_ID": f"worker-{index}",
            "FRONTROW_POSTGRES_URL": _postgres(settings, "frontrow_worker"),
            "FRONTROW_REDIS_URL": _redis(settings, "worker"),
        },
        "sync_service": {
            "FRONTROW_POSTGRES_URL": _postgres(settings, "frontrow_sync_service"),
            **_mongo(settings, "sync_service"),
        },
        "read_api": _mongo(settings, "read_api"),
        "webhooks": {"FRONTROW_POSTGRES_URL": _postgres(settings, "frontrow_webhooks")},
        "audit": {
            **{
                f"FRONTROW_{name.upper()}_URLS": _urls(ports.of(name))
                for name in MODULES
                if name not in {"audit", "test_provider"}  # which is somebody else's
            },
            **kafka,
            **partitions,
            "FRONTROW_POSTGRES_URL": _postgres(settings, "frontrow_audit"),
            **_mongo(settings, "audit"),
            "FRONTROW_REDIS_URL": _redis(settings, "audit"),
        },
        # The same room as audit, so the same role.
        "auditor": {
            **kafka,
            **partitions,
            "FRONTROW_POSTGRES_URL": _postgres(settings, "frontrow_audit"),
            **_mongo(settings, "audit"),
            "SQLITE_TMPDIR": str(home.auditor),
        },
        "payments": {
            **kafka,
            **partitions,
            "FRONTROW_POSTGRES_URL": _postgres(settings, "frontrow_payments"),
            # Another provider that speaks the same: name it before the start.
            PROVIDER_URL: settings.extra.get(PROVIDER_URL) or f"http://{LOOPBACK}:{ports.test_provider}",
        },
        "test_provider": {
            "FRONTROW_POSTGRES_URL": _postgres(settings, "frontrow_test_provider"),
            "FRONTROW_PAYMENT_WEBHOOK_URL": f"http://{LOOPBACK}:{ports.payments}/api/payments/webhook",
        },
        "migrate": {"FRONTROW_POSTGRES_URL": _postgres(settings, OWNER)},
        "topics": {**kafka, **partitions},
        "mongo_init": mongo_server,
    }[service]
    http = (
        {"FRONTROW_HTTP_HOST": LOOPBACK, "FRONTROW_HTTP_PORT": str(ports.of(service)[index])}
        if service in MODULES
        else {}
    )
    secrets = home.secrets / _SECRETS_OF.get(service, service)
    folder = {"FRONTROW_SECRETS_DIR": str(secrets)} if service != "topics" else {}
    others = {name: value for name, value in settings.extra.items() if not name.startswith("FRONTROW_GATEWAY_")}
    detour = settings.detours.get(process_names(service, index + 1)[index], {})
    return {**others, **own, **http, **folder, **detour}


def _postgres(settings: NativeSettings, role: str) -> str:
    return f"postgresql://{role}@{LOOPBACK}:{settings.ports.postgres}/{DATABASE}"


def _redis(settings: NativeSettings, user: str) -> str:
    return f"redis://{user}@{LOOPBACK}:{settings.ports.redis}/0"


def _mongo(settings: NativeSettings, user: str) -> dict[str, str]:
    return {
        "FRONTROW_MONGO_URL": f"mongodb://{LOOPBACK}:{settings.ports.mongo}/?replicaSet=rs0",
        "FRONTROW_MONGO_DATABASE": DATABASE,
        "FRONTROW_MONGO_USER": user,
    }


def _urls(ports: tuple[int, ...]) -> str:
    return ",".join(f"http://{LOOPBACK}:{port}" for port in ports)
