"""``python -m write_api.dead_letters [LETTER…] [--apply]``: list dead letters, look at some, put them on the log again.

Whoever runs the platform enters here; it needs write_api's own secrets and no session. Without ``--apply`` nothing is
changed, and it says what would be: a replay may take seats, and cannot be taken back as if it had never been.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from contracts.dead_letters import OBSTACLES, LetterId, Obstacle, Replay, letter_id_of
from runtime import logs, settings
from runtime.kafka import producer_config
from runtime.postgres import Postgres, PostgresAwayError
from runtime.producer import NotHandedOverError, OutcomeUnknownError, Producer
from write_api.commands import CommandLog
from write_api.letters import MOST, Letters, Looked
from write_api.settings import LettersSettings

LOG_WITHIN_S: Final = 10.0
"""How long the log may take to be there and to acknowledge a replay; nobody waits at a counter."""
LOOK_EVERY_S: Final = 0.1

OK: Final = 0
CANNOT: Final = 1
"""A store is away, a letter is not there or has an obstacle, or the log did not say whether it has the replay."""


@asynccontextmanager
async def opened(loaded: LettersSettings) -> AsyncIterator[Letters]:
    """Yield the letters of the running platform."""
    producer = Producer(
        producer_config(loaded.kafka_bootstrap, "dead_letters"), loaded.topic, loaded.partitions, wait_s=LOG_WITHIN_S
    )
    postgres = Postgres(loaded.postgres_conninfo, "dead_letters", connections=1)
    log = CommandLog(producer, loaded.booking_id_keys.mint(loaded.keyed_id_key), loaded.partitions)
    await producer.start()
    await postgres.start()
    try:
        for _ in range(int(LOG_WITHIN_S / LOOK_EVERY_S)):
            if producer.reachable:
                break
            await asyncio.sleep(LOOK_EVERY_S)
        yield Letters(postgres, log, loaded.derivation_key, loaded.partitions)
    finally:
        await postgres.stop()
        await producer.stop()


async def show(letters: Letters) -> int:
    """Print the newest letters, one line each."""
    found = await letters.newest()
    if not found:
        print("There are no dead letters: every message on the log was a command that could be decided.")
        return OK
    print(f"{'letter':<18} {'kept at':<20} {'asked for':<16} {'reason':<24} what can be done")
    for looked in found:
        letter = looked.letter
        line = f"{letter.letter_id!s:<18} {letter.at:%Y-%m-%d %H:%M:%S}  {looked.kind or 'unreadable':<16}"
        print(f"{line} {letter.reason[:24]:<24} {_verdict(looked)}")
    if len(found) == MOST:
        print(f"Only the newest {MOST} are shown.")
    print("Name a letter to look at it closely; with --apply as well, to put it on the log again.")
    return OK


async def replay(letters: Letters, letter_ids: Sequence[LetterId], *, apply: bool) -> int:
    """Say of each letter what can be done, and do it where ``apply`` says so; returns the exit status."""
    status = OK
    for letter_id in letter_ids:
        looked = await letters.look(letter_id)
        if looked is None:
            print(f"{letter_id}: there is no such letter.")
            status = CANNOT
            continue
        _tell(looked)
        if isinstance(looked.found, Obstacle):
            status = CANNOT
        elif apply:
            command_id = await letters.replay(looked.found)
            print(f"  put on the log as {command_id}. Its outcome: look at the letter again in a moment.")
        else:
            print("  Nothing was changed. To put it on the log again, say so: --apply")
    return status


def _tell(looked: Looked) -> None:
    letter = looked.letter
    print(f"{letter.letter_id}: {len(letter.value or b'')} bytes, {looked.kind or 'unreadable'}; {letter.reason}")
    for command_id, told in looked.told.items():
        print(f"  {command_id} was told: {told.status}{f', {told.reason}' if told.reason else ''}")
    print(f"  {_verdict(looked)}")
    if isinstance(looked.found, Replay):
        print(f"  as {looked.replay_id} on partition {looked.found.partition}: {looked.found.command!r}")
        for caution in looked.found.cautions:
            print(f"  mind: {caution}")


def _verdict(looked: Looked) -> str:
    if looked.became is not None:
        reason = f", {looked.became.reason}" if looked.became.reason else ""
        return f"was replayed as {looked.replay_id}: {looked.became.status}{reason}"
    return f"not replayed: {OBSTACLES[looked.found]}" if isinstance(looked.found, Obstacle) else "can be replayed"


async def _run(loaded: LettersSettings, letter_ids: Sequence[LetterId], *, apply: bool) -> int:
    async with opened(loaded) as letters:
        return await replay(letters, letter_ids, apply=apply) if letter_ids else await show(letters)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the process' exit status."""
    description = "List the newest dead letters, look at those that are named, put them on the log again."
    parser = argparse.ArgumentParser(prog="python -m write_api.dead_letters", description=description)
    parser.add_argument(
        "letters", nargs="*", metavar="LETTER", help="as the list names it: <topic>-<partition>-<offset>"
    )
    parser.add_argument("--apply", action="store_true", help="put them on the log again; without it nothing is changed")
    asked = parser.parse_args(arguments)
    letter_ids = [letter_id_of(text) for text in asked.letters]
    wrong = [text for text, found in zip(asked.letters, letter_ids, strict=True) if found is None]
    if wrong or (asked.apply and not letter_ids):
        parser.error(f"{wrong[0]} is no letter's id" if wrong else "name the letters that --apply is meant for")
    loaded = settings.load(LettersSettings)
    logs.configure("dead_letters", "WARNING")  # it speaks to a person, in sentences
    try:
        return asyncio.run(_run(loaded, [each for each in letter_ids if each is not None], apply=asked.apply))
    except PostgresAwayError:
        sys.stderr.write(
            "PostgreSQL does not answer; letters that are not named above were not looked at, and nothing was "
            "done with them.\n"
        )
    except NotHandedOverError:
        sys.stderr.write("The log is away: the last letter named was not put on it. Try again.\n")
    except OutcomeUnknownError:
        sys.stderr.write(
            "The log did not say whether it has the last letter named. Do the same again: twice is once.\n"
        )
    return CANNOT


if __name__ == "__main__":
    sys.exit(main())
