"""Plain: a booking accepted by an ordinary FastAPI route, with the same model and the same acknowledgement awaited.

``python -m loadtest.bench.plain`` with the settings of ``write_api``, on a topic of the benchmark's own; the hot path
of ``write_api.booking`` is held against it. Id, command and producer are the service's own; what it has besides
(sessions, keys, limits, metrics, bounds) this has not.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI, HTTPException

from contracts.commands import BookSeats
from contracts.ids import BOOKING_PREFIX
from contracts.wire import ACCEPTED_MESSAGE, BookingAccepted, GuestBookingRequest
from loadtest.bench import ordinary
from runtime import settings
from runtime.kafka import producer_config
from runtime.producer import Producer
from write_api.callers import Principals
from write_api.commands import CommandLog
from write_api.settings import WriteApiSettings

PATH: Final = "/bench/plain/book"


def create_plain(loaded: WriteApiSettings) -> FastAPI:
    """Return the application; the log is first touched when it starts."""
    producer = Producer(producer_config(loaded.kafka_bootstrap, "plain"), loaded.topic, loaded.partitions)
    log = CommandLog(producer, loaded.booking_id_keys.mint(loaded.keyed_id_key), loaded.partitions)
    principals = Principals(loaded.principal_key)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await producer.start()
        yield
        await producer.stop()

    app = ordinary.create("plain", lifespan)

    @app.post(PATH, status_code=202)
    async def book(body: GuestBookingRequest) -> BookingAccepted:
        booking_id, issued_at_ms = log.issue(BOOKING_PREFIX, body.event_id)
        command = BookSeats(
            command_id=booking_id,
            event_id=body.event_id,
            seat_ids=body.seats,
            principal=principals.of_guest(body.user_id),
            issued_at_ms=issued_at_ms,
        )
        await log.append(command)
        return BookingAccepted(
            message=ACCEPTED_MESSAGE,
            booking_id=booking_id,
            status="pending",
            status_url=f"/api/bookings/{booking_id}",
        )

    @app.get("/health/ready")
    async def ready() -> dict[str, str]:
        if not producer.reachable:
            raise HTTPException(503)
        return {"status": "ok"}

    return app


def main() -> None:
    """Serve."""
    loaded = settings.load(WriteApiSettings)
    ordinary.serve(create_plain(loaded), loaded.http_host, loaded.http_port)


if __name__ == "__main__":
    main()
