"""Deployments and releases: starting, following, cancelling them, and going back."""

from collections.abc import Callable
from itertools import islice
from typing import Annotated

import typer

from wisehosting_client import follow, terminal
from wisehosting_client.api import Api, Json
from wisehosting_client.errors import Failed, Refused, Stopped
from wisehosting_client.follow import ACTIVE
from wisehosting_client.live import Course
from wisehosting_client.moments import took
from wisehosting_client.terminal import (
    AsJson,
    Detach,
    Limit,
    ProjectName,
    cell,
    complain,
    platform,
    print_json,
    say,
    when,
)

commands = typer.Typer()
PANEL = "Deployments"

HOW = {
    "live": "It is live.",
    "instant": "Its instances are kept: instant.",
    "image": "Its image is kept: new instances start from it, nothing is built.",
    "gone": "Its image was removed.",
}
"""What making a release live again takes."""


@commands.command(rich_help_panel=PANEL)
def deploy(
    project: ProjectName,
    ref: Annotated[
        str | None, typer.Option(metavar="REF", help="Branch, tag or commit; the project's branch otherwise.")
    ] = None,
    *,
    detach: Detach = False,
    as_json: AsJson = False,
) -> None:
    """Deploy a project and follow it. Exits 0 when it is live, 2 when it failed or was cancelled.

    Example: wh deploy shop --ref v1.2
    """
    with platform(project) as api:
        started = api.deploy(api.project(project)["id"], ref)
        if detach:
            _started(started, as_json=as_json)
            return
        show_end(followed(api, started, as_json=as_json), as_json=as_json)


@commands.command(rich_help_panel=PANEL)
def deployments(project: ProjectName, limit: Limit = 20, *, as_json: AsJson = False) -> None:
    """List what was deployed and what became of it, newest first.

    Example: wh deployments shop --limit 5
    """
    with platform(project) as api:
        items = list(islice(api.deployments(api.project(project)["id"]), limit))
    if as_json:
        print_json(items)
        return
    if not items:
        say(f"Nothing was deployed yet. Deploy with: wh deploy {project}")
        return
    table = terminal.table("number", "status", "cause", "release", "commit", "asked for", "took", "subject")
    for item in items:
        table.add_row(
            cell(item["number"]),
            cell(item["status"] + (f" ({item['reason']})" if item["reason"] else "")),
            cell(item["cause"]),
            cell(item["release"]),
            cell((item["commit"] or "")[:8]),
            cell(when(item["created_at"])),
            cell(took(_seconds(item)) if item["status"] not in ACTIVE else "…"),
            cell(item["subject"] or ""),
        )
    terminal.show(table)


@commands.command(rich_help_panel=PANEL)
def releases(project: ProjectName, limit: Limit = 20, *, as_json: AsJson = False) -> None:
    """List releases and how each can be made live again, newest first.

    live: it is. instant: its instances are kept. image: its image is kept, nothing is built. gone: deploy its commit instead.

    Example: wh releases shop
    """
    with platform(project) as api:
        environment = api.project(project)["environments"][0]
        items = list(islice(api.releases(environment["id"]), limit))
    if as_json:
        print_json(items)
        return
    if not items:
        say(f"No release yet: each successful build makes one. Deploy with: wh deploy {project}")
        return
    table = terminal.table("release", "rollback", "commit", "deployed as", "variables", "size", "made", "subject")
    for item in items:
        table.add_row(
            cell(item["number"]),
            cell(item["rollback"]),
            cell(item["commit"][:8]),
            cell(item["deployment"]),
            cell(item["variables_version"]),
            cell(terminal.size(item["image_size"])),
            cell(when(item["created_at"])),
            cell(item["subject"] or ""),
        )
    terminal.show(table)
    say(f"Make one live again with: wh rollback {project} RELEASE")


@commands.command(rich_help_panel=PANEL)
def rollback(
    project: ProjectName,
    release: Annotated[
        int | None, typer.Argument(metavar="RELEASE", min=1, help="The one that was live before, when absent.")
    ] = None,
    *,
    detach: Detach = False,
    as_json: AsJson = False,
) -> None:
    """Make an old release live again, its variables included. What is under way is cancelled. Exits as deploy does.

    Example: wh rollback shop 3
    """
    with platform(project, otherwise=f"wh releases {project}") as api:
        found = api.project(project)
        environment = found["environments"][0]
        number = release or _before(api, found)
        kinds = (item["rollback"] for item in api.releases(environment["id"]) if item["number"] == number)
        kind = next(kinds, None)
        if kind == "live":
            raise Refused(409, "live_already", f"Release {number} is live already.", f"wh restart {project}")
        started = api.roll_back(environment["id"], number)
        complain.print(f"Back to release {number}. {HOW.get(kind or '', '')}")
        if detach:
            _started(started, as_json=as_json)
            return
        show_end(watched(api, started, as_json=as_json), as_json=as_json)


def _before(api: Api, project: Json) -> int:
    """Return the release that was live before the one that is. Raises Refused when there is none."""
    name, live = project["name"], project["environments"][0]["live"]
    for item in api.deployments(project["id"]):
        if item["status"] == "replaced" and item["release"] and (live is None or item["release"] != live["release"]):
            number: int = item["release"]
            return number
    raise Refused(409, "nothing_before", f"No other release of {name} was live before.", f"wh releases {name}")


@commands.command(rich_help_panel=PANEL)
def restart(project: ProjectName, *, detach: Detach = False, as_json: AsJson = False) -> None:
    """Replace the live instances by new ones of the same release and variables, without a gap. Exits as deploy does.

    Example: wh restart shop
    """
    with platform(project) as api:
        started = api.restart(api.project(project)["environments"][0]["id"])
        if detach:
            _started(started, as_json=as_json)
            return
        show_end(watched(api, started, as_json=as_json), as_json=as_json)


@commands.command(rich_help_panel=PANEL)
def cancel(
    project: ProjectName,
    deployment: Annotated[
        int | None, typer.Argument(metavar="DEPLOYMENT", min=1, help="All that is under way, when absent.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Cancel what is under way. What is live stays live.

    Example: wh cancel shop
    """
    with platform(project) as api:
        found = api.project(project)
        if deployment is None:
            # Newest first: what waits must not start when what it waits for ends.
            chosen = [item for item in islice(api.deployments(found["id"]), 30) if item["status"] in ACTIVE]
        else:
            chosen = [item for item in api.deployments(found["id"]) if item["number"] == deployment]
            if not chosen:
                sentence = f"There is no deployment {deployment} of {project}."
                raise Refused(404, "deployment_not_found", sentence, f"wh deployments {project}")
        if not chosen:
            raise Refused(409, "not_active", f"Nothing of {project} is under way; there is nothing to cancel.")
        ended = [api.cancel(item["id"]) for item in chosen]
    if as_json:
        print_json(ended)
        return
    for item in ended:
        say(f"Deployment {item['number']} is {item['status']}.")
    live = found["environments"][0]["live"]
    say(f"{number_of(live)} stays live." if live else f"Nothing is live yet. Deploy with: wh deploy {project}")


def number_of(deployment: Json) -> str:
    """Return how a deployment is named among people: number, release, commit and subject."""
    release = f", release {deployment['release']}" if deployment["release"] else ""
    commit = f", {deployment['commit'][:8]}" if deployment["commit"] else ""
    subject = f" “{deployment['subject']}”" if deployment["subject"] else ""
    return f"deployment {deployment['number']}{release}{commit}{subject}"


def followed(api: Api, started: Json, *, as_json: bool, beside: Json | None = None) -> Json:
    """Follow a deployment with its build's log; return how it ended. Raises Failed, and Stopped after Ctrl-C.

    A script is told of a failed one too: the deployment, with what is to be told `beside` it.
    """
    return _shown(follow.follow, api, started, as_json=as_json, beside=beside)


def watched(api: Api, started: Json, *, as_json: bool) -> Json:
    """Follow a deployment that builds nothing; otherwise do as `followed`."""
    return _shown(follow.watch, api, started, as_json=as_json)


def _shown(way: Callable[..., Json], api: Api, started: Json, *, as_json: bool, beside: Json | None = None) -> Json:
    number, project = started["number"], started["project_name"]
    complain.print(f"Deployment {number} of {project}", style="dim", markup=False)
    try:
        with Course() as course:
            return way(api, started, course, wait=api.wait)
    except Failed as error:
        if as_json:
            print_json(error.deployment if beside is None else {**beside, "deployment": error.deployment})
        raise
    except KeyboardInterrupt:
        sentence = f"Deployment {number} goes on without you. End it with: wh cancel {project} {number}"
        raise Stopped(sentence, f"wh logs {project} --build --follow") from None


def show_end(ended: Json, *, as_json: bool = False) -> None:
    """Print how a deployment that was followed ended."""
    if as_json:
        print_json(ended)
        return
    say(f"Deployment {ended['number']} is {ended['status']}: {ended['url']} ({took(_seconds(ended))})")


def _seconds(deployment: Json) -> float:
    return sum(phase["seconds"] or 0 for phase in deployment["phases"])


def _started(started: Json, *, as_json: bool) -> None:
    if as_json:
        print_json(started)
        return
    say(f"Deployment {started['number']} is {started['status']}. See: wh status {started['project_name']}")
