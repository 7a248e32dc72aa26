"""The worker's settings: read once, in ``__main__``."""

from pydantic import Field, SecretStr

from contracts.topics import BOOKING_REQUESTS
from runtime.settings import HttpSettings


class WorkerSettings(HttpSettings):
    """Where the log, the ledger and the locks are, and who this worker is in its group.

    ``worker_id`` must be stable over restarts and different for each process: a process that comes back under its name
    takes its partitions at once. Passwords are secrets, never part of an address; an empty one means none.
    """

    kafka_bootstrap: str
    topic: str = BOOKING_REQUESTS
    consumer_group: str = "worker"
    worker_id: str = Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9._-]+$")
    postgres_url: str
    postgres_password: SecretStr = SecretStr("")
    redis_url: str
    redis_password: SecretStr = SecretStr("")
