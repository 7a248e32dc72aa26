"""The auditor over real stores: what a hand has broken is named, and told until it is mended; else it is quiet."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx
import psycopg
import pytest
from pymongo import MongoClient

from audit.auditor.violations import SHOWN_OF_AN_ID
from contracts import views
from tests.eventually import eventually
from tests.integration.audit.conftest import Platform, process
from tests.integration.audit.test_checker import sell
from tests.unit.audit.histories import EVENT, booking_id

FOUND_WITHIN_S: Final = 30
PROVED_WITHIN_S: Final = 40

Report = dict[str, Any]


@dataclass
class Auditor:
    """The process, and what it says."""

    platform: Platform
    url: str
    running: subprocess.Popen[bytes]

    def report(self) -> Report:
        try:
            answer = httpx.get(f"{self.url}/report")
        except httpx.TransportError as error:
            raise AssertionError(self.url) from error
        assert answer.status_code == httpx.codes.OK
        return dict(answer.json())

    def proved(self, *, after: str = "") -> Report:
        """Return the report once everything was proved, by a round that ended after that moment."""

        def whole() -> Report:
            report = self.report()
            assert report["status"] == "watching", report
            assert report["last_full_proof"]["at"] > after, report
            assert report["proved_to"]["behind"] == 0, report
            return report

        return eventually(whole, within_s=PROVED_WITHIN_S)

    def names(self, *words: str) -> dict[str, str]:
        """Return the violation that has all of these words."""

        def named() -> dict[str, str]:
            report = self.report()
            assert report["status"] == "broken", report
            found = [one for one in report["broken"] if all(word in str(one.values()) for word in words)]
            assert found, report
            return dict(found[0])

        return eventually(named, within_s=FOUND_WITHIN_S)


@contextmanager
def auditing(platform: Platform, **env: str) -> Iterator[Auditor]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {**platform.env, "FRONTROW_HTTP_PORT": str(port), "FRONTROW_PARTITIONS": str(platform.topic.partitions)}
    with process("audit.auditor", {**own, **env}) as running:
        auditor = Auditor(platform, f"http://127.0.0.1:{port}", running)
        eventually(auditor.report, within_s=20)
        yield auditor


@pytest.fixture
def auditor(platform: Platform) -> Iterator[Auditor]:
    with auditing(platform) as auditor:
        yield auditor


def cut(some_id: str) -> str:
    """Return an id as the public is shown it."""
    return f"{some_id[:SHOWN_OF_AN_ID]}…"


def test_what_is_broken_is_named_with_its_evidence_and_told_until_it_is_mended(auditor: Auditor) -> None:
    platform = auditor.platform
    sell(platform)
    proof = auditor.proved()
    assert proof["violations"] == 0
    assert proof["last_full_proof"]["messages"] >= 9
    with (
        psycopg.connect(platform.ledger, autocommit=True) as ledger,
        MongoClient[dict[str, Any]](platform.mongo[0]) as client,
    ):
        blocks = client[platform.mongo[1]][views.BLOCKS]
        ledger.execute("UPDATE seats SET booking_id = %s WHERE seat_id = 'A1'", (booking_id(2),))
        blocks.update_one({"event_id": EVENT}, {"$set": {"status": "bbab"}})
        ledger.execute("CREATE TABLE taken AS SELECT * FROM outcomes WHERE command_id = %s", (booking_id(6),))
        ledger.execute("DELETE FROM outcomes WHERE command_id = %s", (booking_id(6),))

        seat = auditor.names(EVENT, "A1", "its changes make it")
        assert seat["booking_id"] == cut(booking_id(1))
        assert seat["log_says"] == f"booked by {cut(booking_id(1))}, version 1"
        assert seat["ledger_says"] == f"booked by {cut(booking_id(2))}, version 1"
        shown = auditor.names(EVENT, "A4", "shown as it is not")
        assert (shown["ledger_says"], shown["view_says"]) == ("booked", "booked") or shown["seat_id"] == "A4"
        gone = auditor.names(EVENT, "gone")
        assert (gone["booking_id"], gone["seat_id"]) == (cut(booking_id(6)), "A4")
        assert gone["ledger_says"] == "nothing"
        assert booking_id(6) not in httpx.get(f"{auditor.url}/report").text, "who holds a whole id may cancel"
        assert auditor.report()["violations"] >= 3

        ledger.execute("UPDATE seats SET booking_id = %s WHERE seat_id = 'A1'", (booking_id(1),))
        ledger.execute("INSERT INTO outcomes OVERRIDING SYSTEM VALUE SELECT * FROM taken")
        ledger.execute("DROP TABLE taken")
        blocks.update_one({"event_id": EVENT}, {"$set": {"status": "bbab"[:3] + "b"}})
    auditor.proved(after=proof["last_full_proof"]["at"])
