"""``make load``: the scenarios against the running platform, for a while, then the figures and the invariants.

Announces a hall of its own first, through the log like every event, unless an earlier run left one with enough free
seats, and two small ones for the customers (``loadtest.customers``). So there are seats however often this runs.
Sends load to this machine alone, for at most ``MAX_SECONDS`` and with at most ``MAX_USERS``. Exit status: 0 when all is
well; 1 when an invariant is broken, an accepted booking got no outcome, or a customer or a stream was told what is not
so; 2 when there was nothing to load.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from loadtest.audience import agree
from loadtest.figures import deeds, deeds_table, ended, rows, table
from loadtest.halls import Halls
from loadtest.listeners import Listeners
from loadtest.loopback import refuse_unless_loopback
from loadtest.names import LIFE, OUTCOME
from loadtest.running import CHECKOUT, NotRunningError, Platform, default_url, find

MAX_USERS: Final = 1_000
MAX_SECONDS: Final = 900
MAX_STREAMS: Final = 4_000
"""What one read API process takes."""
DEFAULT_USERS: Final = 100
DEFAULT_SECONDS: Final = 60
DEFAULT_STREAMS: Final = 100
"""What the gateway takes from one address, under compose, where this machine has one like all others."""
LOST_LINES: Final = 0.2
"""The share of the streams that lose their connections half way, and come back with the ids of their last messages."""

FINISH_WITHIN_S: Final = 40
"""Longer than a booking is followed, so that whoever was accepted hears the outcome or says that it is lost."""
ANNOUNCED_WITHIN_S: Final = 60.0
AUDITED_WITHIN_S: Final = 600.0
HALL_KIND: Final = "load"
"""What the seeding command calls an event of a given size."""
ENOUGH_SEATS: Final = 10_000
_SECTIONS: Final = 10
_ROWS: Final = 40
_SEATS_PER_ROW: Final = 50


def main() -> int:
    """Run the load; returns the process' exit status."""
    args = _arguments()
    try:
        refuse_unless_loopback(args.url)
        platform = find(args.url)
    except (NotRunningError, ValueError) as refused:
        sys.stderr.write(f"{refused}\n")
        return 2
    event_id = roomy_hall(platform) or announce(platform)
    run = announce_life(platform)
    print(f"{args.users} users for {args.seconds} s at {args.url}, booking in the hall {event_id}", flush=True)
    with _audience(args, run) as listeners:
        entries = run_scenarios(args, event_id, run)
        unlike = agree(lambda: _page(platform, Halls.of_run(run).holding), listeners)
    lines = rows(entries, args.seconds)
    print(table(lines))
    print("bookings that ended: " + (", ".join(f"{count} {status}" for status, count in ended(entries).items()) or "0"))
    print(deeds_table(deeds(entries)))
    lost = complaints(entries, OUTCOME)
    untrue = complaints(entries, LIFE)
    for text in complaints(entries):
        print(f"  {text}")
    print("checking the invariants", flush=True)
    broken = platform.run("audit", "audit", within_s=AUDITED_WITHIN_S)
    if lost:
        print("BROKEN: accepted bookings without an outcome, see above")
    if untrue:
        print("BROKEN: customers were shown something else than they were told, see above")
    print(
        f"{args.streams} streams of the customers' hall ended with what its page shows"
        if not unlike
        else "\n".join(unlike)
    )
    if unlike:
        print("BROKEN: streams end with something else than the view, see above")
    if not lines[0].per_s:
        print("BROKEN: not one booking was accepted")
    return 1 if broken or lost or untrue or unlike or not lines[0].per_s else 0


def roomy_hall(platform: Platform) -> str | None:
    """Return a hall of an earlier run that still has most of its seats."""
    listed = httpx.get(f"{platform.url}/api/events").raise_for_status().json()
    roomy = [event for event in listed if event["kind"] == HALL_KIND and event["seats_available"] >= ENOUGH_SEATS]
    return min((str(event["event_id"]) for event in roomy), default=None)


def announce(platform: Platform) -> str:
    """Put a new hall of 20,000 seats on sale and wait until it shows; returns its id.

    Raises:
        RuntimeError: it does not show.
    """
    event_id = f"load-{int(time.time())}"
    size = ["--sections", str(_SECTIONS), "--rows", str(_ROWS), "--seats", str(_SEATS_PER_ROW)]
    platform.run("seed", "write_api.seed", ["--event-id", event_id, *size], within_s=ANNOUNCED_WITHIN_S)
    _wait_until_shown(platform, event_id)
    return event_id


def announce_life(platform: Platform) -> int:
    """Put the customers' halls on sale and wait until they show; returns the number that tells them apart.

    Raises:
        RuntimeError: they do not show.
    """
    run = int(time.time())
    halls = Halls.of_run(run)
    plans = ["--plans", json.dumps(halls.plans())]
    platform.run("seed", "write_api.seed", plans, within_s=ANNOUNCED_WITHIN_S)
    for event_id in (halls.at_once, halls.holding):
        _wait_until_shown(platform, event_id)
    return run


def _wait_until_shown(platform: Platform, event_id: str) -> None:
    deadline = time.monotonic() + ANNOUNCED_WITHIN_S
    while httpx.get(f"{platform.url}/api/events/{event_id}").status_code != httpx.codes.OK:
        if time.monotonic() > deadline:
            msg = f"the new hall {event_id} does not show at {platform.url}/api/events"
            raise RuntimeError(msg)
        time.sleep(0.2)


def run_scenarios(args: argparse.Namespace, event_id: str, run: int) -> list[dict[str, Any]]:
    """Run Locust headless and return the entries of its statistics.

    ``event_id``: the hall for everybody; ``run``: which halls are the customers'.
    """
    url, users, seconds = args.url, args.users, args.seconds
    with tempfile.TemporaryDirectory(prefix="frontrow-load-") as folder:
        stem = Path(folder) / "figures"
        command = [
            *(sys.executable, "-m", "locust", "-f", str(CHECKOUT / "loadtest" / "locustfile.py"), "--headless"),
            *("--host", url, "--users", str(users), "--spawn-rate", str(max(1, users // 5))),
            *("--run-time", f"{seconds}s", "--stop-timeout", str(FINISH_WITHIN_S), "--exit-code-on-error", "0"),
            *("--only-summary", "--json-file", str(stem), "--loglevel", "WARNING"),
        ]
        environment: Mapping[str, str] = {
            **os.environ,
            "FRONTROW_URL": url,
            "FRONTROW_LOAD_EVENTS": event_id,
            "FRONTROW_LOAD_LIFE": str(run),
        }
        subprocess.run(
            command,
            cwd=CHECKOUT,
            env=environment,
            stdout=subprocess.DEVNULL,
            timeout=seconds + 2 * FINISH_WITHIN_S,
            check=True,
        )
        entries: list[dict[str, Any]] = json.loads(stem.with_suffix(".json").read_text())
        return entries


def complaints(entries: Sequence[Mapping[str, Any]], name: str = "") -> list[str]:
    """Return in words what failed, of the names that begin so."""
    return [
        f"{entry['num_failures']} of {entry['num_requests']} failed: {entry['name']}"
        for entry in entries
        if entry["num_failures"] and entry["name"].startswith(name)
    ]


@contextmanager
def _audience(args: argparse.Namespace, run: int) -> Iterator[Listeners]:
    """Hold streams of the customers' hall open, some of which lose their lines half way."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # a stream is an open file
    path = f"/api/events/{Halls.of_run(run).holding}/stream"
    with Listeners(args.url, path, args.streams) as listeners:
        losing = threading.Timer(args.seconds / 2, listeners.hang_up, (LOST_LINES,))
        losing.start()
        try:
            yield listeners
        finally:
            losing.cancel()


def _page(platform: Platform, event_id: str) -> dict[str, Any]:
    page: dict[str, Any] = httpx.get(f"{platform.url}/api/events/{event_id}").raise_for_status().json()
    return page


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtest.load", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--url", default=default_url(), help="the gateway; FRONTROW_URL (default %(default)s)")
    parser.add_argument("--users", type=bounded(MAX_USERS), default=os.environ.get("LOAD_USERS", str(DEFAULT_USERS)))
    parser.add_argument(
        "--seconds", type=bounded(MAX_SECONDS), default=os.environ.get("LOAD_SECONDS", str(DEFAULT_SECONDS))
    )
    parser.add_argument(
        "--streams", type=bounded(MAX_STREAMS), default=os.environ.get("LOAD_STREAMS", str(DEFAULT_STREAMS))
    )
    return parser.parse_args()


def bounded(most: int) -> Callable[[str], int]:
    """Return what reads a whole number from 1 to ``most``."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
            msg = f"{text!r} is no whole number from 1 to {most}"
            raise argparse.ArgumentTypeError(msg)
        return int(text)

    return read


if __name__ == "__main__":
    sys.exit(main())
