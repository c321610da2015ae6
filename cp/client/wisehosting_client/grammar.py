"""All commands of `wh` as one tree, with what every command has: `--context`."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer
from typer._completion_classes import completion_init

from wisehosting_client import access, names

HERE = frozenset({"login", "context", "completion", "eject"})
"""Commands that ask no platform, or name it in their own way."""


def tree(app: typer.Typer) -> Any:
    """Return the command `wh` of this app."""
    # An app without Typer's own options to install completion does not register the shells either.
    completion_init()
    root = typer.main.get_command(app)
    context = _context()
    for path, command in leaves(root):
        for param in command.params:
            # `<bool>` beside a flag and `<str>` beside PROJECT say nothing.
            if param.bare_type() == "bool" or param.param_type_name == "argument":
                param.display_type_rich = lambda _ctx: None
            elif getattr(param, "min", None) is not None:
                param.metavar = "NUMBER"
        if path[0] not in HERE:
            command.params.append(context)
    root.params.append(context)
    return root


def meant(root: Any, argv: Sequence[str]) -> str:
    """Return the command that somebody began to type."""
    words = ["wh"]
    for word in argv:
        root = getattr(root, "commands", {}).get(word)
        if root is None:
            break
        words.append(word)
    return " ".join(words)


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the commands that do something, each with the words that lead to it."""
    children = getattr(command, "commands", None)
    if children is None:
        yield path, command
        return
    for name, child in children.items():
        yield from leaves(child, (*path, name))


def _context() -> Any:
    """Return the option as Typer makes it of a function."""
    donor = typer.Typer(add_completion=False)

    @donor.command()
    def _(
        _context: Annotated[
            str,
            typer.Option(
                "--context",
                metavar="NAME",
                help="The platform that is meant, as `wh context` lists them.",
                callback=_choose,
                expose_value=False,
                show_default=False,
                autocompletion=names.contexts,
            ),
        ] = "",
    ) -> None:
        pass

    return typer.main.get_command(donor).params[0]


def _choose(value: str) -> str:
    if value:
        access.chosen.set(value)
    return value
