"""Settings of a project: where its code comes from and how it is built."""

import shlex
from typing import Annotated, Any

import typer

from wisehosting_client import assignments, terminal
from wisehosting_client.api import Api, Json
from wisehosting_client.commands.deployments import followed, show_end
from wisehosting_client.errors import Refused
from wisehosting_client.groups import OfProject
from wisehosting_client.terminal import AsJson, ProjectName, cell, platform, print_json, say

commands = typer.Typer(
    cls=OfProject,
    help="Say where a project's code is and how it is built; `wh settings PROJECT` lists.\n\n"
    "What the repository's wisehosting.toml says wins over them.\n\n"
    'Example: wh settings set shop build.start="node server.js" --deploy',
    no_args_is_help=True,
)

TRIES = 3
"""How often a change is written when others write at the same time."""

Deploy = Annotated[bool, typer.Option("--deploy", help="Deploy the branch's newest commit with them.")]


@commands.command("list")
def list_(project: ProjectName, *, as_json: AsJson = False) -> None:
    """List what is set. What is empty is detected: see `wh plan PROJECT`.

    Example: wh settings shop
    """
    with platform(project) as api:
        found = api.project(project)
    values = current(found)
    if as_json:
        print_json(values)
        return
    table = terminal.table("setting", "value")
    for name, value in values.items():
        table.add_row(cell(name), cell(_text(name, value)))
    terminal.show(table)
    say(f"What follows from them, and from wisehosting.toml before them: wh plan {project}")


@commands.command("set")
def set_(
    project: ProjectName,
    values: Annotated[
        list[str],
        typer.Argument(metavar="NAME=VALUE…", help="As `wh settings PROJECT` names them; `build.` may be left out."),
    ],
    *,
    deploy: Deploy = False,
    as_json: AsJson = False,
) -> None:
    """Set how the next deployment is built, all as one change.

    Example: wh settings set shop build.start="node server.js" build.port=3000

    Example: wh settings set shop source.root_directory=apps/api --deploy
    """
    _change(project, assignments.read(values), deploy=deploy, as_json=as_json)


@commands.command("unset")
def unset(
    project: ProjectName,
    names: Annotated[list[str], typer.Argument(metavar="NAME…", help="The settings to leave to detection again.")],
    *,
    deploy: Deploy = False,
    as_json: AsJson = False,
) -> None:
    """Leave settings to detection again, all as one change.

    Example: wh settings unset shop build.start build.port
    """
    full = [assignments.known(name) for name in names]
    if "source.branch" in full:
        raise typer.BadParameter("A project always has a branch. Set another: wh settings set PROJECT source.branch=…")
    _change(project, {name: assignments.empty(name) for name in full}, deploy=deploy, as_json=as_json)


def current(project: Json) -> Json:
    """Return all settings of a project by name."""
    rooms = {"source": project["source"], "build": project["build"]}
    found: Json = {}
    for name in assignments.READERS:
        room, _, inner = name.partition(".")
        found[name] = rooms[room].get(inner, assignments.empty(name))
    return found


def _change(project: str, wanted: Json, *, deploy: bool, as_json: bool) -> None:
    ended = None
    with platform(project, otherwise="wh settings {project}") as api:
        before, after = _write(api, project, wanted)
        if not as_json:
            _told(before, after, wanted)
        if deploy:
            started = api.deploy(after["id"], None)
            ended = followed(api, started, as_json=as_json, beside={"settings": current(after)})
    if as_json:
        print_json({"settings": current(after), "deployment": ended})
    elif ended:
        show_end(ended)
    else:
        say(f"The next deployment goes by it. See what it will do: wh plan {project}; then: wh deploy {project}")


def _write(api: Api, name: str, wanted: Json) -> tuple[Json, Json]:
    """Write onto the settings as they are, and again when somebody was faster. Returns the project before and after."""
    for last in (False,) * (TRIES - 1) + (True,):
        before = api.project(name)
        change: Json = {}
        if source := assignments.parts(wanted, "source"):
            change["source"] = source
        if build := assignments.parts(wanted, "build"):
            change["build"] = {**before["build"], **build}
        try:
            return before, api.change_project(before["id"], change, version=before["settings_version"])
        except Refused as error:
            if error.status != 412 or last:
                raise
    raise AssertionError("the last try returns or raises")


def _told(before: Json, after: Json, wanted: Json) -> None:
    old, new = current(before), current(after)
    for name in wanted:
        if old[name] == new[name]:
            say(f"{name}: {_text(name, new[name])} already.")
        else:
            say(f"{name}: {_text(name, old[name])} → {_text(name, new[name])}")


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "build.start" and value:
        from wisehosting_stacks.plan import shown

        return shown(tuple(value)) if value[:2] == ["sh", "-c"] else shlex.join(value)
    if isinstance(value, list):
        return " ".join(value) or "—"
    return "—" if value in {"", None} else str(value)
