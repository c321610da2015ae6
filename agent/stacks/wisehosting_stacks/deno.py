"""Deno: a deno.json, and the task or file that serves."""

import re
import shlex
from typing import Any

from wisehosting_stacks.commands import commands
from wisehosting_stacks.debian import asked_packages
from wisehosting_stacks.marks import left_to_others
from wisehosting_stacks.pins import first_pin, pinned, tool_version
from wisehosting_stacks.plan import Finding, Plan, Stack
from wisehosting_stacks.render import render
from wisehosting_stacks.settings import BuildSettings
from wisehosting_stacks.tree import Tree, table, word
from wisehosting_stacks.versions import Offers, choose

CONFIGS = ("deno.json", "deno.jsonc")
MAINS = ("main.ts", "main.js", "main.tsx", "server.ts", "mod.ts", "src/main.ts", "src/server.ts")
NOTHING = (
    "deno.json was found, and nothing that starts: no task `start` and no main.ts. "
    'Add a task such as "start": "deno run --allow-net --allow-env main.ts", or set start.'
)
_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])')
_SHELL = re.compile(r"[;&|<>`$(){}*?~#\n\\]")


def plan(tree: Tree, asked: BuildSettings, offers: Offers) -> Plan | None:
    """A deno.json with a task `start`, or a main file beside it; a main file that calls Deno by its name."""
    main = tree.first(*MAINS)
    config = tree.first(*CONFIGS) or _without_config(tree, main)
    if config is None:
        return None
    said = commands(tree, asked)
    document = _document(tree, config) if config in CONFIGS else {}
    tasks = {name: line for name in table(document, "tasks") if (line := _task(document, name))}
    start = said.web or _start(tasks) or (_run(main) if main else None)
    if start is None:
        left_to_others(tree, asked, Stack.deno, NOTHING)
        return None
    wanted, where = first_pin(
        (asked.version, "build.version"),
        (pinned(tree, ".dvmrc"), ".dvmrc"),
        (tool_version(tree, "deno"), ".tool-versions"),
    )
    version = choose("deno", "Deno", wanted, where, offers)
    packages = asked_packages(asked.packages)
    build = asked.build or ("deno task build" if "build" in tasks else "")
    framework = "Fresh" if "fresh" in str(table(document, "imports")).lower() else ""
    locked = "deno.lock" in tree
    entry = main or "main.ts"
    install = asked.install or (
        f"deno cache{' --frozen' if locked else ''} {shlex.quote(entry)}" if entry in tree else "deno install"
    )
    image = f"localhost/wisehosting/deno:{version.taken}"
    port = asked.port or 8080
    found = [Finding(what=f"Deno {version.taken}", where=version.where or config)]
    found += [Finding(what=framework, where=config)] if framework else []
    found += [Finding(what="locked dependencies", where="deno.lock")] if locked else []
    text = render(
        "deno.Containerfile.j2",
        image=image,
        packages=packages,
        install=install,
        build=build,
        port=port,
        start=start,
    )
    return Plan(
        stack=Stack.deno,
        framework=framework,
        version=version,
        found=(*found, *said.found),
        notes=tuple(filter(None, (version.note, *said.notes))),
        install=install,
        build=build,
        start=start,
        processes=dict(said.others),
        packages=packages,
        port=port,
        images=(image,),
        containerfile=text,
    )


def _without_config(tree: Tree, main: str | None) -> str | None:
    """What gives Deno away where no deno.json does; None beside a package.json, whose lock files may be left over."""
    if main is None or "package.json" in tree:
        return None
    if "deno.lock" in tree:
        return "deno.lock"
    return main if "Deno." in tree.text(main) else None


def _start(tasks: dict[str, str]) -> tuple[str, ...] | None:
    for name in ("start", "serve", "preview"):
        line = tasks.get(name)
        if line and "--watch" not in line:
            words = None if _SHELL.search(line) else _words(line)
            return words if words and words[0] == "deno" else ("deno", "task", name)
    return None


def _words(line: str) -> tuple[str, ...] | None:
    try:
        return tuple(shlex.split(line))
    except ValueError:
        return None


def _run(main: str) -> tuple[str, ...]:
    # A container is the wall here; a permission that is missing would only show when somebody visits.
    return ("deno", "run", "--allow-all", main)


def _task(document: dict[str, Any], name: str) -> str:
    return word(document, "tasks", name) or word(document, "tasks", name, "command")


def _document(tree: Tree, config: str) -> dict[str, Any]:
    """deno.json; comments and last commas are allowed in both spellings."""
    plain = _COMMENT.sub(lambda match: match[1] or "", tree.text(config))
    plain = _COMMA.sub(lambda match: match[1] or "", plain)
    return Tree.of({config: plain}).json(config)
