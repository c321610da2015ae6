"""`wh`: the platform from a terminal."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from wisehosting_client import access
from wisehosting_client.api import Api, Json
from wisehosting_client.errors import ClientError, Refused
from wisehosting_client.follow import follow

app = typer.Typer(
    help="Deploy Git repositories on your own hosts.\n\nStart with: wh login, then wh projects.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
out = Console(highlight=False)
complain = Console(stderr=True, highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
ProjectName = Annotated[str, typer.Argument(help="The project's name, as `wh projects` shows it.")]


@contextmanager
def _platform() -> Iterator[Api]:
    yield Api(access.current())


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


@app.command()
def login(
    file: Annotated[Path, typer.Option("--access", help="The access.json of a local platform.")] = access.LOCAL_ACCESS,
) -> None:
    """Use the platform that `./dev up` started on this machine."""
    found = access.read_platform(file)
    who = Api(found).session()
    access.keep(found)
    out.print(f"Logged in to {found.dashboard} as {who['user']['name']}. See your projects with: wh projects")


@app.command()
def projects(*, as_json: AsJson = False) -> None:
    """List your projects, where they run and how they are."""
    with _platform() as api:
        items = api.projects()
    if as_json:
        _print_json(items)
        return
    if not items:
        out.print("No projects yet. Make one with: wh create NAME GIT-URL")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("project", "status", "deployment", "commit", "url"):
        table.add_column(heading)
    for item in items:
        environment = item["environments"][0]
        latest = environment["latest"]
        table.add_row(
            item["name"],
            latest["status"] if latest else "—",
            str(latest["number"]) if latest else "—",
            (latest["commit"] or "")[:8] if latest else "",
            environment["url"],
        )
    out.print(table)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits and dashes.")],
    url: Annotated[str, typer.Argument(help="The repository's address, https://…")],
    branch: Annotated[str, typer.Option(help="The branch that is deployed.")] = "main",
    root_directory: Annotated[str, typer.Option(help="Folder of the app inside the repository.")] = "",
    *,
    detach: Annotated[bool, typer.Option("--detach", help="Do not follow the first deployment.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a project from a Git repository and deploy it."""
    with _platform() as api:
        made = api.create_project(name, url, branch=branch, root_directory=root_directory)
        first = made["environments"][0]["latest"]
        if first is None or detach:
            _print_json(made) if as_json else out.print(f"Created {name}. Deploy it with: wh deploy {name}")
            return
        _followed(api, first, as_json=as_json)


@app.command()
def deploy(
    project: ProjectName,
    ref: Annotated[str | None, typer.Option(help="Branch, tag or commit; the project's branch otherwise.")] = None,
    *,
    detach: Annotated[bool, typer.Option("--detach", help="Do not follow; print the deployment and leave.")] = False,
    as_json: AsJson = False,
) -> None:
    """Deploy a project and follow it. Exits 0 when it is live, 2 when it failed or was cancelled."""
    with _platform() as api:
        started = api.deploy(api.project(project)["id"], ref)
        if detach:
            _print_json(started) if as_json else out.print(f"Deployment {started['number']} is {started['status']}.")
            return
        _followed(api, started, as_json=as_json)


def _followed(api: Api, started: Json, *, as_json: bool) -> None:
    complain.print(f"Deployment {started['number']} of {started['project_name']}", style="dim")
    ended = follow(api, started, _log_line, wait=time.sleep)
    if as_json:
        _print_json(ended)
        return
    spent = ", ".join(
        f"{phase['phase'].replace('_', ' ')} {phase['seconds']:.1f} s"
        for phase in ended["phases"]
        if (phase["seconds"] or 0) >= 0.05
    )
    out.print(f"Deployment {ended['number']} is {ended['status']}: {ended['url']}\n[dim]{spent}[/dim]")


def _log_line(text: str) -> None:
    sys.stderr.write(f"  {_printable(text)}\n")
    sys.stderr.flush()


def _printable(text: str) -> str:
    """Keep colours out of a terminal's reach: control characters of other people's programs are shown, not obeyed."""
    return "".join(letter if letter.isprintable() or letter == "\t" else f"\\x{ord(letter):02x}" for letter in text)


@app.command()
def logs(
    project: ProjectName,
    *,
    follow_on: Annotated[bool, typer.Option("--follow", "-f", help="Stay and print new lines.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print what the running instances write."""
    with _platform() as api:
        environment = api.project(project)["environments"][0]
        for event in api.environment_log(environment["id"], follow=follow_on):
            if as_json:
                sys.stdout.write(json.dumps({"event": event.event, **event.data}, ensure_ascii=False) + "\n")
            elif event.event == "line":
                sys.stdout.write(
                    f"{event.data['at'][11:23]} {event.data['instance'][-4:]} {_printable(event.data['text'])}\n"
                )
            elif event.event == "gap":
                sys.stdout.write(f"— {event.data['to'] - event.data['from'] + 1} lines dropped —\n")
            sys.stdout.flush()


@app.command("open")
def open_(project: ProjectName, *, as_json: AsJson = False) -> None:
    """Print how to reach a project's URL, also where names below localhost are not resolved."""
    with _platform() as api:
        found = api.project(project)
        reach = api.session()["platform"]["apps_address"]
    environment = found["environments"][0]
    if environment["live"] is None:
        raise Refused(409, "nothing_live", f"Nothing of {project} is live yet. Run: wh deploy {project}")
    if as_json:
        _print_json({"url": environment["url"], "hostname": environment["hostname"], "address": reach})
        return
    out.print(environment["url"], soft_wrap=True)
    out.print(
        f"[dim]In a terminal: curl -H 'Host: {environment['hostname']}' http://{reach}/[/dim]",
        soft_wrap=True,
    )


def main() -> None:
    """Run `wh`; errors are sentences on standard error, and the exit code tells their kind."""
    try:
        app()
    except ClientError as error:
        complain.print(str(error), style="red", markup=False)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
