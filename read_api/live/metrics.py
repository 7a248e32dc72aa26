"""Metrics of the streams; see ``/metrics`` of read_api."""

from typing import Final

from prometheus_client import Counter, Gauge

OPEN: Final = Gauge("frontrow_streams_open", "Streams that are open", ["kind"])
DROPPED: Final = Counter("frontrow_streams_dropped_total", "Streams let go because their client did not read", ["kind"])
REFUSED: Final = Counter("frontrow_streams_refused_total", "Streams refused because too many were open")
CHANNELS: Final = Gauge("frontrow_channels", "Events and bookings that are followed", ["kind"])
MESSAGES: Final = Counter(
    "frontrow_channel_messages_total", "Messages made, each for all streams of a channel", ["kind"]
)
MISSED: Final = Counter("frontrow_watch_missed_total", "Times that everything followed was read again")
LAG: Final = Gauge("frontrow_watch_lag_seconds", "From MongoDB's clock at the last change to its arrival here")
SILENT: Final = Gauge("frontrow_watch_silent_seconds", "How long MongoDB's changes have not been heard of")
