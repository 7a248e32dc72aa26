"""The application: builds the parts of read_api from its settings and wires their start and stop.

``python -m read_api``, the document builder and the tests enter here. Nothing happens at import.
"""

import asyncio
import random
import resource
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from contracts import problems
from read_api.bookings import BookingPages
from read_api.calendars import CalendarPages
from read_api.catalogue import CataloguePages
from read_api.commands import CommandPages
from read_api.declared import document
from read_api.event_bookings import EventBookingPages
from read_api.events import EventPages
from read_api.layouts import LayoutPage
from read_api.live.hub import Hub
from read_api.live.pages import StreamPages
from read_api.live.stream import Streams
from read_api.my_bookings import MyBookings
from read_api.my_events import MyEvents
from read_api.sales import SalesPages
from read_api.seat_lists import SeatLists
from read_api.settings import ReadApiSettings
from read_api.tickets import TicketPages
from read_api.unavailable import view_unavailable
from read_api.view import View
from read_api.waiting import BookingWaits
from runtime import http
from runtime.credentials import Credentials
from runtime.mongo import Mongo, MongoAwayError
from runtime.problems import request_id, response

VERSION: Final = "1"

ANSWER_WITHIN_S: Final = 0.9
"""How long MongoDB may take: with it away, the caller is told so within about a second."""
FAIL_FAST_S: Final = 0.25
"""How long after a failure other callers are told so without trying."""
FILES_FOR_OTHERS: Final = 500 + http.ACCEPTED_AT_ONCE
"""Of the files that this process may have open: connections of those who want a page and go, and to MongoDB; and the
handles on which it listens."""

REFUSALS: Final = http.FrameworkProblems(
    not_found=problems.NOT_FOUND,
    method_not_allowed=problems.METHOD_NOT_ALLOWED,
    bad_request=problems.BAD_REQUEST,
    invalid_request=problems.INVALID_REQUEST,
    internal=problems.INTERNAL,
)


def create_app(settings: ReadApiSettings) -> FastAPI:
    """Return the application; MongoDB is first touched by the first request."""
    mongo = Mongo(
        settings.mongo_url,
        settings.mongo_database,
        user=settings.mongo_user,
        password=settings.mongo_password.get_secret_value(),
        timeout_s=ANSWER_WITHIN_S,
        fail_fast_s=FAIL_FAST_S,
    )
    view = View(mongo)
    hub = Hub(view)

    async def view_is_there() -> bool:
        await mongo.ping()
        return True

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        letting_go = asyncio.create_task(hub.let_go_when(http.stopping(app)))
        yield
        letting_go.cancel()
        await hub.stop()
        await mongo.close()

    app = http.create_app(
        title="Frontrow: read API",
        version=VERSION,
        lifespan=lifespan,
        checks={"view": view_is_there},
        refusals=REFUSALS,
    )
    EventPages(view, SeatLists(view)).add_to(app)
    LayoutPage(view).add_to(app)
    CataloguePages(view).add_to(app)
    mint = settings.booking_id_keys.mint(settings.keyed_id_key)
    tokens = settings.token_public_keys.reader()
    credentials = Credentials(
        lambda token: tokens.read(token, now_s=time.time()),
        unauthenticated=problems.UNAUTHENTICATED,
        forbidden=problems.FORBIDDEN,
    )
    BookingPages(view, mint, BookingWaits(view, http.stopping(app)), credentials).add_to(app)
    MyBookings(view, credentials).add_to(app)
    MyEvents(view, credentials).add_to(app)
    EventBookingPages(view, credentials).add_to(app)
    CommandPages(view, mint, credentials).add_to(app)
    TicketPages(view, mint, credentials, settings.ticket_signing_keys).add_to(app)
    CalendarPages(view, mint, credentials).add_to(app)
    SalesPages(view, credentials).add_to(app)
    streams = Streams(min(settings.max_streams, _files() - FILES_FOR_OTHERS))
    StreamPages(view, mint, hub, streams, random.SystemRandom().randint).add_to(app)
    app.add_exception_handler(MongoAwayError, _view_unavailable)
    app.openapi = partial(document, app)  # type: ignore[method-assign]  # FastAPI's documented way to extend it
    return app


def _files() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft if soft != resource.RLIM_INFINITY else sys.maxsize


async def _view_unavailable(request: Request, _away: Exception) -> Response:
    return response(view_unavailable(), request_id(request))
