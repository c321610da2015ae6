"""Cargo's manifests: which packages a workspace has, and which programs they make."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from wisehosting_stacks.tree import Tree, table, word

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*\Z")
_TRIPLE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\Z")
CONFIGURATIONS = (".cargo/config.toml", ".cargo/config")
MOST_MEMBERS = 200


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """One package with at least one program."""

    name: str
    folder: str
    """Below the project's folder; empty for that itself."""
    programs: tuple[str, ...]
    default: str
    """The program that is meant when none is named; empty when it is open."""
    dependencies: tuple[str, ...]
    rust_version: str

    @property
    def manifest(self) -> str:
        """Its Cargo.toml."""
        return _below(self.folder, "Cargo.toml")


class Workspace(msgspec.Struct, frozen=True, kw_only=True):
    """All packages that are built together."""

    programs: Mapping[str, Package]
    """The package of each program. The root package's alone where it has any."""
    default_folders: tuple[str, ...]
    """Packages that are meant when none is named (`default-members`); empty when it is open."""
    target: str
    """What it is built for, where `.cargo/config.toml` says that: part of the path of what is built."""
    locked: tuple[str, ...]
    """Names of all crates in Cargo.lock."""
    vendored: str
    """The file that says where the crates lie, so that nothing is fetched; empty when they are fetched."""


def read(tree: Tree) -> Workspace:
    """The workspace of the root's Cargo.toml; a single package is one."""
    root = tree.toml("Cargo.toml")
    inherited = table(root, "workspace", "package")
    folders = [""] if "package" in root else []
    packages = [one for folder in folders if (one := _package(tree, folder, inherited))]
    if not packages:
        packages = [one for folder in _members(tree, root, "members") if (one := _package(tree, folder, inherited))]
    lock = tree.toml("Cargo.lock").get("package")
    return Workspace(
        programs={program: package for package in reversed(packages) for program in package.programs},
        default_folders=tuple(_members(tree, root, "default-members")),
        target=next((said for path in CONFIGURATIONS if (said := _target(tree.toml(path)))), ""),
        locked=tuple(
            one["name"]
            for one in (lock if isinstance(lock, list) else [])
            if isinstance(one, dict) and isinstance(one.get("name"), str)
        ),
        vendored=next((path for path in CONFIGURATIONS if _vendored(tree.toml(path))), ""),
    )


def _members(tree: Tree, root: Mapping[str, Any], key: str) -> list[str]:
    excluded = {folder.strip("/") for folder in _words(table(root, "workspace"), "exclude")}
    found = []
    for pattern in _words(table(root, "workspace"), key):
        for path in tree.match(f"{pattern.removeprefix('./').strip('/')}/Cargo.toml"):
            folder = path.removesuffix("/Cargo.toml")
            if folder not in excluded and folder not in found:
                found.append(folder)
    return found[:MOST_MEMBERS]


def _package(tree: Tree, folder: str, inherited: Mapping[str, Any]) -> Package | None:
    document = tree.toml(_below(folder, "Cargo.toml"))
    name = word(document, "package", "name")
    if not _NAME.match(name):
        return None
    listed = document.get("bin")
    explicit = {
        word(one, "name"): word(one, "path")
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict) and _NAME.match(word(one, "name"))
    }
    programs = list(explicit)
    main = _below(folder, "src/main.rs")
    default = next((program for program, path in explicit.items() if path == "src/main.rs"), "")
    if main in tree and not default and table(document, "package").get("autobins") is not False:
        default = name
        programs.append(name)
    taken = set(explicit.values())
    for path in (*tree.match(_below(folder, "src/bin/*.rs")), *tree.match(_below(folder, "src/bin/*/main.rs"))):
        inner = path.removeprefix(_below(folder, "src/bin/"))
        program = inner.removesuffix("/main.rs").removesuffix(".rs")
        if _NAME.match(program) and f"src/bin/{inner}" not in taken:
            programs.append(program)
    if not programs:
        return None
    stated = table(document, "package").get("rust-version")
    version = word(inherited, "rust-version") if isinstance(stated, dict) else stated
    return Package(
        name=name,
        folder=folder,
        programs=tuple(dict.fromkeys(programs)),
        default=word(document, "package", "default-run") or default,
        dependencies=tuple(table(document, "dependencies")),
        rust_version=version if isinstance(version, str) and re.match(r"\d+(\.\d+)*\Z", version) else "",
    )


def _target(config: Mapping[str, Any]) -> str:
    said = word(config, "build", "target")
    return said if _TRIPLE.match(said) else ""


def _vendored(config: Mapping[str, Any]) -> bool:
    """Whether crates.io is replaced by a folder."""
    replaced = word(config, "source", "crates-io", "replace-with")
    return bool(replaced) and bool(word(config, "source", replaced, "directory"))


def _words(document: Mapping[str, Any], key: str) -> list[str]:
    found = document.get(key)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _below(folder: str, path: str) -> str:
    return f"{folder}/{path}".lstrip("/")
