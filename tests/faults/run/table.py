"""The table of faults: everything that the nemesis can do. A new one is a row in one of these rooms."""

from collections.abc import Iterable
from typing import Final

from tests.faults.run import clocks, disks, log_faults, network, processes, releases, restores, stores
from tests.faults.run.fault import Fault
from tests.faults.run.site import Site

FAULTS: Final[tuple[Fault, ...]] = (
    *processes.FAULTS,
    *network.FAULTS,
    *stores.FAULTS,
    *log_faults.FAULTS,
    *clocks.FAULTS,
    *disks.FAULTS,
    *restores.FAULTS,
    *releases.FAULTS,
)


def named(names: Iterable[str]) -> tuple[Fault, ...]:
    """Return these faults, in this order.

    Raises:
        LookupError: there is no such fault.
    """
    known = {fault.name: fault for fault in FAULTS}
    return tuple(known[name] for name in names)


def possible(site: Site) -> list[Fault]:
    """Return what can be done to this site, on this machine, and undone."""
    ours = site.links is not None
    return [
        fault
        for fault in FAULTS
        if not (fault.former or fault.last or fault.needs() or (fault.linked or fault.own_disks) > ours)
    ]
