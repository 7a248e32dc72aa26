"""Bad messages: each ends by itself, and the next one is processed."""

import pytest

from contracts.commands import EventCommand, encode
from contracts.topics import partition_of
from tests.eventually import eventually
from tests.integration.worker.log import Log, booking, new_id
from tests.integration.worker.records import Records
from tests.integration.worker.running import Workers
from worker.decisions import Decision, Unreadable
from worker.hall import Hall
from worker.rules import decide

MANY = 20
"""So many times that the interpreter takes its shortcuts."""
DEAD_LETTERS = "SELECT log_partition, log_offset FROM dead_letters ORDER BY 1, 2"


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"not json",
        b"[]",
        b'{"kind": "book_seats"}',
        b'{"kind": "no_such_kind", "event_id": "e"}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
    ids=["empty", "not json", "no object", "fields missing", "unknown kind", "no text", "too deep"],
)
def test_a_message_that_is_no_command_is_kept_and_the_next_one_is_decided(
    log: Log, records: Records, workers: Workers, value: bytes
) -> None:
    event_id = log.open_event()
    place = log.append_bytes(value, partition_of(event_id, log.partitions), b"\xffkey", trace="a\0b")
    request = booking(event_id, "A1")
    log.append(request)
    workers.start()
    assert records.wait_for([request]) == [("confirmed", None)]
    assert records.rows(DEAD_LETTERS) == [place]
    assert records.rows("SELECT value, key, reason FROM dead_letters") == [(value, b"\xffkey", "no command")]
    assert len(records.outcomes()) == 4


def test_a_header_name_that_is_no_text_ends_its_message_alone(log: Log, records: Records, workers: Workers) -> None:
    event_id = log.open_event()
    partition = partition_of(event_id, log.partitions)
    legible, request = booking(event_id, "A1"), booking(event_id, "A2")
    log.append_illegible(encode(legible), partition)
    for _ in range(MANY):
        log.append_illegible(b"no command", partition)
    log.append(request)
    workers.start_process()
    assert records.wait_for([legible, request]) == [("confirmed", None), ("confirmed", None)]
    assert (
        records.rows("SELECT value, headers, reason FROM dead_letters")
        == [(b"no command", {}, "no command, and its headers cannot be read")] * MANY
    )


def test_a_command_that_fails_alone_may_have_a_header_name_that_is_no_text(
    log: Log, records: Records, workers: Workers
) -> None:
    event_id = log.open_event()
    refused, request = booking(event_id, "A1"), booking(event_id, "A2")
    _let_the_ledger_refuse(records, refused.command_id)
    log.append_illegible(encode(refused), partition_of(event_id, log.partitions))
    log.append(request)
    workers.start_process()
    assert records.wait_for([refused, request]) == [("failed", "unprocessable"), ("confirmed", None)]


def test_a_broken_message_with_an_issued_id_fails_under_that_id(log: Log, records: Records, workers: Workers) -> None:
    event_id, command_id = log.open_event(), new_id()
    place = log.append_bytes(b"{", partition_of(event_id, log.partitions), event_id.encode(), command_id=command_id)
    request = booking(event_id, "A1")
    log.append(request)
    workers.start()
    records.wait_for([request])
    assert records.outcome(command_id) == ("failed", "unprocessable")
    assert records.rows("SELECT kind, event_id FROM outcomes WHERE command_id = %s", command_id) == [
        ("book_seats", event_id)
    ]
    assert records.rows(DEAD_LETTERS) == [place]


def test_a_broken_message_never_takes_back_an_outcome(log: Log, records: Records, workers: Workers) -> None:
    event_id = log.open_event()
    request, later = booking(event_id, "A1"), booking(event_id, "A2")
    log.append(request)
    log.append_bytes(b"{", partition_of(event_id, log.partitions), command_id=request.command_id)
    log.append(later)
    workers.start()
    assert records.wait_for([request, later]) == [("confirmed", None), ("confirmed", None)]
    assert len(records.rows(DEAD_LETTERS)) == 1


def test_a_command_on_another_events_partition_is_not_decided(log: Log, records: Records, workers: Workers) -> None:
    event_id = log.open_event()
    stray = booking(event_id, "A1")
    astray = (partition_of(event_id, log.partitions) + 1) % log.partitions
    place = log.append_bytes(encode(stray), astray, event_id.encode(), command_id=stray.command_id)
    workers.start()
    assert records.wait_for([stray]) == [("failed", "unprocessable")]
    assert records.rows(DEAD_LETTERS) == [place]
    assert records.owner(event_id, "A1") is None


def test_a_command_that_the_ledger_cannot_keep_fails_alone(log: Log, records: Records, workers: Workers) -> None:
    event_id = log.open_event()
    requests = [booking(event_id, seat_id) for seat_id in ("A1", "A2", "A3", "A4", "A5", "A6", "A7")]
    _let_the_ledger_refuse(records, requests[4].command_id)
    log.append(*requests)
    workers.start()
    expected: list[tuple[str, str | None]] = [("confirmed", None)] * 7
    expected[4] = ("failed", "unprocessable")
    assert records.wait_for(requests) == expected
    assert records.owner(event_id, "A5") is None
    assert records.rows("SELECT value FROM dead_letters") == [(encode(requests[4]),)]


def test_a_command_that_the_rules_stumble_over_fails_alone(
    log: Log, records: Records, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    event_id = log.open_event()
    before, hard, after = (booking(event_id, seat_id) for seat_id in ("A1", "A2", "A3"))

    def stumble(hall: Hall, command: EventCommand | Unreadable, log_time_ms: int) -> Decision:
        if command == hard:
            raise ZeroDivisionError
        return decide(hall, command, log_time_ms)

    monkeypatch.setattr("worker.deciding.rules.decide", stumble)
    log.append(before, hard, after)
    workers.start()
    assert records.wait_for([before, hard, after]) == [
        ("confirmed", None),
        ("failed", "unprocessable"),
        ("confirmed", None),
    ]
    assert records.rows("SELECT value, reason FROM dead_letters") == [(encode(hard), "PoisonError")]


def test_a_transaction_in_the_way_is_waited_for(log: Log, records: Records, workers: Workers, ledger: str) -> None:
    event_id = log.open_event()
    first, request = booking(event_id, "A2"), booking(event_id, "A1")
    records.set_for_workers("lock_timeout", "100ms")
    log.append(first)
    workers.start()
    records.wait_for([first])
    with Records.at(ledger) as other:
        other.run("BEGIN")
        other.run("SELECT FROM seats WHERE event_id = %s AND seat_id = 'A1' FOR UPDATE", event_id)
        log.append(request)
        waiting = """
            SELECT xact_start FROM pg_stat_activity
            WHERE usename = 'frontrow_worker' AND datname = current_database() AND wait_event_type = 'Lock'"""
        seen: set[object] = set()

        def tried_twice() -> None:
            seen.update(row[0] for row in records.rows(waiting))
            assert len(seen) > 1

        eventually(tried_twice)
        other.run("ROLLBACK")
    assert records.wait_for([request]) == [("confirmed", None)]
    assert records.rows(DEAD_LETTERS) == []


def _let_the_ledger_refuse(records: Records, command_id: str) -> None:
    """Make PostgreSQL raise a data error for this booking, as for a value that nobody thought of."""
    records.run("CREATE TABLE refused (command_id text)")
    records.run("GRANT SELECT ON refused TO frontrow_worker")
    records.run("INSERT INTO refused VALUES (%s)", command_id)
    records.run("""
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.status = 'confirmed' AND EXISTS (SELECT FROM refused WHERE command_id = NEW.command_id) THEN
                RAISE numeric_value_out_of_range;
            END IF;
            RETURN NEW;
        END $$""")
    records.run("CREATE TRIGGER refuse BEFORE INSERT ON outcomes FOR EACH ROW EXECUTE FUNCTION refuse()")
