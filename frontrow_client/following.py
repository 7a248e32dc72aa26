"""Following: an event or a booking as it changes, over as many lines as it takes. Steps, no I/O.

``Client`` and ``AsyncClient`` enter here through ``Calls``. A line that is lost, or that is silent for longer than two
heartbeats, is taken up again with the id of the last message, so what was missed is told. It must never end without
saying why, or go on asking for ever while nobody answers.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from frontrow_client.asking import Asking
from frontrow_client.models import Booking, EventChange, EventSnapshot, Message
from frontrow_client.patience import WORTH_REPEATING
from frontrow_client.problems import FrontrowError, UnexpectedError, UnreachableError, problem_of
from frontrow_client.server_sent import Parser, ServerSent, TooLongError
from frontrow_client.steps import Answer, Hear, Heard, Listen, Lost, Pause, Request, Stream, Tell, Telling

T = TypeVar("T")

SILENT_S: Final = 40.0
"""Two heartbeats of 15 s and time for a slow line: whoever says nothing for so long is gone."""
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 15.0
"""Pauses double from the first to the longest while nobody answers; whoever was asked to wait comes no sooner."""
GIVE_UP_S: Final = 300.0
"""Without a word for so long: five minutes, longer than any restart of Frontrow takes."""
_OK: Final = 200
_NO_CONTENT: Final = 204
_FINAL: Final = frozenset({"confirmed", "rejected", "failed", "cancelled", "expired"})
"""From these nothing follows by itself, and the stream is told no more."""

_EVENT: Final[Mapping[str, TypeAdapter[EventSnapshot | EventChange]]] = {
    "snapshot": TypeAdapter(EventSnapshot),
    "change": TypeAdapter(EventChange),
}
_BOOKING: Final[Mapping[str, TypeAdapter[Booking]]] = dict.fromkeys(("snapshot", "change"), TypeAdapter(Booking))


class Line(NamedTuple):
    """What is listened to, and for how long."""

    path: str
    give_up_s: float
    silent_s: float
    within_s: float = math.inf


class Following:
    """The streams. ``give_up_s``: how long to ask while nobody answers; ``silent_s``: when a silent line is lost."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    @Stream
    def follow_event(
        self, event_id: str, *, give_up_s: float = GIVE_UP_S, silent_s: float = SILENT_S
    ) -> Telling[Message[EventSnapshot | EventChange]]:
        """Tell an event's seats as they change, without end: a snapshot, then what became of it.

        Raises:
            UnreachableError: nobody answered for so long.
            FrontrowError: there is no such event, or it cannot be told.
        """
        line = Line(f"/api/events/{quote(event_id, safe='')}/stream", give_up_s, silent_s)
        yield from self._follow(line, _EVENT)

    @Stream
    def follow_booking(
        self,
        booking_id: str,
        *,
        give_up_s: float = GIVE_UP_S,
        silent_s: float = SILENT_S,
        within_s: float = math.inf,
    ) -> Telling[Message[Booking]]:
        """Tell a booking as it changes, until nothing follows by itself any more.

        ``within_s``: it ends with the first heartbeat after so long at the latest, whatever was told.

        Raises:
            UnreachableError: nobody answered for so long.
            FrontrowError: there is no such booking, or it cannot be told.
        """
        line = Line(f"/api/bookings/{quote(booking_id, safe='')}/stream", give_up_s, silent_s, within_s)
        yield from self._follow(line, _BOOKING, lambda booking: booking.status in _FINAL)

    def _follow(
        self,
        line: Line,
        kinds: Mapping[str, TypeAdapter[T]],
        is_last: Callable[[T], bool] = lambda _: False,
    ) -> Telling[Message[T]]:
        heard_at = self._asking.clock()
        until = heard_at + line.within_s
        mark, attempts = "", 0
        while (left_s := until - self._asking.clock()) > 0:
            headers = {"Accept": "text/event-stream", **({"Last-Event-ID": mark} if mark else {})}
            reply = yield Listen(Request("GET", line.path, {}, headers, timeout_s=min(line.silent_s, left_s)))
            if isinstance(reply, Answer) and reply.status == _NO_CONTENT:
                return
            if isinstance(reply, Answer) and reply.status == _OK:
                parser, why = Parser(mark), None
                while why is None:
                    messages, why = _heard((yield Hear()), parser)
                    heard_at = heard_at if why else self._asking.clock()
                    for sent in messages:
                        mark, attempts = sent.mark, 0
                        message = _message(sent, kinds)
                        yield Tell(message)
                        if message.data is not None and is_last(message.data):
                            return
                    if self._asking.clock() >= until:
                        return
                failure: FrontrowError = UnreachableError(why)
                asked_s = parser.retry_s
            else:
                failure, asked_s = self._refused(reply)
            attempts += 1
            wait_s = self._asking.pause_s(attempts, asked_s, first_s=FIRST_PAUSE_S, longest_s=LONGEST_PAUSE_S)
            if self._asking.clock() + wait_s - heard_at >= line.give_up_s:
                raise failure
            yield Tell(Message("interrupted", text=str(failure)))
            yield Pause(max(0.0, min(wait_s, until - self._asking.clock())))

    def _refused(self, reply: object) -> tuple[FrontrowError, float | None]:
        """Return why there is no line, and how long Frontrow asks to be left alone.

        Raises:
            ProblemError: it would be answered alike again.
        """
        if not isinstance(reply, Answer):
            return UnreachableError(reply.why if isinstance(reply, Lost) else "there was no answer"), None
        failure = problem_of(reply, self._asking.wall_clock())
        if reply.status not in WORTH_REPEATING:
            raise failure
        return failure, failure.retry_after_s


def _heard(reply: object, parser: Parser) -> tuple[list[ServerSent], str | None]:
    """Return the messages that are complete now, and why there are no more on this line, if there are none."""
    if isinstance(reply, Lost):
        return [], reply.why
    if not isinstance(reply, Heard) or not reply.data:
        return [], "the stream was ended at the other end"
    try:
        return parser.feed(reply.data), None
    except TooLongError:
        raise UnexpectedError(_OK, {"detail": "the stream has a message without an end"}) from None


def _message(sent: ServerSent, kinds: Mapping[str, TypeAdapter[Any]]) -> Message[Any]:
    """Return a message; one whose name a later Frontrow added is passed on as it came."""
    kind = kinds.get(sent.name)
    try:
        data = kind.validate_json(sent.data) if kind else None
    except ValidationError as error:
        raise UnexpectedError(_OK, {"detail": f"the stream cannot be read: {error.title}"}) from None
    return Message(sent.name, data, sent.data, sent.mark)
