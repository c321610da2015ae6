"""How a project is built: seen before it is, and written down as files of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wisehosting_client import assignments
from wisehosting_client.api import Json
from wisehosting_client.commands.builds import PANEL
from wisehosting_client.errors import Refused
from wisehosting_client.terminal import AsJson, out, platform, print_json, say

if TYPE_CHECKING:
    from wisehosting_stacks import Tree
    from wisehosting_stacks.decide import Decision

commands = typer.Typer()
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Try a setting, as `wh settings set` takes it. May be repeated."),
]
WRITTEN_BY = {
    "image": "It is the ready image {name}: nothing is built.",
    "containerfile": "Its own {name} says how it is built.",
}


@commands.command(rich_help_panel=PANEL)
def plan(
    what: Annotated[
        str, typer.Argument(metavar="[PATH|PROJECT]", help="A folder here, or else a project of the platform.")
    ] = ".",
    values: Set = None,
    *,
    containerfile: Annotated[
        bool, typer.Option("--containerfile", help="Print the Containerfile and nothing else.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show how a folder or a project would be built, and why. Nothing is built, stored or started.

    A folder is looked at as a push of it would arrive: what Git ignores stays out.

    Example: wh plan

    Example: wh plan shop --set build.version=3.12
    """
    tried = assignments.read(values or [])
    is_folder = Path(what).is_dir() or what.startswith(".") or "/" in what
    found = _of_folder(Path(what), tried) if is_folder else _of_project(what, tried)
    if as_json:
        print_json(found)
    elif containerfile:
        if found["plan"] is None:
            raise Refused(0, "no_plan", _in_words(found), "wh plan")
        out.file.write(found["plan"]["containerfile"])
    else:
        _show(found)


@commands.command(rich_help_panel=PANEL)
def eject(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The project's folder.")] = Path(),
    values: Set = None,
    variables: Annotated[
        list[str] | None,
        typer.Option("--variable", metavar="NAME", help="A build variable that the build needs. May be repeated."),
    ] = None,
    *,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there and differ.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the detected plan into the folder: Containerfile, .wisehosting/ and wisehosting.toml. Yours from then on.

    Settings of the project on the platform are not known here: give them with --set, and unset them there afterwards.

    Example: wh eject

    Example: wh eject apps/api --set build.version=3.12 --variable NPM_TOKEN
    """
    from wisehosting_client import local
    from wisehosting_stacks.eject import ejected

    tree, decision = _decided(path, assignments.read(values or []))
    if decision.plan is None:
        sentence = WRITTEN_BY[str(decision.way)].format(name=decision.name)
        raise Refused(0, "nothing_to_eject", f"{sentence} There is nothing to eject.", "wh plan")
    files = ejected(tree, decision.plan, variables or ())
    _refuse_links(path, files)
    differing = sorted(name for name, text in files.items() if (path / name).exists() and _text(path / name) != text)
    if differing and not force:
        sentence = f"{', '.join(differing)} would be written over; nothing was written."
        raise Refused(0, "would_overwrite", sentence, f"wh eject {path} --force")
    for name, text in files.items():
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_text(text, encoding="utf-8", newline="")
    again = local.tree_in(path)
    lost = sorted(name for name in files if name not in again)
    if as_json:
        print_json({"written": list(files), "ignored": lost, "plan": local.told(decision)["plan"]})
        return
    say(f"Wrote {', '.join(files)}.")
    for note in _notes(decision, differing, lost):
        say(note)
    say(f"Keep them with: git -C {path} add {' '.join(sorted({name.partition('/')[0] for name in files}))}")


def _decided(folder: Path, tried: Json) -> tuple[Tree, Decision]:
    if not folder.is_dir():
        raise Refused(0, "no_folder", f"There is no folder {folder}.", "wh plan --help")
    if source := assignments.parts(tried, "source"):
        name = next(iter(source))
        raise typer.BadParameter(f"source.{name} says nothing of a folder here. Name the folder that is meant.")
    build = assignments.parts(tried, "build")
    from wisehosting_client import local
    from wisehosting_stacks import BuildSettings

    tree = local.tree_in(folder)
    lists = {name: tuple(value) for name, value in build.items() if isinstance(value, list)}
    return tree, local.decided(tree, BuildSettings(**{**build, **lists}))


def _of_folder(folder: Path, tried: Json) -> Json:
    from wisehosting_client import local

    return local.told(_decided(folder, tried)[1])


def _of_project(name: str, tried: Json) -> Json:
    with platform(name, otherwise="wh settings {project}") as api:
        found = api.project(name)
        if not tried:
            return api.plan(found["id"])
        source = {**found["source"], **assignments.parts(tried, "source")}
        return api.plan_of(source, {**found["build"], **assignments.parts(tried, "build")})


def _in_words(found: Json) -> str:
    if found["plan"] is None:
        return WRITTEN_BY[found["way"]].format(name=found["name"])
    summary: str = found["plan"]["summary"]
    return summary[:1].upper() + summary[1:]


def _show(found: Json) -> None:
    say(_in_words(found))
    if found["commit"]:
        say(f"commit      {found['commit'][:8]} “{found['subject']}”")
    if said := [name for name, value in found["file"].items() if value]:
        say(f"settings    wisehosting.toml says {', '.join(said)}, and wins over the project's settings")
    detected = found["plan"]
    if detected is None:
        return
    from wisehosting_stacks.plan import shown

    heading = "found"
    for fact in detected["found"]:
        say(f"{heading:<12}{fact}")
        heading = ""
    rows = {
        "install": detected["install"],
        "build": detected["build"],
        "start": shown(tuple(detected["start"])),
        "port": str(detected["port"]),
        "from": ", ".join(detected["images"]),
    }
    for name, value in rows.items():
        if value:
            say(f"{name:<12}{value}")
    for note in detected["notes"]:
        say(f"{'note':<12}{note}")


def _refuse_links(folder: Path, names: dict[str, str]) -> None:
    """A folder from somebody else may hold a link where we write: it would be written wherever that leads."""
    from wisehosting_stacks.eject import FOLDER

    for name in names:
        for place in (folder / FOLDER, folder / name):
            if place.is_symlink() or (place != folder / FOLDER and place.is_dir()):
                raise Refused(0, "is_link", f"{place} is a symbolic link or a folder. Remove it, then eject again.")


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def _notes(decision: Decision, overwritten: list[str], lost: list[str]) -> list[str]:
    found = []
    if lost:
        found.append(f"Git ignores {', '.join(lost)}, and the build needs it: correct .gitignore.")
    if "wisehosting.toml" in overwritten:
        found.append("What wisehosting.toml said of running is kept; its comments and its [build] are not.")
    if decision.plan and decision.plan.processes:
        names = ", ".join(decision.plan.processes)
        found.append(f"The Procfile's other processes are not in it: {names}.")
    found.append("The Containerfile is built as it stands from now on; new dependencies of the system go into it.")
    return found
