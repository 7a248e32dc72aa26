"""Wishes: on the disk before anything is sent, taken up after a death, gone after an answer."""

import json
import stat
from pathlib import Path

import pytest

from frontrow_cli.wishes import Wishes
from frontrow_client import NotFoundError, OutcomeUnknownError

ASKED = {"kind": "book", "event_id": "concert123", "asked": {"best": {"count": 2}}}


@pytest.fixture
def wishes(tmp_path: Path) -> Wishes:
    return Wishes(tmp_path, url="http://x", who="guest:ada")


def left(folder: Path) -> list[Path]:
    return list((folder / "wishes").glob("*.json"))


def interrupted(wishes: Wishes, error: BaseException) -> str:
    with pytest.raises(type(error)), wishes.asked(**ASKED) as wish:
        raise error
    return wish.key


def test_the_key_is_on_the_disk_before_the_request_is_sent(wishes: Wishes, tmp_path: Path) -> None:
    with wishes.asked(**ASKED) as wish:
        [file] = left(tmp_path)
        assert json.loads(file.read_text())["key"] == wish.key
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert left(tmp_path) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OutcomeUnknownError("key", None, "lost")])
def test_who_was_interrupted_or_cut_off_asks_again_under_the_same_key(wishes: Wishes, error: BaseException) -> None:
    key = interrupted(wishes, error)
    latest = wishes.latest("book")
    assert latest is not None
    assert latest["asked"] == ASKED["asked"]
    with wishes.asked(**ASKED) as wish:
        assert wish.key == key
        assert wish.came_back is not None
    with wishes.asked(**ASKED) as wish:
        assert wish.key != key, "after its answer, the same wish is a new one"
    assert wishes.latest("book") is None


def test_a_refused_request_leaves_nothing(wishes: Wishes, tmp_path: Path) -> None:
    interrupted(wishes, NotFoundError(404, {}))
    assert left(tmp_path) == []


def test_another_wish_or_person_or_place_has_another_key(wishes: Wishes, tmp_path: Path) -> None:
    key = interrupted(wishes, KeyboardInterrupt())
    others = Wishes(tmp_path, url="http://x", who="guest:bob"), Wishes(tmp_path, url="http://y", who="guest:ada")
    for other in others:
        with other.asked(**ASKED) as wish:
            assert wish.key != key
    with wishes.asked(**{**ASKED, "event_id": "another"}) as wish:
        assert wish.key != key
    assert others[1].latest("book") is None


def test_a_wish_that_a_living_command_is_busy_with_is_left_to_it(wishes: Wishes, tmp_path: Path) -> None:
    with wishes.asked(**ASKED) as first, Wishes(tmp_path, url="http://x", who="guest:ada").asked(**ASKED) as second:
        assert first.key != second.key


def test_bookings_are_remembered_once_and_newest_first(wishes: Wishes, tmp_path: Path) -> None:
    assert wishes.remembered() == []
    for booking_id in ("bk_1", "bk_2", "bk_1"):
        wishes.remember(booking_id, "concert123")
    with (tmp_path / "bookings.jsonl").open("a") as file:
        file.write("half a li")
    assert [one.booking_id for one in wishes.remembered()] == ["bk_2", "bk_1"]
    assert Wishes(tmp_path, url="http://x", who="guest:bob").remembered() == []
