"""Workers under test: real ones with real clients, each on a thread of this process or as a process of its own."""

import asyncio
import subprocess
import sys
import threading
from typing import Any

from psycopg.conninfo import make_conninfo

from infra.native.services import inherited
from runtime.lifecycle import StopRequest, run
from tests.integration.conftest import Topic
from worker.__main__ import build
from worker.settings import WorkerSettings


class RunningWorker:
    """A worker on a thread. ``died`` is the error that ended it, if one did."""

    def __init__(self, settings: WorkerSettings) -> None:
        self._stop = StopRequest()
        self.worker = build(settings, self._stop)
        self.died: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=settings.worker_id)
        self._thread.start()

    def reads_the_log(self) -> bool:
        return asyncio.run(self.worker.reads_the_log())

    def reaches_the_ledger(self) -> bool:
        return asyncio.run(self.worker.reaches_the_ledger())

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        self._stop.ask()
        self._thread.join(timeout=20)
        assert not self._thread.is_alive(), "the worker did not stop"

    def _run(self) -> None:
        try:
            run(self.worker, self._stop)
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.died = error


class Workers:
    def __init__(self, topic: Topic, ledger: str, redis_url: str) -> None:
        self._topic = topic
        self._ledger = ledger
        self._redis_url = redis_url
        self._running: list[RunningWorker] = []
        self._processes: list[subprocess.Popen[bytes]] = []
        self._expected_dead: list[RunningWorker] = []

    def settings(self, **changes: Any) -> WorkerSettings:  # noqa: ANN401 - any setting
        given: dict[str, Any] = {
            "http_host": "127.0.0.1",
            "http_port": 0,
            "kafka_bootstrap": self._topic.bootstrap,
            "topic": self._topic.name,
            "consumer_group": self._topic.name,
            "worker_id": "worker-1",
            "postgres_url": make_conninfo(self._ledger, user="frontrow_worker"),
            "redis_url": self._redis_url,
        }
        return WorkerSettings(**{**given, **changes})

    def start(self, **changes: Any) -> RunningWorker:  # noqa: ANN401 - any setting
        """Start a worker on a thread, with these settings changed."""
        running = RunningWorker(self.settings(**changes))
        self._running.append(running)
        return running

    def start_process(self, **changes: Any) -> subprocess.Popen[bytes]:  # noqa: ANN401 - any setting
        """Start ``python -m worker``, for tests that kill it."""
        settings = self.settings(**changes)
        given = {f"FRONTROW_{name.upper()}": str(value) for name, value in settings.model_dump().items()}
        given = {name: value for name, value in given.items() if not name.endswith("_PASSWORD")}
        process = subprocess.Popen(
            [sys.executable, "-m", "worker"], env={**inherited(), **given}, stdout=subprocess.DEVNULL
        )
        self._processes.append(process)
        return process

    def expect_death(self, running: RunningWorker) -> None:
        """Say that this worker is meant to end by itself."""
        self._expected_dead.append(running)

    def stop(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                process.terminate()
                assert process.wait(timeout=20) == 0
        for running in self._running:
            running.stop()
        deaths = [running.died for running in self._running if running not in self._expected_dead and running.died]
        assert not deaths, f"a worker died: {deaths!r}"
