"""Pages: the addresses of the streams. Each request becomes a place in a channel, or a problem.

``read_api.app`` enters here. A client that comes back with the id of its last message is told what it missed, when that
is known here; else it gets a snapshot, as everybody who comes for the first time.
"""

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import FastAPI, Header
from starlette.responses import Response

from contracts import problems
from contracts.ids import BOOKING_PREFIX, IdMint
from contracts.wire import Booking, EventChange, EventSnapshot
from read_api.conditional import never_kept
from read_api.events import check_names
from read_api.live import messages, metrics
from read_api.live.booking_subject import BookingSubject
from read_api.live.declared import Shapes, add_stream
from read_api.live.event_subject import EventSubject
from read_api.live.hub import Hub, TooMuchFollowedError
from read_api.live.messages import LAST_ID, Name
from read_api.live.stream import Stream, Streams
from read_api.live.subject import Subject
from read_api.view import View
from runtime.problems import ProblemError

RETRY_MS: Final = (2_000, 5_000)
"""When clients are to come back after a process went: once another one is there (2 s), and not all at once."""

LastId = Annotated[
    str | None,
    Header(alias=LAST_ID, description="The id of the last message: what was missed is told, or everything anew."),
]


class StreamPages:
    """The routes of the streams. ``dice`` gives a number from one to another."""

    def __init__(
        self,
        view: View,
        mint: IdMint,
        hub: Hub,
        streams: Streams,
        dice: Callable[[int, int], int],
    ) -> None:
        self._view = view
        self._mint = mint
        self._hub = hub
        self._streams = streams
        self._dice = dice

    def add_to(self, app: FastAPI) -> None:
        """Route and declare the pages."""
        of_an_event = Shapes(EventSnapshot, EventChange)
        add_stream(app, "/api/events/{event_id}/stream", self.event_stream, of_an_event)
        add_stream(app, "/api/bookings/{booking_id}/stream", self.booking_stream, Shapes(Booking, Booking), ends=True)

    async def event_stream(self, event_id: str, last_id: LastId = None) -> Response:
        """Tell an event's seats as they change: a snapshot, then what became of it."""
        check_names(event_id)
        return await self._stream(EventSubject(event_id, self._view), last_id)

    async def booking_stream(self, booking_id: str, last_id: LastId = None) -> Response:
        """Tell what becomes of a booking, until nothing becomes of it by itself; 204 to who has heard that."""
        issued = self._mint.read(booking_id)
        if issued is None or issued.prefix != BOOKING_PREFIX:
            raise ProblemError(problems.NOT_FOUND, "No booking has this id.")
        return await self._stream(BookingSubject(issued, self._view), last_id)

    async def _stream(self, subject: Subject, last_id: str | None) -> Response:
        self._refuse_unless_there_is_room()
        try:
            channel = await self._hub.channel(subject)
        except TooMuchFollowedError:
            raise self._too_many() from None
        self._refuse_unless_there_is_room()  # again: a whole crowd may have waited with this one
        if channel.subject.ended and last_id == channel.subject.mark:
            return Response(status_code=204, headers={"Cache-Control": "no-store"})  # the form's way to say "enough"
        as_of_ms = self._hub.as_of_ms(channel)
        missed = channel.after(last_id) if last_id is not None else None
        first = [
            messages.retry(self._dice(*RETRY_MS)),
            *((channel.snapshot(),) if missed is None else missed or (messages.heartbeat(as_of_ms),)),
        ]
        if channel.stale:
            first.append(messages.as_of(Name.STALE, channel.subject.mark, as_of_ms))
        return Stream(
            self._streams,
            channel,
            place=channel.end,
            first=first,
            headers=never_kept(as_of_ms),
        )

    def _refuse_unless_there_is_room(self) -> None:
        if not self._streams.room():
            raise self._too_many()

    def _too_many(self) -> ProblemError:
        metrics.REFUSED.inc()
        return ProblemError(problems.OVERLOADED, "As many streams are open here as there may be.")
