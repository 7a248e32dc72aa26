"""Versions: of the servers that a run was measured with, and of Python."""

import platform
import re
import subprocess
from pathlib import Path
from typing import Final

from infra.native import kafka_jars
from infra.native.machine import find_programs
from infra.native.settings import NativeSettings

_VERSION: Final = re.compile(r"[0-9]+(?:\.[0-9]+)+")
_ANSWER_WITHIN_S: Final = 10.0


def found(settings: NativeSettings) -> dict[str, str]:
    """Return each server's version by name, as its program says it; "unknown" where it does not."""
    programs = find_programs()
    postgres = programs.postgres_bin / "postgres" if programs.postgres_bin is not None else None
    return {
        "NGINX": said(programs.nginx, "-v"),
        "Kafka": _kafka(kafka_jars.find(settings.kafka_home, settings.cache)),
        "PostgreSQL": said(postgres, "--version"),
        "Redis": said(programs.redis, "--version"),
        "MongoDB": said(programs.mongod, "--version"),
        "Python": platform.python_version(),
    }


def _kafka(jars: Path | None) -> str:
    broker = next(jars.glob("kafka_2.13-*.jar"), None) if jars is not None else None
    return broker.stem.rpartition("-")[2] if broker is not None else "unknown"


def said(program: Path | None, option: str) -> str:
    """Return the first version in what a program says when it is asked; "unknown" where it says none."""
    if program is None:
        return "unknown"
    done = subprocess.run([program, option], capture_output=True, text=True, timeout=_ANSWER_WITHIN_S, check=False)
    version = _VERSION.search(done.stdout + done.stderr)
    return version[0] if version is not None else "unknown"
