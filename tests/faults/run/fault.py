"""A fault: what the nemesis can do to a site, as one row of the table (``table``).

``hurt`` is entered when it begins and left when it ends; while it lasts, load goes on. What cannot be undone by leaving
(a process that was killed) is undone by the platform itself: that is the point.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

from tests.faults.run.client import Hall
from tests.faults.run.history import History
from tests.faults.run.site import Site

AT_ONCE: Final = (0.0, 0.0)
"""It is over as soon as it is done; what it costs begins there."""
FOR_A_MOMENT: Final = (1.0, 3.0)
"""Long enough for every time-out of a client of ours, short of a session's with the log."""
PAST_A_SESSION: Final = (11.0, 13.0)
"""Longer than the log's session timeout of 10 s: others take over, and the frozen one wakes up in their midst."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a fault plays: the site, what was done so far, and the halls that are on sale."""

    site: Site
    history: History
    halls: list[Hall]
    run_id: str


Hurt = Callable[[Scene], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One row. ``touches``: programs that two faults at once must not both want; ``lasts_s``: the bounds of how long.

    ``linked``: needs a proxy on the link; ``own_disks``: needs small disks; ``alone``: never in a pair; ``former``: the
    run begins with the former release, and this is its first round; ``last``: nothing can be proved after it, so it is
    a run's last round, if it is one; ``weight``: how often dice take it, beside others.
    """

    name: str
    hurt: Hurt
    touches: frozenset[str]
    lasts_s: tuple[float, float] = AT_ONCE
    linked: bool = False
    own_disks: bool = False
    alone: bool = False
    former: bool = False
    last: bool = False
    weight: int = 1
    needs: Callable[[], str] = lambda: ""
    """Returns what the machine lacks for it, or nothing."""
