"""Seeding takes the ordinary path: a program that puts commands on the log, whole and in order."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from contracts.commands import AddSeats, CreateEvent, PublishEvent
from infra.native.services import inherited
from loadtest.halls import SEATED, STANDING, STANDING_PLACES, Halls
from loadtest.halls import seat_ids as hall_seats
from tests.integration.conftest import PARTITIONS
from tests.integration.write_api.conftest import Log
from tests.integration.write_api.log import Logged
from tests.integration.write_api.process import CHECKOUT, environment, free_port

DEMO = {"concert123": 1000, "sports_event456": 600, "theatre-hamlet": 400, "arena-grand-final": 20_000}


def seed(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "write_api.seed", *arguments]
    return subprocess.run(
        command, cwd=CHECKOUT, env=inherited() | env, capture_output=True, text=True, timeout=100, check=False
    )


@pytest.fixture
def env(requests: Log, tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path, requests.bootstrap, requests.topic, PARTITIONS)


def commands_of(logged: list[Logged], event_id: str) -> list[Logged]:
    return [message for message in logged if message.key == event_id.encode()]


def seat_ids(logged: list[Logged]) -> list[str]:
    blocks = [message.command for message in logged if isinstance(message.command, AddSeats)]
    return [seat for block in blocks for row in block.rows for seat in row.seat_ids]


def test_the_demo_events_are_on_the_log_in_the_order_that_makes_them(requests: Log, env: dict[str, str]) -> None:
    done = seed(env)

    assert done.returncode == 0, done.stderr
    logged = requests.read()
    for event_id, seats in DEMO.items():
        first, *blocks, last = commands_of(logged, event_id)
        assert isinstance(first.command, CreateEvent)
        assert [message.command.block for message in blocks if isinstance(message.command, AddSeats)] == list(
            range(len(blocks))
        )
        assert isinstance(last.command, PublishEvent)
        assert last.command.blocks == len(blocks)
        named = seat_ids(blocks)
        assert len(named) == len(set(named)) == seats
    assert {"A1", "A2"} <= set(seat_ids(commands_of(logged, "concert123")))
    assert {"A1", "A2"} <= set(seat_ids(commands_of(logged, "sports_event456")))


def test_an_event_of_any_size_for_load(requests: Log, env: dict[str, str]) -> None:
    done = seed(env, "--event-id", "load-1", "--sections", "3", "--rows", "30", "--seats", "50")

    assert done.returncode == 0, done.stderr
    logged = requests.read()
    assert [message.kind for message in logged] == ["create_event", *["add_seats"] * 6, "publish_event"]
    assert len(set(seat_ids(logged))) == 3 * 30 * 50


def test_events_that_are_given_on_the_command_line(requests: Log, env: dict[str, str]) -> None:
    halls = Halls.of_run(1)
    done = seed(env, "--plans", json.dumps(halls.plans()))

    assert done.returncode == 0, done.stderr
    everything = requests.read()
    for event_id in (halls.at_once, halls.holding):
        logged = commands_of(everything, event_id)
        named = {seat for section in SEATED for row in hall_seats(section) for seat in row}
        standing = {f"{STANDING}~{number}" for number in range(1, STANDING_PLACES + 1)}
        assert set(seat_ids(logged)) == named | standing
    refused = seed(env, "--plans", "[{}]")
    assert refused.returncode == 1
    assert refused.stderr.startswith("Seeding failed. --plans holds no events")


def test_an_event_that_cannot_be_is_refused_with_a_sentence(requests: Log, env: dict[str, str]) -> None:
    done = seed(env, "--event-id", "no such", "--rows", "5000")

    assert done.returncode == 1
    assert done.stderr.startswith("Seeding failed.")
    assert "Traceback" not in done.stderr
    assert requests.read() == []


@contextmanager
def read_api(port: int, shown: set[str]) -> Iterator[list[str]]:
    """Stand where the read API does: an event is shown when it is in ``shown``; yields the events asked for."""
    asked: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            event_id = self.path.split("/")[3]
            asked.append(event_id)
            if asked.count(event_id) > 2:
                shown.add(event_id)
            self.send_response(200 if event_id in shown else 404)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield asked
    finally:
        server.shutdown()
        server.server_close()


def test_what_is_shown_already_is_left_out_and_the_rest_is_waited_for(requests: Log, env: dict[str, str]) -> None:
    port = free_port()
    with read_api(port, {"concert123", "arena-grand-final"}) as asked:
        done = seed(env | {"FRONTROW_READ_API_URL": f"http://127.0.0.1:{port}"})

    assert done.returncode == 0, done.stderr
    assert {message.key.decode() for message in requests.read()} == {"sports_event456", "theatre-hamlet"}
    assert asked.count("theatre-hamlet") >= 3, "until it was shown"
