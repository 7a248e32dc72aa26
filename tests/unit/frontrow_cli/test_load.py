"""Load: whatever ends it, what it booked is given back."""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Self

import pytest

from frontrow_cli import load
from frontrow_cli.printing import Printer
from frontrow_cli.settings import Settings
from frontrow_cli.visit import Visit
from frontrow_client import Booking, ConflictError, FrontrowError, OutcomeUnknownError, UnreachableError
from tests.eventually import eventually_async


class Frontrow:
    """Answers bookings once it ``may``, with these states in turn, and takes note of what is given back.

    The answer to what it ``loses`` is not heard; under the key of that the same booking is told.
    """

    def __init__(self, *states: str, refuses: dict[str, FrontrowError] | None = None, loses: str = "") -> None:
        self.may = asyncio.Event()
        self.asked = 0
        self.given_back: list[str] = []
        self.asked_again: list[tuple[str, list[str], str]] = []
        self._states = states
        self._refuses = refuses or {}
        self._loses = loses
        self._under_keys: dict[str, Booking] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_of: object) -> None:
        """Nothing is open."""

    async def book(
        self, event_id: str, *, seats: list[str], user_id: str, key: str | None = None, wait_s: float = 10.0
    ) -> Booking:
        if key is not None:
            assert wait_s == 0
            self.asked_again.append((event_id, seats, user_id))
            return self._under_keys[key]
        number = self.asked
        self.asked += 1
        await self.may.wait()
        status = self._states[number % len(self._states)]
        booking = Booking.model_validate(
            {
                "booking_id": f"bk_{number}",
                "event_id": event_id,
                "seat_ids": seats,
                "user_id": user_id,
                "status": status,
            }
        )
        if booking.booking_id == self._loses:
            self._under_keys["its key"] = booking
            raise OutcomeUnknownError(key="its key", status_url=None, why="the answer was lost")
        return booking

    async def cancel(self, booking_id: str, *, wait_s: float) -> None:
        assert wait_s == 0
        self.given_back.append(booking_id)
        if booking_id in self._refuses:
            raise self._refuses[booking_id]


@pytest.fixture
def visit(tmp_path: Path) -> Visit:
    return Visit(Settings("http://localhost", tmp_path), Printer(as_json=True))


async def running(
    monkeypatch: pytest.MonkeyPatch, visit: Visit, frontrow: Frontrow, *, people: int, seconds: int
) -> asyncio.Task[load.Figures]:
    """Return the load once each of its people is amid a booking."""
    monkeypatch.setattr(load, "AsyncClient", lambda *_arguments, **_options: frontrow)
    figures = load.Figures()

    async def run() -> load.Figures:
        scenario, seats = load.Scenario.BOOK, ["A1"]
        await load._run(visit, "hall", scenario, seats, figures, people=people, seconds=seconds, keep=False)  # noqa: SLF001
        return figures

    task = asyncio.create_task(run())

    async def all_ask() -> None:
        assert frontrow.asked == people

    await eventually_async(all_ask)
    return task


async def test_what_was_booked_is_given_back_after_an_interruption_too(
    monkeypatch: pytest.MonkeyPatch, visit: Visit
) -> None:
    frontrow = Frontrow("confirmed", "held", "rejected", "pending")
    task = await running(monkeypatch, visit, frontrow, people=4, seconds=300)
    task.cancel()  # as Ctrl-C does
    frontrow.may.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert frontrow.asked == 4
    assert sorted(frontrow.given_back) == ["bk_0", "bk_1", "bk_3"]


async def test_a_booking_that_cannot_be_given_back_does_not_keep_the_others(
    monkeypatch: pytest.MonkeyPatch, visit: Visit
) -> None:
    frontrow = Frontrow("held", refuses={"bk_0": ConflictError(409, {})})
    task = await running(monkeypatch, visit, frontrow, people=3, seconds=1)
    asyncio.get_running_loop().call_later(1.2, frontrow.may.set)  # when the load's second is over
    figures = await task
    assert sorted(frontrow.given_back) == ["bk_0", "bk_1", "bk_2"]
    assert figures.kept == {ConflictError: 1}


async def test_where_nobody_answers_any_more_giving_back_ends(monkeypatch: pytest.MonkeyPatch, visit: Visit) -> None:
    frontrow = Frontrow("held", refuses={"bk_0": UnreachableError("gone")})
    task = await running(monkeypatch, visit, frontrow, people=3, seconds=1)
    asyncio.get_running_loop().call_later(1.2, frontrow.may.set)  # when the load's second is over
    figures = await task
    assert frontrow.given_back == ["bk_0"]
    assert figures.kept == {UnreachableError: 3}


async def test_a_booking_whose_answer_was_lost_is_found_by_its_key_and_given_back(
    monkeypatch: pytest.MonkeyPatch, visit: Visit
) -> None:
    frontrow = Frontrow("held", loses="bk_1")
    task = await running(monkeypatch, visit, frontrow, people=3, seconds=1)
    asyncio.get_running_loop().call_later(1.2, frontrow.may.set)  # when the load's second is over
    figures = await task
    assert frontrow.asked_again == [("hall", ["A1"], "load-1")]
    assert sorted(frontrow.given_back) == ["bk_0", "bk_1", "bk_2"]
    assert figures.ends == {"held": 2, "OutcomeUnknown": 1}
    assert not figures.kept


async def test_a_pending_booking_that_was_refused_meanwhile_is_not_one_that_was_kept(
    monkeypatch: pytest.MonkeyPatch, visit: Visit
) -> None:
    frontrow = Frontrow("held", "pending", refuses={"bk_1": ConflictError(409, {})})
    task = await running(monkeypatch, visit, frontrow, people=2, seconds=1)
    asyncio.get_running_loop().call_later(1.2, frontrow.may.set)  # when the load's second is over
    figures = await task
    assert frontrow.given_back == ["bk_0", "bk_1"]
    assert not figures.kept


class Interrupted(Frontrow):
    """Whoever books presses Ctrl-C meanwhile."""

    async def book(
        self, event_id: str, *, seats: list[str], user_id: str, key: str | None = None, wait_s: float = 10.0
    ) -> Booking:
        if not self.asked:
            signal.raise_signal(signal.SIGINT)
        self.may.set()
        await asyncio.sleep(0.05)
        return await super().book(event_id, seats=seats, user_id=user_id, key=key, wait_s=wait_s)


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Let Ctrl-C do what it does in a new process: asyncio leaves it alone where somebody has a handler already."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_what_could_not_be_given_back_is_told_after_an_interruption_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    visit = Visit(Settings("http://localhost", tmp_path), Printer(as_json=False))
    hall = SimpleNamespace(seats=[SimpleNamespace(seat_id="A1", status="available")])
    visit.__dict__["client"] = SimpleNamespace(event=lambda _event_id: hall)
    frontrow = Interrupted("held", refuses={"bk_0": ConflictError(409, {})})
    monkeypatch.setattr(load, "AsyncClient", lambda *_arguments, **_options: frontrow)
    with pytest.raises(KeyboardInterrupt):
        load.load(visit, "hall", people=1, seconds=300)
    assert frontrow.given_back == ["bk_0"]
    assert "1 could not be given back: Conflict." in capsys.readouterr().err
