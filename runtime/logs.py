"""Logs: one JSON object a line on standard output, for people with ``jq`` and for collectors.

A line never holds a secret, a person's name or a body. The request id is the thread to pull: the gateway's access log
has it beside the booking's address, and the worker's batch lines have it beside the outcome.
"""

import logging
import sys
from typing import Any

import orjson
from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.orjson import OrjsonFormatter

QUIET = ("uvicorn.access", "httpx", "httpcore", "pymongo", "psycopg.pool")
"""Loggers that say at INFO what metrics and the gateway's access log say already."""


def configure(service: str, level: str) -> None:
    """Send all logging of this process to standard output as JSON lines; ``level`` is a name such as ``INFO``."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        OrjsonFormatter(
            "%(levelname)s %(name)s %(message)s",
            rename_fields={"levelname": "level", "name": "logger"},
            static_fields={"service": service},
            reserved_attrs=[*RESERVED_ATTRS, "color_message"],
            timestamp="at",
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def line(**fields: Any) -> bytes:  # noqa: ANN401 - whatever JSON can hold
    """Return one log line's bytes, for the rare place that writes many at once."""
    return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)
