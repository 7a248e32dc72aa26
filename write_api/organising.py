"""Organising: organisers announce events, change them, open and close the sale, keep seats back, call events off.

The gateway enters here, for what changes an event. Organisers and operators alone are heard; whose the event is, the
worker decides, and the ledger says at once where it knows (``ledger``). Nothing is decided here: each call puts
commands on the log, and is answered when the log has them all.

A seat map is cut into bounded commands, and ``MOST_UNDER_WAY`` of them are on their way at once, so that other people's
bookings pass between them. With an ``Idempotency-Key`` each command has an id derived from it: whoever sends the same
again, after whatever broke, goes on where it ended (test: ``test_a_seat_map_whose_sending_broke_is_completed``).
"""

import asyncio
import hashlib
from base64 import b32encode
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final

import orjson
from fastapi import FastAPI, Query
from starlette.requests import Request
from starlette.responses import Response

from contracts import problems
from contracts.callers import Caller
from contracts.event_commands import BlockSeats, CancelEvent, CloseSale, OpenSale, Organising, ReleaseSeats
from contracts.ids import COMMAND_PREFIX
from contracts.organising import (
    BlockRequest,
    ChangeRequest,
    EventAccepted,
    EventRequest,
    SeatMapRequest,
    SeatsRequest,
)
from contracts.wire import CommandAccepted
from runtime.credentials import Credentials
from runtime.problems import ProblemError, request_id
from write_api import event_requests
from write_api.accepting import accepted, appended
from write_api.commands import CommandLog
from write_api.declared import Call, add_call
from write_api.event_requests import Asked
from write_api.idempotency import Idempotency, key_of
from write_api.ledger import Ledger
from write_api.requests import MAX_BODY_BYTES, check_content_type, is_name, read_body
from write_api.seat_maps import PlannedSection, blocks_in, seats_in

MAX_SEAT_MAP_BYTES: Final = 5 * 1024 * 1024
"""Of a body with seats in it; everything else stays within ``MAX_BODY_BYTES``. The gateway has the same bound."""
MOST_UNDER_WAY: Final = 4
"""How many blocks of one seat map are with the log at once: 60 kB that a booking may have to wait behind."""
MOST_MAPS_AT_ONCE: Final = 2
"""How many seat maps a process reads at once: each takes up to 200 MB and a share of the process while it is read."""

DryRun = Annotated[bool, Query(description="Only say what is wrong with it, or what it has.")]
Publish = Annotated[bool, Query(description="Put the event on sale once all its seats are there.")]

_LOG_CALL: Final = (problems.IDEMPOTENCY_KEY_REUSED, problems.LOG_UNAVAILABLE, problems.OUTCOME_UNKNOWN)
_TAG: Final = "organisers"


class OrganiserCalls:
    """The routes."""

    def __init__(
        self, log: CommandLog, idempotency: Idempotency, credentials: Credentials[Caller], ledger: Ledger
    ) -> None:
        self._log = log
        self._idempotency = idempotency
        self._credentials = credentials
        self._ledger = ledger
        self._maps = asyncio.Semaphore(MOST_MAPS_AT_ONCE)

    def add_to(self, app: FastAPI) -> None:
        """Route and declare them."""
        event = "/api/events/{event_id}"
        about = (*_LOG_CALL, problems.NOT_FOUND)
        for call in (
            Call("POST", "/api/events", self.create_event, EventAccepted, 202, EventRequest, refusals=_LOG_CALL),
            Call("PATCH", event, self.change_event, CommandAccepted, 202, ChangeRequest, refusals=about),
            Call("POST", f"{event}/seats", self.add_seats, EventAccepted, 202, SeatMapRequest, refusals=about),
            Call("POST", f"{event}/open", self.open_sale, CommandAccepted, 202, refusals=about),
            Call("POST", f"{event}/close", self.close_sale, CommandAccepted, 202, refusals=about),
            Call("POST", f"{event}/cancel", self.cancel_event, CommandAccepted, 202, refusals=about),
            Call("POST", f"{event}/block", self.block_seats, CommandAccepted, 202, BlockRequest, refusals=about),
            Call("POST", f"{event}/release", self.release_seats, CommandAccepted, 202, SeatsRequest, refusals=about),
        ):
            add_call(app, call, _TAG)

    async def create_event(self, request: Request) -> Response:
        """Announce an event with its seats; it is sold once the log has all of them.

        The caller is its organiser. The command that is told is the last one: done when the event is on sale.
        """
        caller = self._organiser(request)
        body = await self._json(request, MAX_SEAT_MAP_BYTES)
        async with self._maps:
            asked, plans = await asyncio.to_thread(event_requests.read_event, body)
            event_requests.check_times(asked)
            key = _key(request)
            event_id = asked.event_id or event_requests.slug_of(asked.name, self._ending(key, caller))
            said = self._said(request, caller, event_id, key)
            creation = event_requests.creation(asked, event_id, said)
            await self._recognise(creation, body)
            await appended(creation, self._log.append(creation))
            last, blocks = await self._append_seats(plans, event_id, said, publish=asked.publish, begun=True)
        return accepted(last or creation, _about(event_id, blocks, plans))

    async def add_seats(
        self,
        request: Request,
        event_id: str,
        dry_run: DryRun = False,  # noqa: FBT002 - it has a name in the query
        publish: Publish = True,  # noqa: FBT002
    ) -> Response:
        """Import a draft's seat map, as JSON or CSV (``text/csv``), and put it on sale. Errors name their lines."""
        caller = self._organiser(request)
        _check_event(event_id)
        is_csv = request.headers.get("content-type", "").split(";")[0].strip().lower() == "text/csv"
        read: Callable[[bytes], list[PlannedSection]] = event_requests.read_seat_map
        if is_csv:
            body, read = await self._body(request, MAX_SEAT_MAP_BYTES), event_requests.read_seat_file
        else:
            body = await self._json(request, MAX_SEAT_MAP_BYTES)
        async with self._maps:
            plans = await asyncio.to_thread(read, body)
            if dry_run:
                checked = {"sections": len(plans), "blocks": blocks_in(plans), "seats": seats_in(plans)}
                return Response(orjson.dumps(checked), media_type="application/json")
            said = self._said(request, caller, event_id, _key(request))
            last, blocks = await self._append_seats(plans, event_id, said, publish=publish, body=body)
        if last is None:  # a seat map has at least one seat
            raise AssertionError
        return accepted(last, _about(event_id, blocks, plans))

    async def change_event(self, request: Request, event_id: str) -> Response:
        """Change what is said of an event; what is not mentioned stays (a JSON merge patch)."""
        caller = self._organiser(request)
        _check_event(event_id)
        body = await self._json(request, MAX_BODY_BYTES, "application/merge-patch+json")
        asked = event_requests.read_json(ChangeRequest, body)
        event_requests.check_times(asked)
        said = self._said(request, caller, event_id, _key(request))
        return await self._one(event_requests.change(asked, event_id, said))

    async def open_sale(self, request: Request, event_id: str) -> Response:
        """Take bookings from now on, whatever the sale times said."""
        return await self._one(OpenSale(**self._by_organiser(request, event_id, "open"), event_id=event_id))

    async def close_sale(self, request: Request, event_id: str) -> Response:
        """Take no more bookings; those that there are stay."""
        return await self._one(CloseSale(**self._by_organiser(request, event_id, "close"), event_id=event_id))

    async def cancel_event(self, request: Request, event_id: str) -> Response:
        """Call an event off. The sale ends at once; its bookings are cancelled one after the other, and refunded."""
        return await self._one(CancelEvent(**self._by_organiser(request, event_id, "cancel"), event_id=event_id))

    async def block_seats(self, request: Request, event_id: str) -> Response:
        """Keep free seats back, all or none."""
        said = self._by_organiser(request, event_id, "block")
        asked = event_requests.read_json(BlockRequest, await self._json(request, MAX_BODY_BYTES))
        return await self._one(
            BlockSeats(**said, event_id=event_id, seat_ids=tuple(asked.seat_ids), purpose=asked.purpose)
        )

    async def release_seats(self, request: Request, event_id: str) -> Response:
        """Let seats that were kept back be booked again, all or none."""
        said = self._by_organiser(request, event_id, "release")
        asked = event_requests.read_json(SeatsRequest, await self._json(request, MAX_BODY_BYTES))
        return await self._one(ReleaseSeats(**said, event_id=event_id, seat_ids=tuple(asked.seat_ids)))

    def _organiser(self, request: Request) -> Caller:
        caller = self._credentials.required(request.scope)
        if not caller.organises:
            raise ProblemError(problems.FORBIDDEN, "Only organisers and operators do this.")
        return caller

    def _by_organiser(self, request: Request, event_id: str, name: str) -> dict[str, Any]:
        caller = self._organiser(request)
        _check_event(event_id)
        return self._said(request, caller, event_id, _key(request))(name)

    def _said(self, request: Request, caller: Caller, event_id: str, key: str | None) -> Asked:
        """Return what makes each command of a request: its id, issued or derived, its time, and who asks."""
        partition = self._log.partition_of(event_id)

        def said(name: str) -> dict[str, Any]:
            if key is None:
                command_id, issued_at_ms = self._log.issue_on(COMMAND_PREFIX, partition)
            else:
                scope = f"{name}:{event_id}"
                command_id = self._idempotency.id_of(
                    key, prefix=COMMAND_PREFIX, partition=partition, principal=caller.principal, scope=scope
                )
                issued_at_ms = self._log.now_ms()
            return {
                "command_id": command_id,
                "issued_at_ms": issued_at_ms,
                "request_id": request_id(request),
                "keyed": key is not None,
                "by": caller.principal,
                "operator": caller.operates,
            }

        return said

    def _ending(self, key: str | None, caller: Caller) -> str:
        """Return what makes an event's id its own: always the same under the same key."""
        dice = self._log.dice() if key is None else self._idempotency.dice_of(caller.principal, "event", key)
        return b32encode(dice[:5]).decode().lower()

    async def _recognise(self, command: Organising, body: bytes) -> None:
        """Raise the problem when a whole request stood for something else before under its key."""
        if command.keyed:
            await self._idempotency.recognise_as(command.command_id, hashlib.sha256(body).hexdigest())

    async def _one(self, command: Organising) -> Response:
        await self._ledger.check_event(command)
        if command.keyed:
            await self._idempotency.recognise(command)
        await appended(command, self._log.append(command))
        return accepted(command)

    async def _append_seats(
        self,
        plans: Sequence[PlannedSection],
        event_id: str,
        said: Asked,
        *,
        publish: bool,
        body: bytes | None = None,
        begun: bool = False,
    ) -> tuple[Organising | None, int]:
        """Append an event's blocks, then what puts it on sale; returns the last command and the number of blocks.

        ``begun``: the log has a part of the request already, as it has from the second block on.

        Each step is acknowledged before the next one that rests on it: a command that overtook the one before it would
        be refused for good under its derived id.
        """
        blocks = 0
        last: Organising | None = None
        under_way: set[asyncio.Task[None]] = set()
        try:
            for command in event_requests.additions(plans, event_id, said):
                if last is None and body is not None:
                    await self._ledger.check_event(command)
                    await self._recognise(command, body)
                if len(under_way) == MOST_UNDER_WAY:
                    done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        task.result()
                sending = appended(command, self._log.append(command), begun=begun or blocks > 0)
                under_way.add(asyncio.create_task(sending))
                last, blocks = command, blocks + 1
            for task in under_way:
                await task
        finally:
            for task in under_way:
                task.cancel()
        if blocks and publish:
            last = event_requests.publication(blocks, event_id, said)
            await appended(last, self._log.append(last), begun=True)
        return last, blocks

    async def _json(self, request: Request, most: int, also: str = "") -> bytes:
        content_type = request.headers.get("content-type", "")
        if not also or content_type.split(";")[0].strip().lower() != also:
            check_content_type(content_type.encode("latin-1"))
        return await self._body(request, most)

    async def _body(self, request: Request, most: int) -> bytes:
        if "content-encoding" in request.headers:
            raise ProblemError(problems.UNSUPPORTED_MEDIA_TYPE, "Send the body uncompressed.")
        announced = request.headers.get("content-length", "").encode() or None
        return await read_body(request.receive, announced, most)


def _key(request: Request) -> str | None:
    return key_of(request.headers.raw, guest=False)


def _check_event(event_id: str) -> None:
    if not is_name(event_id):
        raise ProblemError(problems.NOT_FOUND, "There is nothing of this name.")


def _about(event_id: str, blocks: int, plans: Sequence[PlannedSection]) -> dict[str, Any]:
    url = f"/api/events/{event_id}"
    return {"event_id": event_id, "event_url": url, "blocks": blocks, "seats": seats_in(plans)}
