"""Instances: how many run, and how they are."""

from typing import Annotated

import typer

from wisehosting_client import terminal
from wisehosting_client.api import Json
from wisehosting_client.errors import Stopped
from wisehosting_client.live import Course
from wisehosting_client.scaling import Standing, follow_scale, standing
from wisehosting_client.terminal import (
    AnyProject,
    AsJson,
    Detach,
    ProjectName,
    cell,
    platform,
    print_json,
    say,
    when,
)

commands = typer.Typer()
PANEL = "Instances"


@commands.command(rich_help_panel=PANEL)
def scale(
    project: ProjectName,
    number: Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="How many instances should run.")],
    seconds: Annotated[float, typer.Option("--timeout", min=1, help="Seconds to follow; what was set stays.")] = 300,
    *,
    detach: Detach = False,
    as_json: AsJson = False,
) -> None:
    """Set how many instances run, and follow until they are ready. Exits 2 when one gives up, with its reason.

    Nothing is deployed: instances are added to what is live, or drained from it.

    Example: wh scale shop 2
    """
    with platform(project, otherwise="wh scale --help") as api:
        found = api.project(project)
        found = api.scale(found["environments"][0]["id"], number)
        environment = found["environments"][0]
        if environment["live"] is None or detach:
            _set(found, as_json=as_json)
            return
        try:
            with Course() as course:
                found, now = follow_scale(api, found["id"], number, course.say, wait=api.wait, seconds=seconds)
        except KeyboardInterrupt:
            raise Stopped(f"{_count(number)} of {project} stay wanted.", f"wh status {project}") from None
    if as_json:
        print_json({"project": found, "ready": now.ready, "leaving": now.leaving})
        return
    say(f"{_count(number)} of {project} {'is' if number == 1 else 'are'} ready.{_drains(now)}")


def _set(project: Json, *, as_json: bool) -> None:
    environment = project["environments"][0]
    if as_json:
        print_json({"project": project, "ready": None, "leaving": None})
    elif environment["live"] is None:
        say(
            f"Nothing of {project['name']} is live; the next deployment starts {_count(environment['replicas'])}: "
            f"wh deploy {project['name']}"
        )
    else:
        say(f"Set to {_count(environment['replicas'])}. See how it goes with: wh status {project['name']}")


def _count(number: int) -> str:
    return f"{number} instance{'' if number == 1 else 's'}"


def _drains(now: Standing) -> str:
    if not now.leaving:
        return ""
    one = now.leaving == 1
    return (
        f" {_count(now.leaving)} drain{'s' if one else ''}: {'it ends' if one else 'they end'} with the last request."
    )


def told(instances: list[Json], environment: Json) -> list[str]:
    """Return the lines about instances that `wh status` shows: how many are ready, and each with its trouble."""
    live = environment["live"]
    now = standing(live["id"] if live else None, instances)
    lines = [f"instances   {now.told(environment['replicas'])}"] if live or instances else []
    for item in instances:
        restarts = f", restarts: {item['restarts']}" if item["restarts"] else ""
        reason = f" ({item['reason']})" if item["reason"] else ""
        of_live = live is not None and item["deployment_id"] == live["id"]
        lines.append(f"  {item['id'][-4:]}      {_state(item, of_live=of_live)}{reason} on {item['worker']}{restarts}")
        trouble = item if item["detail"] else item["last_end"]
        if trouble and item["wanted"] == "running":
            at = f"{when(trouble['at'])}: " if "at" in trouble else ""
            texts = [f"{at}{trouble['detail'] or ''}", trouble["next_step"] or ""]
            lines += [f"{' ' * 12}{line}" for text in texts if text for line in text.rstrip().split("\n")]
    return lines


def _state(instance: Json, *, of_live: bool) -> str:
    if instance["leaving"]:
        return "leaving"
    if instance["wanted"] == "stopped":
        return "kept for an instant rollback"
    return f"{instance['status']}{'' if of_live else ', not of what is live'}"


@commands.command(rich_help_panel=PANEL)
def instances(project: AnyProject = None, *, as_json: AsJson = False) -> None:
    """List the instances of a project, or all of yours: where each runs, how it is, what it ended with.

    Example: wh instances shop
    """
    with platform(project or "") as api:
        found = [api.project(project)] if project else api.projects()
        items = api.instances(found[0]["environments"][0]["id"]) if project else api.all_instances()
    if as_json:
        print_json(items)
        return
    if not items:
        say(f"No instances. Deploy with: wh deploy {project or 'PROJECT'}")
        return
    of = {environment["id"]: (item, environment) for item in found for environment in item["environments"]}
    table = terminal.table("project", "instance", "process", "is", "worker", "restarts", "since", "why")
    for item in items:
        its, environment = of.get(item["environment_id"], ({"name": "—"}, {"live": None}))
        live = environment["live"]
        table.add_row(
            cell(its["name"]),
            cell(item["id"][-4:]),
            cell(item["process"]),
            cell(_state(item, of_live=live is not None and item["deployment_id"] == live["id"])),
            cell(item["worker"]),
            cell(item["restarts"]),
            cell(when(item["created_at"])),
            cell(f"{item['reason']}: {(item['detail'] or '').partition(chr(10))[0]}" if item["reason"] else ""),
        )
    terminal.show(table)
