"""Messages: what every command on the log has, and the form of the names and texts in it.

``commands`` and ``event_commands`` enter here, and whoever checks a name.
"""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

TIME_FORM: Final = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~-]{1,64}$")]
"""Ids of events, seats, sections and users on the wire and on the log."""
CommandId = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}_[A-Za-z0-9_-]{36}$")]
OfferId = Annotated[str, StringConstraints(pattern=r"^of_[A-Za-z0-9_-]{36}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Moment = Annotated[str, StringConstraints(pattern=TIME_FORM)]
"""RFC 3339, UTC with ``Z``, whole seconds."""


class Message(BaseModel):
    """What is on the log."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    request_id: str = Field(default="", max_length=64)
    keyed: bool = False
    """Its id was derived from an ``Idempotency-Key`` and carries no time, so it is never too late for the log."""


class ToEvent(Message):
    """A command to an event; it lies on the event's partition."""

    event_id: Name
