"""What the planner looks at: plain facts of one environment, loaded in one transaction. No I/O here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from wisehosting_cp.deployments.status import DeploymentReason, DeploymentStatus


@dataclass(frozen=True)
class JobFacts:
    """The build job of a deployment."""

    open: bool
    succeeded: bool
    worker_lost: bool = False
    cancel_wanted: bool = False
    progress: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class InstanceFacts:
    """An instance of a deployment."""

    id: UUID
    process: str
    status: str
    """Wire's InstanceStatus."""
    reason: str | None = None
    detail: str | None = None
    tombstone: bool = False
    worker: UUID | None = None
    rests: bool = False
    """Wanted stopped: kept for an instant rollback."""
    draining_since: datetime | None = None
    """Scaled away; it is removed once it is `drained`."""
    drained: bool = False
    """No ingress node has a connection to it any more."""
    ready_seconds: float | None = None
    reachable: bool = False
    """It has had a place in the ingress: there may be connections."""

    @property
    def stands(self) -> bool:
        """It counts: nobody has ordered its end."""
        return not self.tombstone and self.draining_since is None


@dataclass(frozen=True)
class ProcessFacts:
    """A process of a release."""

    name: str
    command: tuple[str, ...] | None
    port: int | None
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What wisehosting.toml asks of its instances: health, limits, writable, capabilities."""


@dataclass(frozen=True)
class ReleaseFacts:
    """What a deployment makes live."""

    id: UUID
    image_id: str
    worker_id: UUID | None
    """Where the image is."""
    variables_version: int
    processes: tuple[ProcessFacts, ...]


@dataclass(frozen=True)
class RouteFacts:
    """A deployment's backend as the ingress nodes see it."""

    leased: bool = False
    live: bool = False
    """The hosts point at it."""
    in_force: bool = False
    asked: bool = False
    """Every ingress node was asked for a request through itself."""
    verified: bool = False
    edge_seen: bool = False
    """A request through the outermost edge saw its number."""
    probe_detail: str = ""
    """What the last failed request saw instead."""
    refusals: tuple[str, ...] = ()
    draining_since: datetime | None = None
    empty: bool = False


@dataclass(frozen=True)
class DeploymentFacts:
    """A deployment that still wants something done."""

    id: UUID
    number: int
    status: DeploymentStatus
    deadline_at: datetime | None
    job: JobFacts | None = None
    release: ReleaseFacts | None = None
    instances: tuple[InstanceFacts, ...] = ()
    route: RouteFacts = RouteFacts()
    routed: bool = False
    drained: bool = False
    fresh: bool = False
    """It must not take over instances that are kept: a restart."""
    phases: frozenset[str] = frozenset()
    """Phases that have ended."""


@dataclass(frozen=True)
class World:
    """One environment as it is."""

    now: datetime
    replicas: int
    deployments: tuple[DeploymentFacts, ...]
    builder: UUID | None
    """Worker that can take a build now."""
    no_builder_because: str = ""
    builders_busy: bool = False
    """Workers that build are there, and each has as many builds as it takes."""
    ready_workers: frozenset[UUID] = frozenset()
    """Workers that can take instances now."""
    drain_seconds: float = 30
    most_memory: int = 4 * 1024**3
    """Bytes that one instance may ask for."""
    unsettled: bool = False
    """Somebody looks until what runs follows the settings."""
    closing: bool = False
    """Deleted: nothing serves; what rests can be restored."""
    purging: bool = False
    """Its grace is over: nothing may be left."""

    def one(self, *statuses: DeploymentStatus) -> DeploymentFacts | None:
        """Return the deployment in one of these statuses; the database allows at most one."""
        return next((item for item in self.deployments if item.status in statuses), None)


__all__ = [
    "DeploymentFacts",
    "DeploymentReason",
    "InstanceFacts",
    "JobFacts",
    "ProcessFacts",
    "ReleaseFacts",
    "RouteFacts",
    "World",
]
