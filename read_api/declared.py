"""Declared pages: routes that answer with ready bytes and are declared with their models in the OpenAPI document.

``create_app`` and the pages enter here. FastAPI would declare answers that no page gives: 422 for paths, which are 404
here, and problems as plain JSON; ``document`` leaves them out.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.params import Depends as Dependency
from starlette.responses import JSONResponse, Response

from contracts import problems
from contracts.positions import POSITION_HEADER
from contracts.problems import Problem
from contracts.wire import ProblemDocument
from read_api.conditional import AS_OF
from runtime.problems import MEDIA_TYPE

EVENT_STREAM: Final = "text/event-stream"

Page = Callable[..., Awaitable[Response]]

AS_OF_HEADER: Final = {
    AS_OF: {"description": "When the view was last known to be complete.", "schema": {"type": "string"}},
}
_SESSION: Final[list[dict[str, Any]]] = [{"token": []}, {"cookie": []}]
_SECURITY: Final[dict[str, list[dict[str, Any]]]] = {
    "for one": _SESSION,
    "for each": [{}, *_SESSION],
    "for some": _SESSION,
    "for holders": [{}, *_SESSION],
}
"""By token or by cookie (the schemes: ``infra.openapi.document``)."""
_POSITION: Final = {
    POSITION_HEADER: {
        "description": "The position of the outcome that is shown, once there is one.",
        "schema": {"type": "string"},
    },
}
_TAGGED: Final = {
    **AS_OF_HEADER,
    "ETag": {"description": "Changes with every byte of the body.", "schema": {"type": "string"}},
}


def add_page(  # noqa: PLR0913 - each is one fact about a page
    app: FastAPI,
    path: str,
    page: Page,
    model: Any,  # noqa: ANN401 - a model or a list of one
    before: Dependency,
    *,
    found_by_id: bool = True,
    tagged: bool = True,
    private: Literal["", "for one", "for each", "for some", "for holders"] = "",
    also: Mapping[str, Any] | None = None,
    refusals: Sequence[Problem] = (),
) -> None:
    """Route ``page`` for GET and HEAD, and declare what it answers with.

    ``before``: what is done before the page looks. ``found_by_id``: it may be missing. ``tagged``: it has an ``ETag``
    and may be 304. ``private``: what it shows is ``for one`` with a session, or differs ``for each``, with one or
    without, or is there ``for some`` whose session may see it.
    """
    responses: dict[int | str, dict[str, Any]] = {
        200: {"headers": _TAGGED if tagged else {**AS_OF_HEADER, **_POSITION}},
        422: problem(problems.INVALID_REQUEST),
        503: problem(problems.VIEW_UNAVAILABLE),
        500: problem(problems.INTERNAL),
    }
    if private:
        responses[401] = problem(problems.UNAUTHENTICATED)
    if also is not None:
        responses[200]["content"] = dict(also)
    if found_by_id:
        responses[404] = problem(problems.NOT_FOUND)
    for refusal in refusals:
        responses[refusal.status] = problem(refusal)
    if private in {"for some", "for holders"}:
        responses[403] = problem(problems.FORBIDDEN)
    if tagged:
        responses[304] = {"description": "What the caller has is what it would get."}
    # The first one answers; the second is there for the document, where two methods under one name would collide.
    app.add_api_route(
        path, page, methods=["GET", "HEAD"], response_model=None, include_in_schema=False, dependencies=[before]
    )
    app.add_api_route(
        path,
        page,
        methods=["GET"],
        dependencies=[before],
        response_model=model,
        responses=responses,
        response_class=JSONResponse if model is not None else Response,
        operation_id=page.__name__,
        openapi_extra={"security": _SECURITY[private]} if private else None,
        tags=[path.split("/")[2]],
    )


def document(app: FastAPI) -> dict[str, Any]:
    """Return the application's OpenAPI document."""
    made = get_openapi(title=app.title, version=app.version, routes=app.routes)
    for operations in made["paths"].values():
        for operation in operations.values():
            if "HTTPValidationError" in str(operation["responses"].get("422")):
                del operation["responses"]["422"]  # FastAPI's own guess, where a page refuses no field
            for status, declared in operation["responses"].items():
                if int(status) >= HTTPStatus.BAD_REQUEST or EVENT_STREAM in declared.get("content", {}):
                    declared["content"].pop("application/json", None)
    for unused in ("HTTPValidationError", "ValidationError"):
        made["components"]["schemas"].pop(unused, None)
    return made


def problem(*those: Problem) -> dict[str, Any]:
    """Return what declares that a page may answer with these problems, all of one status."""
    return {
        "model": ProblemDocument,
        "description": "; ".join(f"`{one.slug}`: {one.title[0].lower()}{one.title[1:]}" for one in those),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
    }
