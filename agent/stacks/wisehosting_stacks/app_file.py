"""`wisehosting.toml`: what a repository asks for beside its Containerfile. Pure; an unknown key is refused, not ignored."""

import re
from typing import Annotated, Literal

import msgspec

from wisehosting_stacks.plan import Stack
from wisehosting_stacks.tree import toml
from wisehosting_wire.workload import AppSettings, BuildSettings, Health, Limits

NAME = "wisehosting.toml"
LATER = {"cron": "cron jobs", "routes": "routes", "volumes": "volumes"}
"""Sections that the product will have; said so, because a key that does nothing costs hours."""
_SIZES = {"MB": 1024**2, "GB": 1024**3}
_SIZE = re.compile(r"(\d{1,6})\s*(MB|GB)\Z")
COMMAND_BYTES = 32 * 1024
"""All words of a command together: a command travels with every desired state that names its instance."""
_OF_DETECTION = ("stack", "version", "install", "build", "packages", "output", "fallback")
_BESIDE_IMAGE = ("containerfile", "target", *_OF_DETECTION)
_KEYS = {"build": "command", "packages": "apt"}
"""Names in the file, where they differ."""
_WITHOUT_TRAFFIC = "Only the process web is started"


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the tables in the file."""


_Path = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
_Line = Annotated[str, msgspec.Meta(min_length=1, max_length=4000, pattern=r"^[^\x00-\x08\x0a-\x1f\x7f]*$")]
_Package = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9+.-]{1,99}$")]


class _Build(_Table, frozen=True, kw_only=True):
    containerfile: _Path | None = None
    target: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,99}$")] | None = None
    image: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,499}$")] | None = None
    stack: Stack | None = None
    version: Annotated[str, msgspec.Meta(pattern=r"^[ -~]{1,100}$")] | None = None
    install: _Line | None = None
    command: _Line | None = None
    apt: Annotated[list[_Package], msgspec.Meta(max_length=100)] = []
    output: _Path | None = None
    fallback: Annotated[str, msgspec.Meta(pattern=r"^/[A-Za-z0-9._/-]{1,200}$")] | None = None


class _Process(_Table, frozen=True, kw_only=True):
    command: Annotated[list[str], msgspec.Meta(min_length=1, max_length=100)] | None = None


class _Health(_Table, frozen=True, kw_only=True):
    path: Annotated[str, msgspec.Meta(pattern=r"^/[!-~]{0,500}$")] = Health().path
    within_seconds: Annotated[float, msgspec.Meta(ge=1, le=240)] = Health().within_seconds


class _Resources(_Table, frozen=True, kw_only=True):
    memory: str | None = None
    pids: Annotated[int, msgspec.Meta(ge=16, le=4096)] = Limits().pids


class _Runtime(_Table, frozen=True, kw_only=True):
    writable: bool = False
    capabilities: list[Literal["CHOWN", "SETUID", "SETGID", "NET_BIND_SERVICE"]] = []


class _File(_Table, frozen=True, kw_only=True):
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] | None = None
    build: _Build = _Build()
    processes: dict[str, _Process] = {}
    health: _Health = _Health()
    resources: _Resources = _Resources()
    runtime: _Runtime = _Runtime()


class SettingsRefused(Exception):
    """The file cannot be used; the message names the key and the cure, for people."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the file says: how to build, and how to run."""

    build: BuildSettings = BuildSettings()
    app: AppSettings = AppSettings()


def read(text: str) -> Asked:
    """Read the file's text; an empty one asks for nothing. Raises SettingsRefused with key and cure."""
    try:
        document = toml(text)
    except ValueError as error:
        raise _refused(f"is not valid TOML: {error}. Correct that line") from error
    except RecursionError as error:
        raise _refused("nests its values too deep. Flatten it") from error
    for key, what in LATER.items():
        if key in document:
            raise _refused(f"has [{key}], and {what} come with a later release. Remove the section")
    try:
        found = msgspec.convert(document, _File)
    except msgspec.ValidationError as error:
        raise _refused(
            f"is not understood: {error}. Correct it, or look at the list of keys in docs/settings.md"
        ) from error
    if extra := sorted(found.processes.keys() - {"web"}):
        raise _refused(f"has [processes.{extra[0]}]. {_WITHOUT_TRAFFIC}; others come with a later release")
    web = found.processes.get("web", _Process())
    if any("\0" in word for word in web.command or []):
        raise _refused("has a [processes.web] command with a NUL character, which no program can be given. Remove it")
    size = sum(len(word.encode()) for word in web.command or [])
    if size > COMMAND_BYTES:
        raise _refused(
            f"has a [processes.web] command of {size} bytes; at most {COMMAND_BYTES} (32 KB) are possible. "
            "Put what is long in a file of the repository and name that file in the command"
        )
    limits = Limits(memory_bytes=_memory(found.resources.memory), pids=found.resources.pids)
    app = AppSettings(
        port=found.port,
        command=web.command,
        health=Health(path=found.health.path, within_seconds=found.health.within_seconds),
        limits=limits,
        writable=found.runtime.writable,
        capabilities=sorted(set(found.runtime.capabilities)),
    )
    return Asked(build=_build(found, web), app=app)


def _build(found: _File, web: _Process) -> BuildSettings:
    asked = found.build
    settings = BuildSettings(
        containerfile=asked.containerfile or "",
        target=asked.target or "",
        image=asked.image or "",
        stack=asked.stack or "",
        version=asked.version or "",
        install=asked.install or "",
        build=asked.command or "",
        start=tuple(web.command or ()),
        packages=tuple(asked.apt),
        output=asked.output or "",
        fallback=asked.fallback or "",
        port=found.port,
    )
    if settings.image and (other := [key for key in _BESIDE_IMAGE if getattr(settings, key)]):
        raise _refused(
            f"has build.image, which is used as it is, and build.{_KEYS.get(other[0], other[0])}. Remove one of them"
        )
    if settings.containerfile and (other := [key for key in _OF_DETECTION if getattr(settings, key)]):
        raise _refused(
            f"has build.containerfile, which says itself how to build, and build.{_KEYS.get(other[0], other[0])}. "
            "Remove one of them"
        )
    return settings


def _memory(text: str | None) -> int:
    if text is None:
        return Limits().memory_bytes
    match = _SIZE.match(text.strip())
    size = int(match[1]) * _SIZES[match[2]] if match else 0
    if not 32 * _SIZES["MB"] <= size <= 64 * _SIZES["GB"]:
        raise _refused(
            f'asks for memory = "{text[:40]}". Write an amount such as "512 MB" or "2 GB", from 32 MB to 64 GB'
        )
    return size


def _refused(what: str) -> SettingsRefused:
    return SettingsRefused(f"{NAME} {what}.")
