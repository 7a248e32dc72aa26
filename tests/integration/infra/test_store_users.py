"""What each service's user may do in MongoDB and in Redis: the room's own work, and nothing else."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import redis
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from contracts.announcements import channel_of, key_of
from infra.mongo.init import ROLES
from infra.native.instance import STORES, Instance
from infra.native.postgres import DATABASE
from infra.secrets.files import REDIS_USERS, read
from worker.locks import PREFIX as LOCKS
from worker.locks import SeatLocks
from write_api.idempotency import PREFIX as IDEMPOTENCY
from write_api.throttle import PREFIX as THROTTLE

PAGE: Final = (Path(__file__).parents[3] / "docs" / "grants.md").read_text()
UNAUTHORIZED: Final = 13
OWN: Final = "own"


@pytest.fixture(scope="module")
def home(instance: Instance) -> Path:
    """The secrets of stores that run."""
    instance.start(STORES)
    return instance.home


# ------------------------------------------------------------------------------------------------------------- MongoDB


def _mongo(instance: Instance, user: str) -> MongoClient[dict[str, Any]]:
    password = read(instance.home, user, "mongo_password")
    return MongoClient(
        "127.0.0.1", instance.ports.mongo, username=user, password=password, directConnection=True, timeoutMS=5_000
    )


MONGO_ATTEMPTS: Final[dict[str, Callable[[MongoClient[dict[str, Any]]], object]]] = {
    "read the view": lambda client: client[DATABASE].guarded.find_one(),
    "write the view": lambda client: client[DATABASE].guarded.insert_one({}),
    "take it away": lambda client: client[DATABASE].guarded.drop(),
    "read another database": lambda client: client.other.guarded.find_one(),
    "write another database": lambda client: client.other.guarded.insert_one({}),
    "see who there is": lambda client: client.admin.system.users.find_one(),
    "make a user": lambda client: client.admin.command("createUser", "own", pwd=OWN, roles=["root"]),
    "give oneself more": lambda client: client.admin.command("grantRolesToUser", "read_api", roles=["root"]),
    "stop the server": lambda client: client.admin.command("shutdown"),
    "read the oplog": lambda client: client.local["oplog.rs"].find_one(),
    "change the set": lambda client: client.admin.command("replSetStepDown", 1),
}
MONGO_MAY: Final = {
    "sync_service": {"read the view", "write the view", "take it away"},
    "read_api": {"read the view"},
    "audit": {"read the view"},
}


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("user", sorted(MONGO_MAY))
@pytest.mark.parametrize("attempt", MONGO_ATTEMPTS)
def test_a_user_of_the_view_does_its_work_and_no_more(instance: Instance, user: str, attempt: str) -> None:
    with _mongo(instance, user) as client:
        if attempt in MONGO_MAY[user]:
            MONGO_ATTEMPTS[attempt](client)
            return
        with pytest.raises(OperationFailure) as refused:
            MONGO_ATTEMPTS[attempt](client)
        assert refused.value.code == UNAUTHORIZED


@pytest.mark.usefixtures("home")
def test_nobody_enters_the_view_without_a_name(instance: Instance) -> None:
    with (
        MongoClient[dict[str, Any]]("127.0.0.1", instance.ports.mongo, directConnection=True) as client,
        pytest.raises(OperationFailure),
    ):
        client[DATABASE].events.find_one()


def test_the_page_names_every_user_of_the_view() -> None:
    assert set(MONGO_MAY) == set(ROLES)
    for user, role in ROLES.items():
        assert f"| `{user}` | `{role}` |" in PAGE


# --------------------------------------------------------------------------------------------------------------- Redis


def _redis(instance: Instance, user: str) -> redis.Redis:
    return redis.Redis(port=instance.ports.redis, username=user, password=read(instance.home, user, "redis_password"))


@pytest.fixture
def worker(instance: Instance, home: Path) -> Iterator[redis.Redis]:
    assert home == instance.home
    with _redis(instance, "worker") as client:
        yield client


@pytest.fixture
def write_api(instance: Instance, home: Path) -> Iterator[redis.Redis]:
    assert home == instance.home
    with _redis(instance, "write_api") as client:
        yield client


def test_the_worker_locks_seats_and_tells_outcomes(worker: redis.Redis) -> None:
    locks, event_id = SeatLocks(worker), uuid.uuid4().hex
    tokens = {event_id: {"A1": "bk_1", "A2": "bk_1"}}
    keys = [f"{LOCKS}{{{event_id}}}:{seat_id}" for seat_id in ("A1", "A2")]
    locks.take(tokens)
    assert worker.mget(keys) == [b"bk_1", b"bk_1"]
    locks.free(tokens)
    assert worker.mget(keys) == [None, None]
    worker.set(key_of("bk_1"), b"{}", px=1_000)
    worker.publish(channel_of("reply"), b"{}")


def test_the_write_api_counts_remembers_and_listens(write_api: redis.Redis) -> None:
    with write_api.pipeline(transaction=True) as pipeline:
        pipeline.set(f"{THROTTLE}own:1", 0, ex=10, nx=True)
        pipeline.incrby(f"{THROTTLE}own:1", 1)
        pipeline.ttl(f"{THROTTLE}own:1")
        assert pipeline.execute()[1] >= 1
    write_api.set(f"{IDEMPOTENCY}cm_1", b"f", ex=10, nx=True)
    assert write_api.get(f"{IDEMPOTENCY}cm_1") == b"f"
    assert write_api.get(key_of("bk_none")) is None
    with write_api.pubsub() as subscription:  # type: ignore[no-untyped-call]
        subscription.subscribe(channel_of("reply"))
        told = subscription.get_message(timeout=5)
        assert told is not None
        assert told["type"] == "subscribe"


REDIS_ATTEMPTS: Final[dict[str, Callable[[redis.Redis], object]]] = {
    "forget everything": lambda client: client.flushall(),
    "look at all keys": lambda client: client.keys("*"),
    "change the server": lambda client: client.config_set("dir", "/tmp"),  # noqa: S108 - it is refused
    "read how it is set": lambda client: client.config_get("*"),
    "see who there is": lambda client: client.acl_list(),
    "give oneself more": lambda client: client.acl_setuser("own", enabled=True, nopass=True),
    "save to a file": lambda client: client.save(),
    "follow another server": lambda client: client.slaveof("127.0.0.1", 9),
    "send away others": lambda client: client.client_kill_filter(_type="normal"),
    "watch others": lambda client: client.execute_command("MONITOR"),  # type: ignore[no-untyped-call]
    "run a script of one's own": lambda client: client.eval("return 1", 0),
    "stop the server": lambda client: client.shutdown(),
    "touch a key of nobody's": lambda client: client.set("other", "1"),
}


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("user", ["worker", "write_api", "audit"])
@pytest.mark.parametrize("attempt", REDIS_ATTEMPTS)
def test_a_user_of_redis_is_refused_everything_else(instance: Instance, user: str, attempt: str) -> None:
    with _redis(instance, user) as client, pytest.raises(redis.exceptions.NoPermissionError):
        REDIS_ATTEMPTS[attempt](client)


def test_neither_touches_the_others_keys(worker: redis.Redis, write_api: redis.Redis) -> None:
    with pytest.raises(redis.exceptions.NoPermissionError):
        worker.set(f"{THROTTLE}log_in:1", 0)  # whoever could would guess passwords without end
    with pytest.raises(redis.exceptions.NoPermissionError):
        write_api.set("frontrow:seat-lock:{e}:A1", "1")


@pytest.mark.usefixtures("home")
def test_nobody_enters_redis_without_a_password(instance: Instance) -> None:
    with redis.Redis(port=instance.ports.redis) as client, pytest.raises(redis.exceptions.AuthenticationError):
        client.ping()


def test_the_page_names_every_user_of_redis() -> None:
    for user, rules in REDIS_USERS.items():
        escaped = rules.replace("|", r"\|")  # it would end the cell
        assert f"| `{user}` | `{escaped}` |" in PAGE
