"""`wh`: the platform from a terminal."""

import sys

import typer

from wisehosting_client import access, grammar
from wisehosting_client.commands import (
    account,
    builds,
    completion,
    contexts,
    deployments,
    instances,
    logs,
    plans,
    platforms,
    projects,
    settings,
    sources,
    status,
    teams,
    variables,
)
from wisehosting_client.errors import EXIT_CODES, USAGE, ClientError, Stopped
from wisehosting_client.terminal import complain, printable_lines

app = typer.Typer(
    help="Deploy Git repositories on your own hosts.\n\nStart with: wh login, then wh projects.",
    epilog="Exit codes\n\n" + "\n\n".join(f"{code}: {meaning}." for code, meaning in EXIT_CODES.items()),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for room in (projects, status, deployments, sources, instances, logs, builds, plans):
    app.add_typer(room.commands)
app.add_typer(settings.commands, name="settings", rich_help_panel=builds.PANEL)
app.add_typer(variables.commands, name="variables", rich_help_panel=builds.PANEL)
app.add_typer(contexts.commands)
app.add_typer(contexts.context, name="context", rich_help_panel=contexts.PANEL)
app.add_typer(account.commands, name="tokens", rich_help_panel=contexts.PANEL)
app.add_typer(teams.commands, name="teams", rich_help_panel=contexts.PANEL)
app.add_typer(platforms.commands)
app.add_typer(completion.commands)


def main() -> None:
    """Run `wh`; errors are sentences on standard error, and the exit code tells their kind."""
    access.chosen.set("")
    root = grammar.tree(app)
    try:
        code = root.main(prog_name="wh", standalone_mode=False)
    except Stopped as error:
        _complain(str(error), style="")
        code = error.exit_code
    except ClientError as error:
        _complain(str(error))
        code = error.exit_code
    except typer.TyperException as error:
        code = _mistyped(error, grammar.meant(root, sys.argv[1:]))
    except KeyboardInterrupt:
        code = 130
    sys.exit(code if isinstance(code, int) else 0)


def _mistyped(error: typer.TyperException, command: str) -> int:
    """Say what was typed wrong, and which command shows how it is right. A group alone shows its help."""
    if type(error).__name__ == "NoArgsIsHelpError":
        # Making the error has printed it.
        return 0 if command == "wh" else USAGE
    _complain(f"{error.format_message()}\nNext: {command} --help")
    return USAGE


def _complain(sentence: str, style: str = "red") -> None:
    complain.print(printable_lines(sentence), style=style, markup=False, soft_wrap=True)
