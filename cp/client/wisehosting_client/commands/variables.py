"""Variables: names go in and come out, values only go in."""

import sys
from collections.abc import Callable
from getpass import getpass
from typing import Annotated

import typer

from wisehosting_client import terminal
from wisehosting_client.api import Api, Json
from wisehosting_client.commands.deployments import followed, show_end
from wisehosting_client.errors import Refused
from wisehosting_client.groups import OfProject
from wisehosting_client.terminal import AsJson, ProjectName, cell, platform, print_json, say, when

commands = typer.Typer(
    cls=OfProject,
    help="Give an app its variables; `wh variables PROJECT` lists them.\n\nExample: wh variables set shop GREETING=hello --deploy",
    no_args_is_help=True,
)

TRIES = 3
"""How often a change is written when others write at the same time."""

Deploy = Annotated[
    bool, typer.Option("--deploy", help="Deploy the live commit with them; the branch when none is live.")
]


@commands.command("list")
def list_(project: ProjectName, *, as_json: AsJson = False) -> None:
    """List the names of variables and who gets them. Values are never shown.

    Example: wh variables shop
    """
    with platform(project) as api:
        found = api.variables(api.project(project)["environments"][0]["id"])
    if as_json:
        print_json(found)
        return
    if not found["items"]:
        say(f"No variables yet. Set one with: wh variables set {project} NAME=VALUE")
        return
    table = terminal.table("variable", "for", "set")
    for item in found["items"]:
        table.add_row(cell(item["name"]), cell(item["scope"]), cell(when(item["updated_at"])))
    terminal.show(table)


@commands.command("set")
def set_(
    project: ProjectName,
    assignments: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME=VALUE…",
            help="NAME=- reads the value from standard input: others on this machine can see arguments.",
        ),
    ],
    *,
    build: Annotated[bool, typer.Option("--build", help="For builds; with --run, for both.")] = False,
    run: Annotated[bool, typer.Option("--run", help="For the running app: the default of a new variable.")] = False,
    deploy: Deploy = False,
    as_json: AsJson = False,
) -> None:
    """Set variables, all as one change. Without --build and --run a variable keeps what it is for.

    Example: wh variables set shop GREETING=hello --deploy

    Example: wh variables set shop DATABASE_URL=- < url.txt
    """
    values = read_assignments(assignments)
    chosen = {(True, True): "both", (True, False): "build", (False, True): "run"}.get((build, run))

    def change(current: Json) -> Json:
        scopes = {item["name"]: item["scope"] for item in current["items"]}
        written = {name: {"value": value, "scope": chosen or scopes.get(name, "run")} for name, value in values.items()}
        return {"set": written, "remove": []}

    with platform(project) as api:
        found = api.project(project)
        before, after = _write(api, found["environments"][0]["id"], change)
        if not as_json:
            names = ", ".join(sorted(values))
            say(f"Set {names}." if after["version"] != before["version"] else f"{names}: set so already.")
        _then(api, found, after, deploy=deploy, as_json=as_json)


@commands.command("unset")
def unset(
    project: ProjectName,
    names: Annotated[list[str], typer.Argument(metavar="NAME…", help="The variables to remove.")],
    *,
    deploy: Deploy = False,
    as_json: AsJson = False,
) -> None:
    """Remove variables, all as one change.

    Example: wh variables unset shop GREETING --deploy
    """
    with platform(project) as api:
        found = api.project(project)
        before, after = _write(api, found["environments"][0]["id"], lambda _: {"set": {}, "remove": names})
        if not as_json:
            there = {item["name"] for item in before["items"]}
            for name in dict.fromkeys(names):
                say(f"Removed {name}." if name in there else f"{name} was not set.")
        _then(api, found, after, deploy=deploy, as_json=as_json)


def read_assignments(assignments: list[str]) -> dict[str, str]:
    """Split NAME=VALUE; one value may be `-` and is then read from standard input, without its last end of line.

    A terminal asks for it instead and does not show it. Raises BadParameter, which does not repeat what may be a secret.
    """
    values: dict[str, str] = {}
    for place, text in enumerate(assignments, 1):
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"Number {place} is not NAME=VALUE.")
        if name in values:
            raise typer.BadParameter(f"{name} is set twice; decide for one value.")
        values[name] = value
    asked = [name for name, value in values.items() if value == "-"]
    if terminal.somebody_types():
        return values | {name: getpass(f"{name}: ") for name in asked}
    if len(asked) > 1:
        raise typer.BadParameter("Only one value can come from standard input; set the others by themselves.")
    return values | {name: sys.stdin.read().removesuffix("\n").removesuffix("\r") for name in asked}


def _write(api: Api, environment_id: str, change: Callable[[Json], Json]) -> tuple[Json, Json]:
    """Write what `change` makes of the current variables, and again when somebody was faster. Returns before and after."""
    for last in (False,) * (TRIES - 1) + (True,):
        before = api.variables(environment_id)
        try:
            return before, api.write_variables(environment_id, change(before), version=before["version"])
        except Refused as error:
            if error.status != 412 or last:
                raise
    raise AssertionError("the last try returns or raises")


def _then(api: Api, project: Json, written: Json, *, deploy: bool, as_json: bool) -> None:
    """Deploy with the new variables, or say how."""
    ended = None
    if deploy:
        live = project["environments"][0]["live"]
        started = api.deploy(project["id"], live["commit"] if live else None)
        ended = followed(api, started, as_json=as_json, beside={"variables": written})
    if as_json:
        print_json({"variables": written, "deployment": ended})
    elif ended:
        show_end(ended)
    else:
        say(f"The next deployment uses them: wh deploy {project['name']}")
