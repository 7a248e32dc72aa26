"""Password resets: a link, mailed to the address that the account has, lets its reader choose a new password once.

The gateway enters here. The answer is the same, and comes as soon, whether there is such an account or not: what is
done for one that is there is done afterwards. A new password ends all sessions.
"""

import asyncio
import logging
import secrets
from typing import Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from contracts import problems
from contracts.accounts import ForgottenPassword, NewPassword
from runtime.postgres import PostgresAwayError
from runtime.problems import ProblemError
from write_api.callers import address_of
from write_api.declared import Call, add_call
from write_api.issuer import digest
from write_api.mail import Mail
from write_api.passwords import Passwords
from write_api.people import People, Person
from write_api.requests import body_of, invalid
from write_api.session_answers import answer
from write_api.throttle import Count, Limit, Throttle, site_of

LINK_LIFE_S: Final = 30 * 60
LETTERS_AT_ONCE: Final = 50
"""Letters under way; with a mail server that hangs, who asks then is told to come again."""
LETTERS: Final = Limit("letters", 3, 3600)
"""Asked for one name."""
LETTERS_TO: Final = Limit("letters_to", 5, 3600)
"""To one address, whoever's accounts say that it is theirs: nobody's mailbox is filled by us."""
ASKED_FROM: Final = Limit("letters_from", 20, 3600)

_TAG: Final = "accounts"
_LETTER: Final = """\
Hello,

somebody, most likely you, asked for a new password of the Frontrow account "{user_id}". Choose it here:

{link}

The link works once, for half an hour. If it was not you, do nothing: your password stays as it is.
"""

_log = logging.getLogger(__name__)


class PasswordResetCalls:
    """The routes. ``public_url``: where people reach us."""

    def __init__(self, people: People, passwords: Passwords, throttle: Throttle, mail: Mail, public_url: str) -> None:
        self._people = people
        self._passwords = passwords
        self._throttle = throttle
        self._mail = mail
        self._public_url = public_url.rstrip("/")
        self._letters: set[asyncio.Task[None]] = set()

    def add_to(self, app: FastAPI) -> None:
        """Route and declare them."""
        refused = [problems.TOO_MANY_REQUESTS]
        path = "/api/password-resets"
        for call in (
            Call("POST", path, self.forgot_password, None, 202, ForgottenPassword, session=False, refusals=refused),
            Call(
                "POST",
                f"{path}/confirmation",
                self.reset_password,
                None,
                204,
                NewPassword,
                session=False,
                refusals=refused,
            ),
        ):
            add_call(app, call, _TAG)

    async def stop(self) -> None:
        """Give up the letters under way."""
        for letter in self._letters:
            letter.cancel()
        await asyncio.gather(*self._letters, return_exceptions=True)

    async def forgot_password(self, request: Request) -> Response:
        """Have a link mailed, if there is such an account and it has an address."""
        asked = await body_of(request, ForgottenPassword)
        address = address_of(request.scope)
        counts = [Count(LETTERS, asked.user_id)]
        if self._throttle.limits(address):
            counts.append(Count(ASKED_FROM, site_of(address)))
        await self._throttle.take(*counts)
        person = await self._people.named(asked.user_id)
        if len(self._letters) >= LETTERS_AT_ONCE:
            raise ProblemError(problems.OVERLOADED, "Too many letters are on their way.")
        if person is not None and person.email is not None:
            letter = asyncio.create_task(self._send_link(person, person.email))
            self._letters.add(letter)
            letter.add_done_callback(self._letters.discard)
        return answer(request, 202)

    async def reset_password(self, request: Request) -> Response:
        """Choose a new password with the token of a mailed link. All sessions of the account end."""
        asked = await body_of(request, NewPassword)
        token_hash = digest(asked.token.get_secret_value())
        # Looked at first, so that only whoever has a good token makes us hash.
        if await self._people.may_reset(token_hash) and await self._people.reset(
            token_hash, await self._passwords.hash(asked.password)
        ):
            return answer(request, 204)
        raise invalid([{"field": "token", "message": "is not good, or no longer; ask for another link"}])

    async def _send_link(self, person: Person, email: str) -> None:
        token = secrets.token_urlsafe(32)
        try:
            await self._throttle.take(Count(LETTERS_TO, email.casefold()))
            written = await self._people.add_reset(person, digest(token), LINK_LIFE_S)
        except (PostgresAwayError, ProblemError) as error:
            # Whoever asked is not told: the answer must not tell whether there is such an account.
            _log.warning("a letter was not written", extra={"cause": str(error)})
            return
        if not written:
            return
        # Behind the #: a browser keeps that to itself, so the token is in no access log.
        link = f"{self._public_url}/password-reset#{token}"
        # Nothing that an account's owner may choose freely is in it: the letter could go to somebody else.
        await self._mail.send(email, "A new password for Frontrow", _LETTER.format(user_id=person.user_id, link=link))
