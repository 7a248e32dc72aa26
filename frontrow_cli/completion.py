"""Completion: ``completion bash``, ``zsh`` or ``fish`` prints what the shell takes to complete ``frontrow``."""

from enum import StrEnum
from typing import Annotated, Final

import typer
from typer._completion_shared import get_completion_script

from frontrow_cli.visit import Visit

COMPLETE_VARIABLE: Final = "_FRONTROW_COMPLETE"
"""What typer looks for in the environment when the shell asks."""


class Shell(StrEnum):
    """A shell that we complete for."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(visit: Visit, shell: Annotated[Shell, typer.Argument(help="Your shell.")]) -> None:
    """Print the completion of a shell.

    bash: frontrow completion bash > ~/.local/share/bash-completion/completions/frontrow ·
    zsh: frontrow completion zsh > "${fpath[1]}/_frontrow" ·
    fish: frontrow completion fish > ~/.config/fish/completions/frontrow.fish
    """
    script = get_completion_script(prog_name="frontrow", complete_var=COMPLETE_VARIABLE, shell=str(shell))
    visit.printer.out.file.write(script + "\n")
