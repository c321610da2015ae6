"""Projects: making, listing, deleting and restoring them."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from wisehosting_client import assignments, names, terminal
from wisehosting_client.api import Json
from wisehosting_client.commands.deployments import followed, number_of, show_end, watched
from wisehosting_client.follow import ACTIVE
from wisehosting_client.terminal import (
    AsJson,
    Detach,
    ProjectName,
    Yes,
    cell,
    complain,
    platform,
    print_json,
    say,
    when,
)

commands = typer.Typer()
PANEL = "Projects"


@commands.command(rich_help_panel=PANEL)
def projects(*, as_json: AsJson = False) -> None:
    """List your projects, where they run and how they are; deleted ones as long as they can be restored.

    Example: wh projects
    """
    with platform() as api:
        items = api.projects()
        names.remember(api.access, [item["name"] for item in items])
    if as_json:
        print_json(items)
        return
    if not items:
        say("No projects yet. Make one with: wh create NAME GIT-URL")
        return
    table = terminal.table("project", "status", "deployment", "commit", "url")
    for item in items:
        environment = item["environments"][0]
        latest = environment["latest"] or {"status": "—", "number": "—", "commit": None}
        deleted = item["deleted_at"] is not None
        table.add_row(
            cell(item["name"]),
            cell("deleted" if deleted else latest["status"]),
            cell(latest["number"]),
            cell((latest["commit"] or "")[:8]),
            cell(way_back(item) if deleted else environment["url"]),
        )
    terminal.show(table)


@commands.command(rich_help_panel=PANEL)
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Lower-case letters, digits and dashes.")],
    url: Annotated[str, typer.Argument(metavar="GIT-URL", help="The repository's address, https://…")],
    branch: Annotated[str, typer.Option(metavar="NAME", help="The branch that is deployed.")] = "main",
    root_directory: Annotated[
        str, typer.Option(metavar="FOLDER", help="Folder of the app inside the repository.")
    ] = "",
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A setting, as `wh settings set` takes it. May be repeated."),
    ] = None,
    *,
    detach: Detach = False,
    as_json: AsJson = False,
) -> None:
    """Make a project from a Git repository and deploy it.

    Example: wh create shop https://git.example.org/me/shop.git

    Example: wh create shop https://git.example.org/me/shop.git --set build.start="node server.js"
    """
    typed = assignments.read(values or [])
    settings = {room: assignments.parts(typed, room) for room in ("source", "build")}
    with platform(otherwise="wh create --help") as api:
        made = api.create_project(name, url, branch=branch, root_directory=root_directory, settings=settings)
        first = made["environments"][0]["latest"]
        if first is None or detach:
            print_json(made) if as_json else say(f"Created {name}. See how it goes with: wh status {name}")
            return
        show_end(followed(api, first, as_json=as_json), as_json=as_json)


def way_back(project: Json) -> str:
    """Return until when a deleted project can be restored, and how."""
    if datetime.fromisoformat(project["purge_at"]) <= datetime.now(UTC):
        return "for good; it is being removed"
    return f"until {when(project['purge_at'])}: wh restore {project['name']}"


@commands.command(rich_help_panel=PANEL)
def delete(
    project: ProjectName,
    *,
    yes: Yes = False,
    for_good: Annotated[bool, typer.Option("--for-good", help="Leave no time in which it could be restored.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a project: it stops serving at once, and can be restored for a while, unless --for-good.

    Example: wh delete shop
    """
    with platform(project) as api:
        found = api.project(project)
        name = found["name"]
        fresh = found["deleted_at"] is None
        if (fresh or for_good) and not yes:
            _confirm(found, for_good=for_good)
        if fresh:
            found = api.delete_project(found["id"], for_good=False)
        if for_good:
            found = api.delete_project(found["id"], for_good=True)
    if as_json:
        print_json(found)
    elif for_good:
        say(f"{name} is deleted for good; its instances, releases and variables are being removed.")
    else:
        say(f"{name} is deleted and stops serving. It can be restored {way_back(found)}")


def _confirm(project: Json, *, for_good: bool) -> None:
    name = project["name"]
    if terminal.somebody_types():
        if project["deleted_at"] is None:
            complain.print(
                f"Visitors of {project['environments'][0]['url']} will get no answer any more.", markup=False
            )
        if for_good:
            complain.print("There is no way back: releases and variables are removed with it.", markup=False)
    again = f"wh delete {name}" + (" --for-good" if for_good else "")
    terminal.confirm(f"Type {name} to delete it", name, again, refusal="nothing was deleted.")


@commands.command(rich_help_panel=PANEL)
def restore(project: ProjectName, *, detach: Detach = False, as_json: AsJson = False) -> None:
    """Take a project's deletion back and follow until what was live is live again.

    Example: wh restore shop
    """
    with platform(project) as api:
        found = api.project(project)
        was_deleted = found["deleted_at"] is not None
        found = api.restore_project(found["id"])
        latest = found["environments"][0]["latest"]
        if not detach and latest and latest["cause"] == "restore" and latest["status"] in ACTIVE:
            show_end(watched(api, latest, as_json=as_json), as_json=as_json)
        elif as_json:
            print_json(found)
        elif not was_deleted:
            say(f"{project} is not deleted; there is nothing to restore.")
        elif latest and latest["cause"] == "restore":
            say(f"{project} is restored; {number_of(latest)} is {latest['status']}. See: wh status {project}")
        else:
            say(f"{project} is restored; nothing of it was live. Deploy it with: wh deploy {project}")
