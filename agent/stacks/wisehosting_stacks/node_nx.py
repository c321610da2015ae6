"""Nx: apps that a project.json tells of, without a package.json of their own."""

import posixpath
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from wisehosting_stacks.commands import Commands
from wisehosting_stacks.node_frameworks import CONFIGS, Framework
from wisehosting_stacks.node_package import Package
from wisehosting_stacks.plan import NotDetected
from wisehosting_stacks.settings import BuildSettings
from wisehosting_stacks.tree import Tree, table, word

_SERVERS = re.compile(r"@(nx|nrwl)/(node|esbuild|js|nest)\b")
_WEBPACK = re.compile(r"@(nx|nrwl)/webpack:")
_SITES = re.compile(r"@(nx|nrwl)/(vite|web|angular|rspack|rollup):|@angular(-devkit)?/build(-angular)?:")
_PLAIN = re.compile(r"[\w@.][\w@./-]{0,200}\Z")
_MOST = 500
"""Files of projects that are read; a workspace that people write has some dozens."""
_TESTS = re.compile(r"(\A|[-/])e2e\Z")


class App(msgspec.Struct, frozen=True, kw_only=True):
    """One app of the workspace."""

    folder: str
    name: str
    executor: str
    """What builds it; the file that tells so where no target does."""
    output: str = ""
    """Folder of what is built, below the project's."""
    kind: str = ""
    """`a server` or `a site`, for people; empty for what is not known."""


def app(tree: Tree, root: Package, asked: BuildSettings, said: Commands) -> Framework | None:
    """The app that is meant; None where nothing is left to decide. Raises NotDetected when several could be it."""
    if "nx.json" not in tree or "nx" not in root:
        return None
    apps = _apps(tree)
    named = [one for one in apps if said.mention(one.output) or asked.output.strip("/").startswith(one.output)]
    if len(named) == 1:
        return _framework(named[0])
    if not apps or said.named or asked.output or asked.build:
        return None
    if len(apps) > 1:
        raise NotDetected(_which(apps))
    if not apps[0].kind:
        raise NotDetected(
            f"The Nx app {apps[0].folder} is built by {apps[0].executor}, and what that makes is not known. "
            f"Set build, such as npx nx run {apps[0].name}:build, and start or output for what it makes."
        )
    return _framework(apps[0])


def _which(apps: list[App]) -> str:
    listed = ", ".join(f"{one.folder} ({one.kind or 'an app'})" for one in apps[:8])
    server = next((one for one in apps if one.kind == "a server"), apps[0])
    site = next((one for one in apps if one.kind == "a site"), apps[0])
    return (
        f"The Nx workspace holds several apps: {listed}. Say which one is meant: set start to a line that names its files, "
        f"such as node {server.output}/main.js, or output for a site, such as {site.output}. "
        "Make a project for each of them."
    )


def _framework(one: App) -> Framework:
    made = Framework(title=f"Nx app {one.name}", where=f"{one.folder}/project.json", build=f"nx run {one.name}:build")
    if one.kind == "a site":
        return msgspec.structs.replace(made, output=one.output, fallback="/index.html")
    return msgspec.structs.replace(made, start=("node", f"{one.output}/main.js"))


def _apps(tree: Tree) -> list[App]:
    folders = sorted(path.removesuffix("/project.json") for path in tree.paths if path.endswith("/project.json"))
    found = []
    for folder in folders[:_MOST]:
        document = tree.json(f"{folder}/project.json")
        name = word(document, "name") or posixpath.basename(folder)
        if word(document, "projectType") != "application" or _TESTS.search(folder):
            continue
        # What is in a project.json becomes a word of a shell line.
        if f"{folder}/package.json" not in tree and _PLAIN.match(name) and _PLAIN.match(folder):
            found.append(_read(tree, folder, name, document))
    return found


def _read(tree: Tree, folder: str, name: str, document: Mapping[str, Any]) -> App:
    build = table(document, "targets", "build")
    executor, options = word(build, "executor"), table(build, "options")
    said = posixpath.normpath(word(options, "outputPath") or f"dist/{folder}")
    output = said if _PLAIN.match(said) and not said.startswith("..") else f"dist/{folder}"
    one = App(folder=folder, name=name, executor=executor, output=output)
    if executor.endswith(":application"):
        return msgspec.structs.replace(one, output=f"{output}/browser", kind="a site")
    if _SERVERS.match(executor) or (_WEBPACK.match(executor) and word(options, "target") == "node"):
        return msgspec.structs.replace(one, kind="a server")
    if _SITES.match(executor) or _WEBPACK.match(executor):
        return msgspec.structs.replace(one, kind="a site")
    return one if executor else _by_configuration(tree, one)


def _by_configuration(tree: Tree, one: App) -> App:
    """An app whose targets Nx finds itself, by the configuration of what builds it."""
    vite = tree.first(*(f"{one.folder}/vite.config.{end}" for end in CONFIGS))
    if vite:
        said = re.search(r"\boutDir['\"]?\s*:\s*['\"]([^'\"\n]*)['\"]", tree.text(vite))
        output = posixpath.normpath(posixpath.join(one.folder, said[1] if said else "dist"))
        inside = _PLAIN.match(output) and not output.startswith("..")
        return msgspec.structs.replace(one, executor=vite, kind="a site", output=output if inside else one.output)
    webpack = tree.first(*(f"{one.folder}/webpack.config.{end}" for end in CONFIGS))
    if webpack:
        server = re.search(r"\btarget\s*:\s*['\"]node['\"]", tree.text(webpack))
        return msgspec.structs.replace(one, executor=webpack, kind="a server" if server else "a site")
    return msgspec.structs.replace(one, executor="nothing that its project.json names")
