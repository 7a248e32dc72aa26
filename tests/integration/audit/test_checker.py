"""The checker against real stores: a small history holds, and what is broken behind the services' back is found."""

import time
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from pymongo import MongoClient

from contracts import views
from contracts.commands import BlockSeats, BookSeats
from contracts.topics import partition_of
from tests.integration.audit.conftest import Platform, process
from tests.integration.conftest import make_anew
from tests.integration.raw_header import append_with_illegible_header
from tests.integration.webhooks.following import add_webhook, deliveries, told
from tests.unit.audit.histories import EVENT, booking_id, command_id, hall
from write_api.halls import commands, load_hall

WAIT = ("--wait", "20")


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def book(number: int, *seat_ids: str, issued_at_ms: int | None = None) -> BookSeats:
    return BookSeats(
        event_id=EVENT,
        command_id=booking_id(number),
        seat_ids=seat_ids,
        principal="p_1",
        issued_at_ms=now_ms() if issued_at_ms is None else issued_at_ms,
    )


def sell(platform: Platform) -> None:
    platform.append(*(command.model_copy(update={"issued_at_ms": now_ms()}) for command in hall()))
    platform.append(book(1, "A1", "A2"), book(2, "A2", "A3"), book(1, "A1", "A2"), book(3, "Z1"))
    platform.append(book(4, "A4", issued_at_ms=now_ms() - 60_000))
    platform.append_raw(EVENT, b"no command", booking_id(5))
    platform.append_raw(EVENT, b"no command", "no id")
    append_with_illegible_header(
        platform.topic.bootstrap, platform.topic.name, partition_of(EVENT, platform.topic.partitions), b"no command"
    )
    platform.append(book(6, "A4"))


def test_a_history_that_the_services_made_holds(platform: Platform, tmp_path: Path) -> None:
    sell(platform)
    accepted = tmp_path / "accepted"
    accepted.write_text("".join(f"{booking_id(number)}\n" for number in (1, 2, 3, 6)))
    done = platform.audit(*WAIT, "--accepted", str(accepted))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all invariants hold" in done.stdout
    with psycopg.connect(platform.ledger) as connection:
        rows = connection.execute("SELECT command_id, status, reason FROM outcomes ORDER BY log_offset").fetchall()
    assert rows == [
        *((command_id(number), "done", None) for number in (1, 2, 3)),
        (booking_id(1), "confirmed", None),
        (booking_id(2), "rejected", "seat_taken"),
        (booking_id(3), "rejected", "unknown_seat"),
        (booking_id(4), "failed", "never_accepted"),
        (booking_id(5), "failed", "unprocessable"),
        (booking_id(6), "confirmed", None),
    ]


async def test_seats_that_an_organiser_keeps_back_are_nobodys_booking_and_nobody_is_told_of_one(
    platform: Platform,
) -> None:
    with psycopg.connect(platform.ledger, autocommit=True) as connection:
        webhook_id = add_webhook(connection, all_events=True)
        platform.append(*(command.model_copy(update={"issued_at_ms": now_ms()}) for command in hall()), book(1, "A1"))
        asked = {"event_id": EVENT, "command_id": command_id(10), "issued_at_ms": now_ms(), "operator": True}
        platform.append(BlockSeats(**asked, seat_ids=("A2", "A3"), purpose="kill"))
        assert platform.audit(*WAIT).returncode == 0
        await told(f"{platform.ledger} user=frontrow_webhooks", connection)
        assert [one["type"] for one in deliveries(connection, webhook_id)] == ["booking.confirmed"]
        blocked = connection.execute("SELECT seat_id FROM seats WHERE status = 'b' ORDER BY seat_id").fetchall()
        assert blocked == [("A1",), ("A2",), ("A3",)]
    done = platform.audit(*WAIT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.long  # the auditor, which reads the log by the same rules, is tested for it
def test_after_the_topic_was_made_anew_the_log_that_is_there_is_proved_and_the_rest_is_said(platform: Platform) -> None:
    sell(platform)
    assert platform.audit(*WAIT).returncode == 0
    platform.worker.terminate()  # as whoever makes a topic anew must (worker/consumer.py, CHECK_TOPIC_EVERY_S)
    platform.worker.wait(20)
    make_anew(platform.topic)
    with process("worker", {**platform.worker_env, "FRONTROW_WORKER_ID": "after"}):
        another = load_hall("event-of-the-new-log", sections=1, rows=1, seats_per_row=3)
        platform.append(*commands(another, lambda _event_id: (f"cm_{uuid4().hex:0>36}", now_ms())))
        platform.append(book(7, "A3"), book(1, "A1", "A2"), book(8, "A3"))
        new = book(9, "A1").model_copy(update={"event_id": another.event_id})
        platform.append(new)
        done = platform.audit(*WAIT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "NOT PROVED: 9 outcomes are of logs that are gone" in done.stdout
    assert "NOT PROVED: 2 outcomes of this log are about what began on a former one" in done.stdout
    with psycopg.connect(platform.ledger) as connection:
        rows = connection.execute("SELECT topic_no, count(*) FROM outcomes GROUP BY 1 ORDER BY 1").fetchall()
    assert rows == [(1, 9), (2, 6)]


def test_what_is_broken_in_the_stores_is_found(platform: Platform, tmp_path: Path) -> None:
    sell(platform)
    assert platform.audit(*WAIT).returncode == 0
    with psycopg.connect(platform.ledger) as connection:
        connection.execute("UPDATE seats SET booking_id = %s WHERE seat_id = 'A1'", (booking_id(2),))
        connection.execute("UPDATE outcomes SET conflicts = '{A3}' WHERE command_id = %s", (booking_id(2),))
        connection.execute("DELETE FROM dead_letters")
        connection.execute(
            """INSERT INTO payments.payments (booking_id, attempt, log_partition, seat_ids, prices, booking_status,
                booking_seat_ids, booking_version) VALUES ('bk_none', 1, 0, '{A1}', '{1500}', 'paying', '{A1}', 2)"""
        )
        connection.execute(
            """INSERT INTO test_provider.intents (id, key, asked, amount, currency, metadata, token, status)
            VALUES ('pi_1', 'k', '{}', 1, 'eur', '{"booking_id": "bk_other", "attempt": "1"}', '',
                'requires_capture')"""
        )
    with MongoClient[dict[str, object]](platform.mongo[0]) as client:
        client[platform.mongo[1]][views.BOOKINGS].delete_one({"_id": booking_id(6)})
        client[platform.mongo[1]][views.EVENTS].update_one({"_id": EVENT}, {"$inc": {"seats_available": 1}})
        ahead = {f"partitions.{partition_of(EVENT, platform.topic.partitions)}": now_ms() + 3_600_000}
        client[platform.mongo[1]][views.WATERMARK].update_one({"_id": views.WATERMARK_ID}, {"$set": ahead})
    accepted = tmp_path / "accepted"
    accepted.write_text(f"{booking_id(4)}\n{booking_id(99)}\n")
    done = platform.audit(*WAIT, "--accepted", str(accepted))
    assert done.returncode == 1, done.stdout + done.stderr
    for sentence in (
        f"seat A1 of event {EVENT} is",
        "conflicts is ('A3',), replayed ('A2',)",
        "is no command and has no dead letter",
        f"{booking_id(6)} is decided but not in the view",
        f"event {EVENT} shows seats_available 2, the ledger makes it 1",
        f"{booking_id(4)} was accepted but is failed never_accepted",
        f"{booking_id(99)} was accepted but has no outcome",
        "was said to be shown up to",
        "payment 1 of bk_none is for a booking that the ledger does not have",
        "payment 1 of bk_other is pi_1 of the provider alone",
        "NOT all invariants hold",
    ):
        assert sentence in done.stdout


def test_a_store_that_is_away_is_no_verdict(platform: Platform) -> None:
    nowhere = "127.0.0.1:9"
    for env in (
        {"FRONTROW_POSTGRES_URL": f"postgresql://frontrow_audit@{nowhere}/frontrow"},
        {"FRONTROW_MONGO_URL": f"mongodb://{nowhere}/?serverSelectionTimeoutMS=500"},
        {"FRONTROW_TOPIC": "no_such_topic"},
    ):
        done = platform.audit("--wait", "0", **env)
        assert done.returncode == 2, done.stdout + done.stderr
        assert done.stderr.startswith("cannot check: ")
    for asked in ("restore-check", "position"):
        done = platform.audit(asked, FRONTROW_POSTGRES_URL=f"postgresql://frontrow_audit@{nowhere}/frontrow")
        assert (done.returncode, done.stderr.startswith("cannot check: ")) == (2, True), done.stdout + done.stderr


def test_the_checker_may_not_write(platform: Platform) -> None:
    with psycopg.connect(platform.env["FRONTROW_POSTGRES_URL"]) as connection:
        granted = connection.execute(
            "SELECT DISTINCT privilege_type FROM information_schema.table_privileges"
            " WHERE grantee = 'frontrow_audit' AND table_schema = 'public'"
        ).fetchall()
    assert granted == [("SELECT",)]
