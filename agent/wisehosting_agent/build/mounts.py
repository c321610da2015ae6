"""`RUN --mount=…` of a stranger: one spelling of its fields, and nothing that reaches beyond the step. Pure."""

import hashlib
import re
from collections.abc import Mapping

import msgspec

_PATHS = {"dst": "target", "destination": "target", "src": "source", "readonly": "ro"}
"""Other spellings of a mount's fields."""
_FIELDS = {
    "bind": {"type", "target", "source", "from", "ro"},
    "cache": {"type", "target", "id", "sharing", "mode", "uid", "gid", "ro"},
    "secret": {"type", "target", "id", "required", "mode", "uid", "gid", "env"},
    "tmpfs": {"type", "target", "size", "tmpfs-size", "tmpfs-mode"},
}
"""By type. `rw` and `bind-propagation` are left out on purpose: both reach beyond the step."""
_SHARING = frozenset({"shared", "private", "locked"})
_ID = re.compile(r"\d{1,5}\Z", re.ASCII)
_MODE = re.compile(r"[0-7]{3,4}\Z")
_MOST_ID = 65535
"""Ids a build has: those of its range."""
_PREFIX = "cache-"
"""What Podman itself puts beside the caches begins otherwise."""
_NAME = 64
"""Characters of a cache's name; it becomes a folder's."""


class MountRefused(Exception):
    """A mount that may not be built; the message continues a sentence that begins with the instruction."""


class CacheMount(msgspec.Struct, frozen=True, kw_only=True):
    """A folder that is kept from build to build of a project. Owner and mode are those it is made with."""

    id: str
    uid: int = 0
    """Inside the build."""
    gid: int = 0
    mode: int = 0o755


def fields_of(value: str) -> dict[str, str]:
    """Fields of a mount under one spelling each. Raises MountRefused.

    Older Podman follows links out of a mount's source to the host: the context refuses those of the repository.
    """
    fields: dict[str, str] = {}
    for pair in value.split(","):
        key, _, field = pair.partition("=")
        key = _PATHS.get(key, key)
        if key in fields:
            raise MountRefused(f"says {key[:30]} twice in --mount. Write it once")
        fields[key] = field
    kind = fields.setdefault("type", "bind")
    if kind not in _FIELDS:
        raise MountRefused(f"mounts type={kind[:30]}. Only bind, cache, secret and tmpfs are given")
    if unknown := sorted(set(fields) - _FIELDS[kind]):
        raise MountRefused(f"has {unknown[0][:30]!r} in --mount=type={kind}, which is not given. Remove it")
    if fields.get("from") == "" or fields.get("ro", "") not in {"", "true"}:
        raise MountRefused("has a `from` without a name, or `ro` with a value, in --mount. Correct it")
    source = set(fields.get("source", "").split("/")) - {"", "."}
    if ".." in source:
        raise MountRefused("leads out of what it mounts (`..`). Write the path from its root")
    if source and "from" in fields:
        raise MountRefused("mounts a part of another image. Leave `source` away and use the path below the target")
    if "target" in fields and not _below_the_root(fields["target"]):
        raise MountRefused("mounts over the root folder. Name a folder below it as `target`")
    _check_owner(fields)
    if kind == "cache":
        _check_cache(fields)
    return fields


def _below_the_root(target: str) -> bool:
    """Whether a target is a folder of its own. Podman would end a mount over the root folder by removing all that is in it."""
    pieces = [piece for piece in target.split("/") if piece not in {"", "."}]
    return bool(pieces) and ".." not in pieces


def _check_owner(fields: Mapping[str, str]) -> None:
    for key in ("uid", "gid"):
        if key in fields and not (_ID.match(fields[key]) and int(fields[key]) <= _MOST_ID):
            raise MountRefused(f"has {key}={fields[key][:30]} in --mount. Write a number from 0 to {_MOST_ID}")
    if "mode" in fields and not _MODE.match(fields["mode"]):
        raise MountRefused(f"has mode={fields['mode'][:30]} in --mount. Write it in octal, such as 0755")


def _check_cache(fields: dict[str, str]) -> None:
    """Give the cache a name of ours, and leave away what does nothing here."""
    if not fields.get("target"):
        raise MountRefused("mounts a cache without `target`. Name the folder where it is to appear")
    # One build of a team runs at a time, and its steps one after the other: there is nothing to lock. Older Podman
    # would open its lock inside the cache, through a link that an earlier step left there.
    if (sharing := fields.pop("sharing", "shared")) not in _SHARING:
        raise MountRefused(f"has sharing={sharing[:30]} in --mount. Write shared, private or locked")
    # A path would be taken below the folder of all caches, through links that an earlier step left in one of them.
    asked = fields.get("id") or fields["target"]
    name = _PREFIX + re.sub(r"[^A-Za-z0-9_.-]", "-", asked).removeprefix(_PREFIX).strip(".-")
    if len(name) > _NAME:
        name = f"{name[: _NAME - 17]}-{hashlib.sha256(asked.encode()).hexdigest()[:16]}"
    fields["id"] = name


def cache_of(fields: Mapping[str, str]) -> CacheMount | None:
    """The cache that checked fields ask for; None for another mount."""
    if fields["type"] != "cache":
        return None
    return CacheMount(
        id=fields["id"],
        uid=int(fields.get("uid", "0")),
        gid=int(fields.get("gid", "0")),
        mode=int(fields.get("mode", "755"), 8),
    )


def written(fields: Mapping[str, str]) -> str:
    """Fields as they may be built."""
    return ",".join(f"{key}={field}" if field else key for key, field in fields.items())
