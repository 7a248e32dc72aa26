"""Accepting: a command goes on the log, and only then its sender is told so.

Every call that takes a command but a booking's own enters here. ``log-unavailable`` (never accepted, send it again) and
``outcome-unknown`` (may have been accepted, ask first) must never be mistaken for each other.
"""

from collections.abc import Awaitable, Mapping

import orjson
from starlette.responses import Response

from contracts import problems
from contracts.commands import Command
from contracts.ids import BOOKING_PREFIX
from runtime.problems import ProblemError
from runtime.producer import NotHandedOverError, OutcomeUnknownError
from write_api import metrics


async def appended(command: Command, appending: Awaitable[object], *, begun: bool = False) -> None:
    """Return once the log has the command; raise the problem that says what is known otherwise.

    ``begun``: the log has other commands of the same request, so that nobody can be told that it was not accepted
    (test: ``test_a_request_of_which_the_log_has_a_part_was_not_refused``).
    """
    try:
        await appending
    except NotHandedOverError:
        if begun:
            metrics.outcome_unknown.inc()
            detail = "The log has a part of it. Send it again under its Idempotency-Key, which completes it."
            raise ProblemError(problems.OUTCOME_UNKNOWN, detail, members=_named(command)) from None
        metrics.log_unavailable.inc()
        detail = "The command was not accepted and never will be; it is safe to send it again."
        raise ProblemError(problems.LOG_UNAVAILABLE, detail) from None
    except OutcomeUnknownError:
        metrics.outcome_unknown.inc()
        detail = "The log did not confirm the command in time; it may have been accepted. Ask status_url first."
        raise ProblemError(problems.OUTCOME_UNKNOWN, detail, members=_named(command)) from None
    metrics.accepted.inc()


def _named(command: Command) -> dict[str, str]:
    return {"command_id": command.command_id, "status_url": status_url(command)}


def status_url(command: Command) -> str:
    """Return where a command's outcome is told; a booking that is replayed has the address of every booking."""
    is_booking = command.command_id.startswith(f"{BOOKING_PREFIX}_")
    return f"/api/{'bookings' if is_booking else 'commands'}/{command.command_id}"


def accepted(command: Command, more: Mapping[str, object] | None = None) -> Response:
    """Return the 202 for a command that the log has."""
    url = status_url(command)
    body = {"command_id": command.command_id, "status": "pending", "status_url": url, **(more or {})}
    headers = {"Location": url, "Retry-After": "1", "Cache-Control": "no-store"}
    if command.request_id:
        headers["X-Request-Id"] = command.request_id
    return Response(orjson.dumps(body), 202, headers, "application/json")
