"""Operating: the platform's parts as operators are shown them. Part of the wire; ``audit`` enters here.

Every number is what was measured over the last minute; null where nothing was, or where nobody could be asked.
"""

from typing import Literal

from pydantic import BaseModel

State = Literal["ok", "unavailable"]


class Rate(BaseModel):
    """How often something happened, a second, over the last minute and over all processes of a service."""

    name: str
    per_s: float | None


class Latency(BaseModel):
    """How long something took over the last minute; of half of all, of 99 in a hundred, in milliseconds."""

    name: str
    p50_ms: float | None
    p99_ms: float | None


class ProcessState(BaseModel):
    """One process; ``detail``: what is wrong with it, empty when nothing is. ``memory_bytes``: resident."""

    name: str
    status: State
    detail: str
    memory_bytes: int | None


class ServiceState(BaseModel):
    """One service with its processes; ``ok`` while one of them is."""

    name: str
    status: State
    processes: list[ProcessState]
    rates: list[Rate]
    latencies: list[Latency]


class Replica(BaseModel):
    """One server of a store. ``lag``: how far it is behind its leader, in the store's own unit; null: not known."""

    name: str
    role: str
    status: State
    lag: int | None


StoreName = Literal["kafka", "postgres", "mongo", "redis"]


class StoreState(BaseModel):
    """One store: who leads it, and its servers as they are."""

    name: StoreName
    status: State
    detail: str
    leader: str | None
    replicas: list[Replica]


class PartitionState(BaseModel):
    """One partition of the log. ``lag``: messages that are not decided yet."""

    partition: int
    leader: str | None
    replicas: int
    in_sync: int
    lag: int | None


class Projection(BaseModel):
    """How old the view is: since it was last known to be complete, and of the oldest outcome that is not shown yet."""

    age_s: float | None
    lag_s: float | None


class System(BaseModel):
    """``GET /api/system``: the platform as it is; ``as_of``: when it was looked at.

    ``status`` is that of ``GET /health``, ``audit`` what ``GET /api/audit`` says.
    """

    as_of: str
    status: State
    services: list[ServiceState]
    stores: list[StoreState]
    log: list[PartitionState]
    projection: Projection
    audit: dict[str, object]


class LetterOutcome(BaseModel):
    """What somebody was told of a command id; ``reason`` as of every outcome."""

    command_id: str
    status: str
    reason: str | None


class DeadLetterSummary(BaseModel):
    """One entry of ``GET /api/dead-letters``: a message that was no valid command, or that the rules gave up.

    ``kind``: what it asks for, null where this version cannot read it. ``told``: the outcomes of the ids in it.
    ``obstacle``: why it cannot be put on the log again, null when it can; then ``cautions`` are for whoever decides to.
    ``replay``: what became of its replay, null while there was none.
    """

    letter_id: str
    kept_at: str
    kind: str | None
    size_bytes: int
    reason: str
    told: list[LetterOutcome]
    obstacle: str | None
    cautions: list[str]
    replay: LetterOutcome | None
