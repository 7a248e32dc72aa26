"""The process: ``python -m audit.auditor``. The only place of this room that reads settings."""

import os
from typing import Final

from audit.auditor.service import build
from audit.auditor.settings import AuditorSettings
from runtime import logs
from runtime.http import serve
from runtime.settings import load

NICENESS: Final = 5
"""Whoever books goes first: on a busy machine the auditor is late rather than in the way."""


def main() -> None:
    """Run the auditor until SIGTERM."""
    settings = load(AuditorSettings)
    logs.configure("auditor", settings.log_level)
    os.nice(NICENESS)
    serve(build(settings), settings.http_host, settings.http_port)


if __name__ == "__main__":
    main()
