"""Lines of package.json's scripts: what they start, and whether that is a server at all."""

import posixpath
import re
import shlex
from collections.abc import Mapping

import msgspec

_BEGINNING = r"(?:(?:cross-env|env|exec|npx|pnpm exec|bunx|bun x|yarn)\s+|[A-Z_][A-Z0-9_]*=\S*\s+)*"
_SERVES_WHILE_WRITING = re.compile(
    _BEGINNING
    + r"(vite(\s+(dev|serve|preview|-.*)|\s*\Z)|(react-scripts|react-app-rewired|craco) start|vue-cli-service serve"
    r"|ng (s|serve)\b|next dev|nuxi? (dev|preview)|nuxt(\s+(dev|preview)|\s*\Z)|astro (dev|preview)|gatsby (develop|serve)"
    r"|docusaurus (start|serve)|(vitepress|vuepress) (dev|serve|preview)|eleventy\b.*--(serve|watch)|webpack(-dev-server| serve)"
    r"|parcel(\s+(serve|watch)|\s+(?!build)\S|\s*\Z)|serve\b|http-server\b|live-server\b|lite-server\b|browser-sync\b"
    r"|svelte-kit (dev|preview)|remix (dev|vite:dev|watch)|react-router dev|rsbuild (dev|preview)|ts-node-dev\b|tsnd\b"
    r"|nodemon\b|nest start\b|nx (run\s+\S+:)?(serve|dev|start|preview)\b|tsc\b.*(-w|--watch)\b|wrangler\b|vercel\b|netlify\b|expo\b|react-native\b)"
)
_WATCHES = re.compile(
    _BEGINNING
    + r"(?:nodemon|node --watch|node-dev|tsx watch|bun (?:run )?--(?:hot|watch)(?: run)?)\s+(\S+\.[cm]?[jt]sx?)\s*\Z"
)
_ALIAS = re.compile(r"(?:npm run|npm|pnpm run|pnpm|yarn run|yarn|bun run|node --run)\s+([\w:.-]+)\s*\Z")
_BUILDS_FIRST = re.compile(
    r"(?P<build>[^;|<>]*(?:build|tsc|compile|generate)\b[^;|<>]*?)\s*&&\s*(?P<start>[^&;|<>]+)\Z"
)
_SHELL = re.compile(r"[;&|<>`$(){}*?~#\n\\]")
_ASSIGNS = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)\Z", re.DOTALL)
_FILE = re.compile(r"[\w@./-]+\.[cm]?[jt]sx?\Z")

PROGRAMS = {
    "node": "",
    "bun": "",
    "next": "next",
    "nuxt": "nuxt",
    "tsx": "tsx",
    "ts-node": "ts-node",
    "remix-serve": "@remix-run/serve",
    "react-router-serve": "@react-router/serve",
    "nest": "@nestjs/cli",
}
"""What is started without npm between it and its signals, and the package that brings it."""


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """What a script does when it is started."""

    name: str
    line: str
    """As it is run: aliases resolved."""
    argv: tuple[str, ...] | None = None
    """None when it takes a shell, or npm."""
    builds: str = ""
    """What it would build at each start."""
    port: str = ""
    """That it would set."""
    watched: bool = False
    """Whether it would start again when a file changes."""


def starts(scripts: Mapping[str, str]) -> Script | None:
    """The script that starts the app; None when none does, or it only serves while somebody writes code."""
    found = (script(scripts, name) for name in ("start", "start:prod", "start:production"))
    return next((one for one in found if one is not None), None) or _compiled_by_nest(scripts)


def _compiled_by_nest(scripts: Mapping[str, str]) -> Script | None:
    """`nest start` compiles before it starts, into a folder that is closed to what runs."""
    line = resolved(scripts, "start")
    if not re.match(_BEGINNING + r"nest start\b", line):
        return None
    return Script(name="start", line=line, argv=("node", "dist/main"), builds="npx nest build")


def written(scripts: Mapping[str, str]) -> Script | None:
    """What the script for writing code starts anew at each change, where no other script starts anything."""
    found = script(scripts, "dev")
    return found if found is not None and found.watched else None


def script(scripts: Mapping[str, str], name: str) -> Script | None:
    """One of them; None for a server that is meant for writing code, and for what is not there."""
    line = resolved(scripts, name)
    builds = ""
    if match := _BUILDS_FIRST.match(line):
        builds, line = match["build"], match["start"].strip()
        alias = _ALIAS.match(line)
        line = resolved(scripts, alias[1]) if alias and alias[1] in scripts else line
    if watched := _WATCHES.match(line):
        runner = next((one for one in ("tsx", "bun") if re.search(rf"\b{one}\b", line)), "node")
        return Script(name=name, line=line, argv=(runner, watched[1]), builds=builds, watched=True)
    if not line or _SERVES_WHILE_WRITING.match(line):
        return None
    argv, port = simple(line)
    if argv is None or f"pre{name}" in scripts or (builds and argv[0] not in PROGRAMS):
        return Script(name=name, line=line, builds=builds if argv and f"pre{name}" not in scripts else "", port=port)
    return Script(name=name, line=line, argv=argv if argv[0] in {*PROGRAMS, "env"} else None, builds=builds, port=port)


def resolved(scripts: Mapping[str, str], name: str) -> str:
    """A script's line, through others that it only calls."""
    line = scripts.get(name, "").strip()
    for _ in range(3):
        alias = _ALIAS.match(line)
        if alias is None or alias[1] not in scripts:
            break
        line = scripts[alias[1]].strip()
    return line


def simple(line: str) -> tuple[tuple[str, ...] | None, str]:
    """(argv of a line that needs no shell, the port that it would set)."""
    if _SHELL.search(line):
        return None, ""
    try:
        words = shlex.split(line)
    except ValueError:
        return None, ""
    kept: list[str] = []
    port = ""
    while words and (words[0] in {"cross-env", "env", "exec"} or _ASSIGNS.match(words[0])):
        key, _, value = words.pop(0).partition("=")
        if key == "PORT":
            port = value
        elif key not in {"cross-env", "env", "exec", "NODE_ENV"}:
            kept.append(f"{key}={value}")
    if not words:
        return None, port
    if words[:2] == ["next", "start"]:
        words, port = _without_port(words, port)
    return (("env", *kept, *words) if kept else tuple(words)), port


def _without_port(words: list[str], port: str) -> tuple[list[str], str]:
    """Words of a command that reads PORT by itself, without the option that says another one."""
    kept: list[str] = []
    rest = iter(words)
    for one in rest:
        key, _, value = one.partition("=")
        if key in {"-p", "--port"}:
            port = value or next(rest, "")
        else:
            kept.append(one)
    return kept, port


def file_of(argv: tuple[str, ...]) -> str:
    """The JavaScript or TypeScript file that a command starts; empty when it names none."""
    if argv[:2] == ("sh", "-c"):
        argv = tuple(argv[2].split())
    found = next((one for one in argv[1:] if _FILE.match(one)), "")
    return posixpath.normpath(found) if found else ""


def needs_at_start(lines: list[str], packages: Mapping[str, str]) -> str:
    """Which of these packages one of the lines names; empty when none."""
    words = {word for line in lines for word in re.split(r"[\s'\"=;&|()]+", line)}
    words |= {PROGRAMS[word] for word in words if PROGRAMS.get(word)}
    return next((name for name in packages if any(word == name or word.startswith(f"{name}/") for word in words)), "")
