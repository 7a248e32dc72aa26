"""Stored: whether a platform that keeps millions of bookings takes, decides and reads the next as one that keeps few.

The bookings come the fastest honest way: as commands on the log, under ids that the platform's own keys have signed,
decided by its worker and shown by its projection like all others. What a service keeps of itself is read from outside.
"""

import os
import random
import signal
import time
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg
from pymongo import MongoClient

from contracts.id_keys import IdKeys
from contracts.views import BOOKINGS
from loadtest.bench import footprint
from loadtest.bench.backlog import Backlog, Hall
from loadtest.bench.closed_loop import Seats
from loadtest.bench.log import Appender
from loadtest.growth import names
from loadtest.growth.series import Axes, Collected
from loadtest.growth.trial import ROUNDS, SHOWN_WITHIN_S, Trial, read_ms

STORED: Final = (10_000, 100_000, 1_000_000)
FULL: Final = 5_000_000
QUICK_STORED: Final = (4_000, 12_000)
AT_ONCE: Final = 50_000
"""Commands of one backlog, which are made and appended in a part of the 30 s in which the log must have them."""
FEWEST_BACKLOGS: Final = ROUNDS + 1
"""On the way to a point: the last ones are what is measured."""
HALLS: Final = 10
"""Of a backlog, which is for all of them at once."""
BOOKED: Final = Seats("stored-next-", 10, 20_000)
SECONDS: Final = 3
QUICK_SECONDS: Final = 1
"""Also where few are stored: the rounds must not store more than there were."""
FEW: Final = 20_000
READS: Final = 200
OWN: Final = 40
"""Bookings of the account whose list is read; the oldest of all, and two pages of them."""
LIST: Final = "/api/events"
OWN_LIST: Final = "/api/bookings"
STORES: Final = {"PostgreSQL": "postgres", "MongoDB": "mongo", "Kafka": "kafka"}
_POLL_S: Final = 0.02
_ACCEPTED: Final = 202


def measure(trial: Trial, *, full: bool) -> Collected:
    """Fill up to each point, then book and read there, and go over all of it; ``full``: up to five millions.

    The view is made anew and all is checked beside the auditor, which proves everything anew after a start as well.
    """
    points = QUICK_STORED if trial.quick else (*STORED, FULL) if full else STORED
    found = Collected(Axes(names.STORED, "bookings stored"))
    filling = _Filling(trial)
    trial.put_on_sale(BOOKED)
    account = _Account(trial)
    for count in points:
        trial.say(f"up to {count:,} bookings stored")
        for decided, shown in filling.fill(count):
            found.add(names.DRAINED, names.DRAIN, count, [decided])
            found.add(names.DRAINED_AND_SHOWN, names.DRAIN, count, [shown])
        seconds = QUICK_SECONDS if trial.quick or count < FEW else SECONDS
        for _ in range(ROUNDS):
            rate = trial.book(BOOKED, seconds)
            reads = {
                names.STATUS: read_ms(trial.where.gateway, _some_bookings(trial)),
                names.OWN: read_ms(trial.where.gateway, [OWN_LIST] * READS, account.token()),
                names.LIST: read_ms(trial.reader, [LIST] * READS),
            }
            found.add(names.BOOKED, names.RATE, count, [rate])
            for what, ms in reads.items():
                found.add(what, names.READ, count, [ms])
            _add_sizes(trial, found, count)
            trial.say(f"{rate:,.0f} bookings a second, {reads[names.STATUS]:.1f} ms for one to be read")
        for what, seconds_of in (
            (names.STARTED_AGAIN, trial.start_again),
            (names.REBUILT, trial.rebuild),
            (names.AUDITED, trial.audit),
        ):
            took_s = seconds_of()
            found.add(what, names.OVER_ALL, count, [took_s])
            trial.say(f"{what}: {took_s:.1f} s")
    return found


def disk_mb(folder: Path) -> float:
    """Return what the files below a folder take on disk, in MB. A file that goes away meanwhile counts nothing."""
    blocks = 0
    for inside, _, files in os.walk(folder):
        for name in files:
            try:
                blocks += (Path(inside) / name).lstat().st_blocks
            except FileNotFoundError:
                continue
    return blocks * 512 / 1024 / 1024


def backlogs(missing: int) -> list[int]:
    """Return into how many backlogs of how many commands what is missing is cut, each of whole seats a hall."""
    count = max(FEWEST_BACKLOGS, -(-missing // AT_ONCE))
    return [-(-missing // count // HALLS) * HALLS] * count if missing > 0 else []


class _Filling:
    """Puts bookings on the log, each for a seat of its own; ``worker`` is frozen while a backlog is appended."""

    def __init__(self, trial: Trial) -> None:
        where, partitions = trial.where, trial.instance.settings.partitions
        keys = _secret(trial.instance.environment_of("write_api"), "frontrow_booking_id_keys")
        mint = IdKeys.model_validate_json(keys).mint()
        self._trial = trial
        self._backlog = Backlog(mint, partitions, lambda: time.time_ns() // 1_000_000, os.urandom)
        self._appender = Appender(where.bootstrap, where.topic, partitions)
        self._halls = 0

    def fill(self, count: int) -> list[tuple[float, float]]:
        """Fill until so many bookings are stored; returns the last rounds, as (decided, shown) bookings a second."""
        rounds = [self._drain(commands) for commands in backlogs(count - self._trial.progress.bookings())]
        return rounds[-ROUNDS:]

    def _drain(self, commands: int) -> tuple[float, float]:
        trial, instance = self._trial, self._trial.instance
        first, self._halls = self._halls, self._halls + HALLS
        halls = [Hall(f"stored-{number}", commands // HALLS) for number in range(first, self._halls)]
        trial.announce(halls)
        before = trial.progress.bookings()
        each = [self._backlog.book(hall.event_id, hall.seat_ids()) for hall in halls]
        messages = [one for together in zip_longest(*each) for one in together if one is not None]
        instance.kill("worker", signal.SIGSTOP)
        try:
            ends = self._appender.append(messages)
        finally:
            began = time.monotonic()
            instance.kill("worker", signal.SIGCONT)
        decided = self._wait_until_decided(ends) - began
        shown = trial.progress.wait_until_shown(SHOWN_WITHIN_S) - began
        if (stored := trial.progress.bookings() - before) != commands:
            trial.broken.append(f"{commands} bookings were put on the log and {stored} are shown")
        return commands / decided, commands / shown

    def _wait_until_decided(self, ends: Mapping[int, int]) -> float:
        where, deadline = self._trial.where, time.monotonic() + SHOWN_WITHIN_S
        asked = "SELECT log_partition, next_offset FROM kafka_offsets WHERE topic = %s"
        with psycopg.connect(where.ledger, autocommit=True) as ledger:
            while time.monotonic() < deadline:
                done: dict[int, int] = dict(ledger.execute(asked, [where.topic]).fetchall())
                if all(done.get(partition, 0) >= end for partition, end in ends.items()):
                    return time.monotonic()
                time.sleep(_POLL_S)
        msg = f"the backlog was not decided within {SHOWN_WITHIN_S:.0f} s"
        raise TimeoutError(msg)


class _Account:
    """An account that books some seats before everybody else, and reads its own list later on."""

    def __init__(self, trial: Trial) -> None:
        self._login = {"user_id": f"growth-{random.getrandbits(32):x}", "password": f"{random.getrandbits(96):x}"}
        self._url = trial.where.gateway
        seats = Seats("stored-own-", 1, OWN)
        trial.put_on_sale(seats)
        person = {**self._login, "display_name": "Growth"}
        httpx.post(f"{self._url}/api/accounts", json=person).raise_for_status()
        headers = {"Authorization": f"Bearer {self.token()}"}
        for number in range(1, OWN + 1):
            wanted = {"eventId": f"{seats.prefix}0", "seatId": f"S{number}"}
            answer = httpx.post(f"{self._url}/api/book", json=wanted, headers=headers).raise_for_status()
            if answer.status_code != _ACCEPTED:
                trial.broken.append(f"a booking of an account was answered with {answer.status_code}")
        trial.progress.wait_until_shown(SHOWN_WITHIN_S)

    def token(self) -> str:
        """Log in: a token lasts for a quarter of an hour, and filling takes longer."""
        answer = httpx.post(f"{self._url}/api/sessions", json=self._login).raise_for_status()
        return str(answer.json()["access_token"])


def _some_bookings(trial: Trial) -> Sequence[str]:
    where = trial.where
    with MongoClient[dict[str, Any]](where.view) as view:
        asked = [{"$sample": {"size": READS}}, {"$project": {"_id": 1}}]
        found = list(view[where.view_database][BOOKINGS].aggregate(asked))
    return [f"/api/bookings/{one['_id']}" for one in found]


def _add_sizes(trial: Trial, found: Collected, count: int) -> None:
    for what, folder in STORES.items():
        found.add(what, names.DISK, count, [disk_mb(trial.instance.home / "data" / folder)])
    looked = footprint.measure(trial.instance)
    for what_kind, kept in ((names.SERVER, looked.servers_mb), (names.SERVICE, looked.python_mb)):
        for name, mb in kept.items():
            found.add(name, what_kind, count, [mb])


def _secret(environment: Mapping[str, str], name: str) -> str:
    return (Path(environment["FRONTROW_SECRETS_DIR"]) / name).read_text(encoding="utf-8").strip()
