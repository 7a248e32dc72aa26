"""Lines cut at random bytes: a client that asks again under its key owns exactly what it asked for."""

import asyncio
import json
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import httpx
import pytest

from tests.e2e.asking import bookings_of, key
from tests.eventually import eventually
from tests.frontrow import Frontrow

CUT_FOR_S = float(os.environ.get("FRONTROW_TEST_CUTS_S", "8"))
"""How long connections are cut; two minutes on a day with time: ``FRONTROW_TEST_CUTS_S=120``."""
CLIENTS = 6
SELLS_OUT_IN_S = 1
"""Not before this do all of them together want the 800 seats of an event."""
LOOKED_UP = 200
"""So many bookings are also asked for; all of them are held against the ledger."""
CUT_OF_TEN = 7
"""So many of ten connections are cut."""
ANSWER_WITHIN_S = 15.0


@dataclass(frozen=True)
class Wish:
    """What a client wants, and the key under which it asks until it knows."""

    event_id: str
    seat_ids: tuple[str, ...]
    key: str


def wishes(event_ids: Sequence[str], dice: random.Random) -> Iterator[Wish]:
    """Yield wishes for one to three seats each, no seat twice, until the events are sold out."""
    for event_id in event_ids:
        seats = iter([f"{chr(ord('A') + row)}{n}" for row in range(20) for n in range(1, 41)])
        while seat_ids := tuple(islice(seats, dice.randint(1, 3))):
            yield Wish(event_id, seat_ids, key())


class CutClient:
    """Books over a line that is cut at any byte, and asks again until it has an answer."""

    def __init__(self, port: int, user: str, dice: random.Random) -> None:
        self._port = port
        self._user = user
        self._dice = dice
        self.told: dict[Wish, str] = {}
        self.attempts = 0

    async def run(self, wishes: Iterator[Wish], until: float) -> None:
        while time.monotonic() < until and (wish := next(wishes, None)) is not None:
            while wish not in self.told:
                self.attempts += 1
                line_is_cut = self._dice.randrange(10) < CUT_OF_TEN and time.monotonic() < until
                booking_id = await self._ask(wish, line_is_cut=line_is_cut)
                if booking_id is not None:
                    self.told[wish] = booking_id

    async def _ask(self, wish: Wish, *, line_is_cut: bool) -> str | None:
        body = {"userId": self._user, "eventId": wish.event_id, "seatIds": wish.seat_ids}
        sent = json.dumps(body).encode()
        prefer = b"Prefer: wait=2\r\n" if self._dice.random() < 0.5 else b""
        request = (
            b"POST /api/book HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
            b"Idempotency-Key: %b\r\n%bContent-Length: %d\r\n\r\n%b" % (wish.key.encode(), prefer, len(sent), sent)
        )
        # Up to the last byte of the request, or so many bytes into the answer.
        send = self._dice.randint(0, len(request)) if line_is_cut and self._dice.random() < 0.5 else len(request)
        receive = self._dice.randint(0, 400) if line_is_cut else -1
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(request[:send])
            await writer.drain()
            if send < len(request):
                return None
            if receive >= 0:
                if self._dice.random() < 0.5:
                    return None  # gone before the first byte
                await asyncio.wait_for(reader.read(receive), ANSWER_WITHIN_S)
                return None
            answer = await asyncio.wait_for(reader.read(), ANSWER_WITHIN_S)
        except OSError:
            return None
        finally:
            writer.transport.abort()
        head, _, text = answer.partition(b"\r\n\r\n")
        assert head.split(b" ")[1] in {b"200", b"202"}, answer
        return str(json.loads(text)["booking_id"])


@pytest.mark.timeout(CUT_FOR_S + 120)
def test_a_client_whose_line_is_cut_at_random_bytes_owns_exactly_what_it_asked_for(frontrow: Frontrow) -> None:
    seed = int(os.environ.get("FRONTROW_TEST_SEED", random.randrange(2**32)))
    sys.stdout.write(f"FRONTROW_TEST_SEED={seed}\n")
    dice = random.Random(seed)
    event_ids = [frontrow.new_event(rows=20, seats_a_row=40) for _ in range(1 + int(CUT_FOR_S / SELLS_OUT_IN_S))]
    port = httpx.URL(frontrow.instance.gateway_url).port or 80
    wanted = wishes(event_ids, dice)
    clients = [CutClient(port, f"user-{n}", random.Random(dice.random())) for n in range(CLIENTS)]

    async def everybody() -> None:
        until = time.monotonic() + CUT_FOR_S
        await asyncio.gather(*(client.run(wanted, until) for client in clients))

    asyncio.run(everybody())
    told = {booking_id: wish for client in clients for wish, booking_id in client.told.items()}
    attempts = sum(client.attempts for client in clients)
    sys.stdout.write(f"{len(told)} bookings in {attempts} attempts\n")
    assert len(told) == sum(len(client.told) for client in clients)
    assert attempts > len(told), "lines were cut"
    frontrow.accepted.update(told)
    # The last ones first: when they are shown, all are decided.
    for booking_id, wish in list(told.items())[: -LOOKED_UP - 1 : -1]:
        outcome = frontrow.outcome(booking_id)
        assert (outcome["status"], outcome["seat_ids"]) == ("confirmed", list(wish.seat_ids))

    def all_decided() -> list[tuple[str, str, list[str]]]:
        decided = [row for event_id in event_ids for row in bookings_of(frontrow, event_id)]
        assert {row[0] for row in decided} >= told.keys()
        return decided

    decided = eventually(all_decided)
    assert {booking_id for booking_id, _, _ in decided} == told.keys(), "nobody has a booking they do not know of"
    assert len(decided) == len(told)
    for booking_id, status, seat_ids in decided:
        assert (status, tuple(seat_ids)) == ("confirmed", told[booking_id].seat_ids)
    with frontrow.ledger() as ledger:
        owned = ledger.execute(
            "SELECT event_id, seat_id, booking_id FROM seats WHERE event_id = ANY (%s) AND booking_id IS NOT NULL",
            (event_ids,),
        ).fetchall()
    asked_for = {(wish.event_id, seat_id, booking_id) for booking_id, wish in told.items() for seat_id in wish.seat_ids}
    assert len(owned) == len(asked_for)
    assert set(owned) == asked_for
