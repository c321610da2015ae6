"""Completion of commands, projects and contexts in a shell."""

import sys
from enum import StrEnum
from typing import Annotated

import typer
from typer._completion_shared import get_completion_script

from wisehosting_client.commands.contexts import PANEL

commands = typer.Typer()


class Shell(StrEnum):
    """A shell that can be told what may follow."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"


@commands.command(rich_help_panel=PANEL)
def completion(shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")]) -> None:
    """Print what a shell reads to complete commands, options, projects and contexts.

    Example: wh completion bash > ~/.local/share/bash-completion/completions/wh

    Example: wh completion zsh > ~/.zfunc/_wh

    Example: wh completion fish > ~/.config/fish/completions/wh.fish
    """
    sys.stdout.write(get_completion_script(prog_name="wh", complete_var="_WH_COMPLETE", shell=shell.value) + "\n")
