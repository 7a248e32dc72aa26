"""The log goes silent, or away: every answer is honest, and comes within 2.5 s; one alone may be late by a slack.

``log-unavailable`` is a promise: what was told it never appears, whatever the broker does later. ``outcome-unknown`` is
the absence of one. Both are checked against the log itself, after the write API has ended: then nothing more can come.
"""

import contextlib
import itertools
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import httpx
import pytest

from runtime.producer import ANSWER_WITHIN_S
from tests.eventually import eventually
from tests.integration.conftest import PARTITIONS
from tests.integration.write_api.broker import Broker
from tests.integration.write_api.conftest import Log
from tests.integration.write_api.process import WriteApi, environment
from tests.stalls import Stalls

AT_ONCE_S = 1.5
"""Generous: the machine may be busy. What must be told apart are milliseconds and the 2.5 s of a wait."""
SLACK_S = 1.0
"""A busy machine's share, beside what it stood still: who is forgotten waits for as long as the broker is frozen."""
CLIENTS = 20
NO_TLS = ssl.create_default_context()
"""Made once: each client would make its own, which keeps 20 threads busy for longer than the answers take."""


@dataclass(frozen=True)
class Told:
    """What one request was told, and after how long."""

    request_id: str
    result: str
    began: float
    took_s: float
    booking_id: str | None


@pytest.fixture
def victim(fragile: Log, tmp_path: Path, broker: Broker) -> Iterator[WriteApi]:
    """A write API on a broker that may be hurt; the broker is well again afterwards."""
    env = environment(tmp_path, fragile.bootstrap, fragile.topic, PARTITIONS)
    with WriteApi(env, tmp_path / "log") as started:
        started.wait_until_ready()
        yield started
    broker.recover()


def book(api: WriteApi, request_id: str) -> Told:
    with httpx.Client(base_url=api.url, timeout=10, verify=NO_TLS) as client, Stalls() as stalls:
        told = book_on(client, request_id, "concert123")
    return on_a_machine_that_runs(told, stalls)


def book_on(client: httpx.Client, request_id: str, event: str) -> Told:
    body = {"userId": "u", "eventId": event, "seatId": "A1"}
    began = time.monotonic()
    answer = client.post("/api/book", json=body, headers={"X-Request-Id": request_id})
    took_s = time.monotonic() - began
    document = answer.json()
    result = "accepted" if answer.status_code == 202 else document["type"].removeprefix("/problems/")
    return Told(request_id, result, began, took_s, document.get("booking_id"))


def keep_booking(api: WriteApi, client: int, until: float) -> list[Told]:
    told: list[Told] = []
    with httpx.Client(base_url=api.url, timeout=10, verify=NO_TLS) as http:
        while time.monotonic() < until:
            told.append(book_on(http, f"{client}.{len(told)}", f"event-{client}"))
    return told


def rush(api: WriteApi, seconds: float) -> list[Told]:
    """Let ``CLIENTS`` clients book, each one request after the other, for so long."""
    until = time.monotonic() + seconds
    with Stalls() as stalls, ThreadPoolExecutor(CLIENTS) as pool:
        work = [pool.submit(keep_booking, api, client, until) for client in range(CLIENTS)]
        told = [one for done in work for one in done.result()]
    return [on_a_machine_that_runs(one, stalls) for one in told]


def on_a_machine_that_runs(told: Told, stalls: Stalls) -> Told:
    """Leave out for how long it stood still meanwhile: nobody can be answered then."""
    return replace(told, took_s=told.took_s - stalls.seconds_between(told.began, told.began + told.took_s))


def assert_honest(told: list[Told], requests: Log) -> None:
    """Check every promise against the log."""
    logged = requests.read()
    ids = [message.request_id for message in logged]
    assert len(set(ids)) == len(ids), "nothing is on the log twice"
    assert {one.result for one in told} <= {"accepted", "log-unavailable", "outcome-unknown"}
    accepted = {one.request_id for one in told if one.result == "accepted"}
    refused = {one.request_id for one in told if one.result == "log-unavailable"}
    assert accepted <= set(ids), "what was accepted is on the log"
    assert not refused & set(ids), "nothing that was told log-unavailable ever appears"
    if waited := [one.took_s for one in told if one.result == "outcome-unknown"]:
        assert median(waited) < ANSWER_WITHIN_S
    for one in told:
        assert one.took_s < ANSWER_WITHIN_S + SLACK_S, one
        assert (one.booking_id is None) == (one.result == "log-unavailable"), "an id is shown where it may be needed"


def finish(api: WriteApi) -> None:
    """End the write API as a supervisor would: what it still has in flight it brings to its end."""
    api.ask_to_stop()
    api.wait_until_stopped()


def accepts_again(api: WriteApi, request_id: str) -> Told:
    attempts = itertools.count()

    def accepted() -> Told:
        told = book(api, f"{request_id}.{next(attempts)}")  # each its own: one of unknown outcome may appear as well
        assert told.result == "accepted", told
        return told

    return eventually(accepted)


def test_a_frozen_broker_makes_nobody_wait_and_nobody_a_liar(victim: WriteApi, broker: Broker, fragile: Log) -> None:
    before = book(victim, "before")
    broker.freeze()
    told = rush(victim, 4.0)
    late = book(victim, "late")
    broker.thaw()
    after = accepts_again(victim, "after")
    finish(victim)

    assert before.result == after.result == "accepted"
    assert late.result == "log-unavailable"
    assert late.took_s < AT_ONCE_S, "it is known by now"
    results = [one.result for one in told]
    assert "outcome-unknown" in results, "what was handed over as it froze"
    assert "log-unavailable" in results, "what came later"
    assert_honest([before, *told, late], fragile)


def test_a_broker_that_freezes_for_longer_than_the_client_tries_again(
    victim: WriteApi, broker: Broker, fragile: Log
) -> None:
    """The client takes back what it sent and had no answer to; that must not be mistaken for unsent."""
    book(victim, "before")
    broker.freeze()
    told = rush(victim, 9.0)
    broker.thaw()
    accepts_again(victim, "after")
    finish(victim)

    assert_honest(told, fragile)


def test_a_killed_broker_is_known_at_once_and_missed_no_longer_than_it_is_away(
    victim: WriteApi, broker: Broker, fragile: Log, tmp_path: Path
) -> None:
    before = book(victim, "before")
    broker.kill()

    def known() -> None:
        assert not victim.is_ready()

    eventually(known)
    env = environment(tmp_path, fragile.bootstrap, fragile.topic, PARTITIONS)
    with WriteApi(env, tmp_path / "newcomer.log") as newcomer:  # one that has never seen the broker
        eventually(lambda: assert_live(newcomer))
        refused = [book(api, f"away-{api is victim}-{number}") for number in range(10) for api in (victim, newcomer)]
        assert {one.result for one in refused} == {"log-unavailable"}
        assert max(one.took_s for one in refused) < AT_ONCE_S
        assert victim.is_live()
        assert not newcomer.is_ready()

        broker.start()
        eventually(lambda: assert_ready(victim))
        newcomer.wait_until_ready(within_s=30)
        after = [accepts_again(victim, "after"), accepts_again(newcomer, "after-new")]
        finish(newcomer)
    finish(victim)
    assert_honest([before, *refused, *after], fragile)


def assert_ready(api: WriteApi) -> None:
    assert api.is_ready()


@pytest.mark.long  # the fault run does it to a whole platform
def test_a_broker_killed_under_load_loses_nothing_that_was_accepted(
    victim: WriteApi, broker: Broker, fragile: Log
) -> None:
    with ThreadPoolExecutor(1) as pool:
        rushing = pool.submit(rush, victim, 6.0)
        eventually(lambda: assert_counted(victim, 50))
        broker.kill()
        broker.start()
        told = rushing.result()
    accepts_again(victim, "after")
    finish(victim)

    assert_honest(told, fragile)


def assert_counted(api: WriteApi, least: int) -> None:
    assert measured(api, 'frontrow_write_api_commands_total{result="accepted"}') >= least


def measured(api: WriteApi, metric: str) -> float:
    lines = httpx.get(api.url + "/metrics", timeout=5).text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(metric))


def assert_live(api: WriteApi) -> None:
    assert api.is_live()


def test_a_topic_with_another_number_of_partitions_is_never_written_to(fragile: Log, tmp_path: Path) -> None:
    """Half of an event's commands would go to another partition than the other half."""
    env = environment(tmp_path, fragile.bootstrap, fragile.topic, PARTITIONS + 1)
    with WriteApi(env, tmp_path / "log") as started:
        eventually(lambda: assert_live(started))
        eventually(lambda: assert_said(started, f"the topic has {PARTITIONS} partitions, not {PARTITIONS + 1}"))

        assert book(started, "never").result == "log-unavailable"
        assert not started.is_ready()


def assert_said(api: WriteApi, text: str) -> None:
    assert text in api.said()


def test_a_write_api_told_to_stop_under_load_loses_nothing_that_was_accepted(victim: WriteApi, fragile: Log) -> None:
    def until_it_is_gone(client: int) -> list[Told]:
        told: list[Told] = []
        with (
            httpx.Client(base_url=victim.url, timeout=10, verify=NO_TLS) as http,
            contextlib.suppress(httpx.TransportError),
        ):
            while True:
                told.append(book_on(http, f"{client}.{len(told)}", f"event-{client}"))
        return told

    with ThreadPoolExecutor(CLIENTS) as pool:
        work = [pool.submit(until_it_is_gone, client) for client in range(CLIENTS)]
        eventually(lambda: assert_counted(victim, 100))
        finish(victim)
        told = [one for done in work for one in done.result()]

    assert len(told) >= 100
    assert_honest(told, fragile)


def test_a_write_api_told_to_stop_beside_a_frozen_broker_ends_in_time(victim: WriteApi, broker: Broker) -> None:
    broker.freeze()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(book, victim, "waiting")
        eventually(lambda: assert_handed_over(victim))
        finish(victim)
        assert waiting.result().result == "outcome-unknown"


def assert_handed_over(api: WriteApi) -> None:
    assert measured(api, "frontrow_producer_unacknowledged") == 1
