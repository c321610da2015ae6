"""Node: package.json, what it builds, and what serves afterwards: a program of one's own, or nginx with files."""

import posixpath
import shlex
from collections.abc import Mapping

import msgspec

from wisehosting_stacks import node_versions
from wisehosting_stacks.commands import Commands, commands
from wisehosting_stacks.debian import asked_packages, needed
from wisehosting_stacks.node_frameworks import SERVERS, Framework, framework
from wisehosting_stacks.node_native import LIBRARIES, browser, not_built
from wisehosting_stacks.node_nx import app as nx_app
from wisehosting_stacks.node_package import Package, outside, read
from wisehosting_stacks.node_scripts import PROGRAMS, Script, file_of, needs_at_start, starts, written
from wisehosting_stacks.node_tools import Manager, manager, plug_and_play
from wisehosting_stacks.node_workspace import chosen, main_file, typescript_file
from wisehosting_stacks.plan import Finding, NotDetected, Plan, Stack, Version
from wisehosting_stacks.render import render
from wisehosting_stacks.settings import BuildSettings
from wisehosting_stacks.static import IMAGE as STATIC
from wisehosting_stacks.static import START as NGINX
from wisehosting_stacks.static import site
from wisehosting_stacks.tree import Tree
from wisehosting_stacks.versions import Offers

_COPIED_FOR_INSTALL = 12
"""Packages of a workspace whose package.json is copied before the rest, so that a change of sources installs nothing."""
NOTHING = (
    "package.json was found, and nothing that starts: no start script, no framework that is known, no server.js or index.js. "
    'Add a start script such as "start": "node server.js", or set start.'
)


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """What is there when all is built."""

    output: str = ""
    """Folder of files; empty for a program."""
    start: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    script: Script | None = None
    at_root: bool = False
    """The program starts in the project's folder, not in the package's."""


def plan(tree: Tree, asked: BuildSettings, offers: Offers) -> Plan | None:
    """A package.json that has something to start or to build; one for tools beside an index.html is none."""
    if "package.json" not in tree:
        return None
    root = read(tree)
    said = commands(tree, asked)
    package = chosen(tree, root, asked, said)
    if not (said.named or asked.build or asked.output) and _only_tools(tree, package):
        return None
    if (local := outside(package)) and not package.folder:
        raise NotDetected(
            f"The dependency {local} lies outside the project's folder. Set the root directory to the folder that holds both."
        )
    made = (None if package.folder else nx_app(tree, root, asked, said)) or framework(tree, package)
    tool = manager(tree, root, asked.install)
    served = _served(tree, asked, said, package, made, tool)
    if served.output:
        return _files(tree, asked, offers, root, package, made, tool, served)
    return _program(tree, asked, offers, root, package, made, tool, served, said)


def _only_tools(tree: Tree, package: Package) -> bool:
    serves = starts(package.scripts) is not None or framework(tree, package) is not None or main_file(tree, package)
    return not serves and "build" not in package.scripts and "index.html" in tree


def _served(
    tree: Tree, asked: BuildSettings, said: Commands, package: Package, made: Framework | None, tool: Manager
) -> Served:
    if asked.output:
        return Served(output=asked.output.strip("/").removeprefix("./"))
    if said.web is not None:
        return Served(start=said.web, at_root=True)
    script = starts(package.scripts)
    if made is not None and made.output and script is None:
        return Served(output=posixpath.join(package.folder, made.output))
    if script is not None:
        return _by_script(script, tool)
    if made is not None and made.start:
        return Served(start=made.start)
    if main := main_file(tree, package):
        return Served(start=("node", main))
    if watched := written(package.scripts):
        return _by_script(watched, tool)
    if tool.name == "bun" and (main := typescript_file(tree, package)):
        return Served(start=("bun", "run", main))
    raise NotDetected(NOTHING)


def _by_script(script: Script, tool: Manager) -> Served:
    notes = []
    if script.watched and script.argv:
        notes.append(
            f"The {script.name} script starts again at each change of a file, which is for writing code: "
            f"{' '.join(script.argv)} is started instead."
        )
    if script.builds:
        notes.append(f"The {script.name} script builds at each start; it is built once, and only started afterwards.")
    if script.port:
        notes.append(f"The {script.name} script sets PORT={script.port}; the platform's own PORT is used.")
    if script.argv is not None:
        start = script.argv
    elif script.builds and "&&" not in script.line:
        start = ("sh", "-c", f"exec {script.line}")
    else:
        start = ("npm", "run", script.name) if tool.name in {"npm", "pnpm", "yarn"} else ("bun", "run", script.name)
    return Served(start=start, notes=tuple(notes), script=script)


def _build_line(package: Package, root: Package, made: Framework | None, tool: Manager, served: Served) -> str:
    """The shell line that builds; empty when nothing is."""
    if package.folder and "turbo" in root:
        return f"{tool.execute} turbo run build --filter={shlex.quote(package.name or f'./{package.folder}')}"
    if package.folder and "nx" in root and package.name and "build" in package.scripts:
        return f"{tool.execute} nx run {shlex.quote(f'{package.name}:build')}"
    if made is not None and made.build.startswith("nx "):
        return f"{tool.execute} {made.build}"
    if package.folder and tool.name == "npm" and "build" in root.scripts:
        # npm builds one package; what it needs of its neighbours is built by the whole.
        return tool.run("build", root)
    if made is not None and made.build.startswith("run "):
        return tool.run(made.build.removeprefix("run "), package)
    if "build" in package.scripts:
        return tool.run("build", package)
    if made is not None and made.build:
        inside = f"cd {shlex.quote(package.folder)} && " if package.folder else ""
        return f"{inside}{tool.execute} {made.build}"
    return served.script.builds if served.script else ""


def _findings(
    version: Version, root: Package, package: Package, made: Framework | None, tool: Manager, served: Served
) -> list[Finding]:
    found = [Finding(what=f"Node {version.taken}", where=version.where or "package.json")]
    if root.dependencies or package.dependencies:
        found.append(tool.found)
    if made is not None:
        found.append(Finding(what=made.title, where=made.where))
    if (made is None or not made.start) and not served.output:
        title = next((title for name, title in SERVERS.items() if name in package.runs_on), "")
        found += [Finding(what=title, where=posixpath.join(package.folder, "package.json"))] if title else []
    if package.folder:
        found.append(
            Finding(what=f"the package {package.name or package.folder}", where=f"{package.folder}/package.json")
        )
    return found


def _installed(tree: Tree, root: Package, package: Package, tool: Manager, asked: BuildSettings) -> dict[str, object]:
    """What is copied before dependencies are installed."""
    members = sorted(path for path in tree.match("*/package.json") + tree.match("*/*/package.json"))
    workspace = bool(package.folder) or bool(root.document.get("workspaces")) or "pnpm-workspace.yaml" in tree
    many = workspace and len(members) > _COPIED_FOR_INSTALL
    whole = tool.whole or bool(asked.install) or many or any(one.needs_sources for one in (root, package))
    inner = [path.rpartition("/")[0] for path in members] if workspace and not whole else []
    nothing = not (root.dependencies or package.dependencies or asked.install or inner)
    return {
        "whole": whole or nothing,
        "manifests": ["package.json", *tool.manifests],
        "members": inner,
        "install": "" if nothing else tool.install,
        "setup": "" if nothing else tool.setup,
        "cache": tool.cache,
        "settings": tool.settings,
    }


def _files(
    tree: Tree,
    asked: BuildSettings,
    offers: Offers,
    root: Package,
    package: Package,
    made: Framework | None,
    tool: Manager,
    served: Served,
) -> Plan:
    """Files that are built once, and handed out by nginx."""
    version = node_versions.node(tree, root, asked.version, offers)
    packages = asked_packages(asked.packages)
    libraries = needed([*root.dependencies, *package.dependencies], LIBRARIES)
    port = asked.port or 8080
    fallback = asked.fallback or (made.fallback if made else "")
    build = asked.build or _build_line(package, root, made, tool, served)
    image = f"localhost/wisehosting/node-build:{version.taken}"
    headers = next((path for path in _beside(package.folder, "_headers") if path in tree), "")
    found = _findings(version, root, package, made, tool, served)
    if fallback:
        found.append(Finding(what=f"unknown paths answer {fallback}", where="build.fallback" if asked.fallback else ""))
    facts = _installed(tree, root, package, tool, asked)
    text = render(
        "node.Containerfile.j2",
        **facts,
        image=image,
        build_packages=(*packages, *libraries.build),
        build=build,
        final=STATIC,
        output=served.output,
        beside=False,
        port=port,
        start=NGINX,
    )
    return Plan(
        stack=Stack.node,
        framework=made.title if made else "",
        version=version,
        found=tuple(found),
        notes=tuple(filter(None, (version.note, *tool.notes))),
        install=str(facts["install"]),
        build=build,
        start=NGINX,
        packages=packages,
        port=port,
        images=(image, STATIC),
        containerfile=text,
        # Most of them write a 404.html; where none is, nginx answers with its own page.
        files={"site.conf": site(tree.text(headers), fallback=fallback, port=port, not_found=True)},
    )


def _beside_sources(
    facts: Mapping[str, object], tool: Manager, asked: BuildSettings, build: str, only: tuple[tuple[str, str], ...]
) -> bool:
    """Whether node_modules and sources may come as layers of their own: a change of a source then moves nothing else."""
    alone = not (facts["whole"] or facts["members"] or build or only or asked.install)
    return alone and bool(facts["install"]) and bool(tool.production)


def _beside(folder: str, name: str) -> tuple[str, ...]:
    return tuple(posixpath.join(folder, place, name) for place in ("public", "static", "."))


def _program(
    tree: Tree,
    asked: BuildSettings,
    offers: Offers,
    root: Package,
    package: Package,
    made: Framework | None,
    tool: Manager,
    served: Served,
    said: Commands,
) -> Plan:
    """A program that serves by itself."""
    version = node_versions.node(tree, root, asked.version, offers)
    lines = [" ".join(served.start), *(" ".join(argv) for argv in said.others.values())]
    runs_bun = served.start[0] in {"bun", "bunx"}
    final = (
        f"localhost/wisehosting/bun:{offers.by_language['bun'][0]}"
        if runs_bun
        else f"localhost/wisehosting/node:{version.taken}"
    )
    image = f"localhost/wisehosting/node-build:{version.taken}"
    build = asked.build or _build_line(package, root, made, tool, served)
    _check_plug_and_play(tree, served)
    libraries = needed([*root.runs_on, *package.runs_on], LIBRARIES)
    packages = tuple(dict.fromkeys((*asked_packages(asked.packages), *libraries.run)))
    only = tuple(pair for pair in (made.only if made else ()) if pair[0] != "public" or tree.has_folder("public"))
    if said.named or (served.script and file_of(served.start) not in {"server.js", ".output/server/index.mjs"}):
        only = ()
    facts = _installed(tree, root, package, tool, asked)
    notes = [*filter(None, (version.note, *tool.notes)), *served.notes, *said.notes]
    prune = ""
    beside = _beside_sources(facts, tool, asked, build, only)
    if facts["install"] and not only and (root.built_with or package.built_with):
        still = needs_at_start(_started(lines, served), {**root.built_with, **package.built_with})
        if still:
            notes.append(
                f"{still} is a development dependency and is needed to start, so all of them stay in the image. "
                "Move it to dependencies for a smaller one."
            )
        elif beside:
            facts["install"] = tool.production
        elif tool.prune:
            prune = tool.prune
        else:
            notes.append(
                f"{tool.found.what.capitalize()} takes development dependencies away only with its plugin workspace-tools, "
                "so all of them stay in the image. Take Yarn 4 (`yarn set version stable`) for a smaller one."
            )
    driven = browser(package, packages)
    facts["settings"] = {**tool.settings, **driven.build}
    notes += [*driven.notes, *filter(None, [not_built(tree, root, package, tool)])]
    port = asked.port or 8080
    folder = "" if served.at_root else package.folder
    text = render(
        "node.Containerfile.j2",
        **facts,
        image=image,
        build_packages=tuple(dict.fromkeys((*asked_packages(asked.packages), *libraries.build))),
        build=" && ".join(filter(None, (build, prune))),
        final=final,
        output="",
        port=port,
        start=served.start,
        packages=packages,
        folder=folder,
        paths=list(dict.fromkeys(posixpath.join("/app", place, "node_modules/.bin") for place in (folder, ""))),
        environment={**_environment(tree, made), **driven.run},
        only=only,
        beside=beside,
    )
    return Plan(
        stack=Stack.node,
        framework=_framework_title(package, made),
        version=version,
        found=(*_findings(version, root, package, made, tool, served), *said.found),
        notes=tuple(notes),
        install=str(facts["install"]),
        build=build,
        start=served.start,
        processes=dict(said.others),
        packages=packages,
        port=port,
        images=(image, final),
        containerfile=text,
    )


def _started(lines: list[str], served: Served) -> list[str]:
    """The lines that run, and the script's own where it is started through npm."""
    return [*lines, served.script.line] if served.script is not None and served.script.argv is None else lines


def _framework_title(package: Package, made: Framework | None) -> str:
    if made is not None:
        return made.title
    return next((title for name, title in SERVERS.items() if name in package.runs_on), "")


def _environment(tree: Tree, made: Framework | None) -> dict[str, str]:
    environment = {"NODE_ENV": "production", **dict(made.settings if made else ())}
    if plug_and_play(tree):
        environment["NODE_OPTIONS"] = "--require /app/.pnp.cjs"
    return environment


def _check_plug_and_play(tree: Tree, served: Served) -> None:
    if plug_and_play(tree) and served.start[0] in {*PROGRAMS, "npm"} - {"node"}:
        raise NotDetected(
            f"{served.start[0]} is started from node_modules, and Yarn makes none here. "
            "Set `nodeLinker: node-modules` in .yarnrc.yml, or set start to a line that begins with node."
        )
