"""Settings of a project as they are typed: `build.start=python app.py`, `source.branch=next`. Named as the API names them."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import typer

from wisehosting_client.api import Json

TRUTHS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


def _truth(text: str) -> bool:
    try:
        return TRUTHS[text.strip().lower()]
    except KeyError:
        raise ValueError("write yes or no") from None


def _words(text: str) -> list[str]:
    if not text.lstrip().startswith("["):
        from wisehosting_stacks.procfile import argv

        return list(argv(text))
    found = json.loads(text)
    if not all(isinstance(word, str) for word in found):
        raise ValueError("write a list of strings")
    return list(found)


def _names(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _port(text: str) -> int:
    if not text.strip().isdecimal():
        raise ValueError("write a number from 1 to 65535")
    return int(text)


READERS: dict[str, Callable[[str], Any]] = {
    "source.branch": str,
    "source.root_directory": str,
    "source.submodules": _truth,
    "source.large_files": _truth,
    "build.stack": str,
    "build.version": str,
    "build.install": str,
    "build.build": str,
    "build.start": _words,
    "build.packages": _names,
    "build.output": str,
    "build.fallback": str,
    "build.port": _port,
    "build.containerfile": str,
    "build.target": str,
    "build.image": str,
}
NOTHING: Json = {
    "source.root_directory": "",
    "source.submodules": False,
    "source.large_files": False,
    "build.start": [],
    "build.packages": [],
    "build.port": None,
}
"""What a setting is when nobody set it; an empty text where it is not named here."""


def empty(name: str) -> Any:
    """Return what a setting is when nobody set it."""
    return NOTHING.get(name, "")


def read(assignments: Iterable[str]) -> Json:
    """Values by setting. Raises BadParameter for what is no setting and for what it cannot be."""
    found: Json = {}
    for text in assignments:
        name, equals, value = text.partition("=")
        if not equals:
            raise typer.BadParameter(f"{text} is not NAME=VALUE, such as build.port=3000.")
        name = known(name)
        if name in found:
            raise typer.BadParameter(f"{name} is set twice; decide for one value.")
        try:
            found[name] = READERS[name](value)
        except ValueError as error:
            raise typer.BadParameter(f"{name} cannot be {value!r}: {error}.") from error
    return found


def known(name: str) -> str:
    """Return the setting's name; `build.` and `source.` may be left out. Raises BadParameter with the names there are."""
    for full in (name, f"source.{name}", f"build.{name}"):
        if full in READERS:
            return full
    raise typer.BadParameter(f"There is no setting {name}. There are: {', '.join(READERS)}.")


def parts(values: Json, room: str) -> Json:
    """Return the values of one room, `source` or `build`, by their names in it."""
    return {name.partition(".")[2]: value for name, value in values.items() if name.startswith(f"{room}.")}
