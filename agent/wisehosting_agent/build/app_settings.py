"""`wisehosting.toml`: what a repository asks for beside its Containerfile. Pure; an unknown key is refused, not ignored."""

import re
import tomllib
from typing import Annotated, Literal

import msgspec

from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason
from wisehosting_wire.workload import AppSettings, Health, Limits

NAME = "wisehosting.toml"
LATER = {"cron": "cron jobs", "routes": "routes", "volumes": "volumes"}
"""Sections that the product will have; said so, because a key that does nothing costs hours."""
_SIZES = {"MB": 1024**2, "GB": 1024**3}
_SIZE = re.compile(r"(\d{1,6})\s*(MB|GB)\Z")
COMMAND_BYTES = 32 * 1024
"""All words of a command together: a command travels with every desired state that names its instance."""
_WITHOUT_TRAFFIC = "Only the process web is started"


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the tables in the file."""


class _Build(_Table, frozen=True, kw_only=True):
    containerfile: Annotated[str, msgspec.Meta(min_length=1, max_length=500)] | None = None


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


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the file says: how to build, and how to run."""

    containerfile: str | None = None
    """Path below the root directory."""
    settings: AppSettings = AppSettings()


def read(text: str) -> Asked:
    """Read the file's text; an empty one asks for nothing. Raises WorkFailed(settings_refused) with key and cure."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _refused(f"is not valid TOML: {error}. Correct that line") from error
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
    settings = AppSettings(
        port=found.port,
        command=web.command,
        health=Health(path=found.health.path, within_seconds=found.health.within_seconds),
        limits=limits,
        writable=found.runtime.writable,
        capabilities=sorted(set(found.runtime.capabilities)),
    )
    return Asked(containerfile=found.build.containerfile, settings=settings)


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


def _refused(what: str) -> WorkFailed:
    return WorkFailed(Reason.settings_refused, f"{NAME} {what}.")
