"""A project's repository: looked at now, and called from its provider."""

from pathlib import Path
from typing import Annotated

import typer

from wisehosting_client import terminal
from wisehosting_client.commands.deployments import PANEL, followed, show_end
from wisehosting_client.errors import Refused
from wisehosting_client.escapes import printable
from wisehosting_client.terminal import AsJson, Detach, ProjectName, complain, platform, print_json, say

commands = typer.Typer()


@commands.command(rich_help_panel=PANEL)
def check(project: ProjectName, *, detach: Detach = False, as_json: AsJson = False) -> None:
    """Look at the branch now instead of at the next poll; a new commit is deployed and followed. Exits as deploy does.

    Example: wh check shop
    """
    with platform(project) as api:
        found = api.check(api.project(project)["id"])
        if found["error"]:
            raise Refused(0, "not_seen", found["error"], f"wh settings {project}")
        started = found["deployment"]
        if as_json and (started is None or detach):
            print_json(found)
            return
        commit = (found["commit"] or "")[:8] + (f" “{found['subject']}”" if found["subject"] else "")
        if started is None:
            say(f"Nothing new: the branch is at {commit}.")
            return
        complain.print(f"New: {printable(commit)}", markup=False)
        if detach:
            say(f"Deployment {started['number']} is {started['status']}. See: wh status {project}")
            return
        ended = followed(api, started, as_json=as_json, beside=found)
    if as_json:
        print_json({**found, "deployment": ended})
    else:
        show_end(ended)


@commands.command(rich_help_panel=PANEL)
def hook(
    project: ProjectName,
    file: Annotated[
        Path | None,
        typer.Option(
            "--new-secret",
            metavar="FILE",
            help="Make a new secret, write it here, readable by you only, and end the old one; `-` prints it.",
            dir_okay=False,
        ),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show where the Git provider may call after a push, so that it is deployed at once.

    Example: wh hook shop --new-secret hook.txt
    """
    again = f"wh hook {project} --new-secret FILE"
    if file is not None:
        terminal.can_hand_out(file, again)
    with platform(project) as api:
        found = api.project(project)
        if file is None:
            if as_json:
                print_json(found["hook"])
            else:
                say(found["hook"]["url"])
                say(f"Its secret was shown once. Make a new one with: {again}")
            return
        made = api.new_hook_secret(found["id"])
    printed = str(file) == "-"
    if not (printed and as_json):
        terminal.hand_out(made["secret"], file, again)
    if as_json:
        print_json(made if printed else {"url": made["url"]})
    elif not printed:
        say(f"Wrote the secret to {file}. Give it to the provider together with: {made['url']}")
