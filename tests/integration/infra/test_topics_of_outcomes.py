"""Outcomes of before they said their topic are the only topic's there was, and nobody's where there were two."""

import psycopg
import pytest

from infra.postgres.migrate import MIGRATIONS


@pytest.mark.parametrize(("topic_ids", "told"), [(["one"], 1), (["one", "two"], None), ([], None)])
def test_outcomes_of_before_are_the_only_topics(ledger: str, topic_ids: list[str], told: int | None) -> None:
    with psycopg.connect(ledger) as connection:
        connection.execute("ALTER TABLE outcomes DROP COLUMN topic_no")
        connection.execute("DROP TABLE topics")
        for topic_id in topic_ids:
            connection.execute("INSERT INTO kafka_offsets VALUES (%s, 'topic', 0, 1, 1)", (topic_id,))
        _decide(connection, "before")
        connection.execute((MIGRATIONS / "0006-topics.sql").read_bytes())
        _decide(connection, "after")
        rows = connection.execute("SELECT command_id, topic_no FROM outcomes ORDER BY id").fetchall()
    assert rows == [("before", told), ("after", None)]


def _decide(connection: psycopg.Connection, command_id: str) -> None:
    connection.execute(
        """INSERT INTO outcomes (command_id, kind, event_id, status, log_partition, log_offset, requested_at,
            decided_at, rules_version)
        VALUES (%s, 'book_seats', 'e', 'confirmed', 0, 0, now(), now(), 1)""",
        (command_id,),
    )
