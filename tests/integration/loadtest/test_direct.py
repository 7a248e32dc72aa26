"""The direct reference: a seat goes once, and where the event is counted down, it is by what was booked."""

import httpx
import psycopg
import pytest
from starlette.types import Receive, Scope, Send

from loadtest.bench import direct

SEATS = 3
_LEFT = "SELECT available FROM direct_events"
_BOOKED = "SELECT count(*) FROM direct_bookings"


@pytest.mark.parametrize(("path", "left"), [(direct.PATH, SEATS), (direct.COUNTED_PATH, SEATS - 2)])
async def test_a_seat_goes_once_and_is_counted_where_that_is_asked_for(ledger: str, path: str, left: int) -> None:
    with psycopg.connect(ledger, autocommit=True) as connection:
        connection.execute(direct.SCHEMA)
        connection.execute(direct.SEATS, {"prefix": "hall-", "halls": 1, "seats": SEATS})
        connection.execute(direct.COUNTERS)
        bodies = [{"userId": "u", "eventId": "hall-0", "seatId": seat} for seat in ("S1", "S2", "S1")]
        assert await _statuses(ledger, path, bodies) == [201, 201, 409]
        assert connection.execute(_BOOKED).fetchone() == (2,)
        assert connection.execute(_LEFT).fetchone() == (left,), "what was refused is not counted"


async def _statuses(conninfo: str, path: str, bodies: list[dict[str, str]]) -> list[int]:
    app = direct.create_direct(conninfo, 2)
    async with app.router.lifespan_context(app) as state:

        async def stated(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": state}, receive, send)

        async with httpx.AsyncClient(transport=httpx.ASGITransport(stated), base_url="http://direct") as client:
            return [(await client.post(path, json=body)).status_code for body in bodies]
