"""The log's order survives what no client can see: poison, frozen and rival workers, transactions that commit late."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from infra.native.ports import MAX_PROCESSES
from infra.native.services import inherited
from tests.eventually import eventually
from tests.faults.stream import Stream
from tests.frontrow import CHECKOUT, Frontrow


def test_a_message_that_is_no_command_gets_its_dead_letter_and_the_next_is_processed(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event()
    with frontrow.ledger() as ledger:
        before = _dead_letters(ledger.execute("SELECT count(*) FROM dead_letters").fetchone())
    for value in (b"no command", b"", None, b'{"kind": "book_seats"}', b"\x00\xff"):
        frontrow.append_raw(event_id, value, "no id")
    assert frontrow.outcome(frontrow.accept(event_id, "A1"))["status"] == "confirmed"
    with frontrow.ledger() as ledger:
        assert _dead_letters(ledger.execute("SELECT count(*) FROM dead_letters").fetchone()) == before + 5


def _dead_letters(row: tuple[int] | None) -> int:
    assert row is not None
    return row[0]


def test_two_workers_race_for_every_partition(frontrow: Frontrow) -> None:
    """A worker of another group owns the same partitions at the same time: only the ledger can tell them apart."""
    with second_worker(frontrow, FRONTROW_CONSUMER_GROUP="rival") as url, Stream(frontrow) as stream:
        eventually(lambda: _owns_partitions(url))
        before = stream.accepted()
        eventually(lambda: stream.has_accepted(before + 300))
        newest = stream.newest()
    frontrow.outcome(newest)
    stream.check()


def test_a_second_worker_comes_and_goes_while_bookings_stream_in(frontrow: Frontrow) -> None:
    with Stream(frontrow) as stream:
        with second_worker(frontrow) as url:
            eventually(lambda: _owns_partitions(url))
            before = stream.accepted()
            eventually(lambda: stream.has_accepted(before + 50))
        before = stream.accepted()
        eventually(lambda: stream.has_accepted(before + 50))
        newest = stream.newest()
    frontrow.outcome(newest)
    stream.check()


def test_a_worker_frozen_inside_its_transaction_is_overtaken(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event()
    with frontrow.ledger(owner=True) as ledger:
        ledger.execute("SELECT FROM seats WHERE event_id = %s AND seat_id = 'A1' FOR UPDATE", (event_id,))
        first = frontrow.accept(event_id, "A1")

        def waits_for_the_seat() -> None:
            waiting = ledger.execute(
                "SELECT FROM pg_stat_activity WHERE usename = 'frontrow_worker' AND wait_event_type = 'Lock'"
            ).fetchall()
            assert waiting

        eventually(waits_for_the_seat)
        frontrow.instance.kill("worker", signal.SIGSTOP)
    with second_worker(frontrow):
        second = frontrow.accept(event_id, "A1", "A2")
        assert frontrow.outcome(first)["status"] == "confirmed"
        assert frontrow.outcome(second)["reason"] == "seat_taken"
        frontrow.instance.kill("worker", signal.SIGCONT)
        third = frontrow.accept(event_id, "A2")
        assert frontrow.outcome(third)["status"] == "confirmed"


def test_what_commits_behind_an_older_open_transaction_is_shown_once_that_has_ended(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event()
    with frontrow.ledger(owner=True) as older:
        older.execute("SELECT pg_current_xact_id()")
        booking_id = frontrow.accept(event_id, "A1")

        def decided() -> None:
            with frontrow.ledger() as ledger:
                assert ledger.execute("SELECT FROM outcomes WHERE command_id = %s", (booking_id,)).fetchall()

        eventually(decided)
        # Above the horizon: shown now, the older transaction's own rows would come in behind the cursor.
        assert frontrow.booking(booking_id)["status"] == "pending"
    assert frontrow.outcome(booking_id)["status"] == "confirmed"


@contextmanager
def second_worker(frontrow: Frontrow, **env: str) -> Iterator[str]:
    """Run one more worker beside the platform's own; yields where its health and metrics are."""
    port = frontrow.instance.ports.worker[0] + MAX_PROCESSES - 1
    own = {
        **inherited(),
        **frontrow.instance.environment_of("worker"),
        "FRONTROW_WORKER_ID": "worker-second",
        "FRONTROW_HTTP_PORT": str(port),
        **env,
    }
    with (frontrow.instance.logs / "worker_second.log").open("a") as log:
        running = subprocess.Popen([sys.executable, "-m", "worker"], env=own, cwd=CHECKOUT, stdout=log, stderr=log)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            running.send_signal(signal.SIGTERM)
            assert running.wait(20) == 0


def _owns_partitions(url: str) -> None:
    try:
        text = httpx.get(f"{url}/metrics").text
    except httpx.TransportError as error:
        raise AssertionError(url) from error
    (line,) = [line for line in text.splitlines() if line.startswith("frontrow_worker_partitions ")]
    assert float(line.split()[1]) > 0
