"""All commands of `wh` as one tree, with what every command has: `--context`."""

import sys
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
    context, version = _everywhere()
    for path, command in leaves(root):
        if path[0] not in HERE:
            command.params.append(context)
    root.params += [context, version]
    _without_types(root)
    return root


def _without_types(command: Any) -> None:
    """Show no type in the help where it says nothing: `<bool>` beside a flag, `<str>` beside PROJECT."""
    for param in [*command.params, command.get_help_option(typer.Context(command))]:
        if param.param_type_name == "argument" or param.is_flag:
            param.display_type_rich = lambda *_, **__: None
        elif param.min is not None:
            param.metavar = "NUMBER"
    for child in getattr(command, "commands", {}).values():
        _without_types(child)


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


def _everywhere() -> list[Any]:
    """Return the options as Typer makes them of a function's."""
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
        _version: Annotated[
            bool, typer.Option("--version", help="Show the version of `wh`.", callback=_tell, expose_value=False)
        ] = False,
    ) -> None:
        pass

    return list(typer.main.get_command(donor).params)


def _tell(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        sys.stdout.write(f"wh {version('wisehosting-client')}\n")
        raise typer.Exit


def _choose(value: str) -> str:
    if value:
        access.chosen.set(value)
    return value
