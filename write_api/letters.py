"""Letters: the dead letters beside the ledger, read, and put on the log again.

``dead_letters`` (the command) and ``letter_calls`` (operators, by HTTP) enter here. Which of them can be replayed,
and as what, is ``contracts.dead_letters``'. The worker keeps letters and nobody ever changes one: whether one was
replayed is known by the id that its replay has. PostgreSQL away raises ``PostgresAwayError``, the log away what
``Producer.send`` says.
"""

from collections.abc import Sequence
from typing import Any, Final, LiteralString, NamedTuple

from contracts.commands import BookingCommand
from contracts.dead_letters import (
    DeadLetter,
    LetterId,
    Obstacle,
    Replay,
    Told,
    command_of,
    dice_of,
    ids_of,
    obstacle_of,
    place_of,
    prefix_of,
    replay_of,
)
from contracts.ids import BOOKING_PREFIX, KEYED_MS, IssuedId
from contracts.topics import COMMAND_ID_HEADER
from runtime.postgres import Connection, Postgres
from write_api.commands import CommandLog

MOST: Final = 100
"""Letters that one look brings, the newest first."""

_LETTERS: Final[LiteralString] = """
    SELECT t.topic_no, d.log_partition, d.log_offset, d.topic_id, d.value, coalesce(d.headers ->> %(header)s, ''),
        d.reason, d.at
    FROM dead_letters AS d JOIN topics AS t USING (topic_id)"""
_BEFORE: Final[LiteralString] = f"""{_LETTERS}
    WHERE %(no)s::int IS NULL OR (t.topic_no, d.at, d.log_partition, d.log_offset) < (
        SELECT o.topic_no, l.at, l.log_partition, l.log_offset FROM dead_letters AS l JOIN topics AS o USING (topic_id)
        WHERE (o.topic_no, l.log_partition, l.log_offset) = (%(no)s::int, %(partition)s::int, %(offset)s::bigint))
    ORDER BY t.topic_no DESC, d.at DESC, d.log_partition DESC, d.log_offset DESC LIMIT %(limit)s"""  # noqa: S608 - our own words
_ONE: Final[LiteralString] = f"""{_LETTERS}
    WHERE (t.topic_no, d.log_partition, d.log_offset) = (%(no)s::int, %(partition)s::int, %(offset)s::bigint)"""
_TOLD: Final[LiteralString] = """
    SELECT command_id, status, reason FROM outcomes WHERE command_id = ANY (%s::text[])"""


class Looked(NamedTuple):
    """A letter and what can be done about it.

    ``told``: the outcomes of its ids; ``replay_id``: the id of its replay, empty where it is no command; ``became``:
    the replay's outcome, once it has one; ``found``: the replay, or why there is none.
    """

    letter: DeadLetter
    kind: str
    told: dict[str, Told]
    replay_id: str
    became: Told | None
    found: Obstacle | Replay


class Letters:
    """``derivation_key`` and ``partitions`` are the write API's own: a letter's replay has one id, whoever makes it."""

    def __init__(self, postgres: Postgres, log: CommandLog, derivation_key: bytes, partitions: int) -> None:
        self._postgres = postgres
        self._log = log
        self._key = derivation_key
        self._partitions = partitions

    async def newest(self, before: LetterId | None = None, limit: int = MOST) -> Sequence[Looked]:
        """Return letters, the newest first, at most ``limit``; ``before``: those that are older than this one."""

        async def work(connection: Connection) -> Sequence[Looked]:
            return await self._looked(connection, _BEFORE, {**_named(before), "limit": min(limit, MOST)})

        return await self._postgres.run(work)

    async def look(self, letter_id: LetterId) -> Looked | None:
        """Return one letter."""

        async def work(connection: Connection) -> Sequence[Looked]:
            return await self._looked(connection, _ONE, _named(letter_id))

        return next(iter(await self._postgres.run(work)), None)

    async def replay(self, replay: Replay) -> str:
        """Put a letter's replay on the log; returns its id once the log's replicas have it. Twice is once."""
        command, partition, _cautions = replay
        if isinstance(command, BookingCommand):
            await self._log.append_about(IssuedId(command.booking_id, BOOKING_PREFIX, KEYED_MS, partition), command)
        else:
            await self._log.append(command)
        return command.command_id

    async def _looked(self, connection: Connection, query: LiteralString, values: dict[str, Any]) -> Sequence[Looked]:
        rows = await (await connection.execute(query, {**values, "header": COMMAND_ID_HEADER})).fetchall()
        letters = [DeadLetter(LetterId(*row[:3]), *row[3:]) for row in rows]
        replay_ids = [self._replay_id(letter) for letter in letters]
        wanted = [*filter(None, replay_ids), *(each for letter in letters for each in ids_of(letter))]
        found = await (await connection.execute(_TOLD, (wanted,))).fetchall()
        outcomes = {command_id: Told(status, reason) for command_id, status, reason in found}
        return [self._look(*each, outcomes) for each in zip(letters, replay_ids, strict=True)]

    def _replay_id(self, letter: DeadLetter) -> str:
        command = command_of(letter)
        if command is None:
            return ""
        place = place_of(letter, command, self._partitions)
        return self._log.derive(prefix_of(command), place, dice_of(letter, self._key))

    def _look(self, letter: DeadLetter, replay_id: str, outcomes: dict[str, Told]) -> Looked:
        told = {each: outcomes[each] for each in ids_of(letter) if each in outcomes}
        became = outcomes.get(replay_id)
        found: Obstacle | Replay | None = obstacle_of(letter, list(told.values()), became)
        if found is None:
            found = replay_of(letter, replay_id, self._log.now_ms(), self._partitions, told=bool(told))
        command = command_of(letter)
        return Looked(letter, command.kind if command else "", told, replay_id, became, found)


def _named(letter_id: LetterId | None) -> dict[str, int | None]:
    return dict(zip(("no", "partition", "offset"), letter_id or (None, None, None), strict=True))
