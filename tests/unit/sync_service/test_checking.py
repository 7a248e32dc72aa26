"""A rebuild says that two views are the same only where both were compared as a whole."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from contracts import views
from sync_service import checking
from sync_service.checking import Check

MOST = 2


class _View:
    """Bookings, by id."""

    def __init__(self, *ids: str, status: str) -> None:
        self.bookings = {some_id: {"_id": some_id, "status": status} for some_id in ids}

    async def page(self, collection: str, after: str, limit: int) -> list[dict[str, str]]:
        if collection != views.BOOKINGS:
            return []
        return [self.bookings[key] for key in sorted(self.bookings) if key > after][:limit]

    async def document(self, _collection: str, key: str) -> dict[str, str]:
        return self.bookings[key]

    async def count(self, collection: str) -> int:
        return len(self.bookings) if collection == views.BOOKINGS else 0


class _Ledger:
    """It has the bookings that the new view shows, and no event."""

    async def event_ids(self, *_: object) -> list[str]:
        return []

    async def counts(self, *_: object) -> tuple[int, int]:
        return 4, 0


class _Projector:
    """It has projected everything."""

    cursor = SimpleNamespace(position=(1, 1))

    async def run_once(self, *_: object) -> bool:
        return True


async def settled(monkeypatch: pytest.MonkeyPatch, *differ: str) -> list[str]:
    """Return what differs of four bookings of which these did at first; the first ``MOST`` + 1 settle meanwhile."""
    monkeypatch.setattr(checking, "MOST_SUSPECTS", MOST)
    monkeypatch.setattr(checking, "PAGE", 1)
    ids = ("bk_1", "bk_2", "bk_3", "bk_4")
    new, old = _View(*ids, status="confirmed"), _View(*ids, status="confirmed")
    for key in differ:
        old.bookings[key] = {**old.bookings[key], "status": "held"}
    projector: Any = _Projector()
    check = Check(cast("Any", _Ledger()), cast("Any", new), projector, cast("Any", old))
    await check.suspect()
    for key in differ[: MOST + 1]:
        old.bookings[key] = new.bookings[key]
    return await check.settle(projector)


async def test_more_suspects_than_are_looked_at_are_a_difference_though_those_settle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (said,) = await settled(monkeypatch, "bk_1", "bk_2", "bk_3", "bk_4")
    assert said == "more than 2 documents differed while both views moved: the rest was not compared"


async def test_suspects_that_settle_are_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await settled(monkeypatch, "bk_1", "bk_2") == []
