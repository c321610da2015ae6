"""Groups of commands that list when nothing else is asked of them."""

from typing import Any

from typer.core import TyperGroup


class OfProject(TyperGroup):
    """`wh variables PROJECT` lists. A project named like a command is listed by `wh variables list NAME`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Read a lone word that is no command, with options or none, as the project to list."""
        name, *rest = args
        if name not in self.commands and not name.startswith("-") and not _words(rest):
            args = ["list", *args]
        return super().resolve_command(ctx, args)


class Alone(TyperGroup):
    """`wh tokens` lists."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read no command, or options alone, as the list."""
        if "--help" not in args and not _words(args) and not ctx.resilient_parsing:
            args = ["list", *args]
        return super().parse_args(ctx, args)


def _words(args: list[str]) -> list[str]:
    """Return what is neither an option nor the value of --context."""
    return [
        word
        for place, word in enumerate(args)
        if not word.startswith("-") and (not place or args[place - 1] != "--context")
    ]
