"""Builds: what was detected, what each step took, and where a failed one ended."""

from typing import Annotated

import typer

from wisehosting_client import terminal
from wisehosting_client.api import Api, Json
from wisehosting_client.commands.deployments import number_of
from wisehosting_client.errors import Refused
from wisehosting_client.terminal import AsJson, ProjectName, cell, platform, print_json, say

commands = typer.Typer()
PANEL = "Builds and settings"
BAR = 12
"""Characters of the longest step's bar."""


@commands.command(rich_help_panel=PANEL)
def build(
    project: ProjectName,
    deployment: Annotated[int | None, typer.Option(min=1, help="Its number; the newest one when absent.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show how a deployment's image came to be: what was detected, the seconds of each step, why it failed.

    Example: wh build shop --deployment 7
    """
    with platform(project, otherwise=f"wh deployments {project}") as api:
        found = deployment_of(api, api.project(project), deployment)
        made = api.build(found["id"])
    if as_json:
        print_json({"deployment": found, "build": made})
        return
    _show(found, made)


def deployment_of(api: Api, project: Json, number: int | None) -> Json:
    """Return the deployment of this number, or the newest. Raises Refused with the next command."""
    for item in api.deployments(project["id"]):
        if number in {None, item["number"]}:
            return item
    name = project["name"]
    if number is None:
        raise Refused(404, "nothing_deployed", f"Nothing of {name} was deployed yet.", f"wh deploy {name}")
    raise Refused(404, "deployment_not_found", f"There is no deployment {number} of {name}.", f"wh deployments {name}")


def _show(deployment: Json, made: Json) -> None:
    say(f"{number_of(deployment)}: {deployment['status']}")
    if made["failed_step"] or made["last_lines"] or made["hint"]:
        _failure(deployment, made)
    if plan := made["plan"]:
        say(f"detected    {plan['summary']}")
        for text in plan["notes"]:
            say(text, indent=12)
    if made["reused"]:
        say("Nothing was built: the same files, settings and bases were built before.")
    if made["steps"]:
        _steps(made)


def _failure(deployment: Json, made: Json) -> None:
    say((deployment["detail"] or "").partition("\n")[0])
    if hint := made["hint"]:
        say(f"{hint['title']}. {hint['sentence']}")
    for line in made["last_lines"]:
        say(line, indent=4)


def _steps(made: Json) -> None:
    longest = max(step["seconds"] for step in made["steps"])
    table = terminal.table("step", "took", "", "stage", "instruction")
    for step in made["steps"]:
        length = round(BAR * step["seconds"] / longest) if longest and not step["cached"] else 0
        took = "cached" if step["cached"] else f"{step['seconds']:.1f} s"
        table.add_row(
            cell(step["number"]),
            cell(f"{took}, failed" if step["number"] == made["failed_step"] else took),
            cell("█" * length),
            cell(step["stage"]),
            cell(step["instruction"]),
        )
    terminal.show(table)
