"""What the auditor asks of the ledger all the time is found by a key, however much there is and is behind."""

import json

import psycopg
import pytest

from audit import load_ledger
from audit.auditor import ledger as asked

AFTER = ("0", 0)


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        pytest.param(asked._FEED, (*AFTER, 1_000), id="a page of the feed"),  # noqa: SLF001 - the statement itself is what is looked at
        pytest.param(asked._DIGESTS, (*AFTER, *AFTER), id="its digests"),  # noqa: SLF001
        pytest.param(asked._LAST, None, id="the last row"),  # noqa: SLF001
        pytest.param(asked._NOT_SHOWN, AFTER, id="the first that is not shown"),  # noqa: SLF001
        pytest.param(load_ledger._LAST, None, id="the last row, for the checker"),  # noqa: SLF001
    ],
)
def test_what_is_asked_of_the_feed_is_found_by_its_key(
    ledger: str, statement: str, values: tuple[object, ...] | None
) -> None:
    with psycopg.connect(ledger, options=asked.SESSION_OPTIONS) as session:
        session.execute(
            """INSERT INTO outcomes (command_id, kind, event_id, status, log_partition, log_offset, requested_at,
                decided_at, rules_version)
            SELECT 'bk_' || n, 'book_seats', 'concert123', 'rejected', 0, n, now(), now(), 1
            FROM generate_series(1, 5000) AS n"""
        )
        session.execute("ANALYZE outcomes")
        plan = session.execute("EXPLAIN (FORMAT JSON) " + statement, values).fetchone()
        session.rollback()
    assert plan is not None
    text = json.dumps(plan[0])
    assert '"Index Name": "outcomes_pkey"' in text
    assert "Sort" not in text
    assert "Seq Scan" not in text
