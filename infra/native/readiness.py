"""Is it ready? One quick, bounded question for each process; nothing here waits or repeats."""

import http.client
import socket
import ssl
from http import HTTPStatus
from typing import Final

import psycopg
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from infra.native.ports import LOOPBACK, answers
from infra.native.postgres import DATABASE, OWNER
from infra.native.services import MODULES
from infra.native.settings import NativeSettings

ATTEMPT_S: Final = 2.0


def is_ready(service: str, index: int, settings: NativeSettings, *, owner_password: str, whole: bool) -> bool:
    """Tell whether a process takes work now.

    ``whole`` says that all services run, so the gateway is ready when its ``/health`` says that bookings can be
    accepted, decided and shown; else it is when it takes connections.
    """
    port = settings.ports.of(service)[index]
    if service in MODULES:
        return http_status(port, "/health/ready") == HTTPStatus.OK
    if service == "gateway":
        tls = settings.tls is not None
        return http_status(port, "/health", tls=tls) == HTTPStatus.OK if whole else answers(port)
    return {"postgres": _postgres, "redis": _redis, "mongo": _mongo, "kafka": _kafka}[service](port, owner_password)


def http_status(port: int, path: str, *, tls: bool = False) -> int:
    """Return the status of a GET on loopback, or 0 when nobody answers."""
    if tls:
        # The certificate is of a name outside, and we know whom we ask: ourselves.
        unasked = ssl.create_default_context()
        unasked.check_hostname, unasked.verify_mode = False, ssl.CERT_NONE
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            LOOPBACK, port, timeout=ATTEMPT_S, context=unasked
        )
    else:
        connection = http.client.HTTPConnection(LOOPBACK, port, timeout=ATTEMPT_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def _postgres(port: int, owner_password: str) -> bool:
    try:
        psycopg.connect(
            host=LOOPBACK, port=port, user=OWNER, dbname=DATABASE, password=owner_password, connect_timeout=2
        ).close()
    except psycopg.OperationalError:
        return False
    return True


def _redis(port: int, _password: str) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), ATTEMPT_S) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith((b"+PONG", b"-NOAUTH"))  # it speaks; who we are does not matter here
    except OSError:
        return False


def _mongo(port: int, _password: str) -> bool:
    with MongoClient[dict[str, object]](LOOPBACK, port, directConnection=True, serverSelectionTimeoutMS=500) as client:
        try:
            return bool(client.admin.command("hello").get("isWritablePrimary"))
        except PyMongoError:
            return False


def _kafka(port: int, _password: str) -> bool:
    try:
        AdminClient({"bootstrap.servers": f"{LOOPBACK}:{port}", "log_level": 0}).list_topics(timeout=ATTEMPT_S)
    except KafkaException:
        return False
    return True
