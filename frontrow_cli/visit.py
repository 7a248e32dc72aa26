"""Visit: what one command works with, and the one door through which it ends.

Every command enters here, through ``command``, which gives it the options that all commands have, and turns whatever it
raises into words and an exit status. Nothing is built before a command runs.
"""

import inspect
import json
import os
import secrets
import traceback
from collections.abc import Callable
from functools import cached_property, wraps
from pathlib import Path
from typing import Annotated, Any, Concatenate, Final, ParamSpec

import typer

from frontrow_cli import private_files, words
from frontrow_cli.exits import Exit, of_reason
from frontrow_cli.printing import Printer
from frontrow_cli.sessions import Session
from frontrow_cli.settings import Settings
from frontrow_cli.wishes import Wishes
from frontrow_client import (
    Answer,
    AwayError,
    Client,
    CommandOutcome,
    ConflictError,
    ForbiddenError,
    FrontrowError,
    InvalidRequestError,
    KeyReusedError,
    NotAcceptedError,
    NotFoundError,
    OutcomeUnknownError,
    Patience,
    ProblemError,
    TooManyRequestsError,
    UnauthenticatedError,
    UnreachableError,
)

P = ParamSpec("P")

AsJson = Annotated[bool, typer.Option("--json", help="Print what the API said, as JSON.", rich_help_panel="Everywhere")]
Url = Annotated[
    str | None,
    typer.Option(
        "--url", help="Where Frontrow is. [FRONTROW_URL; http://localhost:8080]", rich_help_panel="Everywhere"
    ),
]
User = Annotated[
    str | None,
    typer.Option(
        "--user",
        metavar="NAME",
        help="The guest to book for, without a session. [FRONTROW_USER; a name of this machine's]",
        rich_help_panel="Everywhere",
    ),
]
PATIENCE: Final = Patience(within_s=10.0, longest_pause_s=2.0)
"""Somebody sits there: after ten seconds it is better to say what is known. What was asked can be taken up again."""
_PROBLEM: Final = 400
_COMMON: Final = {"as_json": (AsJson, False), "url": (Url, None), "user": (User, None)}

_EXITS: Final[tuple[tuple[type[FrontrowError], Exit], ...]] = (
    (OutcomeUnknownError, Exit.UNKNOWN),
    (UnreachableError, Exit.UNAVAILABLE),
    (NotFoundError, Exit.NOT_FOUND),
    (UnauthenticatedError, Exit.NOT_ALLOWED),
    (ForbiddenError, Exit.NOT_ALLOWED),
    (ConflictError, Exit.REFUSED),
    (InvalidRequestError, Exit.USAGE),
    (KeyReusedError, Exit.USAGE),
    (TooManyRequestsError, Exit.UNAVAILABLE),
    (NotAcceptedError, Exit.UNAVAILABLE),
    (AwayError, Exit.UNAVAILABLE),
)
"""Everything else is a bug at one of the two ends."""


class UsageError(Exception):
    """The command's own input is wrong; the text is a sentence."""


class Visit:
    """One command's work."""

    def __init__(self, settings: Settings, printer: Printer) -> None:
        self.settings = settings
        self.printer = printer
        self.again: str | None = None
        """The command that comes back to what is asked, while its answer is not there."""
        self._heard: Answer | None = None

    @cached_property
    def client(self) -> Client:
        """The way to Frontrow, in the session's name where there is one."""
        client = Client(self.settings.url, user_id=self.guest, turn=self.session, hears=self._hear, patience=PATIENCE)
        self.session.give_to(client)
        return client

    @cached_property
    def session(self) -> Session:
        """The session that is kept."""
        return Session(self.settings)

    @cached_property
    def guest(self) -> str:
        """For whom to book without a session: always the same on this machine, so that the same wish is the same."""
        if self.settings.user:
            return self.settings.user
        path = self.settings.state / "guest.json"
        with private_files.locked(path.with_suffix(".lock")):
            kept = private_files.read(path)
            if kept is None:
                kept = {"user_id": f"guest-{secrets.token_hex(6)}"}
                private_files.write(path, kept)
        return str(kept["user_id"])

    @property
    def who(self) -> str:
        """Who asks, in a word that tells a guest from an account of the same name."""
        return f"account:{self.session.user_id}" if self.session.user_id else f"guest:{self.guest}"

    @cached_property
    def wishes(self) -> Wishes:
        """What was asked and has no answer yet."""
        return Wishes(self.settings.state, url=self.settings.url, who=self.who)

    @property
    def said(self) -> Any:  # noqa: ANN401 - JSON
        """What the API said last."""
        return None if self._heard is None else json.loads(self._heard.content)

    def show_said(self) -> None:
        """Print what the API said last, for whoever wants that."""
        if self.printer.as_json:
            self.printer.document(self.said)

    def tell_command(self, outcome: CommandOutcome, done: str, **facts: str) -> Exit:
        """Tell what became of a command; returns what that means to a script."""
        self.show_said()
        said = words.of_command(outcome, done, **facts)
        if outcome.status in {"done", "pending"}:
            self.printer.words(said)
            return Exit.OK if outcome.status == "done" else Exit.UNDECIDED
        self.printer.failure(said)
        return of_reason(outcome.reason)

    def close(self) -> None:
        """Let go of the connections."""
        if "client" in self.__dict__:
            self.client.close()

    def fail(self, error: FrontrowError) -> Exit:
        """Say what went wrong."""
        said = words.of_problem(error, self.settings.url)
        more = []
        if isinstance(error, ProblemError):
            more = [words.of_field(one) for one in error.errors]
            if self.printer.as_json and self._heard is not None and self._heard.status >= _PROBLEM:
                self.show_said()
            code = next((code for kind, code in _EXITS if isinstance(error, kind)), Exit.BUG)
            if code is Exit.BUG and error.instance:
                more.append(f"request id: {error.instance}")
        else:
            code = next((code for kind, code in _EXITS if isinstance(error, kind)), Exit.BUG)
            failure: dict[str, str | None] = {
                "failure": type(error).__name__.removesuffix("Error"),
                "detail": said.what,
                "next": said.next,
            }
            if isinstance(error, OutcomeUnknownError):
                failure |= {"idempotency_key": error.key, "status_url": error.status_url}
            self.printer.document(failure)
        if isinstance(error, OutcomeUnknownError) and self.again:
            said = words.Words(said.what, f"Come back to it, without a second one: {self.again}")
        self.printer.failure(said, *more)
        return code

    def interrupted(self) -> Exit:
        """Say how to find what was asked."""
        said = words.INTERRUPTED_AMID_REQUEST.of(again=self.again) if self.again else words.INTERRUPTED
        self.printer.failure(said)
        return Exit.INTERRUPTED

    def _hear(self, answer: Answer) -> None:
        self._heard = answer


def command(run: Callable[Concatenate[Visit, P], Exit | None]) -> Callable[..., None]:
    """Make a command of a function: typer reads its parameters and those that all commands have."""

    @wraps(run)
    def whole(*args: Any, as_json: bool, url: str | None, user: str | None, **kwargs: Any) -> None:  # noqa: ANN401
        settings = Settings.from_environment(os.environ, url=url, user=user)
        visit = Visit(settings, Printer(as_json=as_json))
        try:
            code = run(visit, *args, **kwargs) or Exit.OK
        except FrontrowError as error:
            code = visit.fail(error)
        except UsageError as error:
            visit.printer.failure(words.Words(str(error)))
            code = Exit.USAGE
        except KeyboardInterrupt:
            code = visit.interrupted()
        except Exception:  # noqa: BLE001 - whatever it is: 1, which Python would end with, means "refused" here
            traceback.print_exc()
            code = Exit.BUG
        finally:
            visit.close()
        raise typer.Exit(code)

    own = list(inspect.signature(run, eval_str=True).parameters.values())[1:]
    common = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in _COMMON.items()
    ]
    whole.__signature__ = inspect.Signature([*own, *common])  # type: ignore[attr-defined]  # what typer reads
    whole.__annotations__ = {one.name: one.annotation for one in (*own, *common)}
    return whole


def read_file(path: Path, most_bytes: int) -> bytes:
    """Return a file's bytes.

    Raises:
        UsageError: it is not there, or too large to be sent.
    """
    try:
        if path.stat().st_size > most_bytes:
            msg = f"{path} is larger than {most_bytes // 1024 // 1024} MB, which is what Frontrow takes."
            raise UsageError(msg)
        return path.read_bytes()
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}."
        raise UsageError(msg) from None
