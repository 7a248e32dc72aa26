"""``frontrow``: the commands by their names. Nothing else is here.

Each command is a function of the room that it is about; ``visit.command`` makes a command of it.
"""

from collections.abc import Sequence

import typer
from typer._completion_classes import completion_init

from frontrow_cli import booking, looking, organising, people, platform
from frontrow_cli.completion import completion
from frontrow_cli.load import load
from frontrow_cli.picking import pick
from frontrow_cli.visit import command

LOOK, BOOK, PEOPLE, ORGANISE, OPERATE = "Find", "Book", "You", "Organise", "Look after it"

app = typer.Typer(
    name="frontrow",
    help="Numbered seats for events that everybody wants at once.",
    epilog="Exit status: 0 done, 1 refused, 2 usage, 3 not found, 4 not allowed, 5 outcome unknown, 6 unavailable, "
    "7 undecided.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
event = typer.Typer(no_args_is_help=True, help="Announce events.")
sale = typer.Typer(no_args_is_help=True, help="Open and close the sale of an event.")

for panel, commands in {
    LOOK: (looking.events, looking.seats, looking.productions),
    BOOK: (
        *(booking.book, pick, booking.hold, booking.pay, booking.extend),
        *(booking.cancel, booking.mine, booking.booking),
    ),
    PEOPLE: (people.login, people.logout, people.register, people.whoami),
}.items():
    for one in commands:
        app.command(one.__name__, rich_help_panel=panel)(command(one))

event.command("create")(command(organising.create))
sale.command("open")(command(organising.sale_open))
sale.command("close")(command(organising.sale_close))
app.add_typer(event, name="event", rich_help_panel=ORGANISE)
app.command("import-seats", rich_help_panel=ORGANISE)(command(organising.import_seats))
app.add_typer(sale, name="sale", rich_help_panel=ORGANISE)
app.command("status", rich_help_panel=OPERATE)(command(platform.status))
app.command("load", rich_help_panel=OPERATE)(command(load))
app.command("completion", rich_help_panel=OPERATE)(command(completion))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command: the process' own arguments, or these."""
    completion_init()
    app(args=arguments, prog_name="frontrow")


if __name__ == "__main__":
    main()
