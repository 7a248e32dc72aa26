"""A client of Frontrow: books, follows, pays and gives back through the gateway, without fear of a broken line.

Programs enter here, with ``Client`` or ``AsyncClient``; the load test and the end-to-end tests do too. It is installed
alone (``pip install ./frontrow_client``), knows the platform by its published calls only, and must never import
anything else of this repository, send a change without an ``Idempotency-Key``, or call something refused or accepted
while it does not know.
"""

from frontrow_client.live import LiveEvent
from frontrow_client.memory import Tokens
from frontrow_client.models import (
    Account,
    Availability,
    Best,
    Booking,
    CommandOutcome,
    Event,
    EventAccepted,
    EventChange,
    EventSnapshot,
    EventSummary,
    Health,
    Message,
    Offer,
    Page,
    Production,
    ProductionWithEvents,
    Seat,
    SeatMapChecked,
    SeatsByStatus,
    Section,
    SectionAvailability,
    StreamedSection,
)
from frontrow_client.patience import Patience
from frontrow_client.problems import (
    AwayError,
    ConflictError,
    FieldError,
    ForbiddenError,
    FrontrowError,
    InvalidRequestError,
    KeyReusedError,
    NotAcceptedError,
    NotFoundError,
    OutcomeUnknownError,
    ProblemError,
    TooManyRequestsError,
    UnauthenticatedError,
    UnexpectedError,
    UnreachableError,
)
from frontrow_client.steps import Answer
from frontrow_client.transports import AsyncClient, Client

__all__ = [
    "Account",
    "Answer",
    "AsyncClient",
    "Availability",
    "AwayError",
    "Best",
    "Booking",
    "Client",
    "CommandOutcome",
    "ConflictError",
    "Event",
    "EventAccepted",
    "EventChange",
    "EventSnapshot",
    "EventSummary",
    "FieldError",
    "ForbiddenError",
    "FrontrowError",
    "Health",
    "InvalidRequestError",
    "KeyReusedError",
    "LiveEvent",
    "Message",
    "NotAcceptedError",
    "NotFoundError",
    "Offer",
    "OutcomeUnknownError",
    "Page",
    "Patience",
    "ProblemError",
    "Production",
    "ProductionWithEvents",
    "Seat",
    "SeatMapChecked",
    "SeatsByStatus",
    "Section",
    "SectionAvailability",
    "StreamedSection",
    "Tokens",
    "TooManyRequestsError",
    "UnauthenticatedError",
    "UnexpectedError",
    "UnreachableError",
]
