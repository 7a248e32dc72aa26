"""Deciding: what a log becomes in the ledger."""

import pytest
from prometheus_client import REGISTRY

from contracts.commands import MAX_SEATS_PER_BLOCK, AddSeats, CreateEvent, Row, StartPayment
from tests.eventually import eventually
from tests.integration.conftest import Topic
from tests.integration.worker.log import Log, booking, new_id, now_ms
from tests.integration.worker.records import Records
from tests.integration.worker.running import Workers
from worker.turns import MOST_NEW_SEATS


def test_bookings_are_decided_in_the_order_of_the_log(log: Log, records: Records, workers: Workers) -> None:
    event_id = log.open_event()
    first, second, other = booking(event_id, "A1", "A2"), booking(event_id, "A2", "A3"), booking(event_id, "A3")
    log.append(first, second, other)
    workers.start()
    assert records.wait_for([first, second, other]) == [
        ("confirmed", None),
        ("rejected", "seat_taken"),
        ("confirmed", None),
    ]
    assert records.owner(event_id, "A2") == first.command_id
    assert records.owner(event_id, "A3") == other.command_id


def test_an_outcome_says_what_the_feed_needs(log: Log, records: Records, workers: Workers) -> None:
    event_id = log.open_event()
    taken, refused = booking(event_id, "A2", "A1"), booking(event_id, "A3", "A2")
    log.append(taken, refused)
    workers.start()
    records.wait_for([taken, refused])
    statement = """
        SELECT kind, event_id, principal, seat_ids, conflicts, changes, rules_version,
            (EXTRACT(epoch FROM requested_at) * 1000)::bigint, decided_at >= requested_at - interval '1 s'
        FROM outcomes WHERE kind = 'book_seats' ORDER BY tx, id"""
    shared = ("book_seats", event_id, "p_test")
    assert records.rows(statement) == [
        (*shared, ["A2", "A1"], [], [[0, 0, "b", 1], [0, 1, "b", 1]], 1, taken.issued_at_ms, True),
        (*shared, ["A3", "A2"], ["A2"], [], 1, refused.issued_at_ms, True),
    ]


def test_an_event_is_kept_as_it_was_announced(log: Log, records: Records, workers: Workers) -> None:
    event_id = log.open_event(["A1", "A2"])
    last = booking(event_id, "A1")
    log.append(last)
    workers.start()
    records.wait_for([last])
    statement = "SELECT name, venue, status, version FROM events WHERE event_id = %s"
    assert records.rows(statement, event_id) == [('Évent "quoted" \\ {x}', "Hall", "on_sale", 3)]
    assert records.rows("SELECT section, layout, price_minor FROM blocks") == [
        ("stalls", [{"row": "A", "seat_ids": ["A1", "A2"]}], None)
    ]


def test_a_redelivered_request_gets_the_same_outcome(log: Log, records: Records, workers: Workers) -> None:
    before = REGISTRY.get_sample_value("frontrow_worker_repeated_commands_total") or 0.0
    event_id = log.open_event()
    request, later = booking(event_id, "A1"), booking(event_id, "A2")
    log.append(request, request)
    workers.start()
    records.wait_for([request])
    log.append(request, later, request)
    assert records.wait_for([request, later]) == [("confirmed", None), ("confirmed", None)]
    assert records.rows("SELECT version FROM seats WHERE booking_id = %s", request.command_id) == [(1,)]

    def counted() -> None:
        assert REGISTRY.get_sample_value("frontrow_worker_repeated_commands_total") == before + 3

    eventually(counted)


def test_five_hundred_requests_for_one_seat_have_one_winner(log: Log, records: Records, workers: Workers) -> None:
    event_id = log.open_event()
    requests = [booking(event_id, "A7") for _ in range(500)]
    workers.start()
    log.append(*requests)
    outcomes = records.wait_for(requests)
    assert outcomes == [("confirmed", None)] + [("rejected", "seat_taken")] * 499
    assert records.owner(event_id, "A7") == requests[0].command_id


def test_what_is_not_there_is_refused_with_its_reason(log: Log, records: Records, workers: Workers) -> None:
    event_id = log.open_event()
    nowhere, nothing = booking("no-such-event", "A1"), booking(event_id, "A1", "Z9")
    log.append(nowhere, nothing)
    workers.start()
    assert records.wait_for([nowhere, nothing]) == [("rejected", "unknown_event"), ("rejected", "unknown_seat")]
    assert records.owner(event_id, "A1") is None


def test_a_command_that_reached_the_log_too_late_was_never_accepted(
    log: Log, records: Records, workers: Workers
) -> None:
    event_id = log.open_event()
    late, in_time = booking(event_id, "A1", issued_at_ms=now_ms() - 31_000), booking(event_id, "A1")
    log.append(late, in_time)
    workers.start()
    assert records.wait_for([late, in_time]) == [("failed", "never_accepted"), ("confirmed", None)]


def test_one_id_has_one_outcome_even_if_several_events_claim_it(log: Log, records: Records, workers: Workers) -> None:
    command_id = new_id()
    events = [log.open_event() for _ in range(4)]
    claims = [booking(event_id, "A1").model_copy(update={"command_id": command_id}) for event_id in events]
    after = [booking(event_id, "A2") for event_id in events]
    log.append(*claims, *after)
    workers.start()
    assert records.wait_for([*claims[:1], *after]) == [("confirmed", None)] * 5
    assert records.rows("SELECT count(*) FROM seats WHERE booking_id = %s", command_id) == [(1,)]


def test_a_great_hall_is_announced_in_many_transactions(log: Log, records: Records, workers: Workers) -> None:
    blocks = [
        AddSeats(
            command_id=new_id("cm"),
            issued_at_ms=now_ms(),
            event_id="great-hall",
            block=number,
            section="stalls",
            rows=(Row(row="A", seat_ids=tuple(f"{number}-{seat}" for seat in range(MAX_SEATS_PER_BLOCK))),),
        )
        for number in range(10)
    ]
    create = CreateEvent(
        command_id=new_id("cm"),
        issued_at_ms=now_ms(),
        event_id="great-hall",
        name="Great hall",
        event_kind="concert",
        venue="Hall",
        time_zone="UTC",
        date="2027-05-01T19:00:00Z",
    )
    log.append(create, *blocks)
    workers.start()
    assert set(records.wait_for([create, *blocks])) == {("done", None)}
    added = records.rows("SELECT count(*) FROM outcomes WHERE kind = 'add_seats' GROUP BY tx")
    assert max(added) <= (MOST_NEW_SEATS // MAX_SEATS_PER_BLOCK,)


def test_time_moves_on_partitions_where_nobody_books(
    log: Log, topic: Topic, records: Records, workers: Workers
) -> None:
    started_ms = now_ms()
    workers.start()

    def all_moved() -> None:
        statement = "SELECT count(*) FROM kafka_offsets WHERE topic_id = %s AND log_time_ms >= %s - 2000"
        assert records.rows(statement, topic.topic_id, started_ms) == [(log.partitions,)]

    eventually(all_moved)
    assert records.outcomes() == {}


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_a_payment_s_prices_and_sealed_token_are_written_once_wherever_a_batch_was_cut(
    log: Log,
    records: Records,
    workers: Workers,
    in_one_batch: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    event_id = log.open_event(hold_seconds=60, price_minor=2_500)
    book = booking(event_id, "A1", "A2")
    start = StartPayment(
        command_id=new_id("cm"),
        booking_id=book.command_id,
        issued_at_ms=now_ms(),
        payment_token="sealed",  # noqa: S106
    )
    again = start.model_copy(update={"command_id": new_id("cm")})
    log.append(book)
    if not in_one_batch:
        workers.start()
        records.wait_for([book])
    log.append(start, start, again, about=event_id)
    if in_one_batch:
        workers.start()
    assert records.wait_for([book, start, again]) == [("held", None), ("done", None), ("refused", "wrong_state")]
    rows = records.rows("SELECT command_id, booking_id, attempt, token, currency, seat_ids, prices FROM payment_starts")
    assert rows == [(start.command_id, book.command_id, 1, "sealed", "EUR", ["A1", "A2"], [2_500, 2_500])]
