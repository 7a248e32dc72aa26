"""People: ``register``, ``login``, ``logout`` and ``whoami``.

Whoever wants a session enters here. A password is asked for where nobody sees it, or read from standard input; it is
never an argument, which other programs of the machine could read.
"""

import sys
from typing import Annotated, Final

import typer

from frontrow_cli.exits import Exit
from frontrow_cli.visit import UsageError, Visit
from frontrow_cli.words import Words
from frontrow_client import FrontrowError

UserId = Annotated[str | None, typer.Argument(metavar="USER", help="The account's name.")]
FromInput = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
MOST_TYPED: Final = 1_000


def register(
    visit: Visit,
    user_id: UserId = None,
    name: Annotated[str | None, typer.Option("--name", help="How you want to be called.")] = None,
    email: Annotated[str | None, typer.Option(help="Where a link goes when you forget the password.")] = None,
    password_stdin: FromInput = False,
) -> None:
    """Make an account, and log in."""
    user_id = _user_id(user_id)
    password = _password(from_input=password_stdin, twice=True)
    visit.client.register(user_id, password, name or user_id, email=email)
    _begin(visit, user_id, password)


def login(visit: Visit, user_id: UserId = None, password_stdin: FromInput = False) -> None:
    """Log in; from then on everything is asked in your name, until you log out."""
    user_id = _user_id(user_id)
    _begin(visit, user_id, _password(from_input=password_stdin, twice=False))


def logout(visit: Visit) -> None:
    """End the session, here and at Frontrow."""
    if visit.session.user_id is None:
        visit.printer.show("You are not logged in.")
        return
    user_id = visit.session.user_id
    try:
        visit.client.log_out()
    except FrontrowError as error:
        # Here it is over in any case: who wants to leave a machine must not be kept by a network.
        visit.printer.note(f"Frontrow was not told ({error}); there the session ends by itself.")
    visit.session.end()
    visit.printer.document({"logged_out": user_id})
    visit.printer.show(f"Good-bye, {user_id}.")


def whoami(visit: Visit) -> Exit:
    """Say in whose name you ask."""
    if visit.session.user_id is None:
        visit.printer.document({"guest": visit.guest})
        visit.printer.words(Words(f"You are the guest {visit.guest}.", "Log in: frontrow login"))
        return Exit.OK
    account = visit.client.me()
    visit.show_said()
    visit.printer.show(f"You are {account.user_id} ({account.display_name}), {account.role}.")
    return Exit.OK


def _begin(visit: Visit, user_id: str, password: str) -> None:
    tokens = visit.client.log_in(user_id, password)
    visit.session.begin(user_id, tokens)
    account = visit.client.me()
    visit.show_said()
    visit.printer.show(f"Hello {account.display_name}: you are logged in as {account.user_id}, {account.role}.")
    visit.printer.hint("See your bookings: frontrow mine")


def _user_id(given: str | None) -> str:
    if given is not None:
        return given
    if not sys.stdin.isatty():
        msg = "Say who: frontrow login USER --password-stdin"
        raise UsageError(msg)
    return str(typer.prompt("Name", err=True))


def _password(*, from_input: bool, twice: bool) -> str:
    if from_input:
        return sys.stdin.readline(MOST_TYPED).rstrip("\n")
    if not sys.stdin.isatty():
        msg = "There is no terminal to type a password at: --password-stdin reads it from standard input."
        raise UsageError(msg)
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=twice, err=True))
