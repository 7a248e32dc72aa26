"""The client against the real gateway: what it promises holds, also over lines that break."""

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import httpx
import pytest

from frontrow_client import (
    AsyncClient,
    Best,
    Booking,
    Client,
    ConflictError,
    InvalidRequestError,
    KeyReusedError,
    LiveEvent,
    NotFoundError,
    OutcomeUnknownError,
    Patience,
)
from tests.e2e.asking import bookings_of, key
from tests.e2e.cutting import CuttingProxy
from tests.eventually import eventually
from tests.frontrow import Frontrow
from tests.integration.proxy import Proxy

HASTE = Patience(within_s=2, attempt_s=1)
CLIENTS = 6
SEATS_EACH = 12


@pytest.fixture
def client(frontrow: Frontrow) -> Iterator[Client]:
    with Client(frontrow.instance.gateway_url, user_id="user-123") as client:
        yield client


@pytest.fixture
async def proxy(frontrow: Frontrow) -> AsyncIterator[Proxy]:
    async with Proxy.before(frontrow.instance.gateway_url) as proxy:
        yield proxy


def remembered(frontrow: Frontrow, booking: Booking) -> Booking:
    frontrow.accepted.add(booking.booking_id)
    return booking


def test_it_books_reads_its_own_write_and_gives_back(frontrow: Frontrow, client: Client) -> None:
    event_id = frontrow.new_event()
    booking = remembered(frontrow, client.book(event_id, seats=["A1", "A2"]))
    assert (booking.status, booking.seat_ids) == ("confirmed", ["A1", "A2"])
    shown = client.event(event_id)
    assert [seat.status for seat in (shown.seats or [])[:3]] == ["booked", "booked", "available"]
    assert client.booking(booking.booking_id) == booking
    [section] = client.availability(event_id).sections
    assert section.status.startswith("bba")
    assert client.section(event_id, "main").seats_available == 18
    given_back = client.cancel(booking.booking_id, seats=["A1"])
    frontrow.accepted.add(given_back.command_id)
    assert (given_back.status, given_back.kind, given_back.target) == ("done", "cancel_booking", booking.booking_id)
    assert client.booking(booking.booking_id).seat_ids == ["A2"]
    assert event_id in {event.event_id for event in client.events()}


def is_told_no(client: Client, booking_id: str) -> None:
    """Assert that the ledger says that a hold is not extended again; the worker does where it does not in time."""
    told = None
    try:
        outcome = client.extend(booking_id)
        assert (outcome.status, outcome.reason) == ("refused", "already_extended")
    except ConflictError as error:
        told = error
    assert told is not None


def test_it_holds_extends_and_is_told_no(frontrow: Frontrow, client: Client) -> None:
    event_id = frontrow.new_event(hold_seconds=60)
    held = remembered(frontrow, client.book(event_id, best=Best(count=2)))
    assert held.status == "held"
    assert held.has_seats
    assert client.extend(held.booking_id).status == "done"
    eventually(lambda: is_told_no(client, held.booking_id))
    longer = client.booking(held.booking_id)
    assert longer.expires_at is not None
    assert held.expires_at is not None
    assert longer.expires_at > held.expires_at
    refused = remembered(frontrow, client.book(event_id, seats=held.seat_ids or [], offer=True, user_id="user-456"))
    assert (refused.status, refused.reason, refused.conflicts) == ("rejected", "seat_taken", held.seat_ids)
    assert refused.offer is not None
    taken = remembered(frontrow, client.book(event_id, offer_id=refused.offer.offer_id, user_id="user-456"))
    assert (taken.status, taken.seat_ids) == ("held", refused.offer.seat_ids)


def test_problems_are_of_their_kind(frontrow: Frontrow, client: Client) -> None:
    event_id, under = frontrow.new_event(), key()
    with pytest.raises(NotFoundError):
        client.event("no-such-event")
    with pytest.raises(InvalidRequestError) as raised:
        client.book(event_id, best=Best(count=11))
    assert raised.value.errors
    assert raised.value.instance
    remembered(frontrow, client.book(event_id, seats=["A1"], key=under))
    with pytest.raises(KeyReusedError):
        client.book(event_id, seats=["A2"], key=under)


def test_it_says_that_all_is_well(client: Client) -> None:
    assert client.health().checks.keys() == {"accepted", "decided", "shown", "paid", "told", "audited"}


async def test_it_hears_what_others_book_over_lines_that_break(frontrow: Frontrow, proxy: Proxy) -> None:
    event_id = frontrow.new_event(seats_a_row=4)
    url = proxy.instead(frontrow.instance.gateway_url)
    live, told = LiveEvent(), []
    async with (
        AsyncClient(frontrow.instance.gateway_url, user_id="user-123") as buying,
        AsyncClient(url) as listening,
        aclosing(listening.follow_event(event_id)) as stream,
    ):
        async for message in stream:
            live.hear(message)
            told.append(message.name)
            match live.seats:
                case _ if not live.fresh:
                    continue  # the line was lost, and comes back by itself
                case {"A1": "available"}:
                    remembered(frontrow, await buying.book(event_id, seats=["A1"]))
                case {"A2": "available"}:
                    await proxy.cut()
                    remembered(frontrow, await buying.book(event_id, seats=["A2"]))
                    await proxy.mend()
                case _:
                    break
    assert live.seats == {"A1": "booked", "A2": "booked", "A3": "available", "A4": "available"}
    assert told[0] == "snapshot"
    assert "interrupted" in told


async def test_an_unknown_outcome_is_settled_by_the_same_call_under_its_key(frontrow: Frontrow, proxy: Proxy) -> None:
    event_id = frontrow.new_event()
    url = proxy.instead(frontrow.instance.gateway_url)
    async with AsyncClient(url, user_id="user-123", patience=HASTE) as client:
        proxy.freeze()
        with pytest.raises(OutcomeUnknownError) as raised:
            await client.book(event_id, seats=["A1"], wait_s=0)
        proxy.thaw()
        booking = remembered(frontrow, await client.book(event_id, seats=["A1"], key=raised.value.key))
    assert booking.status == "confirmed"
    assert [row[0] for row in bookings_of(frontrow, event_id)] == [booking.booking_id]


async def test_over_lines_that_are_cut_at_random_bytes_everybody_owns_what_they_were_told(frontrow: Frontrow) -> None:
    seed = int(os.environ.get("FRONTROW_TEST_SEED", random.randrange(2**32)))
    sys.stdout.write(f"FRONTROW_TEST_SEED={seed}\n")
    event_id = frontrow.new_event(rows=CLIENTS, seats_a_row=SEATS_EACH)
    port = httpx.URL(frontrow.instance.gateway_url).port or 80

    async def buy_a_row(url: str, row: str) -> list[Booking]:
        async with AsyncClient(url, user_id=f"user-{row}", patience=Patience(within_s=60)) as client:
            booked = [await client.book(event_id, seats=[f"{row}{n}"]) for n in range(1, SEATS_EACH + 1)]
            # Every second one is given back, over the same lines.
            outcomes = [await client.cancel(booking.booking_id) for booking in booked[::2]]
        assert {outcome.status for outcome in outcomes} == {"done"}
        frontrow.accepted.update(outcome.command_id for outcome in outcomes)
        return booked

    async with CuttingProxy("127.0.0.1", port, random.Random(seed)) as proxy:
        url = proxy.instead(frontrow.instance.gateway_url)
        rows = [chr(ord("A") + number) for number in range(CLIENTS)]
        told = await asyncio.gather(*(buy_a_row(url, row) for row in rows))
    assert proxy.cuts > 0
    bookings = [remembered(frontrow, booking) for row in told for booking in row]
    assert [booking.seat_ids for booking in bookings] == [
        [f"{row}{n}"] for row in rows for n in range(1, SEATS_EACH + 1)
    ]
    assert sorted(row[0] for row in bookings_of(frontrow, event_id)) == sorted(one.booking_id for one in bookings)
    kept = {(booking.booking_id, *(booking.seat_ids or [])) for row in told for booking in row[1::2]}
    with frontrow.ledger() as ledger:
        owned = ledger.execute(
            "SELECT booking_id, seat_id FROM seats WHERE event_id = %s AND booking_id IS NOT NULL", (event_id,)
        ).fetchall()
    assert set(owned) == kept
