"""What all commands share of the terminal: where they print, their common options, and the platform they ask."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from wisehosting_client import access, names
from wisehosting_client.api import Api
from wisehosting_client.errors import NotLoggedIn, Refused
from wisehosting_client.escapes import printable

T = TypeVar("T")

out = Console(highlight=False)
complain = Console(stderr=True, highlight=False)

PIPE_WIDTH = 2000
"""Columns of a table that no terminal shows."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Detach = Annotated[bool, typer.Option("--detach", help="Do not follow; print what was started and leave.")]
ProjectName = Annotated[
    str,
    typer.Argument(
        metavar="PROJECT", help="The project's name, as `wh projects` shows it.", autocompletion=names.projects
    ),
]
AnyProject = Annotated[
    str | None,
    typer.Argument(
        metavar="PROJECT", help="The project's name; all projects when absent.", autocompletion=names.projects
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask; needed where nobody can answer.")]
Limit = Annotated[int, typer.Option(min=1, help="How many of the newest.")]
SecretFile = Annotated[
    Path,
    typer.Option(
        "--file",
        metavar="FILE",
        help="Where it is written, readable by you only; `-` prints it instead.",
        dir_okay=False,
    ),
]

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
    "scope_missing": "wh tokens create --help",
    "root_directory_missing": "wh settings set {project} source.root_directory=FOLDER",
    "release_not_found": "wh releases {project}",
    "settings_changed": "wh settings {project}",
    "variables_changed": "wh variables {project}",
    "variables_invalid": "wh variables set --help",
    "variables_too_large": "wh variables {project}",
    "variables_too_many": "wh variables {project}",
}
"""What to type after the platform refused with this code."""


def connect_to(found: access.Access) -> Api:
    """Return the client of this platform."""
    return Api(found)


def connect() -> Api:
    """Return the client of the platform in use. Raises NotLoggedIn."""
    return connect_to(access.current())


@contextmanager
def platform(project: str = "", otherwise: str = "") -> Iterator[Api]:
    """Give the platform; its refusals get the command that leads on: the code's, else `otherwise`, else the status."""
    context = access.chosen.get()
    try:
        yield connect()
    except NotLoggedIn as error:
        name = context or access.current_name()
        if error.command == "wh login" and name not in {"", access.LOCAL}:
            raise NotLoggedIn(str(error).partition("\n")[0], f"wh login URL --context {name}") from error
        raise
    except Refused as error:
        if error.command:
            raise
        fallback = otherwise or ("wh status {project}" if project else "wh projects")
        command = NEXT.get(error.code, fallback).format(project=project)
        raise Refused(error.status, error.code, error.detail, command) from error


def print_json(value: Any) -> None:
    """Print a value for scripts."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def printable_lines(text: str) -> str:
    """Show control characters of other people's words, and keep the ends of lines."""
    return "\n".join(printable(line) for line in text.split("\n"))


def say(text: str, *, indent: int = 0) -> None:
    """Print a sentence for people, other people's words in it included."""
    shown = "\n".join(" " * indent + line for line in printable_lines(text).split("\n"))
    out.print(shown, markup=False, soft_wrap=True)


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


def has_desktop() -> bool:
    """Whether a browser could open a window here."""
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def confirm(question: str, wanted: str, again: str, *, refusal: str) -> None:
    """Ask for a typed word. Raises Refused when it is another, or where nobody can be asked."""
    if not somebody_types():
        raise Refused(0, "not_confirmed", "Nobody is here to ask whether you mean it.", f"{again} --yes")
    if ask(question) != wanted:
        raise Refused(0, "not_confirmed", f"That is not {wanted}; {refusal}", again)


def hand_out(secret: str, file: Path, again: str) -> None:
    """Write a secret that is shown once into a new file, mode 0600, or print it when the file is `-`."""
    if str(file) == "-":
        sys.stdout.write(f"{secret}\n")
        return
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(f"{secret}\n")
    except OSError as error:
        raise Refused(0, "not_written", f"{file} cannot be written ({error.strerror}).", again) from error


def can_hand_out(file: Path, again: str) -> None:
    """See that a secret can be written before it is made: it is shown once. Raises Refused."""
    if str(file) == "-":
        return
    if file.exists() or file.is_symlink():
        raise Refused(0, "file_exists", f"{file} is there already; nothing was made.", again)
    if not os.access(file.absolute().parent, os.W_OK):
        raise Refused(0, "not_written", f"{file.absolute().parent} cannot be written to; nothing was made.", again)


def read(reader: Callable[[str], T], text: str) -> T:
    """Read what was typed. Raises BadParameter with the reader's sentence."""
    try:
        return reader(text)
    except (ValueError, re.error) as error:
        raise typer.BadParameter(str(error)) from error


def size(count: float | None) -> str:
    """Return bytes as people read them."""
    if count is None:
        return "—"
    for unit, one in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= one:
            return f"{count / one:.1f} {unit}"
    return f"{count:.0f} B"
