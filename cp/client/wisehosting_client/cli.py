"""`wh`: the platform from a terminal."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from wisehosting_client import access
from wisehosting_client.api import Api
from wisehosting_client.commands import builds, deployments, instances, plans, projects, settings, variables
from wisehosting_client.errors import ClientError
from wisehosting_client.terminal import complain, printable_lines, say

app = typer.Typer(
    help="Deploy Git repositories on your own hosts.\n\nStart with: wh login, then wh projects.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.command()
def login(
    file: Annotated[Path, typer.Option("--access", help="The access.json of a local platform.")] = access.LOCAL_ACCESS,
) -> None:
    """Use the platform that `./dev up` started on this machine.

    Example: wh login
    """
    found = access.read_platform(file)
    who = Api(found).session()
    access.keep(found)
    say(f"Logged in to {found.dashboard} as {who['user']['name']}. See your projects with: wh projects")


app.add_typer(projects.commands)
app.add_typer(deployments.commands)
app.add_typer(builds.commands)
app.add_typer(plans.commands)
app.add_typer(settings.commands, name="settings", rich_help_panel="Builds")
app.add_typer(instances.commands)
app.add_typer(variables.commands, name="variables", rich_help_panel="Variables")


def main() -> None:
    """Run `wh`; errors are sentences on standard error, and the exit code tells their kind."""
    try:
        app()
    except ClientError as error:
        complain.print(printable_lines(str(error)), style="red", markup=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
