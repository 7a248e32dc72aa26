"""The stores as they are: who leads each, its servers, and how far the log is decided. Asked only when somebody looks.

``system`` enters here. Each store is asked beside the others in a thread of its own, within ``WITHIN_S``; one that is
away says so, and the others are told of all the same. It reads, and changes nothing.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeVar

import psycopg
import redis
from confluent_kafka import KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]  # its own way to export
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from audit.settings import StoreSettings
from contracts.operating import PartitionState, Replica, StoreName, StoreState
from runtime.connecting import leaving_nothing_open, watched

WITHIN_S: Final = 1.2
"""How long a store may take to say who it is. PostgreSQL is asked after Kafka, whose topic it knows the offsets of, so
that all of them have answered or are given up within twice as long."""

_SERVERS: Final = """
    SELECT coalesce(nullif(application_name, ''), client_addr::text, 'standby'), state,
        pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint
    FROM pg_stat_replication ORDER BY 1"""
_DECIDED: Final = "SELECT log_partition, next_offset FROM kafka_offsets WHERE topic_id = %s"


class Log(NamedTuple):
    """What Kafka says of the topic: its id, and its partitions with where they end (None: not known)."""

    topic_id: str
    partitions: list[PartitionState]
    ends: Mapping[int, int]


NO_LOG: Final = Log("", [], {})
NOTHING_DECIDED: Final[dict[int, int] | None] = None
T = TypeVar("T")


class Stores:
    """Asks the stores. Nothing is opened before the first question."""

    def __init__(self, settings: StoreSettings) -> None:
        self._settings = settings
        self._kafka: AdminClient | None = None

    async def states(self) -> tuple[list[StoreState], list[PartitionState]]:
        """Return every store, and the log's partitions."""
        (of_kafka, log), (of_mongo, _), (of_redis, _) = await asyncio.gather(
            _asked("kafka", self._kafka_and_log, NO_LOG),
            _asked("mongo", lambda: (self._mongo(), None), None),
            _asked("redis", lambda: (self._redis(), None), None),
        )
        of_postgres, decided = await _asked("postgres", lambda: self._postgres(log.topic_id), NOTHING_DECIDED)
        partitions = [
            one.model_copy(
                update={
                    "lag": max(0, log.ends[one.partition] - decided.get(one.partition, 0))
                    if decided is not None and one.partition in log.ends
                    else None
                }
            )
            for one in log.partitions
        ]
        return [of_kafka, of_postgres, of_mongo, of_redis], partitions

    def _kafka_and_log(self) -> tuple[StoreState, Log]:
        if self._kafka is None:
            self._kafka = AdminClient({"bootstrap.servers": self._settings.kafka_bootstrap, "log_level": 0})
        topic = self._settings.topic
        said = self._kafka.list_topics(topic, timeout=WITHIN_S)
        names = {number: f"{broker.host}:{broker.port}" for number, broker in said.brokers.items()}
        found = said.topics[topic].partitions
        asked = {TopicPartition(topic, number): OffsetSpec.latest() for number in found}  # type: ignore[no-untyped-call]
        ends = {
            at.partition: future.result().offset
            for at, future in self._kafka.list_offsets(asked, request_timeout=WITHIN_S).items()
        }
        described = self._kafka.describe_topics(TopicCollection([topic]), request_timeout=WITHIN_S)[topic].result()
        partitions = [
            PartitionState(
                partition=number,
                leader=names.get(one.leader),
                replicas=len(one.replicas),
                in_sync=len(one.isrs),
                lag=None,
            )
            for number, one in sorted(found.items())
        ]
        controller = names.get(said.controller_id)
        lagging = sum(one.in_sync < one.replicas for one in partitions)
        state = StoreState(
            name="kafka",
            status="ok",
            detail=f"{lagging} of {len(partitions)} partitions miss a replica" if lagging else "",
            leader=controller,
            replicas=[
                Replica(name=name, role="controller" if name == controller else "broker", status="ok", lag=None)
                for _number, name in sorted(names.items())
            ],
        )
        return state, Log(str(described.topic_id), partitions, ends)

    def _postgres(self, topic_id: str) -> tuple[StoreState, dict[int, int] | None]:
        settings = self._settings
        with leaving_nothing_open():
            opened = psycopg.connect(
                watched(settings.ledger_conninfo),
                autocommit=True,
                connect_timeout=2,  # the least that the library takes; whoever asked gives up before (``_asked``)
                options=f"-c statement_timeout={int(WITHIN_S * 1000)}",
                application_name="frontrow audit system",
            )
        with opened as connection:
            standby = connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
            servers = [] if standby else connection.execute(_SERVERS).fetchall()
            decided: dict[int, int] = dict(connection.execute(_DECIDED, (topic_id,)).fetchall())
            own = f"{connection.info.host}:{connection.info.port}"
        replicas = [Replica(name=own, role="standby" if standby else "primary", status="ok", lag=None)]
        replicas += [
            Replica(name=name, role="standby", status="ok" if state == "streaming" else "unavailable", lag=lag)
            for name, state, lag in servers
        ]
        leader = None if standby else own
        return StoreState(name="postgres", status="ok", detail="", leader=leader, replicas=replicas), decided

    def _mongo(self) -> StoreState:
        settings = self._settings
        bounds = ("serverSelectionTimeoutMS", "connectTimeoutMS", "socketTimeoutMS")
        options: dict[str, Any] = {**settings.view_login, **dict.fromkeys(bounds, int(WITHIN_S * 1000))}
        client: MongoClient[dict[str, Any]] = MongoClient(settings.mongo_url, appname="frontrow system", **options)
        with client as mongo:
            said = mongo.admin.command("hello")
            up = {f"{host}:{port}" for host, port in mongo.nodes}
        primary = said.get("primary") or said.get("me")
        members = said.get("hosts") or [primary]
        return StoreState(
            name="mongo",
            status="ok" if primary else "unavailable",
            detail=str(said.get("setName", "no replica set")),
            leader=primary,
            replicas=[
                Replica(
                    name=name,
                    role="primary" if name == primary else "secondary",
                    status="ok" if name in up or name == primary else "unavailable",
                    lag=None,
                )
                for name in members
            ],
        )

    def _redis(self) -> StoreState:
        settings = self._settings
        client = redis.Redis.from_url(
            settings.redis_url,
            password=settings.redis_password.get_secret_value() or None,
            socket_timeout=WITHIN_S,
            socket_connect_timeout=WITHIN_S,
        )
        try:
            said: Any = client.info("replication")
            own = str(client.connection_pool.connection_kwargs.get("host"))
            own = f"{own}:{client.connection_pool.connection_kwargs.get('port')}"
        finally:
            client.close()
        leads = said["role"] == "master"
        replicas = [Replica(name=own, role="primary" if leads else "replica", status="ok", lag=None)]
        for number in range(said.get("connected_slaves", 0)):
            one = said[f"slave{number}"]
            ok = one["state"] == "online"
            replicas.append(
                Replica(
                    name=f"{one['ip']}:{one['port']}",
                    role="replica",
                    status="ok" if ok else "unavailable",
                    lag=int(said["master_repl_offset"]) - int(one["offset"]),
                )
            )
        leader = own if leads else f"{said.get('master_host')}:{said.get('master_port')}"
        return StoreState(name="redis", status="ok", detail="", leader=leader, replicas=replicas)


async def _asked(name: StoreName, ask: Callable[[], tuple[StoreState, T]], otherwise: T) -> tuple[StoreState, T]:
    """Return what a store says, or that it is away; its thread is left to its own time-outs."""
    try:
        async with asyncio.timeout(WITHIN_S):
            return await asyncio.to_thread(ask)
    except (KafkaException, psycopg.Error, PyMongoError, redis.RedisError, TimeoutError) as error:
        return _away(name, error), otherwise


def _away(name: StoreName, error: Exception) -> StoreState:
    # What the client says may hold an address, and never a password; what kind of error it was is enough.
    return StoreState(name=name, status="unavailable", detail=type(error).__name__, leader=None, replicas=[])
