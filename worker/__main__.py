"""The worker's process: the only place of this service that builds things."""

import logging
import sys
from typing import Final

from confluent_kafka import Producer
from psycopg.conninfo import make_conninfo

from runtime import logs
from runtime.breaker import Breaker
from runtime.collecting import collect_seldom
from runtime.health import HealthServer
from runtime.kafka import consumer_config, producer_config
from runtime.lifecycle import StopRequest, run
from runtime.redis import client
from runtime.settings import EXIT_DATA, load
from worker.announcer import Announcer
from worker.consumer import LogConsumer, LogError
from worker.ledger import Ledger
from worker.locks import SeatLocks
from worker.loop import Worker
from worker.settings import WorkerSettings
from worker.ticks import Ticker

COLLECT_EVERY: Final = 100_000
"""Containers made between two garbage collections: some batches' worth. All that a batch makes lives until its commit,
so the default of 700 walks it over and over in vain, for a third of this process' time."""

LINGER_S: Final = 2.0
"""How long a worker that stops for good still lives: the supervisor takes whoever ends within its first second for a
failed start, and tries again whatever the exit status says."""

_log = logging.getLogger(__name__)


def main() -> int:
    """Decide bookings until SIGTERM; returns the process' exit status.

    A log that is not the one that the ledger knows is for a person: that status is of its own, and no supervisor that
    can tell it starts us again. Any other error ends us by its traceback, and a new start may heal it.
    """
    settings = load(WorkerSettings)
    logs.configure("worker", settings.log_level)
    collect_seldom(COLLECT_EVERY)
    stop = StopRequest()
    stop.on_signals()
    worker = build(settings, stop)
    checks = {"log": worker.reads_the_log, "ledger": worker.reaches_the_ledger}
    health = HealthServer(settings.http_host, settings.http_port, checks)
    health.start()
    try:
        run(worker, stop)
    except LogError as error:
        why = str(error)
        stop.wait(LINGER_S)
    else:
        return 0
    finally:
        health.stop()
    # The last line of all, since ``status`` shows that one.
    _log.critical("stopped for good: %s", why)
    return EXIT_DATA


def build(settings: WorkerSettings, stop: StopRequest) -> Worker:
    """Return a worker with its clients; nothing is sent yet."""
    password = settings.postgres_password.get_secret_value()
    ledger = Ledger(make_conninfo(settings.postgres_url, **({"password": password} if password else {})))
    # One client and one breaker for both uses of Redis: what one finds out spares the other the wait.
    redis, breaker = client(settings.redis_url, settings.redis_password.get_secret_value()), Breaker()
    bootstrap, name = settings.kafka_bootstrap, settings.worker_id
    return Worker(
        consumer=LogConsumer(consumer_config(bootstrap, settings.consumer_group, name), settings.topic),
        ledger=ledger,
        locks=SeatLocks(redis, breaker),
        announcer=Announcer(redis, breaker, ledger),
        ticker=Ticker(Producer({**producer_config(bootstrap, f"{name}-ticks"), "logger": _log}), settings.topic),
        stop=stop,
    )


if __name__ == "__main__":
    sys.exit(main())
