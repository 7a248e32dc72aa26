"""Settings of the auditor: where it reads, and whether it may suspend sales."""

from pydantic import Field

from audit.settings import CheckSettings
from runtime.settings import HttpSettings


class AuditorSettings(HttpSettings, CheckSettings):
    """The checker's settings, and a port of its own. ``partitions``: of the log; a topic with others is not ours."""

    partitions: int = Field(ge=1)
    audit_stops_sales: bool = False
    """Whether a violation suspends the sale of its event."""
    audit_round_s: float = Field(10.0, gt=0)
    """How long after the begin of a round the next one begins at the earliest, in seconds."""
