"""What detection decides: how a project is built and started, and why, in words."""

import enum

import msgspec


class Stack(enum.StrEnum):
    """What a project is written in."""

    python = "python"
    node = "node"
    static = "static"
    go = "go"
    php = "php"
    ruby = "ruby"
    java = "java"
    rust = "rust"
    deno = "deno"


class NotDetected(Exception):
    """Nothing that can be built was found, or one thing is missing. The message says what to add, for people."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One fact and the file it comes from."""

    what: str
    """As a person would say it: `FastAPI`, `Python 3.12`, `pnpm`."""
    where: str = ""
    """File, and line or key where it helps: `requirements.txt`, `package.json, scripts.start`."""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """Which version of a language was asked for, and which one is taken."""

    taken: str
    asked: str = ""
    """As written in the repository; empty when it asks for none."""
    where: str = ""
    note: str = ""
    """A sentence when something else than what was asked is taken."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How a project becomes a running image."""

    stack: Stack
    framework: str = ""
    """As a person would say it: `FastAPI`, `Next.js`; empty for a plain program."""
    version: Version
    found: tuple[Finding, ...]
    """Why: in the order a person would tell it; the first names the language and its version."""
    notes: tuple[str, ...] = ()
    """Sentences about what was taken instead, what was ignored, what is missing but may be meant."""
    install: str = ""
    """The command that installs dependencies; empty when there are none."""
    build: str = ""
    """The command that builds; empty when nothing is built."""
    start: tuple[str, ...]
    """argv of the process `web`. A shell line from a Procfile or a setting is ("sh", "-c", line)."""
    processes: dict[str, tuple[str, ...]] = {}
    """Other processes that the repository names (a Procfile's), by name."""
    packages: tuple[str, ...] = ()
    """Debian packages that are added on request or because a dependency needs them when it runs."""
    port: int = 8080
    """`PORT` is set to it."""
    images: tuple[str, ...]
    """Base images, the one that builds first."""
    containerfile: str
    """Ends with a newline; `wh eject` writes it as it is."""
    files: dict[str, str] = {}
    """Text files that the Containerfile copies beside the project's own, by path below `.wisehosting/`."""

    @property
    def summary(self) -> str:
        """One line: `Python 3.13, uv, FastAPI in main.py, starts with uvicorn main:app …`."""
        facts = [f"{one.what} in {one.where}" if one.where.endswith(".py") else one.what for one in self.found]
        return ", ".join([*facts, _end(self.start)])


def _end(start: tuple[str, ...]) -> str:
    """How a summary ends: of our own servers, their arguments say nothing."""
    line = shown(start)
    for program, title in (("nginx -c ", "nginx"), ("apache2 -DFOREGROUND", "Apache")):
        if program in line:
            return f"served by {title}"
    return f"starts with {line}"


def shown(command: tuple[str, ...]) -> str:
    """A command as people write it."""
    if command[:2] == ("sh", "-c") and len(command) == 3:
        return command[2].removeprefix("exec ")
    return " ".join(command)
