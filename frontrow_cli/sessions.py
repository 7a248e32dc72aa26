"""Sessions: the one session that this person has with a Frontrow, kept between commands.

``visit`` enters here. Tokens are in a file of mode 600 and nowhere else: no output, no argument, no log. A refresh
token is good once and looks stolen when it is used twice, so only one command at a time renews a session, and the
others take what it got (test: ``test_commands_at_the_same_time_renew_a_session_once``).
"""

import hashlib
from contextlib import ExitStack
from typing import Self

from frontrow_cli import private_files
from frontrow_cli.settings import Settings
from frontrow_client import Client, Tokens


class Session:
    """The session at ``settings.url``; also the ``turn`` that the client renews it in."""

    def __init__(self, settings: Settings) -> None:
        name = hashlib.sha256(settings.url.encode()).hexdigest()[:16]
        self._url = settings.url
        self._path = settings.state / "sessions" / f"{name}.json"
        self._alone = ExitStack()
        self._client: Client | None = None
        kept = private_files.read(self._path) or {}
        self.user_id: str | None = kept.get("user_id")

    def give_to(self, client: Client) -> None:
        """Let a client go on with the session, if there is one."""
        self._client = client
        if tokens := self._tokens():
            client.resume(tokens)

    def begin(self, user_id: str, tokens: Tokens) -> None:
        """Keep a new session in the place of any other."""
        self.user_id = user_id
        self._keep(tokens)

    def end(self) -> None:
        """Forget it."""
        self.user_id = None
        self._path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        """Wait for this command's turn, and take what another one got meanwhile."""
        self._alone.enter_context(private_files.locked(self._path.with_suffix(".lock")))
        if self._client is not None and (tokens := self._tokens()) is not None:
            self._client.resume(tokens)
        return self

    def __exit__(self, *_: object) -> None:
        """Keep what was got, at once: a token that is used and not kept would end the session."""
        try:
            tokens = None if self._client is None else self._client.tokens
            if tokens is None:
                self.end()
            else:
                self._keep(tokens)
        finally:
            self._alone.close()

    def _tokens(self) -> Tokens | None:
        kept = private_files.read(self._path)
        return Tokens(kept["access_token"], kept["refresh_token"]) if kept else None

    def _keep(self, tokens: Tokens) -> None:
        document = {"url": self._url, "user_id": self.user_id}
        own = {"access_token": tokens.access_token, "refresh_token": tokens.refresh_token}
        private_files.write(self._path, document | own)
