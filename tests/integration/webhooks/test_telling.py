"""What is told of what was decided: everything, once, of the right events, from the moment that a webhook was made."""

import itertools
import json
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.findings import Findings
from audit.telling import TELLINGS, Telling, compare
from contracts.commands import Command, Tick
from runtime import feed_session
from tests.integration.webhooks.following import Decided, Document, Sql, add_webhook, deliveries, said, told
from tests.unit.worker.logs import (
    EVENT,
    SEATS,
    add,
    book,
    cancel,
    command_id,
    create,
    lives,
    on_sale,
    publish,
    settle,
    start,
    take,
)

CONFIRMED, CANCELLED, SOLD_OUT = "booking.confirmed", "booking.cancelled", "event.sold_out"


def bk(number: int) -> str:
    return command_id("bk", number)


def of_organiser(sql: Sql, event_id: str = EVENT, principal: str = "p_organiser") -> None:
    sql.execute("UPDATE events SET organiser = %s WHERE event_id = %s", (principal, event_id))


async def test_a_booking_that_is_confirmed_at_once_is_told_with_what_it_costs(
    decided: Decided, sql: Sql, as_webhooks: str
) -> None:
    webhook = add_webhook(sql)
    decided.log(*on_sale(0))
    of_organiser(sql)
    sql.execute("UPDATE blocks SET price_minor = 4500, currency = 'EUR'")
    decided.log(book(10, "A1", "A2"))
    await told(as_webhooks, sql)
    (body,) = deliveries(sql, webhook)
    position = sql.execute("SELECT tx || '-' || id FROM outcomes WHERE command_id = %s", (bk(10),)).fetchone()
    assert body == {
        "type": CONFIRMED,
        "timestamp": "2027-01-15T08:00:00.003Z",
        "data": {
            "position": position and position[0],
            "event_id": EVENT,
            "booking_id": bk(10),
            "principal": "p_somebody",
            "seat_ids": ["A1", "A2"],
            "remaining_seat_ids": [],
            "reason": None,
            "amount_minor": 9000,
            "currency": "EUR",
        },
    }


async def test_seats_without_a_price_have_no_amount(decided: Decided, sql: Sql, as_webhooks: str) -> None:
    webhook = add_webhook(sql, all_events=True)
    decided.log(*on_sale(0))
    sql.execute("UPDATE blocks SET price_minor = NULL, currency = NULL")
    decided.log(book(10, "A1"))
    await told(as_webhooks, sql)
    (body,) = deliveries(sql, webhook)
    assert (body["data"]["amount_minor"], body["data"]["currency"]) == (None, None)


async def test_refusals_holds_and_holds_that_end_are_nobodys_business(
    decided: Decided, sql: Sql, as_webhooks: str
) -> None:
    webhook = add_webhook(sql, CONFIRMED, CANCELLED, all_events=True)
    decided.log(*on_sale(1), book(10, "A1"), book(11, "A1"), book(12, "A2"), cancel(60, 12))
    decided.log(Tick(), ms_a_message=2_000)
    assert {status for (status,) in sql.execute("SELECT status FROM bookings").fetchall()} == {"expired", "cancelled"}
    await told(as_webhooks, sql)
    assert said(sql, webhook) == []


async def test_a_paid_booking_is_told_when_it_is_paid_and_its_end_says_whose_it_was(
    decided: Decided, sql: Sql, as_webhooks: str
) -> None:
    webhook = add_webhook(sql, CONFIRMED, CANCELLED, all_events=True)
    decided.log(*on_sale(2), book(10, "A1", "A2"), start(60, 10), settle(61, 10), cancel(62, 10))
    await told(as_webhooks, sql)
    assert said(sql, webhook) == [(CONFIRMED, bk(10), ("A1", "A2")), (CANCELLED, bk(10), ("A1", "A2"))]
    assert {body["data"]["principal"] for body in deliveries(sql, webhook)} == {"p_somebody"}


async def test_seats_given_back_one_by_one_are_told_each_with_what_remains(
    decided: Decided, sql: Sql, as_webhooks: str
) -> None:
    webhook = add_webhook(sql, CANCELLED, all_events=True)
    decided.log(*on_sale(0), book(10, "A1", "A2"), cancel(60, 10, "A2"), cancel(61, 10), cancel(62, 10))
    await told(as_webhooks, sql)
    whole = [body["data"] for body in deliveries(sql, webhook)]
    assert [(data["seat_ids"], data["remaining_seat_ids"]) for data in whole] == [(["A2"], ["A1"]), (["A1"], [])]
    assert whole[-1]["reason"] == "by_customer"


async def test_a_hall_is_sold_out_when_the_last_seat_is_held_and_again_after_one_was_free(
    decided: Decided, sql: Sql, as_webhooks: str
) -> None:
    webhook = add_webhook(sql, SOLD_OUT, all_events=True)
    decided.log(*on_sale(2), book(10, *SEATS[:3]))
    await told(as_webhooks, sql)
    assert said(sql, webhook) == []
    # All of this in one page: nobody looks in between.
    decided.log(book(11, *SEATS[3:]), start(60, 11), settle(61, 11), cancel(62, 10), book(12, *SEATS[:3]))
    await told(as_webhooks, sql)
    positions = [body["data"]["position"] for body in deliveries(sql, webhook)]
    rows = sql.execute(
        "SELECT tx || '-' || id FROM outcomes WHERE command_id = ANY(%s) ORDER BY tx, id", ([bk(11), bk(12)],)
    )
    assert positions == [position for (position,) in rows.fetchall()]
    assert deliveries(sql, webhook)[0]["data"]["seats_total"] == len(SEATS)


async def test_who_takes_an_offer_of_the_last_seats_does_not_sell_the_hall_out_again(
    decided: Decided, sql: Sql, as_webhooks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        feed_session, "ROWS_A_PAGE", 1
    )  # a page ends between the offer's end and the request that took it
    webhook = add_webhook(sql, SOLD_OUT, all_events=True)
    decided.log(create(), add(seat_ids=("A1", "A2")), publish(), book(10, "A1"), book(11, "A1", offer=True))
    decided.log(take(12, 11))
    assert sql.execute("SELECT status FROM outcomes WHERE command_id = %s", (bk(12),)).fetchone() == ("confirmed",)
    await told(as_webhooks, sql)
    assert len(said(sql, webhook)) == 1


async def test_a_webhook_hears_of_exactly_what_was_decided_after_it_was_made(
    decided: Decided, sql: Sql, as_webhooks: str
) -> None:
    decided.log(*on_sale(0), book(10, "A1"))
    first = add_webhook(sql, CONFIRMED, all_events=True)
    decided.log(book(11, "A2"))
    second = add_webhook(sql, CONFIRMED, all_events=True)
    decided.log(book(12, "A3"))
    # The follower was away all the time.
    await told(as_webhooks, sql)
    assert [booking for _type, booking, _seats in said(sql, first)] == [bk(11), bk(12)]
    assert [booking for _type, booking, _seats in said(sql, second)] == [bk(12)]


async def test_only_the_events_organiser_hears_or_who_operates_and_only_of_what_was_asked_for(
    decided: Decided, sql: Sql, as_webhooks: str
) -> None:
    own, others = add_webhook(sql, CONFIRMED), add_webhook(sql, CONFIRMED, principal="p_other")
    operator = add_webhook(sql, CONFIRMED, principal="p_operator", all_events=True)
    decided.log(*on_sale(0))
    of_organiser(sql)
    this_event = add_webhook(sql, CONFIRMED, event_id=EVENT)
    cancellations = add_webhook(sql, CANCELLED)
    decided.log(book(10, "A1"))
    sql.execute(
        """INSERT INTO events (event_id, name, kind, venue, time_zone, date, status, log_partition, version, organiser)
        SELECT 'another', name, kind, venue, time_zone, date, status, log_partition, version, organiser FROM events"""
    )
    another_event = add_webhook(sql, CONFIRMED, event_id="another")
    decided.log(book(11, "A2"))
    await told(as_webhooks, sql)
    counts = [len(said(sql, webhook)) for webhook in (own, operator, this_event, others, cancellations, another_event)]
    assert counts == [2, 2, 2, 0, 0, 0]


async def test_an_event_that_is_nobodys_has_no_organiser_to_hear(decided: Decided, sql: Sql, as_webhooks: str) -> None:
    webhook = add_webhook(sql, CONFIRMED)
    decided.log(*on_sale(0), book(10, "A1"))
    await told(as_webhooks, sql)
    assert said(sql, webhook) == []


async def test_a_page_that_is_read_again_makes_no_second_delivery(decided: Decided, sql: Sql, as_webhooks: str) -> None:
    webhook = add_webhook(sql, CONFIRMED, CANCELLED, all_events=True)
    decided.log(*on_sale(0), book(10, *SEATS), cancel(60, 10))
    await told(as_webhooks, sql)
    once = sql.execute("SELECT delivery_id, body FROM webhooks.deliveries ORDER BY n").fetchall()
    sql.execute("UPDATE webhooks.feed_cursor SET tx = '0', id = 0")
    await told(as_webhooks, sql)
    assert sql.execute("SELECT delivery_id, body FROM webhooks.deliveries ORDER BY n").fetchall() == once
    assert len(said(sql, webhook)) == 2
    # Another ledger's outcome at the same position is another thing to tell.
    sql.execute("UPDATE ledger SET incarnation = gen_random_uuid()")
    sql.execute("UPDATE webhooks.feed_cursor SET tx = '0', id = 0")
    await told(as_webhooks, sql)
    assert len(said(sql, webhook)) == 4


async def test_the_checker_misses_a_delivery_that_is_not_there_and_one_that_is_for_no_reason(
    decided: Decided, sql: Sql, as_webhooks: str
) -> None:
    add_webhook(sql, all_events=True)
    decided.log(*on_sale(0), book(10, "A1"), book(11, *SEATS[1:]))
    await told(as_webhooks, sql)
    sql.execute("DELETE FROM webhooks.deliveries WHERE type = %s", (SOLD_OUT,))
    sql.execute(
        "UPDATE webhooks.deliveries SET type = %s WHERE n = (SELECT min(n) FROM webhooks.deliveries)", (CANCELLED,)
    )
    findings = Findings()
    compare(map(Telling._make, sql.execute(TELLINGS).fetchall()), findings)
    sentences = sorted(
        violation.sentence.partition(" was ")[2].partition(" at ")[0] for violation in findings.violations
    )
    assert sentences == [
        "not told of booking.confirmed",
        "not told of event.sold_out",
        "told of booking.cancelled",
    ]


def expected(rows: Sequence[Document]) -> list[tuple[str, str | None, tuple[str, ...]]]:
    """Return what must be told of a feed, by looking at each seat and each booking alone."""
    free, booked, told_of = set(SEATS), set(), []
    for transaction in (list(group) for _tx, group in itertools.groupby(rows, lambda row: row["message"])):
        was_free = bool(free)
        for row in transaction:
            about = row["command_id"] if row["kind"] == "book_seats" else row["booking_id"]
            became = {seat: status for seat, (_b, _p, status, _v) in zip(row["in_order"], row["changes"], strict=True)}
            free = {seat for seat in SEATS if became.get(seat, "a" if seat in free else "x") == "a"}
            if became and set(became.values()) == {"b"}:
                booked.add(about)
                told_of.append((CONFIRMED, about, tuple(row["seat_ids"])))
            elif became and set(became.values()) == {"a"} and about in booked:
                told_of.append((CANCELLED, about, tuple(row["seat_ids"])))
        if was_free and not free:
            told_of.append((SOLD_OUT, None, ()))
    return told_of


FEED = """
    SELECT jsonb_build_object('kind', kind, 'command_id', command_id, 'booking_id', booking_id, 'seat_ids', seat_ids,
        'changes', changes, 'message', log_offset, 'in_order', (
            SELECT coalesce(jsonb_agg(s.seat_id ORDER BY (c ->> 0)::int, (c ->> 1)::int), '[]')
            FROM jsonb_array_elements(o.changes) AS c
            JOIN seats AS s ON s.event_id = o.event_id AND s.block = (c ->> 0)::int AND s.position = (c ->> 1)::int))
    FROM outcomes AS o ORDER BY tx, id"""


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(log=lives(), batches_of=st.integers(1, 12), page=st.integers(1, 9), looks=st.integers(1, 3), late=st.booleans())
async def test_whatever_becomes_of_a_halls_bookings_is_told_however_log_and_feed_are_cut(  # noqa: PLR0913, PLR0917 - each a cut
    decided: Decided,
    sql: Sql,
    as_webhooks: str,
    log: list[Command | Tick],
    batches_of: int,
    page: int,
    looks: int,
    late: bool,  # noqa: FBT001 - as above
) -> None:
    ledger = "kafka_offsets, outcomes, payment_starts, bookings, seat_counts, seats, blocks, events"
    sql.execute(f"TRUNCATE {ledger}, webhooks.endpoints CASCADE")
    sql.execute("UPDATE webhooks.feed_cursor SET tx = '0', id = 0")
    decided.start_again()
    webhook = add_webhook(sql, all_events=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feed_session, "ROWS_A_PAGE", page)
        share = len(log) // looks + 1
        for start_at in range(0, len(log), share):
            decided.log(*log[start_at : start_at + share], batches_of=batches_of, ms_a_message=700)
            if not late:
                await told(as_webhooks, sql)
        await told(as_webhooks, sql)
    rows = [json.loads(row) if isinstance(row, str) else row for (row,) in sql.execute(FEED).fetchall()]
    assert said(sql, webhook) == expected(rows)
    findings = Findings()
    compare(map(Telling._make, sql.execute(TELLINGS).fetchall()), findings)
    assert findings.ok, findings.violations
    assert findings.checked.total() == len(expected(rows))
