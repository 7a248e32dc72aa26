"""An outage over which hundreds go on trying: they all come back, the platform stays up, and each has one booking.

Callers of our own client pause by dice; blunt ones know nothing but ``Retry-After``, to the second.
"""

import asyncio
import time
import uuid
from collections import Counter

import httpx
import pytest

from frontrow_client import AsyncClient, Booking, Patience
from tests.eventually import eventually_async
from tests.frontrow import Document, Frontrow
from tests.rush import allow_open_files
from tests.stalls import stretched

CALLERS, BLUNT = 200, 100
ROWS, SEATS_A_ROW = 10, 40
PATIENCE = Patience(within_s=240, attempt_s=60)
TRIED_BEFORE_IT_IS_BACK = CALLERS + BLUNT
CONNECT_WITHIN_S = 60
"""A busy machine's share: this test's own event loop has hundreds of clients."""
HEALTHY_WITHIN_S = 20.0
"""Ten, and as much for this test's own hundreds of clients."""
SERVED_WITHIN_S = 60.0


class Crowd:
    """Everybody, over as many connections as they need; ``told`` counts their answers by status."""

    def __init__(self, frontrow: Frontrow) -> None:
        allow_open_files(4 * (CALLERS + BLUNT))
        self._event_id = frontrow.new_event(rows=ROWS, seats_a_row=SEATS_A_ROW)
        self.told: Counter[int] = Counter()
        limits = httpx.Limits(max_connections=None)
        hooks = {"response": [self._note]}
        self.http = httpx.AsyncClient(
            base_url=frontrow.instance.gateway_url, limits=limits, event_hooks=hooks, timeout=CONNECT_WITHIN_S
        )

    @property
    def event_id(self) -> str:
        return self._event_id

    def come(self) -> list["asyncio.Task[str]"]:
        """Begin to book, everybody another seat; each returns the id of a booking that was confirmed."""
        patient = [asyncio.create_task(self._patient(n)) for n in range(CALLERS)]
        return patient + [asyncio.create_task(self._blunt(n)) for n in range(CALLERS, CALLERS + BLUNT)]

    async def _note(self, answer: httpx.Response) -> None:
        self.told[answer.status_code] += 1

    async def _patient(self, number: int) -> str:
        client = AsyncClient(user_id=f"caller-{number}", patience=PATIENCE, http=self.http)
        booking: Booking = await client.book(self._event_id, seats=[seat(number)], wait_s=SERVED_WITHIN_S)
        assert booking.status == "confirmed", booking
        return booking.booking_id

    async def _blunt(self, number: int) -> str:
        body = {"userId": f"blunt-{number}", "eventId": self._event_id, "seatId": seat(number)}
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        while True:
            try:
                answer = await self.http.post("/api/book", json=body, headers=headers)
            except httpx.TransportError:  # the gateway stays; a connection that broke is tried again
                continue
            if answer.status_code == httpx.codes.ACCEPTED:
                return str(answer.json()["booking_id"])
            assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, answer.text
            await asyncio.sleep(int(answer.headers["retry-after"]))


def seat(number: int) -> str:
    row, place = divmod(number, SEATS_A_ROW)
    return f"{chr(ord('A') + row)}{place + 1}"


@pytest.mark.parametrize("program", ["kafka", pytest.param("write_api", marks=pytest.mark.long)])
async def test_whoever_comes_back_after_an_outage_is_served_once_and_does_not_bring_it_down_again(
    frontrow: Frontrow, program: str
) -> None:
    crowd = Crowd(frontrow)
    async with crowd.http:
        await asyncio.to_thread(frontrow.instance.stop_program, program)
        coming = crowd.come()

        async def all_tried() -> None:
            assert crowd.told[503] >= TRIED_BEFORE_IT_IS_BACK, crowd.told

        await eventually_async(all_tried, within_s=90)
        await asyncio.to_thread(frontrow.instance.start_program, program)

        async def healthy() -> None:
            try:
                answer: Document = (await crowd.http.get("/health")).json()
            except httpx.TransportError as error:  # a connection that idled for too long
                raise AssertionError from error
            assert answer["status"] == "ok", answer

        back = time.monotonic()
        await eventually_async(healthy, within_s=stretched(HEALTHY_WITHIN_S))
        booking_ids = await asyncio.wait_for(asyncio.gather(*coming), SERVED_WITHIN_S)
        print(f"all served {time.monotonic() - back:.1f} s after its return, told {dict(crowd.told)}")  # noqa: T201
    frontrow.accepted |= set(booking_ids)
    for booking_id in booking_ids:
        assert (await asyncio.to_thread(frontrow.outcome, booking_id))["status"] == "confirmed"
    with frontrow.ledger() as ledger:
        decided = ledger.execute(
            "SELECT count(*), count(DISTINCT principal) FROM outcomes WHERE event_id = %s AND kind = 'book_seats'",
            (crowd.event_id,),
        ).fetchone()
    assert decided == (CALLERS + BLUNT, CALLERS + BLUNT), "each key is one booking, however often it came"
