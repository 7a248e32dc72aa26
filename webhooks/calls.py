"""Calls: how organisers manage their webhooks and see what was delivered.

The gateway enters here, for ``/api/webhooks``. Each call needs a session of an organiser, who finds their own webhooks,
or of an operator, who finds all; what is another's answers as if it were not there. PostgreSQL away: 503, deliveries
wait.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal, TypeVar

import orjson
from fastapi import FastAPI, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from contracts import problems
from contracts.callers import Caller
from contracts.moments import moment_text
from contracts.positions import position_text
from contracts.webhooks import (
    TOLD,
    Delivery,
    NewWebhook,
    Replayed,
    Webhook,
    WebhookRequest,
    WebhookSecret,
)
from runtime.credentials import Credentials
from runtime.postgres import Postgres, PostgresAwayError, Work
from runtime.problems import ProblemError
from webhooks import endpoints, notices
from webhooks.addresses import NOT_PUBLIC, RefusedUrlError, Target, target_of
from webhooks.declared import Call, add_call
from webhooks.endpoints import REPLAYED_AT_ONCE, DeliveryRow, Endpoint, NewEndpoint
from webhooks.network import CheckedBackend, RefusedAddressError, UnknownNameError
from webhooks.requests import body_of, invalid
from webhooks.signing import SealingKeys, new_secret, shown

T = TypeVar("T")

MOST_A_PAGE: Final = 200
BEFORE_ALL: Final = 0
AFTER_ALL: Final = 2**63 - 1
PREFIX: Final = "wh_"

Limit = Annotated[int, Query(ge=1, le=MOST_A_PAGE, description="How many at most.")]
Cursor = Annotated[int | None, Query(ge=BEFORE_ALL, le=AFTER_ALL, description="From the `Link` of the page before.")]
StatusFilter = Annotated[Literal["pending", "delivered", "dead"] | None, Query(description="Only these.")]


class WebhookCalls:
    """The routes. ``told``: called when something became due."""

    def __init__(
        self,
        postgres: Postgres,
        credentials: Credentials[Caller],
        keys: SealingKeys,
        network: CheckedBackend,
        *,
        allow_private: bool,
        told: Callable[[], None],
    ) -> None:
        self._postgres = postgres
        self._credentials = credentials
        self._keys = keys
        self._network = network
        self._allow_private = allow_private
        self._told = told

    def add_to(self, app: FastAPI) -> None:
        """Route and declare them."""
        one = "/api/webhooks/{webhook_id}"
        some = f"{one}/deliveries"
        conflicts, unfit = (problems.NOT_FOUND, problems.CONFLICT), (problems.NOT_FOUND, problems.INVALID_REQUEST)
        for call in (
            Call("POST", "/api/webhooks", self.add_webhook, NewWebhook, 201, WebhookRequest, (problems.CONFLICT,)),
            Call("GET", "/api/webhooks", self.webhooks, list[Webhook], refusals=(problems.INVALID_REQUEST,)),
            Call("GET", one, self.webhook, Webhook),
            Call("DELETE", one, self.delete_webhook, None, 204),
            Call("POST", f"{one}/secret", self.change_webhook_secret, WebhookSecret),
            Call("POST", f"{one}/activation", self.activate_webhook, Webhook),
            Call("POST", f"{one}/test", self.test_webhook, Delivery, 202, refusals=conflicts),
            Call("GET", some, self.deliveries, list[Delivery], refusals=unfit),
            Call("POST", f"{some}/replay", self.replay_dead_deliveries, Replayed, 202, refusals=conflicts),
            Call("POST", f"{some}/{{delivery_id}}/replay", self.replay_delivery, Delivery, 202, refusals=conflicts),
        ):
            add_call(app, call)

    async def add_webhook(self, request: Request) -> Response:
        """Be told at ``url`` of what happens to one's events from now on. The secret is in this answer alone."""
        caller = self._caller(request)
        asked = await body_of(request, WebhookRequest)
        await self._check(asked.url)
        webhook_id, secret = PREFIX + secrets.token_urlsafe(16), new_secret()
        new = NewEndpoint(
            webhook_id,
            caller.principal,
            caller.operates,
            asked.event_id,
            asked.url,
            list(dict.fromkeys(asked.events or TOLD)),
            self._keys.seal(secret, webhook_id),
        )
        if asked.event_id is not None:
            event_id = asked.event_id
            organiser = await self._run(lambda connection: endpoints.organiser_of(connection, event_id))
            if organiser is None:
                raise invalid({"field": "event_id", "message": "names no event"})
            if organiser != caller.principal and not caller.operates:
                raise ProblemError(problems.FORBIDDEN, "Only an event's organiser is told of its bookings.")
        made = await self._run(lambda connection: endpoints.add(connection, new))
        if made is None:
            detail = f"One may have at most {endpoints.MOST_OF_ONE} webhooks. Delete one first."
            raise ProblemError(problems.CONFLICT, detail)
        body = NewWebhook(**_webhook(made).model_dump(), secret=shown(secret))
        return _json(body, 201, {"Location": f"/api/webhooks/{webhook_id}"})

    async def webhooks(self, request: Request, cursor: Cursor = None, limit: Limit = 100) -> Response:
        """List one's webhooks, the oldest first; an operator's list has everybody's."""
        owner = self._owner(request)
        found = await self._run(lambda connection: endpoints.page(connection, owner, cursor or BEFORE_ALL, limit + 1))
        link = _next(request, found[limit - 1].n, limit) if len(found) > limit else {}
        return _json([_webhook(one) for one in found[:limit]], headers=link)

    async def webhook(self, request: Request, webhook_id: str) -> Response:
        """Show a webhook, and whether it is well."""
        return _json(_webhook(await self._own(request, webhook_id)))

    async def delete_webhook(self, request: Request, webhook_id: str) -> Response:
        """Be told no more; what was not delivered yet never will be."""
        owner = self._owner(request)
        if not await self._run(lambda connection: endpoints.delete(connection, owner, webhook_id)):
            raise _not_there()
        return Response(status_code=204, headers={"Cache-Control": "no-store"})

    async def change_webhook_secret(self, request: Request, webhook_id: str) -> Response:
        """Have a new secret. For a day deliveries are signed under the former one as well."""
        owner, secret = self._owner(request), new_secret()
        sealed = self._keys.seal(secret, webhook_id)
        changed = await self._run(lambda connection: endpoints.change_secret(connection, owner, webhook_id, sealed))
        if changed is None:
            raise _not_there()
        return _json(WebhookSecret(secret=shown(secret), former_secret_until=_time(changed.former_secret_until)))

    async def activate_webhook(self, request: Request, webhook_id: str) -> Response:
        """Be told again by a webhook that was disabled; what waited meanwhile is delivered."""
        owner = self._owner(request)
        active = await self._run(lambda connection: endpoints.activate(connection, owner, webhook_id))
        if active is None:
            raise _not_there()
        self._told()
        return _json(_webhook(active))

    async def test_webhook(self, request: Request, webhook_id: str) -> Response:
        """Have a ``webhook.test`` delivered, in one attempt; what came of it is in the list of deliveries."""
        await self._active(request, webhook_id)
        delivery_id = notices.DELIVERY_PREFIX + secrets.token_hex(16)
        body = notices.body_of(notices.test_notice(webhook_id, datetime.now(UTC)))
        made = await self._run(lambda connection: endpoints.add_test(connection, webhook_id, delivery_id, body))
        if made is None:
            raise ProblemError(problems.CONFLICT, "The test before this one is not over yet.")
        self._told()
        return _json(_delivery(made), 202)

    async def deliveries(
        self,
        request: Request,
        webhook_id: str,
        status: StatusFilter = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Response:
        """List deliveries, the newest first; ``status=dead`` are those that nobody attempts any more."""
        await self._own(request, webhook_id)
        before = cursor if cursor is not None else AFTER_ALL
        found = await self._run(
            lambda connection: endpoints.deliveries(connection, webhook_id, status, before, limit + 1)
        )
        link = _next(request, found[limit - 1].n, limit) if len(found) > limit else {}
        return _json([_delivery(one) for one in found[:limit]], headers=link)

    async def replay_dead_deliveries(self, request: Request, webhook_id: str) -> Response:
        """Attempt dead deliveries again, the oldest first, under their ids; a thousand in one call."""
        await self._active(request, webhook_id)
        replayed = await self._run(lambda connection: endpoints.replay_dead(connection, webhook_id))
        self._told()
        return _json(Replayed(replayed=replayed, remaining=replayed == REPLAYED_AT_ONCE), 202)

    async def replay_delivery(self, request: Request, webhook_id: str, delivery_id: str) -> Response:
        """Attempt a delivery again, under its id, also one that was delivered."""
        await self._active(request, webhook_id)
        replayed = await self._run(lambda connection: endpoints.replay(connection, webhook_id, delivery_id))
        if replayed is None:
            raise ProblemError(problems.NOT_FOUND, "The webhook has no such delivery.")
        self._told()
        return _json(_delivery(replayed), 202)

    def _caller(self, request: Request) -> Caller:
        caller = self._credentials.required(request.scope)
        if not caller.organises:
            raise ProblemError(problems.FORBIDDEN, "Webhooks are for organisers.")
        return caller

    def _owner(self, request: Request) -> str | None:
        """Return whose webhooks may be seen; None: everybody's."""
        caller = self._caller(request)
        return None if caller.operates else caller.principal

    async def _own(self, request: Request, webhook_id: str) -> Endpoint:
        owner = self._owner(request)
        found = await self._run(lambda connection: endpoints.get(connection, owner, webhook_id))
        if found is None:
            raise _not_there()
        return found

    async def _active(self, request: Request, webhook_id: str) -> None:
        if (await self._own(request, webhook_id)).disabled_at is not None:
            raise ProblemError(problems.CONFLICT, "This webhook is disabled. Activate it first.")

    async def _check(self, url: str) -> None:
        """Refuse a URL that leads nowhere or into our network. It is checked again with every connection."""
        try:
            target: Target = target_of(url, allow_private=self._allow_private)
            await self._network.addresses_of(target.host, target.port)
        except RefusedUrlError as refused:
            raise invalid({"field": "url", "message": str(refused)}) from None
        except RefusedAddressError:
            raise invalid({"field": "url", "message": NOT_PUBLIC}) from None
        except UnknownNameError:
            raise invalid({"field": "url", "message": "names a host that has no address"}) from None

    async def _run(self, work: Work[T]) -> T:
        try:
            return await self._postgres.run(work)
        except PostgresAwayError:
            detail = "The database does not answer; what was asked may have been done or not. Deliveries wait."
            raise ProblemError(problems.OVERLOADED, detail) from None


def _webhook(one: Endpoint) -> Webhook:
    return Webhook.model_validate(
        {
            "id": one.webhook_id,
            "url": one.url,
            "events": one.types,
            "event_id": one.event_id,
            "status": "active" if one.disabled_at is None else "disabled",
            "disabled_reason": one.disabled_reason,
            "disabled_at": _time(one.disabled_at),
            "failing_since": _time(one.failing_since),
            "former_secret_until": _time(one.former_secret_until),
            "created_at": _time(one.created_at),
        }
    )


def _delivery(one: DeliveryRow) -> Delivery:
    return Delivery.model_validate(
        {
            "id": one.delivery_id,
            "type": one.type,
            "event_id": one.event_id,
            "position": position_text(int(one.tx), one.row_id) if one.tx and one.row_id else None,
            "status": one.status,
            "attempts": one.attempts,
            "response_status": one.response_status,
            "error": one.error,
            "created_at": _time(one.created_at),
            "attempted_at": _time(one.attempted_at),
            "next_attempt_at": _time(one.due_at),
        }
    )


def _time(moment: datetime | None) -> str | None:
    return moment_text(moment) if moment is not None else None


def _not_there() -> ProblemError:
    return ProblemError(problems.NOT_FOUND, "You have no such webhook.")


def _next(request: Request, cursor: int, limit: int) -> dict[str, str]:
    query = {**request.query_params, "cursor": str(cursor), "limit": str(limit)}
    url = request.url.replace(scheme="", netloc="").include_query_params(**query)
    return {"Link": f'<{url}>; rel="next"'}


def _json(body: BaseModel | Sequence[BaseModel], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    plain: Any = body.model_dump() if isinstance(body, BaseModel) else [one.model_dump() for one in body]
    return Response(orjson.dumps(plain), status, {"Cache-Control": "no-store", **(headers or {})}, "application/json")
