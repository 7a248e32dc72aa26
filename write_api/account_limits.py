"""Account limits: how many commands one account may give, wherever it sends them from.

``booking`` and ``booking_commands`` enter here for whoever has a session; a guest costs nothing and is limited by
address, at the gateway. Nobody is counted who comes from an address that is not limited (``throttle``).
"""

from typing import Final

from starlette.types import Scope

from contracts.callers import Caller
from write_api.callers import address_of
from write_api.throttle import Count, Limit, Throttle

COMMANDS: Final = Limit("commands", 100, 10)
"""Ten a second, in bursts: a family at several screens, and no machine that fights for the whole hall."""


class AccountLimits:
    """Counts an account's commands."""

    def __init__(self, throttle: Throttle) -> None:
        self._throttle = throttle

    async def check(self, scope: Scope, caller: Caller) -> None:
        """Count one command; raise the problem when it was one too many."""
        if self._throttle.limits(address_of(scope)):
            await self._throttle.take(Count(COMMANDS, caller.principal))
