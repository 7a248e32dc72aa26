"""Reading one's own writes: a read that names a ledger position waits until the view has reached it.

Every page enters here by a dependency. After ``REACH_WITHIN_S`` it answers with what there is, and ``Frontrow-As-Of``
says how old that is.
"""

from typing import Annotated, Final

from fastapi import Depends, Header
from fastapi.params import Depends as Dependency

from contracts import problems
from contracts.positions import MIN_POSITION_HEADER, position_of
from read_api.view import View
from runtime.problems import ProblemError

REACH_WITHIN_S: Final = 2.0

MinPosition = Annotated[
    str | None,
    Header(
        alias=MIN_POSITION_HEADER,
        description="The position of an outcome: waits, at most 2 s, until the view has reached it.",
    ),
]


def reached(view: View) -> Dependency:
    """Return the dependency: what a page must do before it looks."""

    async def reached_at(min_position: MinPosition = None) -> None:
        await reach(view, min_position)

    dependency: Dependency = Depends(reached_at)
    return dependency


async def reach(view: View, min_position: str | None) -> None:
    """Return when the view is where the header says, or after ``REACH_WITHIN_S``; at once where there is none."""
    if min_position is None:
        return
    position = position_of(min_position.strip())
    if position is None:
        raise ProblemError(
            problems.INVALID_REQUEST,
            "The header is no position.",
            errors=[{"field": MIN_POSITION_HEADER, "message": "must be the position of an outcome: <tx>-<id>"}],
        )
    await view.reach(position, REACH_WITHIN_S)
