"""Declared streams: how the OpenAPI document tells of an answer that is a row of messages.

``pages`` enters here. OpenAPI 3.1 has no word for Server-Sent Events: the answer is text, and ``x-messages`` names the
schema of each message's ``data`` by its ``event``.
"""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.responses import Response

from contracts import problems
from contracts.wire import StreamAge
from read_api.declared import AS_OF_HEADER, EVENT_STREAM, problem
from read_api.live.messages import Name


class Shapes(NamedTuple):
    """The models of what a stream's messages tell."""

    snapshot: type[BaseModel]
    change: type[BaseModel]


def add_stream(
    app: FastAPI,
    path: str,
    page: Callable[..., Awaitable[Response]],
    shapes: Shapes,
    *,
    ends: bool = False,
) -> None:
    """Route ``page`` for GET and HEAD, and declare the messages that it tells. ``ends``: 204 for who has the last."""
    models: list[type[BaseModel]] = [shapes.snapshot, shapes.change, StreamAge, StreamAge]
    references = {name: {"$ref": f"#/components/schemas/{of.__name__}"} for name, of in zip(Name, models, strict=True)}
    responses: dict[int | str, dict[str, Any]] = {
        200: {
            # Brings the schemas into the document, which takes the rest of it away again.
            "model": shapes.snapshot | shapes.change | StreamAge,
            "description": "Server-Sent Events, each with an `id`; a comment at least every 15 s says how far they go.",
            "content": {EVENT_STREAM: {"schema": {"type": "string"}, "x-messages": references}},
            "headers": AS_OF_HEADER,
        },
        404: problem(problems.NOT_FOUND),
        429: problem(problems.TOO_MANY_REQUESTS),
        # One status, two problems.
        503: problem(problems.VIEW_UNAVAILABLE, problems.OVERLOADED),
        500: problem(problems.INTERNAL),
    }
    if ends:
        responses[204] = {"description": "The booking's last message was told: do not come back."}
    # As for other pages: the first answers, the second is there for the document.
    app.add_api_route(path, page, methods=["GET", "HEAD"], response_model=None, include_in_schema=False)
    app.add_api_route(
        path,
        page,
        methods=["GET"],
        response_class=Response,
        response_model=None,
        responses=responses,
        operation_id=page.__name__,
        tags=[path.split("/")[2]],
    )
