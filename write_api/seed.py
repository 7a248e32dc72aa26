"""``python -m write_api.seed``: announce the demo events, events that are given, or one of a given size, by the log.

Start-up, people and load tests enter here; tests also call ``seed``. The commands take the ordinary path, so the
order of an event's creation and its first booking is the log's. Running it twice is harmless: the worker refuses what
is there (``already_exists``, ``duplicate_seat``, ``already_published``) and takes what a former run did not get to.

With ``FRONTROW_READ_API_URL`` it leaves out events that are shown already, and waits until the others are. With
``FRONTROW_WRITE_API_URL`` the demo catalogue comes as well, by the organisers' API (``seed_catalogue``).
"""

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import httpx
from pydantic import TypeAdapter, ValidationError

from contracts.ids import COMMAND_PREFIX
from runtime import logs, settings
from runtime.kafka import producer_config
from runtime.producer import NotHandedOverError, OutcomeUnknownError, Producer
from write_api.commands import CommandLog
from write_api.halls import EventPlan, commands, load_hall
from write_api.seed_catalogue import CatalogueError, CatalogueSettings, seed_catalogue
from write_api.settings import SeedSettings

LOG_WITHIN_S: Final = 60.0
"""How long the log may take to be there and to have every command."""
VISIBLE_WITHIN_S: Final = 60.0
"""How long the events may take to be decided and shown."""
ACKNOWLEDGED_WITHIN_S: Final = 10.0
"""One command may take so long: nobody waits at a counter, and a block of seats is larger than a booking."""
PAUSE_S: Final = 0.1
ASK_TIMEOUT_S: Final = 2.0
DEMO_EVENTS: Final = Path(__file__).with_name("seed_events.json")

_plans: TypeAdapter[tuple[EventPlan, ...]] = TypeAdapter(tuple[EventPlan, ...])
_log = logging.getLogger(__name__)


class SeedError(Exception):
    """Seeding did not come to its end; the text is a sentence for people."""


async def seed(loaded: SeedSettings, plans: Sequence[EventPlan]) -> None:
    """Announce the events and, where there is a read API to ask, wait until they are shown.

    Raises:
        SeedError: the log or the views did not get there in time.
    """
    async with httpx.AsyncClient(base_url=loaded.read_api_url or "", timeout=ASK_TIMEOUT_S) as read_api:
        asked = loaded.read_api_url is not None
        new = [plan for plan in plans if not (asked and await _is_shown(read_api, plan.event_id))]
        if new:
            await _announce_all(loaded, new)
        if asked:
            await _wait_until_shown(read_api, [plan.event_id for plan in new])
    _log.info("seeded", extra={"announced": [plan.event_id for plan in new], "events": len(plans)})


async def _announce_all(loaded: SeedSettings, plans: Sequence[EventPlan]) -> None:
    config = producer_config(loaded.kafka_bootstrap, "seed")
    producer = Producer(config, loaded.topic, loaded.partitions, wait_s=ACKNOWLEDGED_WITHIN_S)
    log = CommandLog(producer, loaded.booking_id_keys.mint(), loaded.partitions)
    await producer.start()
    try:
        deadline = time.monotonic() + LOG_WITHIN_S
        for plan in plans:
            while not await announce(log, plan):
                if time.monotonic() > deadline:
                    msg = f"The log at {loaded.kafka_bootstrap} did not take the events within {LOG_WITHIN_S:.0f} s."
                    raise SeedError(msg)
                await asyncio.sleep(PAUSE_S)
    finally:
        await producer.stop()


async def announce(log: CommandLog, plan: EventPlan) -> bool:
    """Append an event's commands in order; returns whether the log has them all.

    After False the caller announces the whole event again, under new ids: a command that overtook the one before it
    was refused for good under its old one.
    """
    appended = [log.append(command) for command in commands(plan, partial(log.issue, COMMAND_PREFIX))]
    failures = [failure for failure in await asyncio.gather(*appended, return_exceptions=True) if _failed(failure)]
    return not failures


def _failed(result: object) -> bool:
    if isinstance(result, BaseException) and not isinstance(result, NotHandedOverError | OutcomeUnknownError):
        raise result
    return isinstance(result, BaseException)


async def _seed_catalogue(loaded: SeedSettings, url: str) -> None:
    event_ids = await seed_catalogue(settings.load(CatalogueSettings), url, asyncio.sleep)
    if loaded.read_api_url is not None:
        async with httpx.AsyncClient(base_url=loaded.read_api_url, timeout=ASK_TIMEOUT_S) as read_api:
            await _wait_until_shown(read_api, event_ids)


async def _wait_until_shown(read_api: httpx.AsyncClient, event_ids: Sequence[str]) -> None:
    deadline = time.monotonic() + VISIBLE_WITHIN_S
    for event_id in event_ids:
        while not await _is_shown(read_api, event_id):
            if time.monotonic() > deadline:
                msg = f"Event {event_id} is on the log but was not shown within {VISIBLE_WITHIN_S:.0f} s."
                raise SeedError(msg)
            await asyncio.sleep(PAUSE_S)


async def _is_shown(read_api: httpx.AsyncClient, event_id: str) -> bool:
    """Whether the view has the event. Only an event on sale, so one that is wholly announced, is in the view."""
    try:
        answer = await read_api.get(f"/api/events/{event_id}/availability")
    except httpx.TransportError:
        return False
    return answer.status_code == httpx.codes.OK


def demo_events(file: str | None) -> tuple[EventPlan, ...]:
    """Return the plans in a file, or the demo events.

    Raises:
        SeedError: the file cannot be read or holds something else.
    """
    path = Path(file) if file else DEMO_EVENTS
    try:
        return _events(path.read_bytes(), str(path))
    except OSError as error:
        msg = f"{path} holds no events to seed: {error}"
        raise SeedError(msg) from error


def _events(text: str | bytes, where: str) -> tuple[EventPlan, ...]:
    try:
        return _plans.validate_json(text)
    except ValidationError as error:
        msg = f"{where} holds no events to seed: {error}"
        raise SeedError(msg) from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the process' exit status."""
    parser = argparse.ArgumentParser(prog="python -m write_api.seed", description="Announce events through the log.")
    parser.add_argument("--event-id", help="announce one event of a given size instead of the demo events")
    parser.add_argument("--plans", help="announce the events of this JSON, written as in seed_events.json")
    parser.add_argument("--sections", type=int, default=1, help="sections of that event (default 1)")
    parser.add_argument("--rows", type=int, default=10, help="rows a section (default 10)")
    parser.add_argument("--seats", type=int, default=10, help="seats a row (default 10)")
    parser.add_argument("--hold-seconds", type=int, default=0, help="how long its bookings are held (default 0)")
    asked = parser.parse_args(arguments)
    loaded = settings.load(SeedSettings)
    logs.configure("seed", loaded.log_level)
    try:
        asyncio.run(seed(loaded, _asked_events(asked, loaded)))
        if loaded.write_api_url is not None and asked.event_id is None:
            asyncio.run(_seed_catalogue(loaded, loaded.write_api_url))
    except (SeedError, CatalogueError) as error:
        sys.stderr.write(f"Seeding failed. {error}\n")
        return 1
    return 0


def _asked_events(asked: argparse.Namespace, loaded: SeedSettings) -> tuple[EventPlan, ...]:
    if asked.plans is not None:
        return _events(asked.plans, "--plans")
    if asked.event_id is None:
        return demo_events(loaded.seed_file)
    try:
        hall = load_hall(
            asked.event_id,
            sections=asked.sections,
            rows=asked.rows,
            seats_per_row=asked.seats,
            hold_seconds=asked.hold_seconds,
        )
    except ValidationError as error:
        msg = "\n".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise SeedError(msg) from error
    return (hall,)


if __name__ == "__main__":
    sys.exit(main())
