"""Is it ready? One quick, bounded question for each process; nothing here waits or repeats."""

import http.client
import socket
from http import HTTPStatus
from typing import Final

import psycopg
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from infra.native.ports import LOOPBACK, Ports, answers
from infra.native.postgres import DATABASE, OWNER
from infra.native.services import MODULES

ATTEMPT_S: Final = 2.0


def is_ready(service: str, index: int, ports: Ports, *, owner_password: str, whole: bool) -> bool:
    """Tell whether a process takes work now.

    ``whole`` says that all services run, so the gateway is ready when its ``/health`` says that bookings can be
    accepted, decided and shown; else it is when it takes connections.
    """
    port = ports.of(service)[index]
    if service in MODULES:
        return http_status(port, "/health/ready") == HTTPStatus.OK
    if service == "gateway":
        return http_status(port, "/health") == HTTPStatus.OK if whole else answers(port)
    return {"postgres": _postgres, "redis": _redis, "mongo": _mongo, "kafka": _kafka}[service](port, owner_password)


def http_status(port: int, path: str) -> int:
    """Return the status of a GET on loopback, or 0 when nobody answers."""
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
