"""Settings: where Frontrow is and where this program keeps what it must remember. Read once, by ``visit``."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Settings:
    """``url``: the gateway's; ``user``: the guest for whom to book without a session; ``state``: our own folder."""

    url: str
    state: Path
    user: str | None = None

    @classmethod
    def from_environment(cls, env: Mapping[str, str], *, url: str | None = None, user: str | None = None) -> Self:
        """Read ``FRONTROW_URL`` (or ``FRONTROW_PORT`` of this machine), ``FRONTROW_USER``, ``XDG_STATE_HOME``."""
        given = url or env.get("FRONTROW_URL") or f"http://localhost:{env.get('FRONTROW_PORT') or 8080}"
        home = Path(env.get("HOME") or Path.home())
        state = Path(env.get("XDG_STATE_HOME") or home / ".local" / "state")
        return cls(given.rstrip("/"), state / "frontrow", user or env.get("FRONTROW_USER") or None)
