"""What an instance runs: the wire's Workload without ids and without what is wanted of it."""

from collections.abc import Mapping
from typing import Any

import msgspec

from wisehosting_wire.workload import Health, Limits, Shape


class InstanceSpec(Shape, frozen=True, kw_only=True):
    """Kept as JSON in the instance's row; the worker's desired state is rendered from it."""

    image: str
    variables_version: int
    command: list[str] | None = None
    port: int | None = None
    limits: Limits = Limits()
    health: Health = Health()
    writable: bool = False
    capabilities: list[str] = msgspec.field(default_factory=list)
    stop_seconds: float = 10


def to_json(spec: InstanceSpec) -> dict[str, Any]:
    """Return the row's JSON."""
    document: dict[str, Any] = msgspec.to_builtins(spec)
    return document


def from_json(document: Mapping[str, Any]) -> InstanceSpec:
    """Read a row's JSON. Raises ValueError for an unknown field or a wrong type."""
    return msgspec.convert(document, InstanceSpec)
