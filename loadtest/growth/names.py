"""Names: which groups of series there are, and what is measured in which unit. Charts find curves by these. Pure."""

from typing import Final, NamedTuple

OFFERED: Final = "offered"
SEATS: Final = "seats"
EVENTS: Final = "events"
STORED: Final = "stored"
STREAMS: Final = "streams"
PROCESSES: Final = "processes"
SOAK: Final = "soak"


class Measure(NamedTuple):
    """What a series' ``y`` is, and its unit. Series of one measure share a panel."""

    name: str
    unit: str


RATE: Final = Measure("bookings", "a second")
WAIT: Final = Measure("time", "ms")
STATUS_RATE: Final = Measure("status of a booking", "reads a second")
READ: Final = Measure("time of one read", "ms")
START: Final = Measure("time until ready", "s")
OVER_ALL: Final = Measure("time over all that is stored", "s")
DRAIN: Final = Measure("drain of a backlog", "a second")
DISK: Final = Measure("on disk", "MB")
SERVICE: Final = Measure("memory of a service", "MB")
SERVER: Final = Measure("memory of a server", "MB")
OF_A_STREAM: Final = Measure("memory of a stream", "kB")
CPU_OF_A_STREAM: Final = Measure("work of a stream", "µs a booking")

ACCEPTED: Final = "accepted"
DECIDED: Final = "decided"
REFUSED: Final = "refused or not answered"
CLICK_P50: Final = "click to 202, p50"
CLICK_P99: Final = "click to 202, p99"
SHOWN_P50: Final = "accepted to shown, p50"
SHOWN_P99: Final = "accepted to shown, p99"

BOOKED: Final = "confirmed and shown"
EVENT: Final = "event"
SECTION: Final = "section of at most 1,000 seats"
PROJECTED: Final = "decided to shown, p50"
LIST: Final = "first page of events"
DRAINED: Final = "decided"
DRAINED_AND_SHOWN: Final = "decided and shown"
STARTED_AGAIN: Final = "everything stopped and started again"
REBUILT: Final = "the view made anew beside the old one"
AUDITED: Final = "log, ledger and view held against each other"
STATUS: Final = "status of a booking, at the gateway"
OWN: Final = "first page of one's own, at the gateway"
LAST_HEARS: Final = "the last stream hears, median booking"
LAST_HEARS_AT_WORST: Final = "the last stream hears, worst booking"
