"""Ordinary: how the references are made and served, as a careful team would: FastAPI, no telemetry, uvloop, httptools.

All of them alike, so that what differs between two of them is what they do.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import uvicorn
from fastapi import FastAPI


def create(title: str, lifespan: Callable[[FastAPI], AbstractAsyncContextManager[Any]]) -> FastAPI:
    """Return an application without routes."""
    return FastAPI(
        title=title,
        lifespan=lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )


def serve(app: FastAPI, host: str, port: int) -> None:
    """Serve until the process is told to end."""
    uvicorn.run(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        timeout_keep_alive=75,
        backlog=4096,
    )
