"""The platform itself: whether it can build and run, its workers, their disks and jobs, and who did what."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated

import typer

from wisehosting_client import terminal
from wisehosting_client.api import Json
from wisehosting_client.commands.contexts import PANEL
from wisehosting_client.commands.teams import team_of
from wisehosting_client.moments import took
from wisehosting_client.terminal import AsJson, Limit, cell, print_json, say, size, when
from wisehosting_client.terminal import platform as connected

commands = typer.Typer()
FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]


@commands.command(rich_help_panel=PANEL)
def platform(*, as_json: AsJson = False) -> None:
    """Show whether apps can be built and run now, and what is waited for.

    Example: wh platform
    """
    with connected(otherwise="wh context") as api:
        found = api.platform()
        dashboard = api.access.dashboard
    if as_json:
        print_json(found)
        return
    say(f"{dashboard}  WiseHosting {found['version']}")
    say(f"{found['state']:<12}{found['detail']}".rstrip())
    say(f"workers     {found['workers']['ready']} of {found['workers']['total']} ready")
    say(f"apps        below {found['apps_domain']}")
    for base in found["bases"]:
        if base["status"] != "ready" and not base["on_demand"]:
            say(f"{base['name']} is {base['status']} {base['detail']}".rstrip(), indent=12)


@commands.command(rich_help_panel=PANEL)
def workers(*, as_json: AsJson = False) -> None:
    """List the workers, what they are for and what is wrong with one.

    Example: wh workers
    """
    with connected(otherwise="wh platform") as api:
        items = api.workers()
    if as_json:
        print_json(items)
        return
    if not items:
        say("No worker has joined yet.")
        return
    table = terminal.table("worker", "is", "roles", "free disk", "seen")
    for item in items:
        state = item["health"] if item["admin"] == "active" else f"{item['health']}, {item['admin']}"
        table.add_row(
            cell(item["name"]),
            cell(state),
            cell(", ".join(item["roles"])),
            cell(size(item["disk"]["free_bytes"] if item["disk"] else None)),
            cell("connected" if item["connected"] else when(item["last_seen_at"])),
        )
    terminal.show(table)
    for item in items:
        for sentence in _wrong(item):
            say(f"{item['name']}: {sentence}")


def _wrong(worker: Json) -> Iterator[str]:
    firewall = worker["firewall"]
    if firewall and not firewall["closed"]:
        yield f"apps are not isolated, so none start. {firewall['detail']}".rstrip()
    if worker["health"] == "ready" and not worker["limits_enforced"]:
        yield "limits of memory and processes are reported, not enforced."


@commands.command(rich_help_panel=PANEL)
def disk(*, as_json: AsJson = False) -> None:
    """Show what images and containers take on each worker, and past which budget no build begins.

    Example: wh disk
    """
    with connected(otherwise="wh platform") as api:
        items = api.workers()
    if as_json:
        print_json([{"worker": item["name"], "disk": item["disk"]} for item in items])
        return
    table = terminal.table("worker", "used", "of budget", "budget", "free")
    for item in items:
        found = item["disk"] or {"used_bytes": None, "budget_bytes": None, "free_bytes": None}
        used, budget = found["used_bytes"], found["budget_bytes"]
        share = f"{100 * used / budget:.0f} %" if budget and used is not None else None
        texts = (item["name"], size(used), share, size(budget), size(found["free_bytes"]))
        table.add_row(*(cell(text) for text in texts))
    terminal.show(table)


@commands.command(rich_help_panel=PANEL)
def jobs(limit: Limit = 20, *, as_json: AsJson = False) -> None:
    """List what workers were given to do, newest first.

    Example: wh jobs --limit 5
    """
    with connected(otherwise="wh platform") as api:
        items = list(islice(api.jobs(), limit))
        names = {} if as_json else {item["id"]: item["name"] for item in api.workers()}
    if as_json:
        print_json(items)
        return
    if not items:
        say("No worker was given anything to do yet.")
        return
    table = terminal.table("job", "is", "worker", "try", "asked for", "took", "why")
    for item in items:
        end = item["finished_at"]
        state = "is cancelled" if item["cancel_wanted"] and not end else item["status"]
        seconds = (_moment(end) - _moment(item["created_at"])).total_seconds() if end else None
        table.add_row(
            cell(item["kind"]),
            cell(state),
            cell(names.get(item["worker_id"])),
            cell(item["attempt"]),
            cell(when(item["created_at"])),
            cell("…" if seconds is None else took(seconds)),
            cell((item["detail"] or item["reason"] or "").partition("\n")[0]),
        )
    terminal.show(table)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@commands.command(rich_help_panel=PANEL)
def audit(
    limit: Limit = 20,
    *,
    team: Annotated[str, typer.Option(help="name of a team")] = "",
    action: Annotated[str, typer.Option(help="how the act begins: `token.`, or `token.issue`")] = "",
    actor: Annotated[str, typer.Option(help="who, as --json says it: `user:ID`")] = "",
    subject: Annotated[str, typer.Option(help="to what, as --json says it: `project:ID`")] = "",
    since: Annotated[datetime | None, typer.Option(formats=FORMATS, help="from this time on, UTC")] = None,
    until: Annotated[datetime | None, typer.Option(formats=FORMATS, help="before this time, UTC")] = None,
    as_json: AsJson = False,
) -> None:
    """List who did what from where in the teams you administer, newest first.

    Example: wh audit --action token. --since 2026-01-31
    """
    with connected(otherwise="wh tokens") as api:
        wanted = {
            "team": team_of(api, team)["id"] if team else "",
            "action": action,
            "actor": actor,
            "subject": subject,
            "since": _utc(since),
            "until": _utc(until),
        }
        items = list(islice(api.audit_events({name: value for name, value in wanted.items() if value}), limit))
    if as_json:
        print_json(items)
        return
    if not items:
        say("Nothing that was done matches." if any(wanted.values()) else "Nothing was done yet.")
        return
    table = terminal.table("when", "who", "did", "to", "from")
    for item in items:
        who = item.get("actor_name") or item["actor"]
        texts = (when(item["at"]), who, item["action"], item["subject"], item["address"])
        table.add_row(*(cell(text) for text in texts))
    terminal.show(table)


def _utc(at: datetime | None) -> str:
    return "" if at is None else (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()
