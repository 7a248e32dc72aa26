"""Callers: who asks, as both APIs know them from a checked token, or from what a guest says of itself.

A guest and an account of one name are different principals. ``write_api`` issues tokens, ``read_api`` checks them; log
and ledger know the ``principal`` alone.
"""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do: each may do what the one before may."""

    GUEST = "guest"
    CUSTOMER = "customer"
    ORGANISER = "organiser"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with a session. ``principal``: the opaque id (``contracts.ids.opaque_principal``) of the account."""

    principal: str
    user_id: str
    role: Role
    session_id: str

    @property
    def organises(self) -> bool:
        """Whether events may be this caller's."""
        return self.role in {Role.ORGANISER, Role.OPERATOR}

    @property
    def operates(self) -> bool:
        """Whether everything is this caller's to see and to mend."""
        return self.role is Role.OPERATOR
