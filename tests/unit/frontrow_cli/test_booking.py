"""Booking: what is waited for, and for how long."""

from collections.abc import Generator, Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest

from frontrow_cli import booking
from frontrow_cli.exits import Exit
from frontrow_cli.printing import Printer
from frontrow_cli.settings import Settings
from frontrow_cli.visit import Visit
from frontrow_client import Booking, Message


def shown(status: str, version: int) -> Booking:
    return Booking.model_validate({"booking_id": "bk_1", "status": status, "version": version})


class Frontrow:
    """Shows a booking as it is, in turn, the last one again and again, and tells these messages of it."""

    def __init__(self, *shows: Booking, tells: tuple[Message[Booking], ...] = ()) -> None:
        self.waited_s: list[float] = []
        self.followed: list[Mapping[str, float]] = []
        self._shows = list(shows)
        self._tells = tells

    def booking(self, _booking_id: str, *, wait_s: float = 0.0) -> Booking:
        self.waited_s.append(wait_s)
        return self._shows.pop(0) if len(self._shows) > 1 else self._shows[0]

    def follow_booking(self, _booking_id: str, **bounds: float) -> Generator[Message[Booking], None, None]:
        self.followed.append(bounds)
        yield from self._tells

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def visit(tmp_path: Path) -> Visit:
    return Visit(Settings("http://x", tmp_path), Printer(as_json=False))


def meets(visit: Visit, frontrow: Frontrow) -> Frontrow:
    visit.__dict__.update(client=frontrow, session=SimpleNamespace(user_id=None))
    return frontrow


def told(status: str, version: int) -> Message[Booking]:
    return Message("change", shown(status, version))


def test_a_booking_is_waited_for_until_it_is_decided_and_not_until_its_hold_is_over(visit: Visit) -> None:
    frontrow = meets(visit, Frontrow(shown("pending", 0), shown("held", 1)))
    assert booking.booking(visit, "bk_1", wait=True) is Exit.OK
    assert frontrow.waited_s == [0.0, booking.PATIENT_S]
    assert frontrow.followed == []


def test_what_is_decided_is_not_waited_for(visit: Visit) -> None:
    frontrow = meets(visit, Frontrow(shown("held", 1)))
    assert booking.booking(visit, "bk_1", wait=True) is Exit.OK
    assert (frontrow.waited_s, frontrow.followed) == ([0.0], [])


def test_a_payment_is_followed_to_its_end_within_a_bounded_time(visit: Visit) -> None:
    frontrow = meets(
        visit, Frontrow(shown("paying", 2), shown("confirmed", 3), tells=(told("paying", 2), told("confirmed", 3)))
    )
    assert booking.booking(visit, "bk_1", wait=True) is Exit.OK
    (bounds,) = frontrow.followed
    assert bounds["within_s"] == booking.FOLLOW_PAYMENT_S
