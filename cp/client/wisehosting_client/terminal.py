"""What all commands share of the terminal: where they print, their common options, and the platform they ask."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from wisehosting_client import access
from wisehosting_client.api import Api
from wisehosting_client.errors import Refused

out = Console(highlight=False)
complain = Console(stderr=True, highlight=False)

PIPE_WIDTH = 2000
"""Columns of a table that no terminal shows."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Detach = Annotated[bool, typer.Option("--detach", help="Do not follow; print what was started and leave.")]
ProjectName = Annotated[str, typer.Argument(metavar="PROJECT", help="The project's name, as `wh projects` shows it.")]

NEXT = {
    "deployment_under_way": "wh status {project}, or wh cancel {project}",
    "grace_over": "wh projects",
    "image_gone": "wh releases {project}",
    "name_taken": "wh projects",
    "no_build": "wh deployments {project}",
    "not_deleted": "wh delete {project}",
    "not_detected": "wh settings set --help",
    "not_found": "wh projects",
    "nothing_live": "wh deploy {project}",
    "project_deleted": "wh restore {project}",
    "root_directory_missing": "wh settings set {project} source.root_directory=FOLDER",
    "release_not_found": "wh releases {project}",
    "settings_changed": "wh settings {project}",
    "variables_changed": "wh variables {project}",
    "variables_invalid": "wh variables set --help",
    "variables_too_large": "wh variables {project}",
    "variables_too_many": "wh variables {project}",
}
"""What to type after the platform refused with this code."""


def connect() -> Api:
    """Return the client of the platform in use. Raises NotLoggedIn."""
    return Api(access.current())


@contextmanager
def platform(project: str = "", otherwise: str = "") -> Iterator[Api]:
    """Give the platform; its refusals get the command that leads on: the code's, else `otherwise`, else the status."""
    try:
        yield connect()
    except Refused as error:
        if error.command:
            raise
        fallback = otherwise or ("wh status {project}" if project else "wh projects")
        command = NEXT.get(error.code, fallback).format(project=project)
        raise Refused(error.status, error.code, error.detail, command) from error


def print_json(value: Any) -> None:
    """Print a value for scripts."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def printable(text: str) -> str:
    """Keep colours out of a terminal's reach: control characters of other people's programs are shown, not obeyed."""
    return "".join(letter if letter.isprintable() or letter == "\t" else f"\\x{ord(letter):02x}" for letter in text)


def printable_lines(text: str) -> str:
    """Do the same and keep the ends of lines."""
    return "\n".join(printable(line) for line in text.split("\n"))


def say(text: str, *, indent: int = 0) -> None:
    """Print a sentence for people, other people's words in it included."""
    shown = "\n".join(" " * indent + line for line in printable_lines(text).split("\n"))
    out.print(shown, markup=False, soft_wrap=True)


def progress(text: str) -> None:
    """Print a step of what is followed to standard error, where it does not mix with the result."""
    sys.stderr.write(f"  {printable(text)}\n")
    sys.stderr.flush()


def table(*headings: str) -> Table:
    """Return an empty table without lines, whose cells are never cut."""
    made = Table(box=None, pad_edge=False, header_style="dim")
    for heading in headings:
        made.add_column(heading, overflow="fold")
    return made


def show(filled: Table) -> None:
    """Print a table: on a narrow terminal its cells go over several lines, in a pipe each row is one line."""
    (out if out.is_terminal else Console(width=PIPE_WIDTH, highlight=False)).print(filled)


def cell(text: object) -> Text:
    """Return a table's cell with words that may be other people's."""
    return Text(printable("—" if text is None else str(text)))


def when(moment: str | None) -> str:
    """Return a time of the API as the clock here shows it."""
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M %Z") if moment else "—"


def somebody_types() -> bool:
    """Whether a person is at standard input, who can be asked."""
    return sys.stdin.isatty()


def ask(question: str) -> str:
    """Ask a person, on standard error: the answer of a command stays alone on standard output. The end of input is an empty answer."""
    sys.stderr.write(f"{printable(question)}: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip()
