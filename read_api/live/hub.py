"""Hub: the one watch of this process, and the channels that it feeds.

``pages`` enters here for each stream. The watch is open before anything is read, so that a channel's first snapshot and
what is told after it leave nothing out between them. It runs while there is a channel, and a channel stays for a while
after its last stream, for who comes back.

MongoDB away: streams stay open and are told ``stale`` after ``STALE_AFTER_S``; when it is back they are told what they
missed, then ``fresh``. So are they when nobody projects: what is heard of is the watermark, which the projector moves
each second. An event that is followed already can be joined meanwhile; for another ``MongoAwayError`` comes through.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from contracts import views
from read_api.live import messages, metrics
from read_api.live.booking_subject import BOOKING
from read_api.live.channel import Channel
from read_api.live.event_subject import EVENT
from read_api.live.messages import Name
from read_api.live.subject import Subject
from read_api.view import NOTHING_YET, View, Watermark
from runtime.mongo import MongoAwayError
from runtime.mongo_watch import Change, Missed, Watch
from runtime.problems import ProblemError

GATHER_S: Final = 0.08
"""From a change to its message, so that what belongs together is told together and a rush makes at most twelve messages
a second, whatever the number of bookings."""
OPEN_WITHIN_S: Final = 0.9
KEEP_TIME_EVERY_S: Final = 1.0
HEARTBEAT_S: Final = 15.0
"""Promised to clients; the gateway waits four times as long."""
STALE_AFTER_S: Final = 5.0
"""Five of the projector's heartbeats."""
LINGER_S: Final = 60.0
"""How long a channel waits for clients to come back, and so what a client misses meanwhile can be told."""
MAX_SEATS: Final = 1_000_000
"""Named seats of all channels together; some 70 bytes each."""
MAX_CHANNELS: Final = 10_000
"""Some 3 kB each beside its seats and messages."""

_KINDS: Final = {views.EVENTS: EVENT, views.BLOCKS: EVENT, views.BOOKINGS: BOOKING}

Key = tuple[str, str]


class TooMuchFollowedError(Exception):
    """This process follows as many events and bookings as it has memory for."""


class Hub:
    """The channels by kind and key. Belongs to one event loop."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._channels: dict[Key, Channel] = {}
        self._seats = 0
        self._opening: dict[Key, asyncio.Task[Channel]] = {}
        self._early: dict[Key, Subject] = {}
        self._noted: set[Channel] = set()
        self._gathering: asyncio.TimerHandle | None = None
        self._watch: Watch | None = None
        self._time_keeper: asyncio.Task[None] | None = None
        self._watermark: Watermark = NOTHING_YET
        self._dated = False
        self._heard_at = 0.0

    async def channel(self, subject: Subject) -> Channel:
        """Return the channel of this subject; of the first one given, when it is followed already.

        Raises:
            MongoAwayError, ProblemError: it cannot be read, or is not there.
            TooMuchFollowedError: see there.
        """
        key = subject.kind, subject.key
        channel = self._channels.get(key)
        if channel is not None:
            return channel
        opening = self._opening.get(key)
        if opening is None:
            opening = self._opening[key] = asyncio.create_task(self._open(key, subject))
            opening.add_done_callback(lambda _: self._opening.pop(key, None))
        # One of many who wait for it may go.
        return await asyncio.shield(opening)

    def as_of_ms(self, channel: Channel) -> int | None:
        """Return the time up to which everything that the channel told is complete."""
        return self._watermark.as_of_ms(channel.subject.partition)

    async def let_go_when(self, stopping: asyncio.Event) -> None:
        """Let every stream go as soon as this process is about to stop."""
        await stopping.wait()
        for channel in self._channels.values():
            channel.close()

    async def stop(self) -> None:
        """End the watch; safe to call twice."""
        if self._time_keeper is not None:
            self._time_keeper.cancel()
        if self._watch is not None:
            watch, self._watch = self._watch, None
            await watch.stop()

    async def _open(self, key: Key, subject: Subject) -> Channel:
        self._make_room()
        if self._watch is None:
            self._watch, self._dated = self._view.watch(self._told), False
            self._watch.start()
        if self._time_keeper is None or self._time_keeper.done():
            self._time_keeper = asyncio.create_task(self._keep_time())
        self._early[key] = subject
        try:
            if not await self._watch.opened(OPEN_WITHIN_S):
                msg = "MongoDB cannot be watched"
                raise MongoAwayError(msg)
            if not self._dated:
                # The watch tells what changes in the watermark, not what it is.
                self._hear(await self._view.watermark(max_age_s=0))
                self._dated = True
            subject.take(await subject.read())
        finally:
            del self._early[key]
        channel = self._channels[key] = Channel(subject)
        self._seats += channel.size
        channel.left_at = channel.heartbeat_at = time.monotonic()
        self._gather(channel)
        return channel

    # ---------------------------------------------------------------------------------------- what the watch tells
    def _told(self, burst: Sequence[Change | Missed]) -> None:
        for change in burst:
            if isinstance(change, Missed):
                metrics.MISSED.inc()
                for subject in [*self._early.values(), *(channel.subject for channel in self._channels.values())]:
                    subject.lost = True
            elif change.collection == views.WATERMARK:
                self._hear(self._watermark.moved(change.fields))
                metrics.LAG.set(max(0.0, time.time() - change.at_s))
            else:
                self._note(change)

    def _note(self, change: Change) -> None:
        name = change.key.rpartition(":")[0] if change.collection == views.BLOCKS else change.key
        key = _KINDS[change.collection], name
        channel = self._channels.get(key)
        if channel is not None:
            channel.subject.note(change)
            self._gather(channel)
        elif (early := self._early.get(key)) is not None:
            early.note(change)

    def _gather(self, channel: Channel) -> None:
        self._noted.add(channel)
        if self._gathering is None:
            self._gathering = asyncio.get_running_loop().call_later(GATHER_S, self._tell)

    def _tell(self) -> None:
        self._gathering = None
        noted, self._noted = self._noted, set()
        for channel in noted:
            self._tell_change(channel)

    def _tell_change(self, channel: Channel) -> None:
        before = channel.end
        channel.tell_change()
        if channel.end > before:
            metrics.MESSAGES.labels(channel.subject.kind).inc()
        if channel.subject.ended:
            channel.close()

    def _hear(self, watermark: Watermark) -> None:
        self._watermark = watermark
        self._heard_at = time.monotonic()

    # ------------------------------------------------------------------------------------------------ as time passes
    async def _keep_time(self) -> None:
        while True:
            await asyncio.sleep(KEEP_TIME_EVERY_S)
            try:
                await self._pass_time()
            except MongoAwayError:
                continue  # tried again in a second; meanwhile streams are told that they are stale

    async def _pass_time(self) -> None:
        now = time.monotonic()
        if self._watch is not None:
            metrics.SILENT.set(self._watch.silent_s)
        for channel in list(self._channels.values()):
            self._say_how_old(channel, now)
            if not channel.streams and now - channel.left_at > LINGER_S:
                self._forget(channel)
        if any(channel.subject.lost for channel in self._channels.values()):
            watermark = await self._view.watermark(max_age_s=0)
            # Of the same ledger, the watch's own is what fits to the changes that it told.
            if watermark.incarnation != self._watermark.incarnation:
                self._watermark = watermark
            for channel in list(self._channels.values()):
                if channel.subject.lost:
                    await self._read_again(channel)
        for kind in (EVENT, BOOKING):
            metrics.CHANNELS.labels(kind).set(sum(key[0] == kind for key in self._channels))
        if not self._channels and not self._opening and self._watch is not None:
            watch, self._watch = self._watch, None
            await watch.stop()

    def _say_how_old(self, channel: Channel, now: float) -> None:
        subject = channel.subject
        silent = now - self._heard_at > STALE_AFTER_S
        as_of_ms = self.as_of_ms(channel)
        if silent and not channel.stale:
            channel.stale = True
            channel.tell(messages.as_of(Name.STALE, subject.mark, as_of_ms))
        elif not silent and not subject.lost:
            subject.pass_time(self._watermark)
            self._tell_change(channel)
            if channel.stale:
                channel.stale = False
                channel.tell(messages.as_of(Name.FRESH, subject.mark, as_of_ms))
        if now - channel.heartbeat_at >= HEARTBEAT_S - KEEP_TIME_EVERY_S:
            channel.heartbeat_at = now
            channel.tell(messages.heartbeat(as_of_ms))

    async def _read_again(self, channel: Channel) -> None:
        channel.subject.lost = False
        try:
            found = await channel.subject.read()
        except MongoAwayError:
            channel.subject.lost = True
            raise
        except ProblemError:
            self._forget(channel)  # it is not there any more: who comes back is told so
            return
        if channel.subject.take(found):
            channel.subject.change()
            channel.tell_snapshot()
        else:
            self._tell_change(channel)

    def _make_room(self) -> None:
        """Forget what nobody listens to, when that is needed for one more."""
        if len(self._channels) >= MAX_CHANNELS or self._seats > MAX_SEATS:
            for channel in [channel for channel in self._channels.values() if not channel.streams]:
                self._forget(channel)
        if len(self._channels) >= MAX_CHANNELS or self._seats > MAX_SEATS:
            raise TooMuchFollowedError

    def _forget(self, channel: Channel) -> None:
        channel.close()
        if self._channels.pop((channel.subject.kind, channel.subject.key), None) is not None:
            self._seats -= channel.size
