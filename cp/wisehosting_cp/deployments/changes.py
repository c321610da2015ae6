"""What one release changed against another. Pure: rows in, differences out."""

import enum
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from wisehosting_cp.deployments.freshness import PREFIX

SHOWN = 300
"""Characters of a setting's value."""
OF_SOURCE = ("repository", "branch", "root_directory", "submodules", "large_files")
OF_PLAN = ("framework", "version", "install", "build", "start", "output")


class BaseChange(enum.StrEnum):
    """What became of the base images an app stands on."""

    same = "same"
    newer = "newer"
    older = "older"
    """It went back to an image on an older base."""
    other = "other"
    """Others by name: another language or version."""
    unknown = "unknown"
    """Built on another worker, which makes its bases by itself."""


@dataclass(frozen=True)
class Side:
    """One of the two: what its release and its build were made of."""

    commit: str
    image: str
    image_size: int | None = None
    built_at: datetime | None = None
    worker: UUID | None = None
    bases: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, Any] | None = None
    """The build job's payload: what the project said. None when it is not stored any more."""
    plan: Mapping[str, Any] = field(default_factory=dict)
    processes: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Bases:
    """The bases before and after, by their short names."""

    change: BaseChange
    before: list[str]
    after: list[str]


@dataclass(frozen=True)
class Setting:
    """A setting of building or running that is another; None where it was or is not set."""

    name: str
    before: str | None
    after: str | None


def backwards(before: Side, after: Side) -> bool:
    """Whether the change goes back to what was built earlier."""
    return before.built_at is not None and after.built_at is not None and after.built_at < before.built_at


def bases(before: Side, after: Side) -> Bases | None:
    """Compare the base images; None when either stands on none of the platform's."""
    if not before.bases or not after.bases:
        return None
    if before.bases.keys() != after.bases.keys():
        change = BaseChange.other
    elif before.bases == after.bases:
        change = BaseChange.same
    elif before.worker != after.worker:
        change = BaseChange.unknown
    else:
        change = BaseChange.older if backwards(before, after) else BaseChange.newer
    return Bases(change, _short(before.bases), _short(after.bases))


def settings(before: Side, after: Side) -> list[Setting]:
    """Return the settings that differ, sorted by name; what is stored on one side only is not compared."""
    left, right = _flat(before, after), _flat(after, before)
    return [
        Setting(name, _said(left.get(name)), _said(right.get(name)))
        for name in sorted(left.keys() | right.keys())
        if _said(left.get(name)) != _said(right.get(name))
    ]


def _short(names: Mapping[str, str]) -> list[str]:
    return sorted(name.removeprefix(PREFIX) for name in names)


def _flat(side: Side, other: Side) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if side.asked is not None and other.asked is not None:
        found |= {name: side.asked.get("url" if name == "repository" else name) for name in OF_SOURCE}
        found |= side.asked.get("build") or {}
        found |= {f"build.{name}": value for name, value in (side.asked.get("limits") or {}).items()}
    planned = bool(side.plan and other.plan)
    if planned:
        # What was detected and what was asked for are one there, and there the values are whole.
        found |= {name: side.plan.get(name) for name in OF_PLAN if name in side.plan or name in other.plan}
    found["stack"] = side.plan.get("stack") or "Containerfile"
    for process in side.processes:
        name = process["name"]
        found[f"{name}"] = "yes"
        found |= {f"{name}.command": process.get("command"), f"{name}.port": process.get("port")}
        found |= _leaves(f"{name}.", process.get("settings") or {})
    return found


def _leaves(prefix: str, tree: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in tree.items():
        found |= _leaves(f"{prefix}{name}.", value) if isinstance(value, Mapping) else {f"{prefix}{name}": value}
    return found


def _said(value: Any) -> str | None:
    """As one line for people; what is empty was not set."""
    if value is None or value in ("", [], {}, False):
        return None
    if value is True:
        return "yes"
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        text = " ".join(value)
    else:
        text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
