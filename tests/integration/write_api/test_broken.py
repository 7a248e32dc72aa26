"""What is broken inside a write API ends it, so that whoever supervises it brings a new one."""

from pathlib import Path

import httpx

from runtime.http import EXIT_BROKEN
from runtime.settings import EXITS_FOR_GOOD
from tests.integration.conftest import PARTITIONS
from tests.integration.write_api.conftest import Log
from tests.integration.write_api.process import WriteApi, environment

BODY = {"userId": "u", "eventId": "e", "seatId": "A1"}


def test_a_bug_on_the_producers_thread_ends_the_process(requests: Log, tmp_path: Path) -> None:
    env = environment(tmp_path, requests.bootstrap, requests.topic, PARTITIONS)
    with WriteApi(env, tmp_path / "log", module="tests.integration.write_api.flawed") as flawed:
        flawed.wait_until_ready()
        accepted = httpx.post(f"{flawed.url}/api/book", json=BODY)
        flawed.meet_its_bug()
        status = flawed.wait_until_stopped()

    assert accepted.status_code == httpx.codes.ACCEPTED
    assert status == EXIT_BROKEN
    assert status not in EXITS_FOR_GOOD, "or the supervisor would leave it alone"
    assert "_BugError" in flawed.said(), "the bug itself is told"
    assert len(requests.read()) == 1
