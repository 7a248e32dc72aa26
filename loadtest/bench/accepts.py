"""Accepts: bookings accepted a second, by the write API, by the same without a log, and by a plain route, in turns.

The worker stands still while the write API is measured, or its work would be in the figure: it is frozen for a round,
then everything that was accepted is decided and shown as always, and proved with the rest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from infra.native.instance import Instance
from loadtest.bench import closed_loop, plain, rig
from loadtest.bench.closed_loop import Figures
from loadtest.bench.log import BenchTopic
from loadtest.bench.pace import Pace
from loadtest.bench.progress import Progress
from loadtest.bench.rig import Addresses
from loadtest.bench.throughput import SHOWN_WITHIN_S, Booker


class Round(NamedTuple):
    """Bookings accepted a second."""

    frontrow: float
    unlogged: float
    plain: float


@dataclass(frozen=True)
class Accepts:
    """All rounds; ``refused``: how many requests of any had another answer, or none."""

    rounds: Sequence[Round]
    refused: int


def measure(instance: Instance, where: Addresses, booker: Booker, progress: Progress, pace: Pace) -> Accepts:
    """Run all rounds; the first is not counted."""
    settings = instance.environment_of("write_api")
    with (
        BenchTopic(where.bootstrap, instance.settings.partitions) as topic,
        rig.serving("loadtest.bench.unlogged", rig.UNLOGGED_PORT, _at(settings, rig.UNLOGGED_PORT)),
        rig.serving("loadtest.bench.plain", rig.PLAIN_PORT, _at(settings, rig.PLAIN_PORT, topic.name)),
    ):
        seats, found = booker.seats, list[tuple[Figures, Figures, Figures]]()
        for _ in range(1 + pace.rounds):
            with rig.standing_still(instance, "worker"):
                ours = booker.accepted(pace.accept_s)
            progress.wait_until_shown(SHOWN_WITHIN_S)
            unlogged, ordinary = (
                closed_loop.book(where.gateway, path, seats, 0, pace.accept_s)
                for path in (rig.UNLOGGED_PATH, plain.PATH)
            )
            found.append((ours, unlogged, ordinary))
    refused = sum(one.refused + one.broken for together in found for one in together)
    return Accepts([Round(*(one.per_s for one in together)) for together in found[1:]], refused)


def _at(settings: Mapping[str, str], port: int, topic: str | None = None) -> dict[str, str]:
    changed = {"FRONTROW_HTTP_PORT": str(port), **({"FRONTROW_TOPIC": topic} if topic is not None else {})}
    return {**settings, **changed}
