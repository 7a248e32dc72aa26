"""The view is made anew while everybody books, reads and listens: nobody notices, and nothing is switched blindly."""

import threading
from collections import Counter
from types import TracebackType
from typing import Self

import httpx
from pymongo import MongoClient

from contracts import views
from infra.secrets.files import read
from tests.eventually import eventually
from tests.faults.stream import Stream
from tests.frontrow import Frontrow
from tests.streams import agree_with_the_view, listen

LISTENERS = 5
PAUSE_S = 0.02
REBUILT_WITHIN_S = 100


class Reads:
    """Reads pages that the view answers, one after the other, until the block ends; ``told`` counts what came back."""

    def __init__(self, frontrow: Frontrow, *paths: str) -> None:
        self.told: Counter[int] = Counter()
        self._url = frontrow.instance.gateway_url
        self._paths = paths
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reads")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        # Another query each time, so that the gateway does not answer from what it keeps.
        with httpx.Client(base_url=self._url, timeout=10) as client:
            number = 0
            while not self._stop.is_set():
                number += 1
                for path in self._paths:
                    self.told[client.get(path, params={"page": number}).status_code] += 1
                self._stop.wait(PAUSE_S)


def test_reads_and_streams_go_on_while_the_view_is_rebuilt_under_load(frontrow: Frontrow) -> None:
    bookings = Stream(frontrow)
    first = frontrow.accept(bookings.event_id, "A1")
    frontrow.outcome(first)
    paths = (f"/api/bookings/{first}", f"/api/events/{bookings.event_id}/availability")
    with listen(frontrow, f"/api/events/{bookings.event_id}/stream", LISTENERS) as crowd:
        with bookings, Reads(frontrow, *paths) as reads:
            eventually(lambda: bookings.has_accepted(30))
            done = frontrow.run("sync_service", "rebuild", within_s=REBUILT_WITHIN_S)
            assert done.returncode == 0, done.stdout + done.stderr
            assert "The view is rebuilt" in done.stdout
            before = bookings.accepted()
            eventually(lambda: bookings.has_accepted(before + 30))
            newest = bookings.newest()
        frontrow.outcome(newest)
        agree_with_the_view(frontrow, bookings.event_id, crowd)
        assert {status for listener in crowd.all for status in listener.statuses} == {200}
    assert set(reads.told) == {200}, reads.told


def test_a_view_that_is_not_what_the_ledger_says_is_told_and_kept_until_somebody_says_so(frontrow: Frontrow) -> None:
    booking_id = frontrow.accept(frontrow.new_event(), "A1")
    frontrow.outcome(booking_id)
    env = frontrow.instance.environment_of("audit")
    root = read(frontrow.instance.home, "mongo", "mongo_password")
    with MongoClient[dict[str, object]](env["FRONTROW_MONGO_URL"], username="root", password=root) as mongo:
        mongo[env["FRONTROW_MONGO_DATABASE"]][views.BOOKINGS].update_one(
            {"_id": booking_id}, {"$set": {"status": "rejected"}}
        )
    refused = frontrow.run("sync_service", "rebuild", within_s=REBUILT_WITHIN_S)
    assert refused.returncode == 1, refused.stdout + refused.stderr
    wrong = f"DIFFERENT: bookings {booking_id}: status is 'rejected' in the old view, 'confirmed' in the new view"
    assert wrong in refused.stdout
    assert frontrow.booking(booking_id)["status"] == "rejected"
    done = frontrow.run("sync_service", "rebuild", "--accept-differences", within_s=REBUILT_WITHIN_S)
    assert done.returncode == 0, done.stdout + done.stderr
    assert frontrow.booking(booking_id)["status"] == "confirmed"
