"""Spent: the processor time that each part of a running platform has used, so that a cost can be told by part.

The kernel's own counts (``processes``), read before and after a load: unlike the wall's time they say nearly the same
on a machine that has other work.
"""

import re
import resource
from collections.abc import Mapping
from typing import Final

from infra.native.instance import Instance
from loadtest.bench import processes

COMPONENTS: Final = ("gateway", "write_api", "kafka", "worker", "postgres", "redis", "sync_service", "mongo")
OTHERS: Final = "others"
"""Every other service: what it costs that they are there."""
LOAD_GENERATOR: Final = "load generator"

_NUMBER: Final = re.compile(r"_[0-9]+$")


def programs_s(instance: Instance) -> dict[str, float]:
    """Return the processor time so far, in seconds, of each service and store, all its processes together."""
    used: dict[str, float] = {}
    for program, state in instance.status().items():
        name = _NUMBER.sub("", program)
        used[name] = used.get(name, 0.0) + processes.tree_cpu_s(state.pid)
    return used


def all_s(instance: Instance) -> dict[str, float]:
    """Return the same, and what load generators have used that this process started and waited for."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {**programs_s(instance), LOAD_GENERATOR: ended.ru_utime + ended.ru_stime}


def between(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Return what was used between two looks, in seconds by component, in the order of a booking's way."""
    used = {name: seconds - before.get(name, 0.0) for name, seconds in after.items()}
    found = {name: used.pop(name, 0.0) for name in COMPONENTS}
    load_generator = used.pop(LOAD_GENERATOR, 0.0)
    return {**found, OTHERS: sum(used.values()), LOAD_GENERATOR: load_generator}
