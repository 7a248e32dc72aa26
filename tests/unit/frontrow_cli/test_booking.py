"""Booking: what is waited for, and for how long."""

import json
from collections.abc import Generator, Mapping
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from frontrow_cli import booking
from frontrow_cli.exits import Exit
from frontrow_cli.printing import Printer
from frontrow_cli.settings import Settings
from frontrow_cli.visit import UsageError, Visit
from frontrow_client import Booking, Client, Message, NotFoundError, Page

CHECKOUT = Path(__file__).parents[3]


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


@pytest.mark.parametrize("price", ["nan", "inf", "-1", "0.001", "dear"])
def test_a_price_is_a_number_of_minor_units(visit: Visit, price: str) -> None:
    nothing = SimpleNamespace(availability=lambda _event_id: SimpleNamespace(sections=[]), close=lambda: None)
    visit.__dict__.update(client=nothing)
    with pytest.raises(UsageError, match="is no price in EUR"):
        booking.book(visit, "hall", best=2, max_price=price)


class Remembers:
    """Shows these bookings; there are no others."""

    def __init__(self, *bookings: Booking) -> None:
        self._bookings = {one.booking_id: one for one in bookings}

    def booking(self, booking_id: str) -> Booking:
        if booking_id not in self._bookings:
            raise NotFoundError(404, {})
        return self._bookings[booking_id]


def test_the_newest_of_those_that_are_so_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = Visit(Settings("http://x", tmp_path), Printer(as_json=True))
    bookings = [
        Booking(booking_id=f"bk_{number}", status="held" if number < 3 else "cancelled", event_id="hall")
        for number in range(5)
    ]
    visit.__dict__.update(client=Remembers(*bookings), session=SimpleNamespace(user_id=None), guest="guest-1")
    for one in (*bookings, Booking(booking_id="bk_elsewhere", status="held")):
        visit.wishes.remember(one.booking_id, "hall")
    listed: list[list[Booking]] = []
    monkeypatch.setattr(booking, "_list", lambda _visit, found: listed.append(list(found)))
    booking.mine(visit, status="held", limit=2)
    assert [one.booking_id for one in listed[0]] == ["bk_2", "bk_1"]
    assert capsys.readouterr().out


def test_a_status_that_no_booking_has_is_not_asked_for(visit: Visit) -> None:
    visit.__dict__.update(session=SimpleNamespace(user_id=None))
    with pytest.raises(UsageError, match="No booking is ever lost: say pending, held"):
        booking.mine(visit, status="lost")


@pytest.mark.parametrize("status", ["pending", "lost"])
def test_an_account_is_not_told_to_ask_for_what_its_list_does_not_take(visit: Visit, status: str) -> None:
    visit.__dict__.update(session=SimpleNamespace(user_id="alice"))
    with pytest.raises(UsageError, match=f"No booking in an account's list is ever {status}: say held, paying, "):
        booking.mine(visit, status=status)


def test_what_an_account_is_told_to_ask_for_is_what_its_list_takes(visit: Visit) -> None:
    document = json.loads((CHECKOUT / "gateway" / "static" / "openapi.json").read_text())
    parameters = document["paths"]["/api/bookings"]["get"]["parameters"]
    (taken,) = (one["schema"] for one in parameters if one.get("name") == "status")
    (listed,) = (one["enum"] for one in taken["anyOf"] if "enum" in one)
    asked: list[object] = []

    class Lists:
        """An account's list of bookings, which is empty."""

        def bookings(self, **filters: object) -> Page[Booking]:
            asked.append(filters["status"])
            return Page((), None)

    visit.__dict__.update(client=Lists(), session=SimpleNamespace(user_id="alice"))
    for status in listed:
        booking.mine(visit, status=status)
    assert asked == listed
    with pytest.raises(UsageError) as told:
        booking.mine(visit, status="lost")
    assert all(status in str(told.value) for status in listed)


def test_a_guest_asks_this_machine_for_what_is_pending(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    pending, held = Booking(booking_id="bk_1", status="pending"), Booking(booking_id="bk_2", status="held")
    visit.__dict__.update(client=Remembers(pending, held), session=SimpleNamespace(user_id=None), guest="guest-1")
    for one in (pending, held):
        visit.wishes.remember(one.booking_id, "hall")
    listed: list[list[Booking]] = []
    monkeypatch.setattr(booking, "_list", lambda _visit, found: listed.append(list(found)))
    booking.mine(visit, status="pending")
    assert [one.booking_id for one in listed[0]] == ["bk_1"]


def test_a_payment_whose_line_is_silent_to_the_end_is_read_as_it_is_then(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = 0

    def answered(request: httpx.Request) -> httpx.Response:
        nonlocal reads
        if request.url.path.endswith("/stream"):
            raise httpx.ReadTimeout(str(request.url), request=request)
        reads += 1
        now = shown("paying", 2) if reads == 1 else shown("confirmed", 3)
        return httpx.Response(200, json={"booking_id": now.booking_id, "status": now.status, "version": now.version})

    monkeypatch.setattr(booking, "FOLLOW_PAYMENT_S", 0.2)
    with httpx.Client(base_url="http://x", transport=httpx.MockTransport(answered)) as http:
        visit.__dict__.update(client=Client("http://x", http=http), session=SimpleNamespace(user_id=None))
        assert booking.booking(visit, "bk_1", wait=True) is Exit.OK
    assert reads == 2
