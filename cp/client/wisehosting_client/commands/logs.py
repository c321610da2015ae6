"""Logs: what instances write, and what builds wrote."""

import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, NamedTuple

import typer

from wisehosting_client import follow, moments, terminal
from wisehosting_client.api import Api, Json, ServerEvent
from wisehosting_client.commands.builds import deployment_of
from wisehosting_client.commands.instances import PANEL
from wisehosting_client.escapes import coloured, plain
from wisehosting_client.follow import LOG_TRIES
from wisehosting_client.live import gap, may_colour
from wisehosting_client.terminal import AsJson, ProjectName, complain, platform

commands = typer.Typer()
TAIL = 200
MOST = 5000
"""Lines the platform gives at once."""


class Filter(NamedTuple):
    """What is asked for of a log."""

    since: datetime
    pattern: re.Pattern[str] | None

    def wants(self, line: Json) -> bool:
        """Whether the line is young enough and matches; colours are not part of what is matched."""
        if datetime.fromisoformat(line["at"]) < self.since:
            return False
        return self.pattern is None or self.pattern.search(plain(line["text"])) is not None


@commands.command(rich_help_panel=PANEL)
def logs(
    project: ProjectName,
    tail: Annotated[
        int | None,
        typer.Option(min=0, max=MOST, help=f"The last lines, with --follow of each instance; {TAIL} when absent."),
    ] = None,
    since: Annotated[
        str, typer.Option(metavar="MOMENT", help="Lines since 15m, 1h30m or 2d ago, or since 2026-12-01T09:30.")
    ] = "",
    grep: Annotated[str, typer.Option(metavar="REGEX", help="Lines in which this is found; (?i) ignores case.")] = "",
    number: Annotated[
        int | None, typer.Option("--deployment", min=1, help="With --build: its number; the newest when absent.")
    ] = None,
    *,
    build: Annotated[
        bool, typer.Option("--build", help="What the newest build wrote, instead of the instances.")
    ] = False,
    follow_on: Annotated[bool, typer.Option("--follow", "-f", help="Stay and print new lines.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print what the instances write, or what a build wrote. A lost connection is taken up where it broke.

    Followed builds exit as deploy does. With --json each line is an object of its own.

    Example: wh logs shop --follow

    Example: wh logs shop --since 15m --grep "(?i)error"

    Example: wh logs shop --build --deployment 7
    """
    now = datetime.now(UTC)
    start = terminal.read(lambda text: moments.since(text, now), since) if since else datetime.min.replace(tzinfo=UTC)
    wanted = Filter(start, terminal.read(re.compile, grep) if grep else None)
    with platform(project, otherwise=f"wh deployments {project}") as api:
        found = api.project(project)
        if build or number is not None:
            _build(api, deployment_of(api, found, number), wanted, tail, follow_on=follow_on, as_json=as_json)
            return
        environment = found["environments"][0]["id"]
        lines = tail if tail is not None else MOST if since or grep else TAIL
        if follow_on:
            events = once(
                follow.resumed(
                    lambda last: api.environment_log(environment, last, tail=lines),
                    api.wait,
                    tries=LOG_TRIES,
                    lost=_lost,
                )
            )
        else:
            items = api.environment_lines(environment, tail=lines)
            if not items and not as_json:
                complain.print(f"No lines yet. See whether it runs with: wh status {project}", markup=False)
            if since and len(items) == MOST and datetime.fromisoformat(items[0]["at"]) > start:
                complain.print(f"Older lines than the last {MOST} are not shown.", style="dim")
            events = with_gaps(items)
        for event in events:
            _write(event, wanted, as_json=as_json)


def _build(api: Api, deployment: Json, wanted: Filter, tail: int | None, *, follow_on: bool, as_json: bool) -> None:
    if not follow_on:
        events = [*with_gaps(api.deployment_lines(deployment["id"]))]
        for event in events[-tail:] if tail else events if tail is None else []:
            _write(event, wanted, as_json=as_json)
        return
    for event in follow.resumed(
        lambda last: api.deployment_log(deployment["id"], last), api.wait, tries=LOG_TRIES, lost=_lost
    ):
        _write(event, wanted, as_json=as_json)
    ended = follow.outcome(follow.patiently(lambda: api.deployment(deployment["id"]), api.wait))
    complain.print(f"Deployment {ended['number']} is {ended['status']}: {ended['url']}", markup=False, soft_wrap=True)


def with_gaps(lines: Iterator[Json] | list[Json]) -> Iterator[ServerEvent]:
    """Yield stored lines as the events they would be, with one for each run of numbers that is missing in between."""
    last: dict[str, int] = {}
    for line in lines:
        writer, n = line.get("instance", ""), line["n"]
        if n > last.get(writer, n - 1) + 1:
            # It is as old as the line that shows it.
            told: Json = {name: line[name] for name in ("at", "instance", "process") if name in line}
            yield ServerEvent("gap", {"from": last[writer] + 1, "to": n - 1, **told}, "")
        last[writer] = n
        yield ServerEvent("line", line, "")


def once(events: Iterator[ServerEvent]) -> Iterator[ServerEvent]:
    """Leave out what came already: after a resume the other instances repeat some seconds rather than miss a line."""
    seen: dict[str, int] = {}
    for event in events:
        if event.event not in {"line", "gap"}:
            continue
        writer = event.data.get("instance", "")
        begin, end = (event.data["n"],) * 2 if event.event == "line" else (event.data["from"], event.data["to"])
        last = seen.get(writer, begin - 1)
        if end <= last:
            continue
        seen[writer] = end
        yield event if begin > last else event._replace(data={**event.data, "from": last + 1})


def _write(event: ServerEvent, wanted: Filter, *, as_json: bool) -> None:
    data = event.data
    if event.event == "line":
        if not wanted.wants(data):
            return
    elif event.event != "gap" or ("at" in data and datetime.fromisoformat(data["at"]) < wanted.since):
        return
    if as_json:
        text = json.dumps({"event": event.event, **data}, ensure_ascii=False)
    elif event.event == "gap":
        text = gap(data["to"] - data["from"] + 1)
    else:
        shown = coloured if may_colour(sys.stdout.isatty()) else plain
        clock = datetime.fromisoformat(data["at"]).astimezone().strftime("%H:%M:%S.%f")[:-3]
        writer = f" {data['instance'][-4:]}" if "instance" in data else ""
        text = f"{clock}{writer} {shown(data['text'])}"
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _lost() -> None:
    complain.print("The connection broke; taking it up where it was.", style="dim")
