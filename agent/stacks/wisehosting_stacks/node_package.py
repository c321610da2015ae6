"""package.json, as far as detection reads it: any JSON gives an answer, odd values are left out."""

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from itertools import islice
from typing import Any

import msgspec

from wisehosting_stacks.plan import NotDetected
from wisehosting_stacks.tree import Tree, table, word

NAME = "package.json"
LONGEST = 4000
"""Characters of a script; a longer one is none."""
_MOST = 500
"""Packages of a workspace that are read; one that people write has some dozens."""
_MOST_LOOKED_AT = 5000
_MOST_GLOBS, _LONGEST_GLOB = 100, 200
_ANY = "**"
_HARMLESS = re.compile(r"husky|simple-git-hooks|lefthook|only-allow|patch-package|is-ci|nuxt prepare|svelte-kit sync")
_AT_INSTALL = ("preinstall", "install", "postinstall", "prepare")
_OUTSIDE = re.compile(r"(workspace:|(file|link|portal):\.\.)")


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """One package.json."""

    folder: str = ""
    name: str = ""
    scripts: Mapping[str, str] = {}
    runs_on: Mapping[str, str] = {}
    """dependencies and optionalDependencies: name to range."""
    built_with: Mapping[str, str] = {}
    """devDependencies."""
    main: str = ""
    document: Mapping[str, Any] = {}

    def __contains__(self, dependency: str) -> bool:
        return dependency in self.runs_on or dependency in self.built_with

    @property
    def dependencies(self) -> Mapping[str, str]:
        """All of them; a development dependency's range only where it is nothing else."""
        return {**self.built_with, **self.runs_on}

    def major(self, dependency: str) -> int | None:
        """Of a dependency's range: `^2.17.0` is 2."""
        match = re.match(r"[\^~>=v\s]*(\d{1,9})", self.dependencies.get(dependency, ""))
        return int(match[1]) if match else None

    @property
    def needs_sources(self) -> bool:
        """Whether an install runs or takes something of the project, beside package.json and the lock file."""
        lines = [self.scripts[name] for name in _AT_INSTALL if name in self.scripts]
        local = any(re.match(r"(file|link|portal):", asked) for asked in self.dependencies.values())
        return local or "@prisma/client" in self or any(not _HARMLESS.search(line) for line in lines)


def read(tree: Tree, folder: str = "") -> Package:
    """The package.json of a folder. Raises NotDetected for one that npm could not read either."""
    path = posixpath.join(folder, NAME)
    document = _document(tree.text(path), path)
    needed = {**_words(document, "optionalDependencies"), **_words(document, "dependencies")}
    return Package(
        folder=folder,
        name=word(document, "name"),
        scripts={name: line for name, line in _words(document, "scripts").items() if 0 < len(line.strip()) <= LONGEST},
        runs_on=needed,
        built_with={name: asked for name, asked in _words(document, "devDependencies").items() if name not in needed},
        main=posixpath.normpath(word(document, "main")) if word(document, "main") else "",
        document=document,
    )


def _document(text: str, path: str) -> dict[str, Any]:
    text = text.removeprefix("\ufeff")
    if not text.strip():
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotDetected(f"{path} is not valid JSON ({error}). Correct it.") from error
    return found if isinstance(found, dict) else {}


def _words(document: Mapping[str, Any], key: str) -> dict[str, str]:
    return {name: text for name, text in table(document, key).items() if isinstance(text, str)}


def workspace_patterns(tree: Tree, package: Package) -> list[str]:
    """Globs of folders that are packages of this one."""
    said = package.document.get("workspaces")
    if isinstance(said, Mapping):
        said = said.get("packages")
    found = [one for one in said if isinstance(one, str)] if isinstance(said, list) else []
    return [*found, *yaml_list(tree.text("pnpm-workspace.yaml"), "packages")]


def yaml_list(text: str, key: str) -> Iterator[str]:
    """Words of a list at the top of a YAML document, written one a line or in brackets."""
    inside = False
    for line in text.splitlines():
        plain = line.strip()
        name, colon, rest = line.partition(":")
        if name == key and colon:
            rest = rest.strip()
            inside = not rest or rest.startswith("#")
            words = rest[1:].partition("]")[0].split(",") if rest.startswith("[") else []
            yield from (said for one in words if (said := one.strip(" '\"")))
        elif inside and plain.startswith(("- ", "-\t")):
            if said := _item(plain[2:].strip()):
                yield said
        elif plain and not plain.startswith("#"):
            inside = False


def _item(text: str) -> str:
    quote = text[:1]
    return text[1:].partition(quote)[0] if quote in {"'", '"'} else text.partition("#")[0].strip()


def members(tree: Tree, package: Package) -> list[str]:
    """Folders of the packages of a workspace."""
    patterns = [one for one in workspace_patterns(tree, package)[:_MOST_GLOBS] if len(one) <= _LONGEST_GLOB]
    wanted = [_pieces(one) for one in patterns if not one.startswith("!")]
    unwanted = [_pieces(one[1:]) for one in patterns if one.startswith("!")]
    folders = sorted(path.removesuffix(f"/{NAME}") for path in tree.paths if path.endswith(f"/{NAME}"))
    found = (
        folder
        for folder in folders[:_MOST_LOOKED_AT]
        if "node_modules" not in folder.split("/")
        and any(_lies_in(folder, one) for one in wanted)
        and not any(_lies_in(folder, one) for one in unwanted)
    )
    return list(islice(found, _MOST))


def _pieces(glob: str) -> list[str]:
    return glob.removeprefix("./").strip("/").split("/")


def _lies_in(folder: str, glob: list[str]) -> bool:
    """Whether a glob matches a folder; all ways through it are followed at once, so that no glob takes long."""
    at = _through({0}, glob)
    for piece in folder.split("/"):
        at = _through(
            {
                here if glob[here] == _ANY else here + 1
                for here in at
                if here < len(glob) and (glob[here] == _ANY or fnmatchcase(piece, glob[here]))
            },
            glob,
        )
    return len(glob) in at


def _through(places: set[int], glob: list[str]) -> set[int]:
    """These places in a glob, and those behind a `**` that matches nothing."""
    reached = set(places)
    for place in places:
        behind = place
        while behind < len(glob) and glob[behind] == _ANY:
            behind += 1
            reached.add(behind)
    return reached


def outside(package: Package) -> str:
    """A dependency that lies outside the folder; empty when there is none."""
    return next((name for name, asked in package.dependencies.items() if _OUTSIDE.match(asked)), "")
