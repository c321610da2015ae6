"""What the agent asks of the ingress. HAProxy is behind it (`haproxy.py`)."""

from typing import Protocol

import msgspec

from wisehosting_wire.messages import RouteProbe
from wisehosting_wire.workload import RouteApp


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """Result of putting a table in force."""

    digest: bytes
    """sha256 over the canonical form of the whole table (docs/wire.md, Routes)."""
    refused: dict[str, str] = {}
    """App to reason (`pool_empty`, `too_many_instances`); the others are in force."""


class Drained(msgspec.Struct, frozen=True, kw_only=True):
    """A draining deployment that may stop, or one instance of a live deployment."""

    deployment: str
    instance: str = ""
    """Empty: the whole deployment."""
    closed_streams: int
    """Streams cut at the deadline; 0 when it emptied by itself."""


class Ingress(Protocol):
    """The table is the truth; every call may be repeated."""

    async def start(self) -> None:
        """Load config, maps and server state from disk, start or adopt HAProxy, compare and repair. Raises IngressError."""

    async def apply(self, apps: list[RouteApp]) -> Applied:
        """Put the whole table in force and on disk: lease and release backends, fill slots, switch maps. A second call changes nothing."""

    async def probe(self, host: str, path: str, deployment: str) -> RouteProbe:
        """One request through this ingress; reports the deployment number that answered."""

    async def drained(self) -> list[Drained]:
        """Draining deployments and instances that have no connection in use or are past their deadline (their streams are cut then)."""

    async def stop(self) -> None:
        """Stop HAProxy if this agent started it."""
