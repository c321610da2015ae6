"""Projects: making, listing, looking at, deleting and restoring them."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from wisehosting_client import assignments, terminal
from wisehosting_client.api import Api, Json
from wisehosting_client.commands.deployments import followed, number_of, show_end, watched
from wisehosting_client.commands.instances import told
from wisehosting_client.errors import Refused
from wisehosting_client.follow import ACTIVE
from wisehosting_client.terminal import AsJson, Detach, ProjectName, cell, out, platform, print_json, say, when

commands = typer.Typer()
PANEL = "Projects"


@commands.command(rich_help_panel=PANEL)
def projects(*, as_json: AsJson = False) -> None:
    """List your projects, where they run and how they are; deleted ones as long as they can be restored.

    Example: wh projects
    """
    with platform() as api:
        items = api.projects()
    if as_json:
        print_json(items)
        return
    if not items:
        out.print("No projects yet. Make one with: wh create NAME GIT-URL")
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
            cell(_way_back(item) if deleted else environment["url"]),
        )
    terminal.show(table)


@commands.command(rich_help_panel=PANEL)
def create(
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits and dashes.")],
    url: Annotated[str, typer.Argument(help="The repository's address, https://…")],
    branch: Annotated[str, typer.Option(help="The branch that is deployed.")] = "main",
    root_directory: Annotated[str, typer.Option(help="Folder of the app inside the repository.")] = "",
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
        show_end(followed(api, first), as_json=as_json)


@commands.command(rich_help_panel=PANEL)
def status(project: ProjectName, *, as_json: AsJson = False) -> None:
    """Show a project: its address, what is live, its instances and their troubles, and what is under way.

    Example: wh status shop
    """
    with platform(project) as api:
        found = api.project(project)
        environment = found["environments"][0]
        instances = api.instances(environment["id"])
        active = _under_way(api, found)
    if as_json:
        print_json({"project": found, "instances": instances, "under_way": active})
        return
    _status(found, instances, active)


def _under_way(api: Api, project: Json) -> list[Json]:
    """Return the deployments that are not over, oldest first: one that runs, and one that waits for it."""
    latest = project["environments"][0]["latest"]
    if latest is None or latest["status"] not in ACTIVE:
        return []
    found = [latest]
    for item in api.deployments(project["id"]):
        if item["number"] < latest["number"]:
            if item["status"] in ACTIVE:
                found.insert(0, item)
            break
    return found


def _status(project: Json, instances: list[Json], active: list[Json]) -> None:
    environment = project["environments"][0]
    live, latest = environment["live"], environment["latest"]
    name, source, seen = project["name"], project["source"], project["last_seen"]
    say(f"{name}  {environment['url']}")
    if project["deleted_at"]:
        say(f"deleted     {when(project['deleted_at'])}, {_way_back(project)}")
    where = f", folder {source['root_directory']}" if source["root_directory"] else ""
    say(f"source      {source['url']}, branch {source['branch']}{where}")
    if seen and seen["error"]:
        say(f"the last look at it failed: {seen['error']}", indent=12)
    say(f"live        {number_of(live)}, since {when(live['finished_at'])}" if live else "live        nothing")
    if environment.get("rebuild"):
        say(f"bases       {environment['rebuild']}")
    for line in told(instances, environment):
        say(line)
    for item in active:
        waits = f", waits for {item['waiting_for']}" if item["waiting_for"] else ""
        say(f"under way   {number_of(item)} is {item['status']}{waits}")
    if latest and latest["status"] in {"failed", "cancelled"}:
        say(f"last        {number_of(latest)} {latest['status']} ({latest['reason']})")
        for text in (latest["detail"], latest["next_step"]):
            if text:
                say(text.rstrip(), indent=12)
        if str(latest["reason"]).startswith("build_"):
            say(f"Its steps: wh build {name} --deployment {latest['number']}", indent=12)


def _way_back(project: Json) -> str:
    if datetime.fromisoformat(project["purge_at"]) <= datetime.now(UTC):
        return "for good; it is being removed"
    return f"until {when(project['purge_at'])}: wh restore {project['name']}"


@commands.command("open", rich_help_panel=PANEL)
def open_(project: ProjectName, *, as_json: AsJson = False) -> None:
    """Print how to reach a project's URL, also where names below localhost are not resolved.

    Example: wh open shop
    """
    with platform(project) as api:
        found = api.project(project)
        reach = api.session()["platform"]["apps_address"]
        environment = found["environments"][0]
        if found["deleted_at"]:
            raise Refused(409, "project_deleted", f"{project} is deleted.")
        if environment["live"] is None:
            raise Refused(409, "nothing_live", f"Nothing of {project} is live yet.")
    if as_json:
        print_json({"url": environment["url"], "hostname": environment["hostname"], "address": reach})
        return
    say(environment["url"])
    say(f"In a terminal: curl -H 'Host: {environment['hostname']}' http://{reach}/")


@commands.command(rich_help_panel=PANEL)
def delete(
    project: ProjectName,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; needed where nobody can answer.")] = False,
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
        say(f"{name} is deleted and stops serving. It can be restored {_way_back(found)}")


def _confirm(project: Json, *, for_good: bool) -> None:
    name = project["name"]
    again = f"wh delete {name}" + (" --for-good" if for_good else "")
    if not terminal.somebody_types():
        raise Refused(0, "not_confirmed", "Nobody is here to ask whether you mean it.", f"{again} --yes")
    if project["deleted_at"] is None:
        terminal.complain.print(f"Visitors of {project['environments'][0]['url']} will get no answer any more.")
    if for_good:
        terminal.complain.print("There is no way back: releases and variables are removed with it.")
    if terminal.ask(f"Type {name} to delete it") != name:
        raise Refused(0, "not_confirmed", f"That is not {name}; nothing was deleted.", again)


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
            show_end(watched(api, latest), as_json=as_json)
        elif as_json:
            print_json(found)
        elif not was_deleted:
            say(f"{project} is not deleted; there is nothing to restore.")
        elif latest and latest["cause"] == "restore":
            say(f"{project} is restored; {number_of(latest)} is {latest['status']}. See: wh status {project}")
        else:
            say(f"{project} is restored; nothing of it was live. Deploy it with: wh deploy {project}")
