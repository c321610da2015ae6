"""Names of what a Python project depends on: from lists of requirements, and from what setuptools is told."""

import ast
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from wisehosting_stacks.python_sources import PythonSources, called
from wisehosting_stacks.tree import Tree, table

_NAME = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]{0,200})\])?\s*(?:[=<>!~;@(]|\Z|\s)")
_INCLUDE = re.compile(r"(-r|--requirement|-c|--constraint)[\s=]+([\w./-]+)")
_PLACE = re.compile(r"(?:-e|--editable|-f|--find-links)[\s=]+(.*)")
_LOCKED = re.compile(r'^name = "([A-Za-z0-9._-]{1,100})"$', re.MULTILINE)
_FILES = 20
LISTS = (
    "requirements.txt",
    *("requirements/production.txt", "requirements/prod.txt", "requirements/base.txt", "requirements/requirements.txt"),
    *("requirements-prod.txt", "requirements_prod.txt", "requirements/common.txt"),
)
"""Lists of requirements; the first that is there is installed."""
_BROUGHT = {
    "fastapi[standard]": ("uvicorn",),
    "fastapi[all]": ("uvicorn",),
    "fastapi-cli": ("uvicorn",),
    "litestar[standard]": ("uvicorn",),
    "litestar[full]": ("uvicorn",),
    "uvicorn-worker": ("uvicorn", "gunicorn"),
    "channels[daphne]": ("daphne",),
    "quart": ("hypercorn",),
    "apiflask": ("flask",),
    "djangorestframework": ("django",),
    "django-ninja": ("django",),
    "wagtail": ("django",),
}
"""What comes along with a distribution, as far as it decides what serves."""


class Requirements(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of requirements, and the lists that it names, say."""

    files: tuple[str, ...]
    names: frozenset[str]
    """As PEP 503 spells them."""
    local: bool
    """Whether something is installed from the project's own files."""


def normal(name: str) -> str:
    """A distribution's name as PEP 503 spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def name_of(line: str) -> str:
    """The distribution that a requirement names; empty when it names none."""
    match = _NAME.match(line.strip())
    return normal(match[1]) if match else ""


def names_of(lines: Iterable[str]) -> frozenset[str]:
    """The distributions that requirements name, and those that come along with them."""
    named = [match for line in lines if (match := _NAME.match(line.strip()))]
    extras = {f"{normal(match[1])}[{extra.strip()}]" for match in named for extra in (match[2] or "").split(",")}
    return _with_brought({normal(match[1]) for match in named}, extras)


def names_in(entries: Mapping[str, Any]) -> frozenset[str]:
    """The same of a table, as Poetry and Pipenv write it."""
    extras = {
        f"{normal(name)}[{extra}]"
        for name, entry in entries.items()
        if isinstance(entry, Mapping) and isinstance(entry.get("extras"), list)
        for extra in entry["extras"]
    }
    return _with_brought({normal(name) for name in entries if name != "python"}, extras)


def _with_brought(names: set[str], extras: set[str]) -> frozenset[str]:
    brought = {one for key in names | extras for one in _BROUGHT.get(key, ())}
    return frozenset(names | brought | ({"flask"} if any(name.startswith("flask-") for name in names) else set()))


def locked(tree: Tree) -> frozenset[str]:
    """Names in lock files: what is installed along with the others may want something of Debian's too."""
    names = {name for path in ("uv.lock", "poetry.lock", "pdm.lock") for name in _LOCKED.findall(tree.text(path))}
    names |= table(tree.json("Pipfile.lock"), "default").keys()
    return frozenset(normal(name) for name in names)


def requirements(tree: Tree, path: str) -> Requirements:
    """Read a list and those that it includes."""
    files: list[str] = []
    named: list[str] = []
    local, waiting = False, [(path, True)]
    while waiting and len(files) < _FILES:
        one, installs = waiting.pop(0)
        if one in files or one not in tree:
            continue
        files.append(one)
        for line in _lines(tree.text(one).removeprefix("\ufeff")):
            if match := _INCLUDE.match(line):
                there = posixpath.normpath(posixpath.join(posixpath.dirname(one), match[2]))
                # Constraints say which version, if something else asks for it.
                waiting.append((there, installs and match[1] in {"-r", "--requirement"}))
            elif _is_local(line):
                local = True
            if installs:
                named.append(line)
    return Requirements(files=tuple(files), names=names_of(named), local=local)


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        plain = line.partition(" #")[0].strip()
        if plain and not plain.startswith("#"):
            yield plain


def _is_local(line: str) -> bool:
    """Whether a line names a file or a folder, and not a distribution or an address."""
    match = _PLACE.match(line)
    if match is None and line.startswith("-"):
        return False
    place = (match[1] if match else line).strip()
    named, at, address = place.partition("@")
    if at and name_of(named):
        place = address.strip()
    if place.startswith("file:"):
        return True
    return "://" not in place and (match is not None or "/" in place.partition(";")[0] or place.startswith("."))


def setuptools(tree: Tree, project: Mapping[str, Any]) -> frozenset[str]:
    """What setup.py, setup.cfg or pyproject.toml's dynamic dependencies name, as far as it can be read without running."""
    names = names_of((*_of_setup_py(tree), *_of_setup_cfg(tree)))
    dynamic = table(project, "tool", "setuptools", "dynamic", "dependencies").get("file")
    paths = [dynamic] if isinstance(dynamic, str) else dynamic if isinstance(dynamic, list) else []
    for path in paths[:_FILES]:
        if isinstance(path, str):
            names |= requirements(tree, posixpath.normpath(path)).names
    return names


def _of_setup_py(tree: Tree) -> Iterator[str]:
    body = PythonSources(tree).body("setup.py")
    lists = {
        target.id: statement.value
        for statement in body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and called(node) == "setup":
                said = next((one.value for one in node.keywords if one.arg == "install_requires"), None)
                if isinstance(said, ast.Name):
                    said = lists.get(said.id)
                if isinstance(said, ast.List | ast.Tuple):
                    yield from (
                        one.value for one in said.elts if isinstance(one, ast.Constant) and isinstance(one.value, str)
                    )


def _of_setup_cfg(tree: Tree) -> Iterator[str]:
    """By hand: configparser takes the square of a line's length for a line of spaces."""
    section = key = ""
    for line in tree.text("setup.cfg").splitlines():
        said = line.strip()
        if said.startswith("["):
            section, key = said, ""
        elif section == "[options]":
            if said and not line[0].isspace():
                key, _, said = (part.strip() for part in said.partition("="))
            if key == "install_requires":
                yield said
