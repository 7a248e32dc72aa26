"""Settings: the one door by which a process learns where it is and what it may use.

Each service has one frozen class below its own ``settings.py``. Addresses come from ``FRONTROW_*`` variables and have
no default in code; secrets come from one file each in ``FRONTROW_SECRETS_DIR``. A refused start prints which settings
are wrong and never what they hold.
"""

import os
import sys
from typing import NoReturn, TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

S = TypeVar("S", bound="Settings")

EXIT_CONFIGURATION = 78
"""EX_CONFIG of sysexits: the settings are wrong."""
EXIT_DATA = 65
"""EX_DATAERR of sysexits: what is read is not what it was, and going on would make it worse."""
EXITS_FOR_GOOD = (EXIT_DATA, EXIT_CONFIGURATION)
"""Starting again will not help: a supervisor that can tell them leaves the process until a person has looked
(test: ``test_a_worker_whose_log_is_not_its_own_stays_stopped_and_the_status_says_why``)."""


class Settings(BaseSettings):
    """What every process reads."""

    model_config = SettingsConfigDict(
        env_prefix="FRONTROW_", frozen=True, extra="ignore", hide_input_in_errors=True, case_sensitive=False
    )

    log_level: str = "INFO"


class HttpSettings(Settings):
    """What every process with an HTTP port of its own reads: API or health and metrics."""

    http_host: str
    http_port: int = Field(ge=0, le=65535)


def load(cls: type[S]) -> S:
    """Return the settings of this process, or end it with a sentence and ``EXIT_CONFIGURATION``."""
    folder = os.environ.get("FRONTROW_SECRETS_DIR")
    try:
        return cls(_secrets_dir=folder) if folder else cls()
    except ValidationError as refused:
        _refuse(cls.__name__, refused)


def _refuse(name: str, refused: ValidationError) -> NoReturn:
    lines = [f"{name}: this process cannot start, its settings are wrong:"]
    for error in refused.errors(include_input=False, include_url=False, include_context=False):
        place = ".".join(str(part) for part in error["loc"])
        lines.append(f"  FRONTROW_{place.upper()}: {error['msg']}" if place else f"  {error['msg']}")
    sys.stderr.write("\n".join(lines) + "\n")
    sys.exit(EXIT_CONFIGURATION)
