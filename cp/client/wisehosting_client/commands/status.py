"""How projects are: what is wrong first, and the next command."""

from typing import NamedTuple

import typer

from wisehosting_client import terminal
from wisehosting_client.api import Api, Json
from wisehosting_client.commands.deployments import number_of
from wisehosting_client.commands.instances import told
from wisehosting_client.commands.projects import PANEL, way_back
from wisehosting_client.errors import Refused
from wisehosting_client.follow import ACTIVE, stage
from wisehosting_client.scaling import standing
from wisehosting_client.terminal import AnyProject, AsJson, ProjectName, cell, platform, print_json, say, when

commands = typer.Typer()


class Verdict(NamedTuple):
    """How a project is, worst first, and what to type next."""

    rank: int
    state: str
    why: str
    command: str


@commands.command(rich_help_panel=PANEL)
def status(project: AnyProject = None, *, as_json: AsJson = False) -> None:
    """Show how a project is, or all of them: what is wrong comes first, and the next command.

    Example: wh status

    Example: wh status shop
    """
    if project is None:
        _all(as_json=as_json)
        return
    with platform(project) as api:
        found = api.project(project)
        instances = api.instances(found["environments"][0]["id"])
        active = _under_way(api, found)
    if as_json:
        print_json({"project": found, "instances": instances, "under_way": active})
        return
    _one(found, instances, active)


def _all(*, as_json: bool) -> None:
    with platform() as api:
        # A deleted project is not wrong; `wh projects` lists it.
        known = api.projects()
        items = [item for item in known if item["deleted_at"] is None]
        instances = api.all_instances() if items else []
        active = {item["id"]: _under_way(api, item) for item in items} if as_json else {}
    found = [
        (item, [one for one in instances if one["environment_id"] == item["environments"][0]["id"]]) for item in items
    ]
    if as_json:
        print_json([{"project": item, "instances": its, "under_way": active[item["id"]]} for item, its in found])
        return
    if known and not found:
        say("All your projects are deleted. Which can be restored: wh projects")
        return
    if not found:
        say("No projects yet. Make one with: wh create NAME GIT-URL")
        return
    verdicts = sorted((verdict(item, its), item["name"], item["environments"][0]["url"]) for item, its in found)
    table = terminal.table("project", "is", "why", "next")
    for now, name, url in verdicts:
        table.add_row(cell(name), cell(now.state), cell(now.why or url), cell(now.command))
    terminal.show(table)


def verdict(project: Json, instances: list[Json]) -> Verdict:
    """Judge a project by its production: what is live, what its instances do, and what came last."""
    name, environment = project["name"], project["environments"][0]
    live, latest = environment["live"], environment["latest"]
    now = standing(live["id"] if live else None, instances)
    last = latest["status"] if latest else ""
    why = f"{latest['reason']}: {(latest['detail'] or '').partition(chr(10))[0]}" if last == "failed" else ""
    if live and (broken := now.broken(environment["replicas"])):
        return Verdict(0, "broken", f"{now.told(environment['replicas'])}: {broken['reason']}", f"wh logs {name}")
    if last == "failed":
        built = f"wh build {name}" if str(latest["reason"]).startswith("build_") else f"wh logs {name} --build"
        return Verdict(1 if not live else 2, "not live" if not live else "live, the last failed", why, built)
    if last in ACTIVE:
        return Verdict(3, last, latest["waiting_for"] or number_of(latest), f"wh logs {name} --build --follow")
    if live is None:
        return Verdict(4, "not live", "nothing is live", f"wh deploy {name}")
    if seen := (project["last_seen"] or {}).get("error"):
        return Verdict(5, "live, its repository fails", seen, f"wh check {name}")
    if not now.reached(environment["replicas"]):
        return Verdict(6, "live", now.told(environment["replicas"]), f"wh instances {name}")
    return Verdict(7, "live", "", f"wh open {name}")


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


def _one(project: Json, instances: list[Json], active: list[Json]) -> None:
    environment, *others = project["environments"]
    live, latest = environment["live"], environment["latest"]
    name, source, seen = project["name"], project["source"], project["last_seen"]
    say(f"{name}  {environment['url']}")
    if project["deleted_at"]:
        say(f"deleted     {when(project['deleted_at'])}, {way_back(project)}")
    _ended_badly(name, latest)
    for item in active:
        say(f"under way   {number_of(item)} is {stage(item)}")
    say(f"live        {number_of(live)}, since {when(live['finished_at'])}" if live else "live        nothing")
    for line in told(instances, environment):
        say(line)
    if environment.get("rebuild"):
        say(f"bases       {environment['rebuild']}")
    where = f", folder {source['root_directory']}" if source["root_directory"] else ""
    say(f"source      {source['url']}, branch {source['branch']}{where}")
    if seen and seen["error"]:
        say(f"the last look at it failed: {seen['error']}", indent=12)
    for other in others:
        newest = other["latest"]["status"] if other["latest"] else "nothing was deployed"
        say(f"{other['kind']:<12}{other['name']}  {other['url']}  {newest}")
    if not project["deleted_at"]:
        say(f"Next: {verdict(project, instances).command}")


def _ended_badly(name: str, latest: Json | None) -> None:
    if latest and latest["status"] in {"failed", "cancelled"}:
        say(f"last        {number_of(latest)} {latest['status']} ({latest['reason']})")
        for text in (latest["detail"], latest["next_step"]):
            if text:
                say(text.rstrip(), indent=12)
        if str(latest["reason"]).startswith("build_"):
            say(f"Its steps: wh build {name} --deployment {latest['number']}", indent=12)


@commands.command("open", rich_help_panel=PANEL)
def open_(project: ProjectName, *, as_json: AsJson = False) -> None:
    """Open a project's page in the browser here, and print how to reach it also where there is none.

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
    if terminal.out.is_terminal and terminal.has_desktop() and environment["url"].startswith(("http://", "https://")):
        typer.launch(environment["url"])
